"""Conditions: `when` as a map writes it, what of it the recipient's file decides at load, what is left in its terms.

Promises: what speaks of the recipient is decided once, at compile; what speaks of the payload stays for each transfer.
An attribute that the recipient does not have, and a path that its API has no word for, make their line false: a gap
denies. It must never grow into a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.canonical import Path, parse_path, path_text
from gateway.model import Match, When
from gateway.purpose.arrays import array_of, stands_in

RECIPIENT = "recipient"
"""The first key of a condition path that reads the recipient's file instead of the payload."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where an API says what the class map reads, and which of the class map's values each of its own means."""

    path: Path
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the paths that the class map reads are in one recipient's bodies."""

    places: Mapping[Path, tuple[Path, ...]]  # where the value stands
    means: Mapping[Path, Table | str]  # where it is told by another value, or the one that it always has


def parse_when(tables: Iterable[Mapping[str, list[str]]]) -> When:
    """The condition that `tables` spell. Raises ValueError where a path is none."""
    return tuple(tuple(Match(parse_path(path), tuple(values)) for path, values in table.items()) for table in tables)


def for_recipient(when: When, attributes: Mapping[str, str]) -> When | None:
    """What is left of `when` for one recipient: () if it always holds, None if it never can."""
    return _decide(when, lambda line: _of_recipient(line, attributes))


def in_terms(when: When, at: Path, terms: Terms) -> When | None:
    """What is left of `when` in an API's terms for its field `at`: () if it always holds, None if it never can.

    Raises ValueError, which says what was expected, where it is open whose value is meant.
    """
    return _decide(when, lambda line: _in_terms(line, at, terms))


def both(first: When, second: When) -> When:
    """The condition that holds where both hold."""
    if not first or not second:
        return first or second
    return tuple((*one, *other) for one in first for other in second)


def _decide(when: When, read: Callable[[Match], Match | bool]) -> When | None:
    """`when` with each line as `read` gives it: true or false already, or a line that is left."""
    left = []
    for table in when or ((),):
        lines = [read(line) for line in table]
        if False not in lines:
            left.append(tuple(line for line in lines if isinstance(line, Match)))
    if not left:
        return None
    return () if () in left else tuple(left)


def _of_recipient(line: Match, attributes: Mapping[str, str]) -> Match | bool:
    if line.path[0].key != RECIPIENT:
        return line
    found = attributes.get(line.path[1].key) if len(line.path) == len(("recipient", "attribute")) else None
    return found in line.values


def _in_terms(line: Match, at: Path, terms: Terms) -> Match | bool:
    told = terms.means.get(line.path)
    if isinstance(told, str):
        return told in line.values
    if told is not None:
        values = tuple(theirs for theirs, ours in told.values.items() if ours in line.values)
        return Match(_same_item(line.path, (told.path,), at), values) if values else False
    places = terms.places.get(line.path)
    return Match(_same_item(line.path, places, at), line.values) if places else False


def _same_item(read: Path, places: tuple[Path, ...], at: Path) -> Path:
    found = [place for place in places if stands_in(at, array_of(place))]
    if len(found) != 1:
        said = ", ".join(path_text(place) for place in places)
        raise ValueError(f"{path_text(read)}: which value is meant? expected one that the field's item has, not {said}")
    return found[0]

"""Conditions: `when` as a map writes it, and the part of it that the recipient's file decides at load.

Promises: what speaks of the recipient is decided once, at compile; what speaks of the payload stays for each transfer.
An attribute that the recipient does not have makes its line false: a gap denies. It must never grow into a language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.canonical import parse_path
from gateway.model import Match, When

RECIPIENT = "recipient"
"""The first key of a condition path that reads the recipient's file instead of the payload."""


def parse_when(tables: Iterable[Mapping[str, list[str]]]) -> When:
    """The condition that `tables` spell. Raises ValueError where a path is none."""
    return tuple(tuple(Match(parse_path(path), tuple(values)) for path, values in table.items()) for table in tables)


def for_recipient(when: When, attributes: Mapping[str, str]) -> When | None:
    """What is left of `when` for one recipient: () if it always holds, None if it never can."""
    if not when:
        return ()
    left = []
    for table in when:
        about_recipient = [line for line in table if line.path[0].key == RECIPIENT]
        if all(_attribute(line, attributes) in line.values for line in about_recipient):
            left.append(tuple(line for line in table if line.path[0].key != RECIPIENT))
    if not left:
        return None
    return () if () in left else tuple(left)


def _attribute(line: Match, attributes: Mapping[str, str]) -> str | None:
    return attributes.get(line.path[1].key) if len(line.path) == len(("recipient", "attribute")) else None

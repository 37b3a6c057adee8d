"""Constants of a recipient's API: values that it needs and that say nothing about a person.

Promises: a constant is of a closed type, and so narrow that no number of a person fits into it: listed values, short
numbers, times, at most 16 plain characters by a pattern. Anything wider is a field of the class map, with its category
and its reason. It must never take text, a phone, an e-mail or a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.model import FieldRule, FieldType

BECAUSE = "§5 постоянная величина интерфейса получателя, не о человеке"
"""Why a constant may leave."""

_CLOSED = (
    FieldType.INTEGER,
    FieldType.DECIMAL,
    FieldType.BOOLEAN,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.PERIOD,
    FieldType.STRING,
)
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})
_DIGITS_MOST = 8  # a phone has ten, a card of identity nine, an IIN twelve
_CHARACTERS_MOST = 16
_RANGE = r"(?:[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9])"
_ATOM = re.compile(
    rf"(?P<one>[A-Za-z0-9_-]|\\[.-]|\[(?:{_RANGE}|[A-Za-z0-9_.]|\\[.-])+-?\])"
    r"(?:(?P<few>\?)|\{(?P<least>[0-9]{1,2})(?:,(?P<most>[0-9]{1,2}))?\})?"
)


_DIGIT = re.compile(r"[0-9]")


def lint_constant(rule: FieldRule) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with a constant: where below it, and what was expected."""
    if rule.type not in _CLOSED:
        yield ("operational",), f"expected a closed type: {', '.join(_CLOSED)}; what is personal is a class's field"
    elif rule.type is FieldType.STRING and not rule.one_of and rule.pattern is None:
        yield ("operational",), "a constant that is a string needs one_of or pattern"
    elif rule.type is FieldType.STRING and rule.pattern is not None:
        extent = extent_of(rule.pattern)
        if extent is None or extent.characters > _CHARACTERS_MOST:
            said = f"expected a pattern such as [A-Z]{{2}}-[0-9]{{1,6}}, of at most {_CHARACTERS_MOST} of A-Za-z0-9_.-"
            yield ("pattern",), said
        elif extent.digits > _DIGITS_MOST:
            yield ("pattern",), f"expected room for at most {_DIGITS_MOST} digits; what is wider is a class's field"
    for name in ("minimum", "maximum") if rule.type in _NUMBERS else ():
        bound: str = getattr(rule, name) or ""
        if len(bound.lstrip("-").partition(".")[0]) + (rule.places or 0) > _DIGITS_MOST:
            yield (name,), f"expected room for at most {_DIGITS_MOST} digits; what is wider is a class's field"


class Extent(NamedTuple):
    """The most characters that a pattern matches, and how many of them may be digits."""

    characters: int
    digits: int


def extent_of(pattern: str) -> Extent | None:
    """How much fits into `pattern`; None where it is more than classes, counts and alternatives."""
    found = [_extent_of(alternative) for alternative in pattern.split("|")]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return Extent(max(one.characters for one in known), max(one.digits for one in known))


def _extent_of(alternative: str) -> Extent | None:
    characters = digits = at = 0
    while at < len(alternative):
        found = _ATOM.match(alternative, at)
        if found is None:
            return None
        most = int(found["most"] or found["least"] or 1)
        characters += most
        digits += most if found["one"].startswith("[") and _DIGIT.search(found["one"]) else 0
        at = found.end()
    return Extent(characters, digits)

"""Constants of a recipient's API: values that it needs and that say nothing about a person.

Promises: a constant is of a closed type, and so narrow that no number of a person fits into it: listed values, short
numbers, times, at most 16 plain characters by a pattern. Anything wider is a field of the class map, with its category
and its reason. It must never take text, a phone, an e-mail or a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_DIGITS_MOST = 8  # a phone has ten, a card of identity nine, an IIN twelve
_CHARACTERS_MOST = 16
_RANGE = r"(?:[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9])"
_ATOM = re.compile(
    rf"(?:[A-Za-z0-9_-]|\\[.-]|\[(?:{_RANGE}|[A-Za-z0-9_.]|\\[.-])+-?\])"
    r"(?:(?P<few>\?)|\{(?P<least>[0-9]{1,2})(?:,(?P<most>[0-9]{1,2}))?\})?"
)


def lint_constant(rule: FieldRule) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with a constant: where below it, and what was expected."""
    if rule.type not in _CLOSED:
        yield ("operational",), f"expected a closed type: {', '.join(_CLOSED)}; what is personal is a class's field"
    elif rule.type is FieldType.STRING and not rule.one_of and rule.pattern is None:
        yield ("operational",), "a constant that is a string needs one_of or pattern"
    elif rule.type is FieldType.STRING and rule.pattern is not None:
        longest = longest_of(rule.pattern)
        if longest is None or longest > _CHARACTERS_MOST:
            said = f"expected a pattern such as [A-Z]{{2}}-[0-9]{{1,6}}, of at most {_CHARACTERS_MOST} of A-Za-z0-9_.-"
            yield ("pattern",), said
    for name in ("minimum", "maximum"):
        bound: str = getattr(rule, name) or ""
        if len(bound.lstrip("-").partition(".")[0]) + (rule.places or 0) > _DIGITS_MOST:
            yield (name,), f"expected room for at most {_DIGITS_MOST} digits; what is wider is a class's field"


def longest_of(pattern: str) -> int | None:
    """The most characters that `pattern` matches; None where it is more than classes, counts and alternatives."""
    longest = 0
    for alternative in pattern.split("|"):
        length = at = 0
        while at < len(alternative):
            found = _ATOM.match(alternative, at)
            if found is None:
                return None
            length += int(found["most"] or found["least"] or 1)
            at = found.end()
        longest = max(longest, length)
    return longest

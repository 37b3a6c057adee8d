"""How much a field can carry, in bits: what a caller who writes something else into it could pass at most (T14).

Promises: an upper bound, from the rule alone: the logarithm of how many different values it can release, and of its
being absent. It is there for whoever reads a map; nothing on the path asks it. It says nothing about what a value
means: a field of many bits is one to look at, such as a text or a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from importlib import import_module
from math import inf, log2, prod
from typing import Any

from gateway.canonical import Path
from gateway.minimise.values import DIGITS_MOST, URL_MOST
from gateway.model import FieldRule, FieldType, Transform

code: Any = import_module("re._constants")  # as the library's own compiler reads patterns:
parser: Any = import_module("re._parser")  # nothing public tells what a pattern can match

FREE = 64.0
"""Bits from which a field can carry an identifier of any kind: a reader should know why it may."""

_CHARACTER = log2(150_000)  # that Unicode has assigned, about
_LETTER = log2(700)  # of the alphabets that names are written in, both cases
_DIGIT = log2(10)
_DATES = log2(366 * 9999)
_TYPES = {
    FieldType.BOOLEAN: 2.0,  # as a literal or as its text
    FieldType.DATE: _DATES,
    FieldType.DATETIME: _DATES + log2(86_400 * 10**9) + log2(2 * 24 * 60) + 2,  # an offset, T or t, Z or z
    FieldType.PERIOD: log2(12 * 10_000),
    FieldType.SHARE: 2 * log2(sum(10**digits for digits in range(1, 7))),
    FieldType.AREA: 8 * _DIGIT + 2,
    FieldType.POSTAL_INDEX: log2(10**6 + 26**3 * 10**4),
    FieldType.PHONE: 15 * _DIGIT + 30 * 2,  # as it is written; E.164 leaves the digits alone
    FieldType.INTEGER: DIGITS_MOST * _DIGIT + 1,
    FieldType.DECIMAL: DIGITS_MOST * _DIGIT + 1 + log2(DIGITS_MOST),
    FieldType.URL: URL_MOST * log2(80),
    FieldType.EMAIL: 254 * log2(70),
}
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.AREA})
_BECOMES = {
    Transform.E164: 15 * _DIGIT,
    Transform.DATE_ONLY: _DATES,
    Transform.YEAR: 4 * _DIGIT,
    Transform.MONTH: log2(12 * 10_000),
    Transform.INITIAL: _LETTER,
    Transform.MASK: _CHARACTER,
    Transform.LAST_FOUR: 4 * _CHARACTER,
    Transform.PSEUDONYM: 0.0,
    Transform.GENERIC: 0.0,
    Transform.TEMPLATE: 0.0,  # beyond what the fields that it inserts carry themselves
}


def capacity(rule: FieldRule) -> float:
    """At most how many bits one value of this field carries, its being absent among them."""
    bounds = [_type_bits(rule)]
    if rule.transform in _BECOMES:
        bounds.append(_BECOMES[rule.transform])
    if rule.one_of:
        bounds.append(log2(len(rule.one_of)))
    if rule.pattern is not None:
        bounds.append(_pattern_bits(rule.pattern))
    if rule.maximum is not None and rule.type in (FieldType.INTEGER, FieldType.DECIMAL):
        bounds.append(_range_bits(rule))
    as_written = 1.0 if rule.type in _NUMBERS else 0.0  # as a number, or as its text
    return _plus(min(bounds) + as_written, 0.0 if rule.required else 1.0)


def of_map(rules: Iterable[FieldRule]) -> float:
    """At most how many bits one payload carries by a map, with as many items as its arrays may have at each level."""
    found = tuple(rules)
    limits: dict[Path, float] = {}
    for rule in found:
        arrays = _arrays(rule.path)
        if arrays and rule.max_items is not None:
            limits[arrays[-1]] = min(rule.max_items, limits.get(arrays[-1], inf))
    return sum(
        bits * prod(limits.get(array, inf) for array in _arrays(rule.path))
        for rule in found
        if (bits := capacity(rule))
    )


def _arrays(path: Path) -> list[Path]:
    return [path[: at + 1] for at, step in enumerate(path) if step.each]


def _type_bits(rule: FieldRule) -> float:
    if rule.max_length is None:
        return _TYPES.get(rule.type, inf)
    if rule.transform is Transform.GIVEN_AND_INITIAL:
        return _repeated(_LETTER, rule.max_length) + _LETTER  # a name, and the first letter of another
    return min(_TYPES.get(rule.type, inf), _repeated(_CHARACTER, rule.max_length))


def _range_bits(rule: FieldRule) -> float:
    least, most = Decimal(rule.minimum or 0), Decimal(rule.maximum or 0)
    if rule.minimum is None:
        return inf
    places = rule.places or 0
    # A number may be written with fewer places than it may have: 1, 1.0 and 1.00 are three texts.
    return log2((int(most - least) + 1) * 10**places) + log2(places + 1)


def _plus(bits: float, others: float) -> float:
    """The bits of so many more values."""
    return bits if not others else log2(2**bits + others) if bits < FREE else bits


def _repeated(bits: float, most: int) -> float:
    """Of a text of up to so many characters of these bits each."""
    return most * bits + (log2(most + 1) if bits < 1 else 1.0)


def _pattern_bits(pattern: str) -> float:
    parsed = parser.parse(pattern)
    return inf if parsed.state.flags & re.IGNORECASE else _any_of(parsed)


def _any_of(parsed: Any) -> float:
    """Of the texts that a parsed pattern can match: the sum over its parts, which counts some more than once."""
    return sum(_part(operation, argument) for operation, argument in parsed)


def _part(operation: object, argument: Any) -> float:
    if operation in (code.LITERAL, code.AT, code.ASSERT, code.ASSERT_NOT, code.GROUPREF):
        return 0.0
    if operation is code.IN:
        return log2(max(_class_size(argument), 1))
    if operation in (code.SUBPATTERN, code.ATOMIC_GROUP):
        return _any_of(argument[-1] if operation is code.SUBPATTERN else argument)
    if operation is code.BRANCH:
        return log2(sum(2 ** min(_any_of(one), 1000.0) for one in argument[1]))
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
        least, most, inner = argument
        return inf if most is code.MAXREPEAT else _times(_any_of(inner), least, most)
    return _CHARACTER if operation in (code.ANY, code.NOT_LITERAL) else inf


def _times(bits: float, least: int, most: int) -> float:
    return most * bits if least == most else _repeated(bits, most)


def _class_size(members: list[tuple[object, Any]]) -> float:
    size = 0.0
    for kind, argument in members:
        if kind is code.LITERAL:
            size += 1
        elif kind is code.RANGE:
            size += argument[1] - argument[0] + 1
        else:  # a category, or all but what follows
            return 2**_CHARACTER
    return size

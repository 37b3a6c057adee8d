"""Which field of a class map a path of theirs may be: by its name, by what stands there, by where it stands.

Promises: a field is bound once, and only where its type and its bounds take what the samples show; it never proposes a
field that the class map lacks for this role. What it proposes is a guess that a person reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.canonical import Path, key_tokens
from gateway.model import FieldRule, FieldType, Transform
from gateway.purpose.arrays import array_of
from gateway.purpose.drafted.key_words import ABOUT_PEOPLE, other_names, parts, whose, words
from gateway.purpose.drafted.kinds import MAY_BE, PERSONAL, Kind
from gateway.purpose.drafted.seen import Leaf

_UNREAD = frozenset({Transform.GENERIC, Transform.TEMPLATE, Transform.PSEUDONYM})
_TELLING = {
    FieldType.PHONE: 1.5,
    FieldType.EMAIL: 1.5,
    FieldType.URL: 1.5,
    FieldType.DATE: 0.5,
    FieldType.DATETIME: 0.5,
    FieldType.PERIOD: 0.5,
}
_SAME_KEY, _PARENT_AND_KEY, _OTHER_NAME, _WITHIN = 3.0, 2.8, 2.5, 1.8
_LEAST = 2.4
_SURE = 3.0
_PEOPLE = frozenset({"recipient", "sender"})
_THINGS = frozenset({"items", "packages", "points"})
_LISTS = frozenset({"charges", "payments", "meters", "attachments"})  # things where they are arrays, and only there


class Bound(NamedTuple):
    """A path of theirs, the field that it may be, how good a guess that is, and which other fields it may be."""

    leaf: Leaf
    rule: FieldRule
    score: float
    others: tuple[FieldRule, ...]

    @property
    def sure(self) -> bool:
        """True if name, place and values agree."""
        return self.score >= _SURE and not self.others


def bind(leaves: Sequence[Leaf], rules: Sequence[FieldRule]) -> list[Bound]:
    """The best guess for each path and each field, each taken once, the best first served."""
    scores = {
        (at, to): score
        for at, leaf in enumerate(leaves)
        for to, rule in enumerate(rules)
        if (score := _score(leaf, rule)) >= _LEAST
    }
    found: list[Bound] = []
    taken: set[int] = set()
    placed: set[int] = set()
    for (at, to), score in sorted(scores.items(), key=lambda one: (-one[1], one[0])):
        if at in placed or to in taken:
            continue
        near = [other for (same, other), less in scores.items() if same == at and other != to and score - less < 1]
        others = tuple(rules[other] for other in near if other not in taken)
        placed.add(at)
        taken.add(to)
        found.append(Bound(leaves[at], rules[to], score, others))
    return found


def _score(leaf: Leaf, rule: FieldRule) -> float:
    if not _may_be(leaf, rule):
        return 0
    named = _named(leaf.path, rule.path[-1].key)
    if not named and set(key_tokens(leaf.path[-1].key)) & words(ABOUT_PEOPLE):
        return 0  # it is called something else about a person
    return named + _placed(leaf.path, rule.path) + (_TELLING.get(rule.type, 0) if leaf.kinds else 0)


def _named(path: Path, field_key: str) -> float:
    """How much a path of theirs is called what the field is."""
    last, field = key_tokens(path[-1].key), key_tokens(field_key)
    above = key_tokens(path[-2].key) if len(path) > 1 else ()
    names = other_names(field_key)
    if last == field:
        return _SAME_KEY
    if (*above, *last) in names:
        return _PARENT_AND_KEY
    if last in names:
        return _OTHER_NAME
    return _WITHIN if any(part in names or part == field for part in parts(last)) else 0


def _placed(path: Path, field: Path) -> float:
    """How well the places agree: whose value it is, of what thing, inside how many arrays."""
    theirs, ours = _groups(path), _groups(field)
    people, our_people = theirs & _PEOPLE, ours & _PEOPLE
    score = 0.0
    if people and our_people:
        score += 1 if people & our_people else -3
    elif our_people == {"sender"}:
        score -= 1.5
    thing, our_thing = _thing(path), _thing(field)
    if thing != our_thing:
        score -= 2.5 if thing and our_thing else 1
    elif thing:
        score += 1
    elif _array(path) != _array(field) and _array(path) and _array(field):
        score -= 1  # lists of different things, as far as anyone can tell
    if path == field:
        score += 2
    return score - (1 if array_of(field) and not array_of(path) else 0)


def _groups(path: Path) -> frozenset[str]:
    return frozenset(group for step in path for group in whose(step.key))


def _thing(path: Path) -> str | None:
    """The innermost thing that a path stands in."""
    for step in reversed(path[:-1]):
        if found := whose(step.key) & (_THINGS | _LISTS if step.each else _THINGS):
            return min(found)
    return None


def _array(path: Path) -> tuple[str, ...]:
    """The words of the innermost array."""
    within = array_of(path)
    return key_tokens(within[-1].key) if within else ()


def _may_be(leaf: Leaf, rule: FieldRule) -> bool:
    if rule.transform in _UNREAD:
        return not leaf.kinds & {Kind.BOOLEAN}
    kinds = leaf.kinds
    if not kinds:
        return rule.type is not FieldType.BOOLEAN and _fits(leaf, rule)
    if not kinds & MAY_BE[rule.type] or kinds & PERSONAL - MAY_BE[rule.type]:
        return False
    if Kind.NAME in kinds and rule.type is not FieldType.TEXT and rule.category != "name":
        return False
    return _fits(leaf, rule)


def _fits(leaf: Leaf, rule: FieldRule) -> bool:
    """True if one of the values at least would pass the rule's bounds."""
    return not leaf.values or any(fits(rule, value) for value in leaf.values)


def fits(rule: FieldRule, value: str) -> bool:
    """True if a value keeps the bounds of a rule; identifiers inside it are not looked for here."""
    if rule.one_of and value not in rule.one_of:
        return False
    if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
        return False
    if rule.hosts and urlsplit(value).hostname not in rule.hosts:
        return False
    if rule.max_length is not None and len(value) > rule.max_length:
        return False
    return rule.type not in (FieldType.INTEGER, FieldType.DECIMAL) or _within(rule, value)


def _within(rule: FieldRule, value: str) -> bool:
    try:
        number = Decimal(value.replace(",", "."))
    except InvalidOperation:
        return False
    least, most = rule.minimum, rule.maximum
    whole = rule.type is not FieldType.INTEGER or number == number.to_integral_value()
    return whole and (least is None or number >= Decimal(least)) and (most is None or number <= Decimal(most))


def total(bounds: Iterable[Bound]) -> float:
    """How well a class map fits what was seen."""
    return sum(one.score for one in bounds)

"""What a field may be: the semantic rules that a schema cannot say.

Promises: a field whose category has no recipient in the policy, whose name no map may let through, whose type has no
bounds (law 6), whose condition could mean two things, or that collides with another is refused with its place and what
was expected. It must never repair: a map is right or it does not load.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from gateway.canonical import Path, path_text
from gateway.model import TAKES, FieldRule, FieldType, Lexicon, Transform
from gateway.purpose.arrays import array_of, stands_in
from gateway.purpose.conditions import RECIPIENT
from gateway.purpose.taxonomy import CATEGORIES, UNSHARED, forbidden
from gateway.purpose.yaml_files import KeyPath

_NEEDS: dict[FieldType, tuple[tuple[str, ...], ...]] = {
    FieldType.TEXT: (("max_length",),),
    FieldType.STRING: (("one_of",), ("pattern",), ("max_length",)),
    FieldType.INTEGER: (("one_of",), ("minimum", "maximum")),
    FieldType.DECIMAL: (("one_of",), ("minimum", "maximum", "places")),
    FieldType.URL: (("hosts",),),
}
"""Bounds per type: any one of these groups, whole. A type that is not here bounds itself."""

_UNREAD = frozenset({Transform.TEMPLATE, Transform.GENERIC, Transform.PSEUDONYM})
"""Transforms that put something else in the value's place: its bounds decide nothing."""

_MAY = {
    FieldType.URL: frozenset({"max_length"}),
    FieldType.DATE: frozenset({"minimum", "maximum"}),
    FieldType.PERIOD: frozenset({"minimum", "maximum"}),
}
_WRITTEN = {
    FieldType.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"),
    FieldType.PERIOD: re.compile(r"[0-9]{4}-[0-9]{2}\Z"),
}
_NUMBER = re.compile(r"-?[0-9.]+\Z")
_OWN_CATEGORY = {FieldType.PHONE: "phone", FieldType.EMAIL: "email"}
_COMPOSED_OF = 2  # given_and_initial: the given name, then the family name
_BOUNDS = ("one_of", "pattern", "max_length", "minimum", "maximum", "places", "hosts")
_CITES = re.compile(r"§|clause|policy|политик|пункт|саясат", re.IGNORECASE)
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\Z")
_LITERAL = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]")
_OPEN_ENDED = re.compile(r"[*+]|\{[0-9]*,\}")
_NAMED = re.compile(r"\{([^{}]*)\}")
_NAMESPACE = re.compile(r"\{[^{}]*\}")
_GENERIC_MOST = 120
_DIGITS_MOST = 5  # of a fixed text: fewer than any number of a person has
_MACHINERY = frozenset({"__proto__", "prototype", "constructor", "$ref", "$where"})

ORDERS: Mapping[FieldType, tuple[Callable[[Any], Any], str]] = {
    FieldType.DATE: (str, "date such as 2026-01-31"),
    FieldType.PERIOD: (str, "period such as 2026-01"),
}
"""How bounds of types other than numbers compare, and what they look like: their text sorts as they do."""

Finding = tuple[KeyPath, str]
"""Where below the field, and what was expected."""


def lint_field(rule: FieldRule, lexicon: Lexicon, *, theirs: bool = False) -> Iterator[Finding]:
    """What is wrong with one field, seen alone; in paths of `theirs`, `recipient` is a key like any other."""
    yield from _lint_category(rule)
    if not _CITES.search(rule.because):
        yield ("because",), "expected a sentence that cites the policy, such as «§5 …; §3 …»"
    yield from _lint_names(rule, lexicon)
    yield from _lint_bounds(rule)
    yield from _lint_pattern(rule)
    yield from _lint_transform(rule)
    yield from _lint_generic(rule)
    yield from _lint_arrays(rule, theirs=theirs)


def lint_path(path: Path, lexicon: Lexicon) -> str | None:
    """Why nothing may name or read `path`, or None where something may."""
    return forbidden(path, lexicon) or _odd(path)


def lint_items(items: Mapping[Path, Path], rules: Iterable[FieldRule], lexicon: Lexicon) -> Iterator[tuple[Path, str]]:
    """What is wrong with what is said of whose data the items of arrays are."""
    used = {array_of(source[:size]) for rule in rules for source in rule.sources for size in range(1, len(source) + 1)}
    for array, leaf in items.items():
        if not array[-1].each or array not in used:
            yield array, "expected an array that a field of this purpose is read from, such as records[]"
        elif array_of(leaf) != array or leaf == array:
            yield array, f"{path_text(leaf)}: expected a leaf of the items of {path_text(array)}"
        elif said := lint_path(leaf, lexicon):
            yield array, said


def lint_fields(rules: Sequence[FieldRule]) -> Iterator[tuple[Path, KeyPath, str]]:
    """What is wrong with the fields of one purpose, seen together."""
    yield from _lint_collisions(rules)
    limits: dict[Path, int] = {}
    for rule in rules:
        array = array_of(rule.path)
        if rule.max_items is not None and limits.setdefault(array, rule.max_items) != rule.max_items:
            yield rule.path, ("max_items",), f"expected {limits[array]}, as another field of {path_text(array)} says"
    named = {path_text(rule.path): rule for rule in rules}
    for rule in rules:
        for name in _NAMED.findall(rule.template or ""):
            yield from ((rule.path, ("template",), said) for said in _lint_named(rule, name, named.get(name)))


def _lint_category(rule: FieldRule) -> Iterator[Finding]:
    if rule.category not in CATEGORIES:
        yield ("category",), f"expected one of {', '.join(sorted(CATEGORIES - UNSHARED))}"
    elif rule.category in UNSHARED:
        yield ("category",), f"{rule.category} has no recipient in the policy's section 5; no map may name it"
    elif _OWN_CATEGORY.get(rule.type, rule.category) != rule.category:
        yield ("category",), f"expected {_OWN_CATEGORY[rule.type]}: that is what a value of type {rule.type} is"


def _lint_names(rule: FieldRule, lexicon: Lexicon) -> Iterator[Finding]:
    if said := lint_path(rule.path, lexicon):
        yield (), said
    if rule.sources != (rule.path,):
        for source in rule.sources:
            if said := lint_path(source, lexicon):
                yield ("from",), said
    for line in (line for table in rule.when for line in table):
        # A condition would tell the recipient one bit of what it reads.
        if said := forbidden(line.path, lexicon):
            yield ("when",), said


def _odd(path: Path) -> str | None:
    for step in path:
        scripts = {
            unicodedata.name(letter, "?").split()[0] for letter in _NAMESPACE.sub("", step.key) if letter.isalpha()
        }
        if len(scripts) > 1:
            return f"{step.key!a}: mixes scripts; a key like that is a look-alike"
        if step.key in _MACHINERY or unicodedata.normalize("NFKC", step.key) != step.key:
            return f"{step.key!a}: expected a plain key"
    return None


def _lint_bounds(rule: FieldRule) -> Iterator[Finding]:
    needs = _NEEDS.get(rule.type, ())
    given = {name for name in _BOUNDS if getattr(rule, name) not in (None, ())}
    for name in sorted(given - {name for group in needs for name in group} - _MAY.get(rule.type, frozenset())):
        yield (name,), f"means nothing for type {rule.type}"
    if needs and rule.transform not in _UNREAD and not any(given.issuperset(group) for group in needs):
        ways = " or ".join(" with ".join(group) for group in needs)
        yield ("type",), f"type {rule.type} needs bounds: {ways}"
    order, kind = ORDERS.get(rule.type, (Decimal, "number"))
    wrong = [name for name in ("minimum", "maximum") if not _is_bound(rule.type, getattr(rule, name))]
    yield from (((name,), f"expected a {kind}, as a value of type {rule.type} is") for name in wrong)
    if not wrong and None not in (rule.minimum, rule.maximum) and order(rule.minimum) > order(rule.maximum):
        yield ("minimum",), "expected at most the maximum"
    for host in rule.hosts:
        if not HOST.match(host):
            yield ("hosts",), "expected names of hosts in small letters, without scheme, port or path"


def _is_bound(kind: FieldType, bound: str | None) -> bool:
    return bound is None or _WRITTEN.get(kind, _NUMBER).match(bound) is not None


def _lint_pattern(rule: FieldRule) -> Iterator[Finding]:
    if rule.pattern is None:
        return
    try:
        re.compile(rule.pattern)
    except re.error as error:
        yield ("pattern",), f"expected a regular expression: {error.msg}"
        return
    if rule.max_length is None and _OPEN_ENDED.search(_LITERAL.sub("x", rule.pattern)):
        yield ("pattern",), "an open-ended pattern needs max_length beside it"


def _lint_transform(rule: FieldRule) -> Iterator[Finding]:
    kind = rule.transform
    if kind is not None and rule.type not in TAKES[kind]:
        yield ("as",), f"{kind} works on {' or '.join(sorted(TAKES[kind]))}, not on {rule.type}"
    if len(rule.sources) > 1 and (kind is not Transform.GIVEN_AND_INITIAL or len(rule.sources) > _COMPOSED_OF):
        yield ("from",), "expected one path; only given_and_initial composes, from given name and family name"
    is_text = rule.type is FieldType.TEXT and kind is None  # `text: template` may put it in the text's place
    if (kind is Transform.TEMPLATE) != (rule.template is not None) and not is_text:
        yield ("template",), "`as: template` and `template:` belong together"
    if rule.template is not None and ("{" in (rest := _NAMED.sub("", rule.template)) or "}" in rest):
        yield ("template",), "expected every brace to hold the path of a field"


def _lint_generic(rule: FieldRule) -> Iterator[Finding]:
    if (rule.transform is Transform.GENERIC) != (rule.generic is not None):
        yield ("text",), "`as: generic` and `text:` belong together"
    text = rule.generic or ""
    if len(text) > _GENERIC_MOST:
        yield ("text",), f"expected at most {_GENERIC_MOST} characters"
    if set(text) & set("{}@") or sum(letter.isdigit() for letter in text) > _DIGITS_MOST:
        yield ("text",), "expected a fixed text, without placeholders, addresses and long numbers"


def _lint_arrays(rule: FieldRule, *, theirs: bool) -> Iterator[Finding]:
    within = array_of(rule.path)
    if rule.max_items is not None and not within:
        yield ("max_items",), "expected only where the path holds an array"
    if rule.min_items is not None:
        yield from _lint_least(rule, within)
    for source in rule.sources:
        if not stands_in(within, array_of(source)):
            yield ("from",), f"{path_text(source)}: expected its array to be one that the field stands in"
    for line in (line for table in rule.when for line in table):
        if line.path[0].key == RECIPIENT and not theirs:
            if len(line.path) != len(("recipient", "attribute")) or array_of(line.path):
                yield ("when",), "expected recipient.<attribute>"
        elif not stands_in(within, array_of(line.path)):
            yield ("when",), f"{path_text(line.path)}: which item is meant? expected an array that the field stands in"


def _lint_least(rule: FieldRule, within: Path) -> Iterator[Finding]:
    if not within:
        yield ("min_items",), "expected only where the path holds an array"
    elif not rule.required:
        yield ("min_items",), "expected beside `required: true`: what may be missing in each may be missing in all"
    elif any(array_of(line.path) == within for table in rule.when for line in table):
        yield ("min_items",), "expected a condition that does not differ from item to item"
    elif rule.max_items is not None and rule.min_items is not None and rule.min_items > rule.max_items:
        yield ("min_items",), f"expected at most max_items, {rule.max_items}"


def _lint_collisions(rules: Sequence[FieldRule]) -> Iterator[tuple[Path, KeyPath, str]]:
    # Each key, folded as a careless reader folds it, must be one key: an array or not, a leaf or not, for every field.
    spelled: dict[tuple[str, ...], tuple[str, bool, bool]] = {}
    for rule in rules:
        for size, step in enumerate(rule.path, 1):
            folded = tuple(unicodedata.normalize("NFKC", one.key).casefold() for one in rule.path[:size])
            here = (step.key, step.each, size == len(rule.path))
            if spelled.setdefault(folded, here) != here:
                yield rule.path, (), f"collides with another field at {path_text(rule.path[:size])}"
                break
    for first, second in pairwise(sorted(rules, key=lambda rule: path_text(rule.path))):
        if first.path == second.path:
            yield second.path, (), "the same path stands here twice"


def _lint_named(rule: FieldRule, name: str, found: FieldRule | None) -> Iterator[str]:
    if found is None:
        yield f"{{{name}}}: expected the path of a field of this purpose"
    elif not found.required or found.when or found.template is not None or found.type is FieldType.TEXT:
        yield f"{{{name}}}: expected a required field without condition that is neither text nor a template"
    elif not stands_in(array_of(rule.path), array_of(found.path)):
        yield f"{{{name}}}: which item is meant? expected an array that the field stands in"

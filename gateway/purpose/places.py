"""Places: one rule of the class map, or one constant, where a recipient's body has its value.

Promises: a place takes its rule whole and may only narrow it (law 7): smaller bounds, fewer values, one more condition,
a value made less; never another category, another type or a wider bound. A field that the class map has once leaves
once, however many items an array of theirs has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.canonical import Path, path_text
from gateway.model import FieldRule
from gateway.purpose.arrays import DEFAULT_MAX_ITEMS, array_of, stands_in
from gateway.purpose.constants import BECAUSE
from gateway.purpose.lint import ORDERS
from gateway.purpose.service import Place
from gateway.purpose.yaml_files import KeyPath

_NO_GREATER = ("max_length", "maximum", "max_items", "places")
_NO_SMALLER = ("minimum", "min_items")
_NAMED = re.compile(r"\{([^{}]*)\}")


def constant_at(place: Place, limits: Mapping[Path, int]) -> FieldRule:
    """The rule of a place that holds a constant of the recipient's API."""
    return FieldRule(
        path=place.path,
        sources=place.sources,
        category="operational",
        when=place.when,
        because=BECAUSE,
        **_changes(place, limits),
    )


def rule_at(rule: FieldRule, place: Place, limits: Mapping[Path, int], places: Sequence[Place]) -> FieldRule:
    """The class's rule at this place, narrowed as the place says, under the place's own condition only."""
    template = rule.template and _NAMED.sub(lambda found: _named(found[1], place, places), rule.template)
    required = rule.required or place.changes.get("required", False)
    changes = {**_changes(place, limits), "required": required, "template": template}
    if not array_of(place.path):
        changes["min_items"] = None
    return replace(rule, path=place.path, sources=place.sources, when=place.when, **changes)


def lint_narrowing(rule: FieldRule, place: Place) -> Iterator[tuple[KeyPath, str]]:
    """What of a place would widen the class's rule: where below the place, and what was expected."""
    changes = place.changes
    own, _ = ORDERS.get(rule.type, (Decimal, ""))
    for name in _NO_GREATER:
        most, order = getattr(rule, name), own if name == "maximum" else int
        if name in changes and most is not None and order(changes[name]) > order(most):
            yield (name,), f"may only narrow: expected at most {most}, as the class map says"
    for name in _NO_SMALLER:
        least, order = getattr(rule, name), own if name == "minimum" else int
        if name in changes and least is not None and order(changes[name]) < order(least):
            yield (name,), f"may only narrow: expected at least {least}, as the class map says"
    if rule.one_of and not set(changes.get("one_of", ())) <= set(rule.one_of):
        yield ("one_of",), f"may only narrow: expected values of the class map: {', '.join(rule.one_of)}"
    if "pattern" in changes and rule.pattern is not None:
        yield ("pattern",), "may only narrow: the class map has a pattern; two cannot be asked of one value"
    if "transform" in changes and rule.transform is not None:
        yield ("as",), f"may only narrow: the class map says {rule.transform}"
    if rule.required and not changes.get("required", True):
        yield ("required",), "may only narrow: the class map requires it"


def limits_of(places: Sequence[Place], rules: Mapping[Path, FieldRule]) -> dict[Path, int]:
    """How many items of each array of theirs may leave: as stated, and no more than the class map has.

    Where a field that the class map has once stands in an array, one, unless the file states how many.
    """
    limits: dict[Path, int] = {}
    for array in {array_of(place.path) for place in places} - {()}:
        inside = [place for place in places if array_of(place.path) == array]
        stated = [place.changes["max_items"] for place in inside if "max_items" in place.changes]
        allowed = [rules[place.field].max_items for place in inside if place.field is not None]
        once = 1 if None in allowed and not stated else None
        limits[array] = min(filter(None, (once, *stated, *allowed)), default=DEFAULT_MAX_ITEMS)
    return limits


def _changes(place: Place, limits: Mapping[Path, int]) -> dict[str, Any]:
    changes = dict(place.changes)
    if "one_of" in changes:
        changes["one_of"] = tuple(changes["one_of"])
    array = array_of(place.path)
    return {"max_items": limits[array], **changes} if array else changes


def _named(text: str, place: Place, places: Sequence[Place]) -> str:
    """A field that a template names, in their paths; as it was where no one place of theirs has it."""
    found = [
        path_text(other.path)
        for other in places
        if other.field is not None and path_text(other.field) == text and stands_in(place.path, array_of(other.path))
    ]
    return "{" + (found[0] if len(found) == 1 else text) + "}"

"""Shapes: the rules of a class in the paths of one recipient's API.

Promises: what the shape does not bind does not exist there; what the class map does not have cannot be bound, but for
constants of closed types. A condition that the API has no word for never holds, and its field stays home.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.canonical import Path, path_text
from gateway.model import FieldRule, Lexicon, When
from gateway.purpose.conditions import Terms, both, in_terms
from gateway.purpose.constants import lint_constant
from gateway.purpose.lint import Finding, lint_field, lint_fields, lint_path
from gateway.purpose.places import constant_at, limits_of, lint_narrowing, rule_at
from gateway.purpose.service import Place, Scope, Service
from gateway.purpose.yaml_files import KeyPath, Report


@dataclass(frozen=True, slots=True)
class Allowed:
    """A class's rule, and when this recipient may have it by its attributes and file; None: never, whatever comes."""

    rule: FieldRule
    when: When | None


@dataclass(frozen=True, slots=True)
class Shaped:
    """A class's rules in a recipient's own paths, and what its API calls the paths that the class map reads."""

    rules: tuple[FieldRule, ...]
    narrowed: tuple[Path, ...]
    terms: Terms
    bound: tuple[tuple[Place, FieldRule], ...]  # each place of a class's field, live or not, with the class's rule


def apply_shape(
    service: Service,
    allowed: Mapping[Path, Allowed],
    *,
    scopes: Iterable[Scope],
    at: KeyPath,
    lexicon: Lexicon,
    report: Report,
) -> Shaped:
    """The rules of `allowed` where the shape of `service` has them; what is wrong with it goes to `report`."""
    places = [place for place in service.shape or () if _is_known(place, allowed, at, report)]
    rules = {path: one.rule for path, one in allowed.items()}
    terms = Terms(_places(places, rules), {path: told for path, (_, told) in service.means.items()})
    read = {line.path for rule in rules.values() for table in rule.when for line in table}
    read |= {scope.serves.path for scope in scopes}
    for text, said in _lint_means(service, rules.values(), terms, read, lexicon):
        report((*at, "means", text), said)
    limits = limits_of(places, rules)
    made: list[FieldRule] = []
    live: list[FieldRule] = []
    narrowed: list[Path] = []
    for place in places:
        here = (*at, "shape", place.text)
        one = None if place.field is None else allowed[place.field]
        rule = constant_at(place, limits) if one is None else rule_at(one.rule, place, limits, places)
        made.append(rule)
        for where, said in _lint(place, rule, one, lexicon):
            report((*here, *where), said)
        when = rule.when if one is None else _when(one, place, terms, here, report)
        if when is None:
            narrowed += place.sources
        else:
            live.append(replace(rule, when=when))
    bound = tuple((place, rules[place.field]) for place in places if place.field is not None)
    texts = {place.path: place.text for place in places}
    for path, where, said in lint_fields(made):
        report((*at, "shape", texts[path], *where), said)
    return Shaped(tuple(live), tuple(narrowed), terms, bound)


def _is_known(place: Place, allowed: Mapping[Path, Allowed], at: KeyPath, report: Report) -> bool:
    if place.field is None or place.field in allowed:
        return True
    report((*at, "shape", place.text), f"{path_text(place.field)}: expected a field of the class map")
    return False


def _places(places: Sequence[Place], rules: Mapping[Path, FieldRule]) -> dict[Path, tuple[Path, ...]]:
    """Where the values stand that the class map reads."""
    found: dict[Path, tuple[Path, ...]] = {}
    for place in places:
        sources = rules[place.field].sources if place.field is not None else ()
        if len(sources) == len(place.sources):
            for ours, theirs in zip(sources, place.sources, strict=True):
                found[ours] = tuple(dict.fromkeys((*found.get(ours, ()), theirs)))
    return found


def _when(one: Allowed, place: Place, terms: Terms, at: KeyPath, report: Report) -> When | None:
    if one.when is None:
        return None
    try:
        ours = in_terms(one.when, place.path, terms)
    except ValueError as error:
        report(at, str(error))
        return None
    return None if ours is None else both(ours, place.when)


def _lint(place: Place, rule: FieldRule, one: Allowed | None, lexicon: Lexicon) -> Iterator[Finding]:
    found = list(lint_field(rule, lexicon, theirs=True))
    if one is None:
        wide = list(lint_constant(rule))
        yield from wide or found
    else:
        yield from lint_narrowing(one.rule, place)
        said_already = list(lint_field(one.rule, lexicon))  # where the class map itself stands
        yield from (finding for finding in found if finding not in said_already)


def _lint_means(
    service: Service, rules: Collection[FieldRule], terms: Terms, read: Collection[Path], lexicon: Lexicon
) -> Iterator[tuple[str, str]]:
    for path, (text, told) in service.means.items():
        known = {value for rule in rules if rule.sources == (path,) for value in rule.one_of}
        values = {told} if isinstance(told, str) else set(told.values.values())
        if path not in read:
            yield text, "expected a path that a condition of the class map reads"
        elif path in terms.places:
            yield text, "stands in the shape already; expected one of the two"
        elif known and not values <= known:
            yield text, f"expected values of the class map: {', '.join(sorted(known))}"
        if not isinstance(told, str) and (said := lint_path(told.path, lexicon)):
            yield text, said

"""Routes and locations: which requests of a recipient's API are declared, and what their parts outside the body hold.

Promises: a path is fixed text and whole segments in braces, each of which is a field; no two routes take one request;
a header is one that the gateway does not set itself; nothing that names a person stands where every server on the way
writes it down (T20 to T23).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from gateway.canonical import Path
from gateway.formats.head import BODYLESS, named_segments
from gateway.model import RESERVED_HEADERS, FieldRule, FieldType, Location, Route

_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) ((?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]*|\{[a-z][a-z0-9_]*\}))+)\Z")
_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_NEVER = RESERVED_HEADERS | {"authorization", "proxy-authorization", "forwarded", "via", "traceparent", "baggage"}
LOCATIONS = frozenset(Location)
_ADDRESS = frozenset({Location.PATH, Location.QUERY})
_OUTSIDE = _ADDRESS | {Location.HEADER}
_WRITTEN_DOWN = frozenset({"name", "phone", "email", "address", "apartment"})
"""Categories that must not stand in an address: proxies, servers and browsers keep addresses."""


def parse_route(text: str) -> Route | None:
    """The route that `text` spells; None where it spells none."""
    found = _ROUTE.match(text)
    if found is None or "//" in text or {".", ".."} & set(found[2].split("/")) or ".." in text:
        return None
    return Route(found[1], found[2])


def is_located(routes: Iterable[Route], places: Iterable[Path]) -> bool:
    """True if a purpose has fields outside the body: a segment of a route, or a place in path, query or header."""
    return any(named_segments(route.path) for route in routes) or any(place[0].key in _OUTSIDE for place in places)


def takes_envelope(route: Route) -> bool:
    """True if a request of this route has a body, and nothing but the body, to say."""
    return route.method not in BODYLESS and not named_segments(route.path)


def names_in(location: str, places: Iterable[Path]) -> frozenset[str]:
    """The names that `places` have in one location."""
    return frozenset(place[1].key for place in places if place[0].key == location and len(place) > 1)


def in_every(routes: Sequence[Route], name: str) -> bool:
    """True if no request can be written without this segment."""
    return all(name in named_segments(route.path) for route in routes)


def lint_routes(routes: Sequence[Route], places: Iterable[Path]) -> Iterator[tuple[int, str]]:
    """What is wrong with the routes of a purpose: which of them, and what was expected."""
    bound = names_in(Location.PATH, places)
    for at, route in enumerate(routes):
        names = named_segments(route.path)
        if len(set(names)) != len(names):
            yield at, "expected each segment once"
        for name in sorted(set(names) - bound):
            yield at, f"{{{name}}}: expected a place path.{name} in the shape"
    for (_, one), (at, other) in combinations(enumerate(routes), 2):
        if meet(one, other):
            yield at, f"takes the same requests as {one.method} {one.path}"


def lint_place(path: Path, routes: Iterable[Route], ours: frozenset[str]) -> Iterator[str]:
    """What is wrong with a place of a purpose that has fields outside the body; some headers are `ours` to set."""
    location = path[0].key
    if location not in LOCATIONS or path[0].each or len(path) == 1:
        yield "expected a place that begins with body., path., query. or header., as the purpose has fields outside"
    elif location != Location.BODY and (len(path) != len((location, "name")) or path[1].each):
        yield f"expected {location}.<name>: one value, no object and no array"
    elif location == Location.PATH and path[1].key not in {n for route in routes for n in named_segments(route.path)}:
        yield f"expected a segment {{{path[1].key}}} in a route"
    elif location == Location.HEADER:
        yield from _lint_header(path[1].key, ours)


def lint_outside(rule: FieldRule, place: Path, routes: Sequence[Route]) -> Iterator[str]:
    """What is wrong with a field of the class map for standing at a place outside the body."""
    location = place[0].key
    if location in _ADDRESS and rule.category in _WRITTEN_DOWN:
        yield f"{rule.category} must not stand in an address: every server on the way writes addresses down"
    if location in _OUTSIDE and rule.type is FieldType.TEXT:
        yield "expected another type than text: this is no place for sentences"
    if location == Location.PATH and rule.required and len(routes) > 1 and not in_every(routes, place[-1].key):
        yield "expected this segment in every route, or a purpose of its own: the class map requires the field"


def _lint_header(name: str, ours: frozenset[str]) -> Iterator[str]:
    if not _TOKEN.match(name):
        yield "expected the name of a header in small letters"
    elif name in _NEVER | ours or name.startswith("x-forwarded-"):
        yield "expected a header that the gateway does not set, drop or sign itself"


def meet(one: Route, other: Route) -> bool:
    """Whether one request could be of both."""
    first, second = one.path.split("/"), other.path.split("/")
    if one.method != other.method or len(first) != len(second):
        return False
    return all(a == b or named_segments(a) or named_segments(b) for a, b in zip(first, second, strict=True))

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
from gateway.model import RESERVED_HEADERS, FieldRule, FieldType, Route

BODY, PATH, QUERY, HEADER = LOCATIONS = ("body", "path", "query", "header")
"""The first keys of every path, where a purpose has fields outside the body."""

_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) ((?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]*|\{[a-z][a-z0-9_]*\}))+)\Z")
_SEGMENT = re.compile(r"\{([^{}]+)\}")
_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_NEVER = RESERVED_HEADERS | {"authorization", "proxy-authorization", "forwarded", "via", "traceparent", "baggage"}
_WRITTEN_DOWN = frozenset({"name", "phone", "email", "address", "apartment"})
"""Categories that must not stand in an address: proxies, servers and browsers keep addresses."""

_BODYLESS = frozenset({"GET", "DELETE"})


def parse_route(text: str) -> Route | None:
    """The route that `text` spells; None where it spells none."""
    found = _ROUTE.match(text)
    if found is None or "//" in text or {".", ".."} & set(found[2].split("/")) or ".." in text:
        return None
    return Route(found[1], found[2])


def segments(route: Route) -> tuple[str, ...]:
    """The names of the segments that are fields."""
    return tuple(_SEGMENT.findall(route.path))


def is_located(routes: Iterable[Route], places: Iterable[Path]) -> bool:
    """True if a purpose has fields outside the body: a segment of a route, or a place in path, query or header."""
    return any(segments(route) for route in routes) or any(place[0].key in (PATH, QUERY, HEADER) for place in places)


def takes_envelope(route: Route) -> bool:
    """True if a request of this route has a body, and nothing but the body, to say."""
    return route.method not in _BODYLESS and not segments(route)


def names_in(location: str, places: Iterable[Path]) -> frozenset[str]:
    """The names that `places` have in one location."""
    return frozenset(place[1].key for place in places if place[0].key == location and len(place) > 1)


def in_every(routes: Sequence[Route], name: str) -> bool:
    """True if no request can be written without this segment."""
    return all(name in segments(route) for route in routes)


def lint_routes(routes: Sequence[Route], places: Iterable[Path]) -> Iterator[tuple[int, str]]:
    """What is wrong with the routes of a purpose: which of them, and what was expected."""
    bound = names_in(PATH, places)
    for at, route in enumerate(routes):
        names = segments(route)
        if len(set(names)) != len(names):
            yield at, "expected each segment once"
        for name in sorted(set(names) - bound):
            yield at, f"{{{name}}}: expected a place path.{name} in the shape"
    for (_, one), (at, other) in combinations(enumerate(routes), 2):
        if _meet(one, other):
            yield at, f"takes the same requests as {one.method} {one.path}"


def lint_place(path: Path, routes: Iterable[Route], ours: frozenset[str]) -> Iterator[str]:
    """What is wrong with a place of a purpose that has fields outside the body; some headers are `ours` to set."""
    location = path[0].key
    if location not in LOCATIONS or path[0].each or len(path) == 1:
        yield "expected a place that begins with body., path., query. or header., as the purpose has fields outside"
    elif location != BODY and (len(path) != len((location, "name")) or path[1].each):
        yield f"expected {location}.<name>: one value, no object and no array"
    elif location == PATH and path[1].key not in {name for route in routes for name in segments(route)}:
        yield f"expected a segment {{{path[1].key}}} in a route"
    elif location == HEADER:
        yield from _lint_header(path[1].key, ours)


def lint_outside(rule: FieldRule, place: Path) -> Iterator[str]:
    """What is wrong with a field of the class map for standing at a place outside the body."""
    location = place[0].key
    if location in (PATH, QUERY) and rule.category in _WRITTEN_DOWN:
        yield f"{rule.category} must not stand in an address: every server on the way writes addresses down"
    if location in (PATH, QUERY, HEADER) and rule.type is FieldType.TEXT:
        yield "expected another type than text: this is no place for sentences"


def _lint_header(name: str, ours: frozenset[str]) -> Iterator[str]:
    if not _TOKEN.match(name):
        yield "expected the name of a header in small letters"
    elif name in _NEVER | ours or name.startswith("x-forwarded-"):
        yield "expected a header that the gateway does not set, drop or sign itself"


def _meet(one: Route, other: Route) -> bool:
    first, second = one.path.split("/"), other.path.split("/")
    if one.method != other.method or len(first) != len(second):
        return False
    return all(a == b or _SEGMENT.fullmatch(a) or _SEGMENT.fullmatch(b) for a, b in zip(first, second, strict=True))

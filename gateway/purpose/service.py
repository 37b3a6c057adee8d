"""One purpose of a recipient's file, read: routes, shape, meanings, whose data, what is withheld.

Promises: every path and condition is parsed here, once; what cannot be parsed is a problem with its line. What it all
means for the class's rules is not judged here but in `compile`, where they are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.canonical import Path
from gateway.model import Route, Serves, TextMode, When
from gateway.purpose.conditions import Table, parse_when
from gateway.purpose.routes import parse_route
from gateway.purpose.yaml_files import KeyPath, Report

JSON = "application/json"
_CLASS_PATH = "expected the path of a field of the class map"
_THEIR_PATH = "expected a path such as order.items[].sku (odd keys JSON-quoted, no [][])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One path of a recipient's bodies: which field of the class stands there, narrowed how; or a constant."""

    text: str  # as the file spells it
    path: Path
    field: Path | None  # of the class map; None for a constant
    sources: tuple[Path, ...]
    when: When
    changes: Mapping[str, Any]  # by the names of `FieldRule`


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data a recipient may have, in the class's path, and where its file says so."""

    at: KeyPath
    serves: Serves


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One purpose that a recipient serves, as its file states it."""

    routes: tuple[Route, ...]
    withhold: tuple[Path, ...] = ()
    text: TextMode = TextMode.SCRUB
    media_type: str = JSON
    shape: tuple[Place, ...] | None = None  # None: bodies are in the class's own paths
    means: Mapping[Path, tuple[str, Table | str]] = field(default_factory=dict)  # with the key, as the file spells it
    items: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()
    subject_from: Path | None = None
    records_per_envelope: int = 1
    answer: Mapping[str, Any] = field(default_factory=dict)
    pulls: tuple[Mapping[str, Any], ...] = ()  # as stated: `pulls` reads them, where the class's rules are known


def read_service(name: str, one: Mapping[str, Any], report: Report, at: KeyPath = ()) -> Service:
    """The purpose `name` of a file that conforms to its schema; it stands there, or at `at`."""
    at = at or ("purposes", name)
    if not one["routes"] and not one["pulls"]:
        report((*at, "routes"), "missing")
    shape = [_place((*at, "shape", text), text, values, report) for text, values in one.get("shape", {}).items()]
    subject_from = one.get("subject_from")
    return Service(
        routes=_routes(at, one["routes"], report),
        withhold=tuple(
            path
            for place, text in enumerate(one["withhold"])
            if (path := report.path((*at, "withhold", place), text, _CLASS_PATH)) is not None
        ),
        text=one.get("text", TextMode.SCRUB),
        media_type=one["media_type"],
        shape=tuple(place for place in shape if place is not None) if "shape" in one else None,
        means=_means((*at, "means"), one["means"], report),
        items=one["items_"],
        scopes=read_scopes((*at, "serves"), one["serves"], report),
        subject_from=subject_from and report.path((*at, "subject_from"), subject_from, _THEIR_PATH),
        records_per_envelope=one.get("records_per_envelope", 1),
        answer={text: {"required": False, "when": [], **values} for text, values in one.get("answer", {}).items()},
        pulls=tuple(one["pulls"]),
    )


def read_scopes(at: KeyPath, given: Mapping[str, Any], report: Report) -> tuple[Scope, ...]:
    """Whose data a recipient may have: `{class.path: [values]}` or `{class.path: {set: name}}`."""
    found = []
    for text, values in given.items():
        path = report.path((*at, text), text, _CLASS_PATH)
        if path is not None:
            kept = isinstance(values, dict)
            serves = Serves(path, None, values["set"]) if kept else Serves(path, frozenset(values), None)
            found.append(Scope((*at, text), serves))
    return tuple(found)


def _routes(at: KeyPath, given: list[str], report: Report) -> tuple[Route, ...]:
    found = []
    for place, text in enumerate(given):
        route = parse_route(text)
        if route is None:
            report((*at, "routes", place), "expected a method and a path such as POST /v2/orders")
        else:
            found.append(route)
    return tuple(found)


def _place(at: KeyPath, text: str, values: Mapping[str, Any], report: Report) -> Place | None:
    path = report.path(at, text, _THEIR_PATH)
    field_text = values.get("field")
    bound = report.path((*at, "field"), field_text, _CLASS_PATH) if field_text is not None else None
    sources = [report.path((*at, "from"), source, _THEIR_PATH) for source in values.get("sources", ())]
    try:
        when = parse_when(values["when"])
    except ValueError:
        report((*at, "when"), "expected paths of the recipient's own body as keys")
        return None
    if path is None or None in sources or (field_text is not None and bound is None):
        return None
    return Place(
        text=text,
        path=path,
        field=bound,
        sources=tuple(source for source in sources if source is not None) or (path,),
        when=when,
        changes={name: value for name, value in values.items() if name not in ("field", "sources", "when")},
    )


def _means(at: KeyPath, given: Mapping[str, Any], report: Report) -> dict[Path, tuple[str, Table | str]]:
    found: dict[Path, tuple[str, Table | str]] = {}
    for text, told in given.items():
        path = report.path((*at, text), text, "expected a path that a condition of the class map reads")
        if path is None:
            continue
        if isinstance(told, str):
            found[path] = text, told
            continue
        ((theirs, values),) = told.items()
        where = report.path((*at, text, theirs), theirs, _THEIR_PATH)
        if where is not None:
            found[path] = text, Table(where, values)
    return found

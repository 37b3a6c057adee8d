"""A request meant for a recipient's own API: what `/v1/transfers` says in its body stands here around it.

Promises: only a route that the recipient's file declares is taken; the body is read by the one parser of its content
type, which must be the declared one; of the query every field, and of the headers the declared ones, are part of the
payload, and meet the map like the rest. It must never say in an error a value of path, query, header or body.

source: DESIGN 6.3 (proxy); threats T9, T10, T20 to T23
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

from gateway.canonical import Node, Path
from gateway.errors import MalformedRequest, UnknownRoute, UnsupportedMediaType
from gateway.formats import Document, form, read
from gateway.formats.head import BODYLESS, path_pattern
from gateway.model import Call, Proxied, PurposeMap, Route

_STATED: Final = re.compile(r"[ \t]*([a-z_]+)=([^;\s]*)[ \t]*")
_NOT_UTF_8: Final = "\ufffd"  # what the server puts in the place of a byte that is none
FORM: Final = "application/x-www-form-urlencoded"


class Payload(NamedTuple):
    """What a proxied request holds for the map, and the way that it came."""

    tree: Node
    route: Route
    document: Document | None  # of the body; None where there is none
    unread: tuple[str, ...] = ()  # names in a query that no field is read from


def read_payload(call: Call, proxied: Proxied, declared: PurposeMap) -> Payload:
    """The payload of a proxied request. Raises UnknownRoute, UnsupportedMediaType, MalformedRequest."""
    route, segments = _route(proxied, declared)
    document = _document(call, route, declared)
    body: Node = {} if document is None else document.tree
    if not declared.located:
        return Payload(body, route, document, _names(proxied.query))
    located: dict[str, Node] = {
        "body": body,
        "path": segments,
        "query": read_query(proxied.query),
        "header": {name: proxied.headers[name] for name in sorted(declared.headers) if name in proxied.headers},
    }
    return Payload({name: part for name, part in located.items() if part != {}}, route, document)  # none: not withheld


def read_basis(stated: str) -> dict[str, Node]:
    """The basis as a `Gateway-Basis` header writes it, `kind=consent; ref=…; given_at=…`. Raises MalformedRequest."""
    found: dict[str, Node] = {}
    for part in stated.split(";"):
        pair = _STATED.fullmatch(part)
        if pair is None or pair[1] in found:
            raise MalformedRequest("Gateway-Basis is not kind=…; ref=…; given_at=…; text_version=…")
        found[pair[1]] = pair[2]
    return found


def text_at(payload: Node, path: Path | None) -> str | None:
    """The text that stands at a path, if one does."""
    for step in path or ():
        payload = payload.get(step.key) if isinstance(payload, dict) else None
    return str(payload) if path and isinstance(payload, str) else None


def read_query(raw: str) -> Node:
    """The fields of a query as it came. Raises MalformedRequest."""
    try:
        return form.read(FORM, raw.encode("utf-8", "surrogatepass")).tree if raw else {}
    except MalformedRequest:  # its sentence is about a body
        raise MalformedRequest("the query is not name=value&… in UTF-8, each name once") from None


def _names(raw: str) -> tuple[str, ...]:
    """The names in a query that nobody reads, whatever it is."""
    return tuple(dict.fromkeys(unquote_plus(part.partition("=")[0]) for part in raw.split("&") if part))


def _route(proxied: Proxied, declared: PurposeMap) -> tuple[Route, dict[str, Node]]:
    if _NOT_UTF_8 in proxied.path:
        raise MalformedRequest("the path is not UTF-8")
    for route in declared.routes:
        found = path_pattern(route.path).fullmatch(proxied.path) if route.method == proxied.method else None
        if found is not None:
            return route, {**found.groupdict()}
    raise UnknownRoute("the recipient's file declares no such method and path", hint="`gateway map show` lists them")


def _document(call: Call, route: Route, declared: PurposeMap) -> Document | None:
    if route.method in BODYLESS:
        if call.body:
            raise MalformedRequest(f"{route.method} takes no body")
        return None
    if declared.located and not call.body and not call.content_type:
        return None  # all that it says stands outside
    if call.content_type.partition(";")[0].rstrip(" \t").lower() != declared.media_type:  # no other parser is reached
        raise UnsupportedMediaType(f"this recipient takes {declared.media_type} for this purpose")
    return read(call.content_type, call.body)

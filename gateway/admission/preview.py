"""What a preview is asked about: a payload in any content type, record by record where it has records.

Promises: where a route is stated, the payload is what the proxy would make of the request, by the proxy's own code;
where none is, a JSON document is the payload itself and a body of any other content type is the body, whatever the
recipient takes. It must never say in an error a name or a value of what came.

source: DESIGN 6.3 (preview), 6.7 (`map try`); threat T9
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from gateway.admission.proxied import read_payload
from gateway.canonical import Node
from gateway.errors import MalformedRequest
from gateway.formats import Document, read
from gateway.model import Call, Proxied, PurposeMap, Route

_STATED: Final = re.compile(r"([A-Z]+) (/[^?#\s]*)(?:\?([^#\s]*))?\Z")
_JSON: Final = "application/json"
_BODY: Final = "body"
_RECORDS: Final = "records"


class Part(NamedTuple):
    """One payload to look at, and the way that it came; no `document` where it leaves in the map's own dialect."""

    tree: Node
    route: Route | None = None
    document: Document | None = None
    unread: tuple[str, ...] = ()  # names in a query that no field is read from


class Parts(NamedTuple):
    """A payload whole, and each of its records; None where its content type has none."""

    whole: Part
    records: tuple[Part, ...] | None


def read_parts(call: Call, asked: Proxied, declared: PurposeMap | None) -> Parts:
    """What came, whole and record by record; where `asked` has a path, it is a request to the recipient's own API.

    Raises UnknownRoute, UnsupportedMediaType, MalformedRequest.
    """
    if declared is not None and asked.path:
        whole = Part(*read_payload(call, asked, declared))
    else:
        whole = _without_route(read(call.content_type, call.body), declared)
    document = whole.document
    if document is None or not document.records:
        return Parts(whole, None)
    return Parts(whole, _each(whole, document, declared))


def read_route(stated: str) -> tuple[str, str, str]:
    """Method, decoded path and raw query of a route such as `POST /v2/orders/7?type=1`. Raises MalformedRequest."""
    found = _STATED.match(stated)
    if found is None:
        raise MalformedRequest("the route is not a method and a path, such as POST /v2/orders/7")
    return found[1], unquote(found[2]), found[3] or ""


def _without_route(document: Document, declared: PurposeMap | None) -> Part:
    located = declared is not None and declared.located and document.media_type.partition(";")[0] != _JSON
    tree: Node = {_BODY: document.tree} if located else document.tree
    return Part(tree, declared.route if declared is not None else None, document)


def _each(whole: Part, document: Document, declared: PurposeMap | None) -> tuple[Part, ...]:
    """Each record as its body would stand alone, or as a payload of its own where the map knows no records."""
    records = document.tree[_RECORDS] if isinstance(document.tree, dict) else None
    found = records if isinstance(records, list) else []
    if declared is None or not _takes_records(document, declared):
        return tuple(Part(record, whole.route) for record in found)
    around: Mapping[str, Node] | None = whole.tree if declared.located and isinstance(whole.tree, dict) else None
    return tuple(whole._replace(tree=_alone(record, around)) for record in found)


def _alone(record: Node, around: Mapping[str, Node] | None) -> Node:
    body: Node = {_RECORDS: [record]}
    return body if around is None else {**around, _BODY: body}


def _takes_records(document: Document, declared: PurposeMap) -> bool:
    """Whether such a body goes to the recipient as it is, or the map reads records wherever they come from."""
    depth = 1 if declared.located else 0
    sources = [source for rule in declared.fields for source in rule.sources if len(source) > depth]
    return document.media_type.partition(";")[0] == declared.media_type or any(
        source[depth].key == _RECORDS and source[depth].each for source in sources
    )

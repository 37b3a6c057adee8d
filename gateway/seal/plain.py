"""What leaves under `protection: tls`: the disclosure as the recipient's own API takes it, signed last by its own rule.

Promises: path, query, headers and body hold what the disclosure holds and what the signer adds, and nothing else
(laws 2 and 11, T20 to T23). A value that could change the shape of a request, in a path or a header, is not sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from gateway.canonical import Node, b64
from gateway.errors import GatewayError
from gateway.formats import form
from gateway.formats.head import BODYLESS, is_header_value, is_segment, with_segments
from gateway.model import Disclosure, Envelope, Recorded, Route
from gateway.seal.signing import Signed, Unsigned, sign


def plain(recorded: Recorded, secrets: Mapping[str, str]) -> Envelope:
    """The request of one attempt. Raises GatewayError where a value cannot stand where it must."""
    disclosure = recorded.disclosure
    permitted = disclosure.permitted
    route = permitted.admitted.route or permitted.map.route
    parts = _parts(disclosure)
    path = _path(route, _texts(parts.get("path")))
    query, headers, body = _texts(parts.get("query")), _headers(_texts(parts.get("header"))), disclosure.body
    if body and route.method in BODYLESS:
        raise GatewayError(f"{route.method} carries no body")
    if permitted.map.recipient.signer is not None:
        fields = query if route.method in BODYLESS else _texts(parts.get("body"))
        unsigned = Unsigned(path=path, fields=fields, body=body, transfer_id=permitted.admitted.transfer_id)
        signed = sign(permitted.map.recipient.signer, unsigned, secrets)
        headers = {**headers, **signed.headers}
        query, body = _with_signature(signed, route, query, parts.get("body"), disclosure)
    return Envelope(
        recorded,
        disclosure.media_type if body else "",
        body,
        b64(hashlib.sha256(body).digest()),
        route,
        path + (f"?{form.write(dict(query)).decode('ascii')}" if query else ""),
        headers,
    )


def _parts(disclosure: Disclosure) -> dict[str, Node]:
    if not disclosure.permitted.map.located:
        return {"body": disclosure.data}
    return disclosure.data if isinstance(disclosure.data, dict) else {}


def _texts(part: Node) -> dict[str, str]:
    """The leaves of a flat part, as texts; what is not flat has none that a protocol could sign by name."""
    if not isinstance(part, dict):
        return {}
    return {name: _text(leaf) for name, leaf in part.items() if isinstance(leaf, str | bool)}


def _text(leaf: str | bool) -> str:  # noqa: FBT001 -- a leaf, not a switch
    if isinstance(leaf, bool):
        return "true" if leaf else "false"
    return str(leaf)


def _path(route: Route, values: Mapping[str, str]) -> str:
    def segment(name: str) -> str:
        value = values.get(name, "")
        if not is_segment(value):
            raise GatewayError(f"{{{name}}}: a segment of a path cannot be this value")
        return quote(value, safe="")

    return with_segments(route.path, segment)


def _headers(values: Mapping[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if not is_header_value(value):
            raise GatewayError(f"{name}: a header cannot carry this value")
    return dict(values)


def _with_signature(
    signed: Signed, route: Route, query: dict[str, str], part: Node, disclosure: Disclosure
) -> tuple[dict[str, str], bytes]:
    """Query and body with the fields that the signer adds, in place of any of the same name."""
    if not signed.fields:
        return query, disclosure.body
    if route.method in BODYLESS:
        return {**query, **signed.fields}, disclosure.body
    fields = cast("dict[str, Node]", part if isinstance(part, dict) else {})
    return query, disclosure.write({**fields, **signed.fields})

"""What leaves under `protection: tls`: the disclosure as the recipient's own API takes it, signed last by its own rule.

Promises: path, query, headers and body hold what the disclosure holds and what the signer adds, and nothing else
(laws 2 and 11, T20 to T23). A value that could change the shape of a request, in a path or a header, is not sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from gateway.canonical import Node, b64
from gateway.errors import GatewayError
from gateway.formats import Document, form
from gateway.formats.head import BODYLESS, is_header_value, is_segment, with_segments
from gateway.model import Disclosure, Envelope, Recorded, Route, Signer, TransferId
from gateway.seal.signing import Unsigned, sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A request as a recipient's own API takes it, all but what is the same for each."""

    content_type: str  # empty where there is no body
    body: bytes = field(repr=False)
    target: str = field(repr=False)  # path and query below the recipient's base URL
    headers: Mapping[str, str] = field(repr=False)


def plain(recorded: Recorded, secrets: Mapping[str, str]) -> Envelope:
    """The request of one attempt. Raises GatewayError where a value cannot stand where it must."""
    disclosure = recorded.disclosure
    permitted = disclosure.permitted
    route = permitted.admitted.route or permitted.map.route
    ready = spelled(
        route,
        _parts(disclosure),
        Document(None, disclosure.media_type, disclosure.write),
        disclosure.body,
        signer=permitted.map.recipient.signer,
        transfer_id=permitted.admitted.transfer_id,
        secrets=secrets,
    )
    digest = b64(hashlib.sha256(ready.body).digest())
    return Envelope(recorded, ready.content_type, ready.body, digest, route, ready.target, ready.headers)


def spelled(
    route: Route,
    parts: Mapping[str, Node],
    form_of: Document,
    body: bytes,
    *,
    signer: Signer | None,
    transfer_id: TransferId,
    secrets: Mapping[str, str],
) -> Ready:
    """The parts of a request on their route, signed; `body` is the part of that name as bytes. Raises GatewayError."""
    path = _path(route, _texts(parts.get("path")))
    query, headers = _texts(parts.get("query")), _headers(_texts(parts.get("header")))
    if body and route.method in BODYLESS:
        raise GatewayError(f"{route.method} carries no body")
    if signer is not None:
        fields = query if route.method in BODYLESS else _texts(parts.get("body"))
        signed = sign(signer, Unsigned(path=path, fields=fields, body=body, transfer_id=transfer_id), secrets)
        headers = {**headers, **signed.headers}
        if signed.fields and route.method in BODYLESS:  # in place of any of the same name
            query = {**query, **signed.fields}
        elif signed.fields:
            part = parts.get("body")
            body = form_of.write({**(part if isinstance(part, dict) else {}), **signed.fields})
    return Ready(
        content_type=form_of.media_type if body else "",
        body=body,
        target=path + (f"?{form.write(dict(query)).decode('ascii')}" if query else ""),
        headers=headers,
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

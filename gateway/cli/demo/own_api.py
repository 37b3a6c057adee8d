"""Servers for the demo with APIs of their own, over HTTPS: a carrier, its sandbox, a payment provider, the platform.

They do what such partners do. The carrier grants an access token to the account it knows and takes orders in JSON from
who shows it, where nothing is missing that a delivery needs; the payment provider takes a form whose `pg_sig` is right
for the values that arrived, and no other; the platform's billing answers what a bank asks. Each tells on standard
output, one JSON line per request, what it got; of a sandbox no one asks that. They run in a process of their own:
`python -m gateway.cli.demo.own_api CONFIG.json`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl
from uuid import uuid4
from xml.sax.saxutils import escape

import orjson

from gateway.cli.demo.billing import Billing
from gateway.cli.demo.listening import Arrival, Judged, Listening, serve_all
from gateway.clock import SystemClock, iso

TOKEN_ROUTE = "/v2/oauth/token"  # noqa: S105 -- a path
ORDERS_ROUTE = "/v2/orders"
FORM_ROUTE = "/init_payment.php"
WRONG_SIGNATURE = "9998"
NEEDED: Final = (
    "tariff_code",
    "recipient.name",
    "recipient.phones[].number",
    "packages[].number",
    "packages[].weight",
    "packages[].items[].ware_key",
    "packages[].items[].name",
    "packages[].items[].cost",
    "packages[].items[].payment.value",
    "packages[].items[].weight",
    "packages[].items[].amount",
)
"""Without these a carrier cannot deliver; and it wants to know from where and to where."""
ENDS: Final = (("from_location.address", "shipment_point"), ("to_location.address", "delivery_point"))
_SCRIPT = FORM_ROUTE.rpartition("/")[2]


def pg_sig(fields: Mapping[str, str], key: str) -> str:
    """The MD5 of the script's name, the values by the order of their names, and the key, joined by `;`.

    Source: docs.freedompay.kz, Signature Formation. Written here anew: who checks shares no code with who signs.
    """
    values = [value for name, value in sorted(fields.items()) if name != "pg_sig"]
    return hashlib.md5(";".join([_SCRIPT, *values, key]).encode(), usedforsecurity=False).hexdigest()


def missing(order: Any) -> list[str]:
    """What an order lacks for the carrier to take it."""
    lacking = [path for path in NEEDED if not _stands(order, path.split("."))]
    return lacking + [" or ".join(end) for end in ENDS if not any(_stands(order, path.split(".")) for path in end)]


def _stands(node: Any, steps: Sequence[str]) -> bool:
    """Whether there is a value at a path, in each item of each array on the way."""
    if not steps:
        return node not in (None, "")
    key = steps[0].removesuffix("[]")
    if not isinstance(node, dict) or key not in node:
        return False
    inner = node[key]
    if not steps[0].endswith("[]"):
        return _stands(inner, steps[1:])
    return isinstance(inner, list) and bool(inner) and all(_stands(item, steps[1:]) for item in inner)


class Api(Protocol):
    """What stands behind one of these servers."""

    def judge(self, asked: str, headers: Mapping[str, str], body: bytes) -> Judged:
        """What it answers to `METHOD /path`."""
        ...


class Carrier:
    """Grants tokens, takes orders that lack nothing."""

    def __init__(self, account: str, secure: str) -> None:
        self._wanted = {"grant_type": "client_credentials", "client_id": account, "client_secret": secure}
        self._granted: set[str] = set()

    def judge(self, asked: str, headers: Mapping[str, str], body: bytes) -> Judged:
        """What it answers to `METHOD /path`."""
        if asked == f"POST {TOKEN_ROUTE}":
            return self._token(body)
        if headers.get("authorization", "").removeprefix("Bearer ") not in self._granted:
            return Judged(401, b'{"error":"unauthorized"}', told={"credential": "wrong"})
        told = {"credential": "right", "data": orjson.loads(body) if body else {}}
        if asked != f"POST {ORDERS_ROUTE}":
            return Judged(404, b'{"error":"not_found"}', told=told)
        request: dict[str, Any] = {"request_uuid": str(uuid4()), "type": "CREATE", "state": "ACCEPTED"}
        request["date_time"] = iso(SystemClock().now())[:19] + "+0000"
        lacking = missing(told["data"])
        if lacking:
            errors = [{"code": "v2_field_is_empty", "message": f"[{path}] is empty"} for path in lacking]
            return Judged(
                400, orjson.dumps({"requests": [{**request, "state": "INVALID", "errors": errors}]}), told=told
            )
        return Judged(202, orjson.dumps({"entity": {"uuid": str(uuid4())}, "requests": [request]}), told=told)

    def _token(self, body: bytes) -> Judged:
        if dict(parse_qsl(body.decode())) != self._wanted:
            return Judged(401, b'{"error":"invalid_client"}')
        token = secrets.token_urlsafe(24)
        self._granted.add(token)
        return Judged(200, orjson.dumps({"access_token": token, "token_type": "bearer", "expires_in": 3599}))


class PaymentProvider:
    """Takes signed forms, answers in signed XML."""

    def __init__(self, key: str) -> None:
        self._key = key

    def judge(self, asked: str, _headers: Mapping[str, str], body: bytes) -> Judged:
        """What it answers to `METHOD /path`; as such providers do, 200 to what it refuses too."""
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        right = hmac.compare_digest(fields.get("pg_sig", "").encode(), pg_sig(fields, self._key).encode())
        told = {"signature": "right" if right else "wrong", "data": fields}
        if asked != f"POST {FORM_ROUTE}":
            return Judged(404, b"", told=told)
        if not right:
            said = {"pg_status": "error", "pg_error_code": WRONG_SIGNATURE, "pg_error_description": "wrong signature"}
            return Judged(200, _xml(said), "text/xml; charset=utf-8", told)
        page = f"https://pay.psp-form.example/pay?order={secrets.token_hex(16)}"
        said = {"pg_status": "ok", "pg_payment_id": "1427057029", "pg_redirect_url": page}
        said["pg_salt"] = secrets.token_hex(8)
        return Judged(200, _xml({**said, "pg_sig": pg_sig(said, self._key)}), "text/xml; charset=utf-8", told)


def _xml(fields: Mapping[str, str]) -> bytes:
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<response>{inside}</response>\n'.encode()


APIS: Final[Mapping[str, Callable[..., Api]]] = {"carrier": Carrier, "provider": PaymentProvider, "billing": Billing}


class OwnApiServer(Listening):
    """The server of one of them."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config["port"], config["certificate"], Handler)
        self.recipient: str = config["recipient"]
        self.tells: bool = config.get("tells", True)
        (kind,) = APIS.keys() & config.keys()
        self.api = APIS[kind](**config[kind])


class Handler(Arrival):
    """One connection of the gateway."""

    server: OwnApiServer

    def do_POST(self) -> None:  # noqa: N802 -- the name is the base class's
        """Judge the request, tell what it was, and answer."""
        body = self.body()
        if body is None:
            self.answer(413, b"")
            return
        asked = f"{self.command} {self.path}"
        headers = {name.lower(): value for name, value in self.headers.items()}
        judged = self.server.api.judge(asked, headers, body)
        if judged.told is not None and self.server.tells:  # before the answer, so that the demo finds it told
            came = {"recipient": self.server.recipient, "route": asked, "headers": headers, "raw": body.decode()}
            self.tell({**came, **judged.told})
        self.answer(judged.status, judged.body, judged.content_type)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 -- the names are the base class's


if __name__ == "__main__":
    serve_all(sys.argv[1], OwnApiServer)

"""An exchange of registries: lines of JSON, one payment each, under an API key.

Facts: payload 12, and what such exchanges do (a line each, a key in a header of their own). It takes the
names that registries usually carry beside what it needs, and counts what it took. Nobody publishes its rules: ours.
"""

from __future__ import annotations

from typing import Final

import orjson

from tests.partners.partner import Request, Verdict, json_verdict, places
from tests.partners.schema import Fault, FaultKind, one_of, table, text

KEY: Final = "invented-registry-key"
ROUTE: Final = "/v1/registries"
STATUS_ROUTE: Final = "/v1/payments/"

ID = text(r"[A-Za-z0-9_-]+", 40)
LINE = table(
    {
        "payment_id": ID,
        "order_id": ID,
        "paid_at": text(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+05:00"),
        "amount": text(r"\d+\.\d{2}"),
        "currency": one_of("KZT"),
        "status": one_of("captured", "refunded", "failed"),
    },
    {
        "personal_account": text(),
        "fio": text(),
        "pan": text(r"\d{16}"),
        "phone": text(),
        "refund_iban": text(),
        "refund_holder": text(),
        "holder_iin": text(r"\d{12}"),
    },
)


def judge(request: Request) -> Verdict:
    """What the exchange answers."""
    if request.header("X-Exchange-Key") != KEY:
        return json_verdict(401, {"error": "key"}, "X-Exchange-Key: value")
    if request.method == "GET" and request.path.startswith(STATUS_ROUTE):
        return _status(request)
    if (request.method, request.path) != ("POST", ROUTE) or request.query:
        return json_verdict(404, {"error": "route"}, "route")
    return _taken(request)


def _taken(request: Request) -> Verdict:
    """A registry, line by line."""
    if request.media_type != "application/x-ndjson":
        return json_verdict(415, {"error": "media type"}, "Content-Type: value")
    try:
        lines = [orjson.loads(line) for line in request.body.removesuffix(b"\n").split(b"\n")]
    except ValueError:
        return json_verdict(400, {"error": "line"}, *places([Fault("body", FaultKind.TYPE)]))
    faults = [fault for place, line in enumerate(lines) for fault in LINE(line, f"[{place}]")]
    if faults:
        return json_verdict(400, {"error": f"{faults[0].path}: {faults[0].kind}"}, *places(faults))
    return json_verdict(200, {"accepted": len(lines), "uploaded_by": "Примеров Тест Образцович"})


def _status(request: Request) -> Verdict:
    """One payment, with its payer."""
    query = dict(request.query)
    faults = table({"order_id": ID}, {"fields": one_of("status", "all")})(query, "query")
    faults += one_of("1", "2")(request.header("X-Api-Version") or "", "X-Api-Version")
    if faults or request.body or len(query) != len(request.query):
        return json_verdict(400, {"error": "request"}, *places(faults), "request")
    payment = {"payment_id": request.path.removeprefix(STATUS_ROUTE), "status": "captured", "amount": "5430.00"}
    return json_verdict(200, {**payment, "fio": "Примеров Тест Образцович", "pan": "4111111111111111"})

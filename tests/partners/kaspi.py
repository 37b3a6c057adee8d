"""Kaspi: the biller's answers to the bank, and invoices by phone number.

Published facts: the bank's online protocol for billers (it asks `command=check|pay`, `txn_id`, `account`, `sum`,
`txn_date`; it is answered `txn_id`, `result` 0 to 5, `sum`, `prv_txn_id`, `comment`, `bin`, `fields`); the reference of
apipay.kz for invoices (`X-API-Key`, whole tenge, a phone that begins with 8, descriptions of at most 60 signs). In the
protocol the bank is the one that asks, and `answered` judges what it is told; ANSWERS_ROUTE, where the same can be
posted, is ours.
"""

from __future__ import annotations

import hashlib
from typing import Final

import orjson

from tests.partners.partner import Json, Request, Verdict, json_body, json_verdict, places
from tests.partners.schema import Fault, FaultKind, integer, number, one_of, table, text

API_KEY: Final = "invented-kaspi-api-key"
INVOICES_ROUTE: Final = "/api/v1/invoices"
ANSWERS_ROUTE: Final = "/biller/answers"
MOMENT: Final = "2026-11-03T07:00:00Z"

TXN_ID = text(r"\d{1,20}")
MONEY = text(r"\d{1,9}\.\d{2}")
FIELD = table({"@name": text(), "#text": text()})
ANSWER = table(
    {"txn_id": TXN_ID, "result": one_of(0, 1, 2, 3, 4, 5)},
    {
        "sum": MONEY,
        "prv_txn_id": text(r"\d{1,20}"),
        "comment": text(),
        "bin": text(r"\d{12}"),
        "fields": table({}, {f"field{place}": FIELD for place in range(1, 21)}),
    },
)
INVOICE = table(
    {"amount": integer(1, 99_999_999), "phone_number": text(r"8\d{10}")},
    {"description": text(most=60), "external_order_id": text(), "discount_percentage": number(1, 99)},
)


def judge(request: Request) -> Verdict:
    """What is answered to an invoice, or to an answer that is posted."""
    if request.header("X-API-Key") != API_KEY:
        return json_verdict(401, {"message": "Invalid API key", "error_code": "unauthorized"}, "X-API-Key: value")
    if request.method != "POST" or request.path not in {INVOICES_ROUTE, ANSWERS_ROUTE} or request.query:
        return json_verdict(404, {"message": "Not found"}, "route")
    try:
        body = json_body(request)
    except ValueError:
        return _refused([Fault("body", FaultKind.TYPE)])
    if request.path == ANSWERS_ROUTE:
        return answered(request.body)
    faults = INVOICE(body, "")
    if faults or not isinstance(body, dict):
        return _refused(faults)
    return json_verdict(201, _invoice(body))


def answered(body: bytes, *, command: str = "check", txn_id: str | None = None) -> Verdict:
    """What the bank makes of a biller's answer to its question."""
    try:
        value: Json = orjson.loads(body)
    except ValueError:
        return _refused([Fault("body", FaultKind.TYPE)])
    faults = ANSWER(value, "")
    if not faults and isinstance(value, dict):
        needed = {"pay": ("prv_txn_id", "sum"), "check": ("sum",)}[command] if value["result"] == 0 else ()
        faults = [Fault(name, FaultKind.MISSING) for name in needed if name not in value]
        if txn_id is not None and value["txn_id"] != txn_id:
            faults.append(Fault("txn_id", FaultKind.VALUE))
    return _refused(faults) if faults else json_verdict(200, {"status": "accepted"})


def _invoice(body: dict[str, Json]) -> Json:
    """The invoice with the phone that it was sent to."""
    return {
        "id": int(hashlib.sha256(str(body.get("external_order_id")).encode()).hexdigest()[:7], 16),
        "amount": f"{body['amount']}.00",
        "status": "processing",
        "description": body.get("description"),
        "external_order_id": body.get("external_order_id"),
        "phone_number": body["phone_number"],
        "error_message": None,
        "paid_at": None,
        "created_at": MOMENT,
    }


def _refused(faults: list[Fault]) -> Verdict:
    errors: dict[str, Json] = {fault.path: [f"{fault.path} {fault.kind}"] for fault in faults}
    return json_verdict(422, {"message": "Validation failed", "errors": errors}, *places(faults))

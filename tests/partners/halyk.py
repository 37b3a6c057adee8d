"""Halyk ePay: a bearer token of OAuth2 client credentials, then a payment in JSON.

Published facts: epayment.kz (payment through the API, invoices), the payment object of the bank's widget. The widget
hands that object to the bank's page, here at ROUTE; an answer repeats the payer. `data` is a JSON document inside a
string, and the bank does take it.
"""

from __future__ import annotations

import uuid
from typing import Final

from tests.partners.partner import Json, Request, Verdict, json_body, json_verdict, places, urlencoded_body
from tests.partners.schema import Fault, FaultKind, number, one_of, table, text, truth

CLIENT_ID: Final = "invented-halyk-id"
CLIENT_SECRET: Final = "invented-halyk-secret"
SCOPE: Final = "payment"
TERMINAL: Final = "00000000-0000-0000-0000-000000000000"
TOKEN: Final = "INVENTEDHALYKTOKEN00000"
EXPIRES_IN: Final = 7200
TOKEN_ROUTE: Final = "/oauth2/token"
ROUTE: Final = "/payments"
NAMESPACE: Final = uuid.UUID("00000000-0000-4000-8000-00000000ba7c")
DESCRIPTION_BYTES: Final = 125

LINK = text(r"https://[^\s]+")
TOKEN_FORM = table(
    {name: text() for name in ("grant_type", "scope", "client_id", "client_secret")},
    {
        "invoiceID": text(r"\d{6,15}"),
        "amount": text(r"\d+(\.\d{1,2})?"),
        "currency": text("KZT"),
        "terminal": text(TERMINAL),
        "postLink": text("|https://.+"),
        "failurePostLink": text("|https://.+"),
        "secret_hash": text(),
    },
)
PAYMENT = table(
    {
        "invoiceId": text(r"\d{6,15}"),
        "amount": number(0.01),
        "currency": one_of("KZT", "USD", "EUR"),
        "terminal": text(TERMINAL),
        "description": text(),
        "backLink": LINK,
        "postLink": LINK,
    },
    {
        "invoiceIdAlt": text(),
        "accountId": text(),
        "name": text(),
        "phone": text(r"\d{11}"),
        "email": text(r"[^@\s]+@[^@\s]+"),
        "language": one_of("rus", "kaz", "eng"),
        "failureBackLink": LINK,
        "failurePostLink": LINK,
        "cardSave": truth(),
        "data": text(r"\s*\{(?s:.*)\}\s*", 4000),
    },
)


def judge(request: Request) -> Verdict:
    """What Halyk ePay answers."""
    if (request.method, request.path) == ("POST", TOKEN_ROUTE):
        return _token(request)
    if request.header("Authorization") != f"Bearer {TOKEN}":
        return _refused(401, [Fault("Authorization", FaultKind.VALUE)])
    if (request.method, request.path) != ("POST", ROUTE):
        return _refused(404, [Fault(request.path, FaultKind.UNKNOWN)])
    try:
        body = json_body(request)
    except ValueError:
        return _refused(400, [Fault("body", FaultKind.TYPE)])
    faults = PAYMENT(body, "")
    if not isinstance(body, dict):
        return _refused(400, faults)
    if len(str(body.get("description")).encode()) > DESCRIPTION_BYTES:
        faults.append(Fault("description", FaultKind.VALUE))
    return _refused(400, faults) if faults else _paid(body)


def _paid(body: dict[str, Json]) -> Verdict:
    """The payment, with its payer."""
    return json_verdict(
        200,
        {
            "id": str(uuid.uuid5(NAMESPACE, str(body["invoiceId"]))),
            "dateTime": "2026-11-03T12:00:00+05:00",
            "invoiceID": body["invoiceId"],
            "amount": body["amount"],
            "currency": body["currency"],
            "terminal": body["terminal"],
            "accountID": body.get("accountId", ""),
            "description": body["description"],
            "language": body.get("language", "rus"),
            "name": "TEST PRIMEROV",
            "phone": body.get("phone", "77000000123"),
            "email": body.get("email", "test.primerov@example.com"),
            "cardMask": "411111...1111",
            "cardType": "VISA",
            "ip": "192.0.2.17",
            "reference": "0000000000000001",
            "status": "AUTH",
            "code": 0,
        },
    )


def _token(request: Request) -> Verdict:
    try:
        fields = urlencoded_body(request)
    except ValueError:
        return json_verdict(415, {"error": "unsupported_media_type"}, "content type")
    if faults := TOKEN_FORM(fields, ""):
        return json_verdict(400, {"error": "invalid_request"}, *places(faults))
    if fields["grant_type"] != "client_credentials":
        return json_verdict(400, {"error": "unsupported_grant_type"}, "grant_type")
    if (fields["client_id"], fields["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
        return json_verdict(401, {"error": "invalid_client"}, "client_id, client_secret")
    if SCOPE not in fields["scope"].split():
        return json_verdict(400, {"error": "invalid_scope"}, "scope")
    return json_verdict(
        200,
        {"access_token": TOKEN, "expires_in": EXPIRES_IN, "scope": fields["scope"], "token_type": "Bearer"},
    )


def _refused(status: int, faults: list[Fault]) -> Verdict:
    message = f"{faults[0].path}: {faults[0].kind}"
    return json_verdict(status, {"code": -status, "message": message}, *places(faults))

"""Robokassa: signed fields, in a query or a form.

Published facts: docs.robokassa.ru (pay interface, parameters, errors of the page): SignatureValue over shop, sum,
invoice, Password1 and the shop's own `Shp_` fields by name; its hash is a setting of the shop, its letters may be
small or capital; the page names its errors by number (26 no such shop, 29 wrong SignatureValue, 30 wrong parameter,
31 wrong sum). The second route answers the same in JSON.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from typing import Final

from tests.partners.partner import Request, Verdict, json_verdict, once, places, urlencoded_body
from tests.partners.schema import Fault, FaultKind, table, text

MERCHANT_LOGIN: Final = "invented-shop"
PASSWORD1: Final = "invented-password-1"
DIGEST: Final = "sha256"
ROUTE: Final = "/Merchant/Index.aspx"
JSON_ROUTE: Final = "/Merchant/Indexjson.aspx"

PAYMENT = table(
    {
        "MerchantLogin": text(),
        "OutSum": text(r"\d+(\.\d{1,6})?"),
        "SignatureValue": text(r"[0-9A-Fa-f]{32,128}"),
        "Description": text(most=100),
    },
    {
        "InvId": text(r"\d{1,19}"),
        "Culture": text("ru|en|kk"),
        "Encoding": text("utf-8"),
        "Email": text(r"[^@\s]+@[^@\s]+"),
        "ExpirationDate": text(r"\d{4}-\d{2}-\d{2}T.+"),
        "IncCurrLabel": text(),
        "IsTest": text("1"),
        "OutSumCurrency": text("USD|EUR|KZT"),
        "Receipt": text(most=4000),
        "Recurring": text("true|false"),
        "UserIp": text(r"\d{1,3}(\.\d{1,3}){3}"),
    },
    open_to=r"(Shp|shp|SHP)_\w+",
)


def judge(request: Request) -> Verdict:
    """What Robokassa answers."""
    if request.path not in {ROUTE, JSON_ROUTE} or request.method not in {"GET", "POST"}:
        return Verdict(404, (("Content-Type", "text/html"),), b"Not Found", ("route",))
    try:
        fields = once(list(request.query)) if request.method == "GET" else urlencoded_body(request)
    except ValueError:
        return _refused(request, 30, [Fault("form", FaultKind.TYPE)])
    if (request.method == "GET" and request.body) or (request.method == "POST" and request.query):
        return _refused(request, 30, [Fault("query", FaultKind.UNKNOWN)])
    code, faults = _wrong(fields)
    return _refused(request, code, faults) if faults else _accepted(request, fields)


def _wrong(fields: Mapping[str, str]) -> tuple[int, list[Fault]]:
    if fields.get("MerchantLogin") != MERCHANT_LOGIN:
        return 26, [Fault("MerchantLogin", FaultKind.VALUE)]
    if fields.get("SignatureValue", "").lower() != signature(fields):
        return 29, [Fault("SignatureValue", FaultKind.VALUE)]
    faults = PAYMENT(fields, "")
    return 31 if faults and faults[0].path == "OutSum" else 30, faults


def _accepted(request: Request, fields: Mapping[str, str]) -> Verdict:
    if request.path == JSON_ROUTE:
        return json_verdict(
            200, {"invoiceID": hashlib.sha256(fields["SignatureValue"].encode()).hexdigest()[:32], "errorCode": 0}
        )
    # The page of a payment shows its payer what was sent.
    shown = html.escape(f"{fields['Description']} {fields['OutSum']} {fields.get('Email', '')}")
    return Verdict(200, (("Content-Type", "text/html; charset=utf-8"),), f"<html>{shown}</html>".encode())


def signature(fields: Mapping[str, str], digest: str = DIGEST) -> str:
    """The hash that the shop's settings ask for."""
    signed = [fields.get("MerchantLogin", ""), fields.get("OutSum", ""), fields.get("InvId", "")]
    signed += [fields[name] for name in ("OutSumCurrency", "UserIp", "Receipt") if name in fields]
    signed += [PASSWORD1]
    signed += [f"{name}={value}" for name, value in sorted(fields.items()) if name.lower().startswith("shp_")]
    return hashlib.new(digest, ":".join(signed).encode()).hexdigest()


def _refused(request: Request, code: int, faults: list[Fault]) -> Verdict:
    where = faults[0].path
    if request.path == JSON_ROUTE:
        return json_verdict(200, {"errorCode": code, "errorMessage": f"Wrong {where}"}, *places(faults))
    page = f"<html>Error {code}: wrong {html.escape(where)}</html>".encode()
    return Verdict(200, (("Content-Type", "text/html; charset=utf-8"),), page, places(faults))

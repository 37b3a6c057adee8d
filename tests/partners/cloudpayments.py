"""CloudPayments: JSON under HTTP Basic; what it refuses it answers 200 with `Success: false`.

Published facts: developers.cloudpayments.ru (authentication, idempotency, payment by cryptogram, invoices) and the SDK
`cloudpayments` 1.6.3 on PyPI, whose models name every field of an answer. A charge needs the holder's name and the
payer's IP address; its answer repeats them beside the masked card.
"""

from __future__ import annotations

import hashlib
from typing import Final

from tests.partners.partner import Json, Request, Verdict, basic, json_body, json_verdict, places
from tests.partners.schema import Fault, FaultKind, integer, number, one_of, table, text, truth

PUBLIC_ID: Final = "pk_00000000000000000000000invented"
API_SECRET: Final = "invented-cloudpayments-secret"
TEST_ROUTE: Final = "/test"
CHARGE_ROUTE: Final = "/payments/cards/charge"
AUTH_ROUTE: Final = "/payments/cards/auth"
ORDER_ROUTE: Final = "/orders/create"
MOMENT: Final = "2026-11-03T07:00:00"

CURRENCY = one_of("KZT", "RUB", "USD", "EUR")
EMAIL = text(r"[^@\s]+@[^@\s]+")
OPTIONS = {"InvoiceId": text(most=100), "AccountId": text(most=100), "Email": EMAIL}
CHARGE = table(
    {
        "Amount": number(0.01),
        "Currency": CURRENCY,
        "IpAddress": text(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]{2,39}"),
        "Name": text(r"[A-Za-z .'-]+"),
        "CardCryptogramPacket": text(r"[0-9A-Za-z+/=_-]+", 4096),
    },
    {
        **OPTIONS,
        "Description": text(most=500),
        "JsonData": table({}, open_to=".+"),
        "PayerServiceFee": number(),
        "PaymentUrl": text(r"https://.+"),
        "CultureName": one_of("ru-RU", "kk-KZ", "en-US", "kk"),
    },
)
ORDER = table(
    {"Amount": number(0.01), "Currency": CURRENCY, "Description": text(most=500)},
    {
        **OPTIONS,
        "Phone": text(r"\+?\d{11,15}"),
        "RequireConfirmation": truth(),
        "SendEmail": truth(),
        "SendSms": truth(),
        "SendViber": truth(),
        "SendWhatsApp": truth(),
        "CultureInfo": one_of("ru-RU", "kk-KZ", "en-US"),
        "SuccessRedirectUrl": text(r"https://.+"),
        "FailRedirectUrl": text(r"https://.+"),
        "SubscriptionPeriod": integer(1),
    },
)
ROUTES: Final = {CHARGE_ROUTE: CHARGE, AUTH_ROUTE: CHARGE, ORDER_ROUTE: ORDER}


def judge(request: Request) -> Verdict:
    """What CloudPayments answers."""
    if request.header("Authorization") != basic(PUBLIC_ID, API_SECRET):
        return Verdict(401, (("WWW-Authenticate", "Basic"),), b"", ("Authorization: value",))
    if request.method != "POST" or request.path not in {TEST_ROUTE, *ROUTES} or request.query:
        return Verdict(404, (), b"", ("route",))
    if request.path == TEST_ROUTE:
        return json_verdict(200, {"Success": True, "Message": "invented"})
    faults = text(r"[!-~]+", 64)(request.header("X-Request-ID") or "none", "X-Request-ID")
    try:
        body = json_body(request)
    except ValueError:
        return _refused([Fault("body", FaultKind.TYPE)])
    faults += ROUTES[request.path](body, "")
    if faults or not isinstance(body, dict):
        return _refused(faults)
    model = _order(body) if request.path == ORDER_ROUTE else _transaction(request.path, body)
    return json_verdict(200, {"Success": True, "Message": None, "Model": model})


def _refused(faults: list[Fault]) -> Verdict:
    told = {
        FaultKind.MISSING: "is required",
        FaultKind.UNKNOWN: "is unknown",
        FaultKind.TYPE: "has a wrong type",
        FaultKind.VALUE: "is invalid",
    }
    message = f"{faults[0].path} {told[faults[0].kind]}"
    return json_verdict(200, {"Success": False, "Message": message, "Model": None}, *places(faults))


def _order(body: dict[str, Json]) -> Json:
    number_ = int(hashlib.sha256(str(body.get("InvoiceId")).encode()).hexdigest()[:7], 16)
    return {
        "Id": hashlib.sha256(str(number_).encode()).hexdigest()[:16],
        "Number": number_,
        "Amount": body["Amount"],
        "Currency": body["Currency"],
        "CurrencyCode": 0,
        "Email": body.get("Email"),
        "Phone": body.get("Phone"),
        "Description": body["Description"],
        "RequireConfirmation": body.get("RequireConfirmation", False),
        "Url": "https://orders.cloudpayments.example/d/invented",
    }


def _transaction(path: str, body: dict[str, Json]) -> Json:
    confirmed = path == CHARGE_ROUTE
    given = {name: body.get(name) for name in ("InvoiceId", "AccountId", "Email", "Description", "JsonData")}
    return {
        **given,
        "TransactionId": 504,
        "Amount": body["Amount"],
        "Currency": body["Currency"],
        "CurrencyCode": 0,
        "CreatedDateIso": MOMENT,
        "AuthDateIso": MOMENT,
        "ConfirmDateIso": MOMENT if confirmed else None,
        "AuthCode": "123456",
        "TestMode": True,
        "IpAddress": body["IpAddress"],
        "IpCountry": "KZ",
        "IpCity": "Павлодар",
        "IpRegion": "Павлодарская область",
        "IpDistrict": None,
        "IpLatitude": 52.2873,
        "IpLongitude": 76.9674,
        "CardFirstSix": "411111",
        "CardLastFour": "1111",
        "CardExpDate": "12/30",
        "CardType": "Visa",
        "CardTypeCode": 0,
        "Issuer": "Invented Bank",
        "IssuerBankCountry": "KZ",
        "Status": "Completed" if confirmed else "Authorized",
        "StatusCode": 3 if confirmed else 2,
        "Reason": "Approved",
        "ReasonCode": 0,
        "CardHolderMessage": "Оплата успешно проведена",
        "Name": body["Name"],
        "Token": "a4e67841-abb0-42de-a364-d1d8f9f4b3c0",
    }

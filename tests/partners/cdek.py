"""CDEK, API 2.0: a bearer token of OAuth2 client credentials, then orders in JSON.

Published facts: apidoc.cdek.ru (authorisation, registration of an order, list of errors); the models of the SDK `cdek`
1.2.0 on PyPI. The answer to a registration names the order only; asking for an order gives its people back.
"""

from __future__ import annotations

import uuid
from typing import Final

from tests.partners.partner import Json, Request, Verdict, json_body, json_verdict, places, urlencoded_body
from tests.partners.schema import (
    Fault,
    FaultKind,
    array,
    integer,
    number,
    one_of,
    table,
    text,
    truth,
)

ACCOUNT: Final = "invented-cdek-account"
SECURE: Final = "invented-cdek-secure-password"
TOKEN: Final = "invented.cdek.access.token"
EXPIRES_IN: Final = 3599
TOKEN_ROUTE: Final = "/v2/oauth/token"
ROUTE: Final = "/v2/orders"
NAMESPACE: Final = uuid.UUID("00000000-0000-4000-8000-00000000cdec")
MOMENT: Final = "2026-11-03T07:00:00+0000"

PHONE = text(r"\+?\d{10,15}", 24)
MONEY = table({"value": number()}, {"vat_sum": number(), "vat_rate": integer(0, 22)})
DAY = text(r"\d{4}-\d{2}-\d{2}")
CONTACT_REST = {
    "company": text(),
    "contragent_type": one_of("INDIVIDUAL", "LEGAL_ENTITY"),
    "email": text(r"[^@\s]+@[^@\s]+"),
    "passport_series": text(),
    "passport_number": text(),
    "passport_date_of_issue": DAY,
    "passport_organization": text(),
    "passport_date_of_birth": DAY,
    "tin": text(),
}
CONTACT = table(
    {"name": text(), "phones": array(table({"number": PHONE}, {"additional": text()}), most=10)}, CONTACT_REST
)
SELLER = table(
    {}, {"name": text(), "inn": text(), "phone": PHONE, "ownership_form": integer(), "address": text(most=255)}
)
LOCATION = table(
    {"address": text()},
    {
        "code": integer(),
        "city_uuid": text(r"[0-9a-f-]{36}"),
        "fias_guid": text(r"[0-9a-f-]{36}"),
        "postal_code": text(),
        "longitude": number(-180, 180),
        "latitude": number(-90, 90),
        "country_code": text(r"[A-Z]{2}"),
        "country": text(),
        "region": text(),
        "region_code": integer(),
        "sub_region": text(),
        "city": text(),
        "kladr_region_code": text(),
    },
)
ITEM = table(
    {
        "name": text(),
        "ware_key": text(most=50),
        "payment": MONEY,
        "cost": number(),
        "weight": integer(),
        "amount": integer(1, 999),
    },
    {
        "marking": text(),
        "weight_gross": integer(),
        "name_i18n": text(),
        "brand": text(),
        "country_code": text(r"[A-Z]{2}"),
        "material": integer(),
        "wifi_gsm": truth(),
        "url": text(),
    },
)
SIDES = {side: integer(1) for side in ("length", "width", "height")}
PARCEL = table(
    {"number": text(most=30), "weight": integer(1), "items": array(ITEM, most=126)}, {**SIDES, "comment": text()}
)
ORDER = table(
    {"tariff_code": integer(1), "recipient": CONTACT, "packages": array(PARCEL, most=255)},
    {
        "type": one_of(1, 2),
        "number": text(r"[0-9A-Za-z_-]+", 40),
        "comment": text(),
        "developer_key": text(),
        "shipment_point": text(),
        "delivery_point": text(),
        "date_invoice": DAY,
        "shipper_name": text(),
        "shipper_address": text(),
        "delivery_recipient_cost": MONEY,
        "delivery_recipient_cost_adv": array(table({"threshold": integer(), "sum": number()}), least=0),
        "sender": table({}, {"name": text(), "phones": array(table({"number": PHONE})), **CONTACT_REST}),
        "seller": SELLER,
        "from_location": LOCATION,
        "to_location": LOCATION,
        "services": array(table({"code": text()}, {"parameter": text()}), least=0),
        "print": one_of("barcode", "waybill"),
        "widget_token": text(),
        "accompanying_number": text(),
        "additional_order_types": array(integer()),
        "is_client_return": truth(),
        "has_reverse_order": truth(),
    },
)
CODES: Final = {
    FaultKind.MISSING: "v2_field_is_empty",
    FaultKind.UNKNOWN: "v2_bad_request",
    FaultKind.TYPE: "v2_invalid_value_type",
    FaultKind.VALUE: "v2_invalid_format",
}
SENTENCES: Final = {
    FaultKind.MISSING: "[{}] is empty",
    FaultKind.UNKNOWN: "Unrecognized field [{}]",
    FaultKind.TYPE: "[{}] has an invalid type",
    FaultKind.VALUE: "[{}] has an invalid format",
}


def judge(request: Request) -> Verdict:
    """What CDEK answers."""
    if (request.method, request.path) == ("POST", TOKEN_ROUTE):
        return _token(request)
    if request.header("Authorization") != f"Bearer {TOKEN}":
        return _invalid(401, "AUTH", "unauthorized", "Full authentication is required to access this resource")
    if (request.method, request.path) == ("POST", ROUTE):
        return _order(request)
    if request.method == "GET" and request.path.startswith(f"{ROUTE}/"):
        return json_verdict(200, known_order(request.path.rpartition("/")[2]))
    return _invalid(404, "GET", "v2_entity_not_found", "Entity is not found")


def _token(request: Request) -> Verdict:
    wanted = {"grant_type": "client_credentials", "client_id": ACCOUNT, "client_secret": SECURE}
    try:
        fields = urlencoded_body(request)
    except ValueError:
        return json_verdict(415, {"error": "unsupported_media_type"}, "content type")
    if fields.get("grant_type") != wanted["grant_type"]:
        return json_verdict(400, {"error": "unsupported_grant_type"}, "grant_type")
    if fields != wanted:
        said: Json = {"error": "invalid_client", "error_description": "Bad client credentials"}
        return json_verdict(401, said, "client_id, client_secret")
    return json_verdict(
        200,
        {
            "access_token": TOKEN,
            "token_type": "bearer",
            "expires_in": EXPIRES_IN,
            "scope": "order:all payment:all",
            "jti": str(NAMESPACE),
        },
    )


def _order(request: Request) -> Verdict:
    try:
        body = json_body(request)
    except ValueError:
        return _invalid(400, "CREATE", "v2_bad_request", "Unable to parse the request")
    faults = ORDER(body, "")
    if faults or not isinstance(body, dict):
        errors: list[Json] = [
            {"code": CODES[fault.kind], "message": SENTENCES[fault.kind].format(fault.path)} for fault in faults
        ]
        return json_verdict(400, _requests("CREATE", "INVALID", errors), *places(faults))
    if (conflict := _ends(body)) is not None:
        return _invalid(400, "CREATE", *conflict)
    entity: Json = {"uuid": str(uuid.uuid5(NAMESPACE, str(body.get("number"))))}
    return json_verdict(202, {"entity": entity, **_requests("CREATE", "ACCEPTED", []), "related_entities": []})


def _ends(body: dict[str, Json]) -> tuple[str, str] | None:
    """Each end of the way is an address or an office, and exactly one of them."""
    for end, point, side in (
        ("from_location", "shipment_point", "shipment"),
        ("to_location", "delivery_point", "delivery"),
    ):
        if end in body and point in body:
            return f"v2_{side}_address_multivalued", f"[{end}] and [{point}] exclude each other"
        if end not in body and point not in body:
            return f"v2_order_location_{end.partition('_')[0]}_and_{point}_empty", f"[{end}] and [{point}] are empty"
    return None


def _invalid(status: int, kind: str, code: str, message: str) -> Verdict:
    faults = places([Fault(code, FaultKind.VALUE)])
    return json_verdict(status, _requests(kind, "INVALID", [{"code": code, "message": message}]), *faults)


def _requests(kind: str, state: str, errors: list[Json]) -> dict[str, Json]:
    one: dict[str, Json] = {
        "request_uuid": str(NAMESPACE),
        "type": kind,
        "date_time": MOMENT,
        "state": state,
    }
    return {"requests": [one | ({"errors": errors} if errors else {})]}


def known_order(identifier: str) -> Json:
    """An order as CDEK gives it back: whole, with its people."""
    return {
        "entity": {
            "uuid": identifier,
            "type": 1,
            "number": "ORD-5002",
            "cdek_number": "1106207236",
            "tariff_code": 139,
            "recipient": {
                "name": "Примеров Тест Образцович",
                "email": "test.primerov@example.com",
                "passport_number": "000000019",
                "phones": [{"number": "+77000000123"}],
            },
            "to_location": {"city": "Павлодар", "address": "ул. Примерная, 10/1, кв. 45"},
            "statuses": [{"code": "CREATED", "name": "Создан", "date_time": MOMENT, "city": "Павлодар"}],
        },
        **_requests("GET", "SUCCESSFUL", []),
    }

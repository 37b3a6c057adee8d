"""Yandex Delivery, express: a claim in JSON under a bearer token.

Published facts: the reference of `b2b/cargo/integration/v2/claims/create` and the guide to its errors (Yandex Delivery,
support pages): `request_id` in the query, `Accept-Language` among the headers, longitude before latitude, phones that
begin with a plus. An answer repeats the claim with its people.
"""

from __future__ import annotations

import hashlib
from typing import Final

from tests.partners.partner import Json, Request, Verdict, json_body, json_verdict, places
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

TOKEN: Final = "invented_yandex_token"
ROUTE: Final = "/b2b/cargo/integration/v2/claims/create"
MOMENT: Final = "2026-11-03T07:00:00+00:00"
WEST, SOUTH, EAST, NORTH = 46.0, 40.0, 88.0, 56.0  # where it delivers in Kazakhstan; a swapped pair falls outside

PHONE = text()  # its form is checked apart: the partner has codes of its own for it
CONTACT = table(
    {"name": text(), "phone": PHONE}, {"email": text(r"[^@\s]+@[^@\s]+"), "phone_additional_code": text(r"\d+")}
)
ADDRESS = table(
    {"fullname": text()},
    {
        **{
            name: text()
            for name in (
                "shortname", "country", "city", "building_name", "street", "building", "porch", "sfloor", "sflat",
                "door_code", "door_code_extra", "doorbell_name", "comment", "uri",
            )
        },
        "coordinates": array(number(-180, 180), least=2, most=2),
    },
)  # fmt: skip
POINT = table(
    {
        "point_id": integer(1),
        "visit_order": integer(1),
        "type": one_of("source", "destination", "return"),
        "address": ADDRESS,
        "contact": CONTACT,
    },
    {
        "skip_confirmation": truth(),
        "leave_under_door": truth(),
        "meet_outside": truth(),
        "no_door_call": truth(),
        "external_order_id": text(),
        "pickup_code": text(r"\d+"),
    },
)
SIDES = table({side: number(0.001, 10) for side in ("length", "width", "height")})
ITEM = table(
    {
        "title": text(most=1000),
        "cost_value": text(r"\d+(\.\d{1,4})?"),
        "cost_currency": one_of("KZT", "RUB"),
        "quantity": integer(1),
        "pickup_point": integer(1),
    },
    {
        "droppof_point": integer(1),  # as it was misspelt first; both are taken
        "dropoff_point": integer(1),
        "extra_id": text(),
        "weight": number(0.001, 1500),
        "size": SIDES,
        "age_restricted": truth(),
    },
)
CLAIM = table(
    {"items": array(ITEM), "route_points": array(POINT, least=2)},
    {
        "emergency_contact": table({"name": text(), "phone": PHONE}, {"phone_additional_code": text(r"\d+")}),
        "client_requirements": table(
            {"taxi_class": one_of("courier", "express", "cargo")},
            {
                "cargo_loaders": integer(0, 2),
                "cargo_options": array(text(), least=0),
                "cargo_type": one_of("van", "lcv_m", "lcv_l"),
                "pro_courier": truth(),
            },
        ),
        "callback_properties": table({"callback_url": text(r"https://.+[?&]")}),
        "comment": text(most=1000),
        "due": text(r"\d{4}-\d{2}-\d{2}T.+"),
        "optional_return": truth(),
        "referral_source": text(),
        "shipping_document": text(),
        "skip_act": truth(),
        "skip_client_notify": truth(),
        "skip_door_to_door": truth(),
        "skip_emergency_notify": truth(),
    },
)


def judge(request: Request) -> Verdict:
    """What Yandex Delivery answers."""
    if request.header("Authorization") != f"Bearer {TOKEN}":
        return _refused(401, "unauthorized", "Not authorized request", Fault("Authorization", FaultKind.VALUE))
    if (request.method, request.path) != ("POST", ROUTE):
        return _refused(404, "not_found", "Route not found", Fault(request.path, FaultKind.UNKNOWN))
    if (faults := _around(request)) != []:
        return _parse_error(faults)
    try:
        body = json_body(request)
    except ValueError:
        return _parse_error([Fault("", FaultKind.TYPE)])
    faults = CLAIM(body, "")
    if faults or not isinstance(body, dict):
        return _parse_error(faults)
    return _meaning(request, body)


def _around(request: Request) -> list[Fault]:
    """What must stand beside the body: one request_id and the language."""
    faults = table({"request_id": text(most=64)})(dict(request.query), "query")
    if len(request.query) != 1:
        faults.append(Fault("query", FaultKind.VALUE))
    if request.header("Accept-Language") not in {"ru", "en", "ru/ru", "kk"}:
        faults.append(Fault("Accept-Language", FaultKind.MISSING))
    return faults


def _meaning(request: Request, body: dict[str, Json]) -> Verdict:
    points = _tables(body["route_points"])
    known = [point["point_id"] for point in points]
    kinds = [point["type"] for point in points]
    if len(set(map(str, known))) != len(known) or kinds.count("source") != 1 or "destination" not in kinds:
        return _refused(400, "validation_error", "Wrong route points", Fault("route_points", FaultKind.VALUE))
    for place, item in enumerate(_tables(body["items"])):
        to = item.get("dropoff_point", item.get("droppof_point"))
        if item["pickup_point"] not in known or to not in known:
            fault = Fault(f"items[{place}]", FaultKind.VALUE)
            return _refused(400, "invalid_destination_point", "No such point", fault)
    for path, phone in _phones(body):
        if not phone.startswith("+"):
            wrong = "invalid_phone_must_start_plus_symbol"
        elif not (phone[1:].isdecimal() and 11 <= len(phone) - 1 <= 15):
            wrong = "invalid_phone_size_incorrect"
        else:
            continue
        return _refused(400, wrong, "Wrong phone", Fault(path, FaultKind.VALUE))
    for place, point in enumerate(points):
        if not _inside(point):
            fault = Fault(f"route_points[{place}].address.coordinates", FaultKind.VALUE)
            return _refused(400, "unknown_zone", "Unknown zone", fault)
    return json_verdict(200, _claim(dict(request.query)["request_id"], body))


def _inside(point: dict[str, Json]) -> bool:
    address = point["address"]
    pair = address.get("coordinates") if isinstance(address, dict) else None
    if not isinstance(pair, list):
        return True
    longitude, latitude = (one if isinstance(one, int | float) else 0.0 for one in pair)
    return WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH


def _phones(body: dict[str, Json]) -> list[tuple[str, str]]:
    named = [
        (f"route_points[{place}].contact.phone", point["contact"])
        for place, point in enumerate(_tables(body["route_points"]))
    ]
    if "emergency_contact" in body:
        named.append(("emergency_contact.phone", body["emergency_contact"]))
    return [(path, str(one["phone"])) for path, one in named if isinstance(one, dict)]


def _tables(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _claim(request_id: str, body: dict[str, Json]) -> Json:
    """A new claim, with all that it was made of."""
    points: list[Json] = [point | {"id": point["point_id"]} for point in _tables(body["route_points"])]
    return {
        **body,
        "id": hashlib.sha256(request_id.encode()).hexdigest()[:32],
        "route_points": points,
        "status": "new",
        "version": 1,
        "revision": 1,
        "user_request_revision": "1",
        "created_ts": MOMENT,
        "updated_ts": MOMENT,
        "available_cancel_state": "free",
    }


def _parse_error(faults: list[Fault]) -> Verdict:
    where = faults[0]
    return json_verdict(
        400, {"code": "400", "message": f"Parse error, path '{where.path}': {where.kind}"}, *places(faults)
    )


def _refused(status: int, code: str, message: str, fault: Fault) -> Verdict:
    return json_verdict(status, {"code": code, "message": message}, *places([fault]))

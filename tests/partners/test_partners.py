"""The strict fakes are strict: each field of the smallest request is needed, in its place, of its type."""

from __future__ import annotations

import copy
import pathlib
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import orjson
import pytest

from tests.partners import cdek, freedompay, halyk, kaspi, onec, robokassa, yandex
from tests.partners.partner import Json, Request, Verdict, replies
from tests.partners.samples import (
    ANSWER,
    CHARGES,
    CLAIM_QUERY,
    FREEDOMPAY_FIELDS,
    GOOD,
    ROBOKASSA_FIELDS,
    TOKENS,
    YANDEX_HEADERS,
    form,
    freedompay_form,
    posted,
    robokassa_form,
)
from tests.recipients import Authority, RecordingRecipient

PAYLOADS = pathlib.Path(__file__).parents[3] / "shared" / "payloads"
IN_JSON = sorted(name for name, (_, request) in GOOD.items() if request.media_type == "application/json")
FORMS = {
    "freedompay": (freedompay.judge, FREEDOMPAY_FIELDS, freedompay_form),
    "robokassa": (robokassa.judge, ROBOKASSA_FIELDS, robokassa_form),
}
Way = tuple[str | int, ...]


def _leaves(node: Json, way: Way = ()) -> Iterator[Way]:
    inside: list[tuple[str | int, Json]] = []
    if isinstance(node, dict):
        inside = list(node.items())
    elif isinstance(node, list):
        inside = list(enumerate(node))
    else:
        yield way
    for key, value in inside:
        yield from _leaves(value, (*way, key))


def _tables(node: Json, way: Way = ()) -> Iterator[Way]:
    if isinstance(node, dict):
        yield way
        for key, value in node.items():
            yield from _tables(value, (*way, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _tables(value, (*way, place))


def _table(node: Json, way: Way) -> dict[str, Json]:
    for key in way:
        node = node[key]  # type: ignore[index]
    assert isinstance(node, dict)
    return node


def _with(request: Request, body: Json) -> Request:
    return replace(request, body=orjson.dumps(body))


def _payload(name: str, own: bytes) -> bytes:
    path = PAYLOADS / name
    if path.is_file():
        return path.read_bytes()
    print(f"{name} is not here: our own data in its place")
    return own


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_smallest_request_is_taken(name: str) -> None:
    judge, request = GOOD[name]

    verdict = judge(request)

    assert verdict.refused == ()
    assert verdict.status in {200, 201, 202}


@pytest.mark.parametrize("name", IN_JSON)
def test_each_field_of_it_is_needed(name: str) -> None:
    judge, request = GOOD[name]
    body = orjson.loads(request.body)

    for *way, last in _leaves(body):
        less = copy.deepcopy(body)
        del _table(less, tuple(way))[str(last)]
        assert not judge(_with(request, less)).accepted, (*way, last)


@pytest.mark.parametrize("name", IN_JSON)
def test_no_field_is_taken_in_another_place(name: str) -> None:
    judge, request = GOOD[name]
    body = orjson.loads(request.body)

    for *way, last in _leaves(body):
        moved = copy.deepcopy(body)
        value = _table(moved, tuple(way)).pop(str(last))
        (moved if way else moved.setdefault("moved", {}))[last] = value
        assert not judge(_with(request, moved)).accepted, (*way, last)


@pytest.mark.parametrize("name", IN_JSON)
def test_no_field_is_taken_in_another_type(name: str) -> None:
    judge, request = GOOD[name]
    body = orjson.loads(request.body)

    for *way, last in _leaves(body):
        wrongs: list[Json] = [[], {}, None, True]
        for wrong in wrongs:
            other = copy.deepcopy(body)
            _table(other, tuple(way))[str(last)] = wrong
            assert not judge(_with(request, other)).accepted, (*way, last, wrong)


@pytest.mark.parametrize("name", IN_JSON)
def test_no_table_takes_a_name_that_it_does_not_know(name: str) -> None:
    judge, request = GOOD[name]
    body = orjson.loads(request.body)

    for way in _tables(body):
        more = copy.deepcopy(body)
        _table(more, way)["iin"] = "900101100103"
        verdict = judge(_with(request, more))
        assert not verdict.accepted, way
        assert b"900101100103" not in verdict.body


@pytest.mark.parametrize("name", sorted(GOOD))
def test_each_of_its_headers_is_needed(name: str) -> None:
    judge, request = GOOD[name]

    for place, (header, value) in enumerate(request.headers):
        others = request.headers[:place] + request.headers[place + 1 :]
        assert not judge(replace(request, headers=others)).accepted, header
        assert not judge(replace(request, headers=(*others, (header, value + "x")))).accepted, header


@pytest.mark.parametrize("name", sorted(GOOD))
def test_another_route_or_method_is_not_found(name: str) -> None:
    judge, request = GOOD[name]

    assert not judge(replace(request, path="/")).accepted
    assert not judge(replace(request, method="PUT")).accepted


@pytest.mark.parametrize("name", sorted(FORMS))
def test_each_field_of_a_form_is_needed_however_well_it_is_signed(name: str) -> None:
    judge, fields, signed = FORMS[name]

    for missing in fields:
        less = {key: value for key, value in fields.items() if key != missing}
        assert not judge(signed(less)).accepted, missing
        assert not judge(signed({**fields, missing: ""})).accepted, missing


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_that_changed_after_it_was_signed_is_refused(name: str) -> None:
    judge, _, _ = FORMS[name]
    request = GOOD[name][1]
    fields = dict(parse_qsl(request.body.decode()))

    for one, value in fields.items():
        if (
            name == "robokassa" and one == "Description"
        ):  # Robokassa signs the money and the shop's own fields, not what it is for
            continue
        changed = {**fields, one: value + "0"}
        assert not judge(form(request.path, changed)).accepted, one
        assert not judge(replace(request, body=request.body + f"&{one}=1".encode())).accepted, one
    assert not judge(form(request.path, {**fields, "Shp_late": "1"})).accepted


@pytest.mark.parametrize(
    ("name", "extra", "taken"),
    [
        ("freedompay", {"pg_iin": "900101100103"}, False),
        ("freedompay", {"pg_user_phone": "+7 700"}, False),
        ("freedompay", {"pg_amount": "0.00"}, False),
        ("freedompay", {"order_note": "signed with the rest"}, True),
        ("freedompay", {f"pg_receipt_positions[{n}][name]": f"{n}" for n in (10, 9, 1)}, True),
        ("robokassa", {"Phone": "+77000000123"}, False),
        ("robokassa", {"OutSum": "5430,00"}, False),
        ("robokassa", {"Shp_order": "1", "Email": "test.primerov@example.com"}, True),
    ],
)
def test_what_a_form_may_hold_beside_it(name: str, extra: dict[str, str], taken: bool) -> None:  # noqa: FBT001
    judge, fields, signed = FORMS[name]

    assert judge(signed({**fields, **extra})).accepted is taken


def test_freedompay_takes_a_multipart_form_as_well() -> None:
    signed = {**FREEDOMPAY_FIELDS, "pg_sig": freedompay.signature("init_payment.php", FREEDOMPAY_FIELDS)}
    parts = "".join(
        f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in signed.items()
    )
    headers = (("Content-Type", "multipart/form-data; boundary=b0"),)
    request = Request("POST", freedompay.ROUTE, (), headers, f"{parts}--b0--\r\n".encode())

    assert freedompay.judge(request).refused == ()
    assert not freedompay.judge(replace(request, body=request.body.replace(b"5430", b"5431"))).accepted


@pytest.mark.parametrize("path", [freedompay.ROUTE, freedompay.STATUS_ROUTE])
def test_freedompay_signs_its_own_answer(path: str) -> None:
    fields = (
        FREEDOMPAY_FIELDS
        if path == freedompay.ROUTE
        else {"pg_merchant_id": "500000", "pg_salt": "a", "pg_order_id": "1"}
    )

    verdict = freedompay.judge(freedompay_form(fields, path))

    said = {child.tag: child.text or "" for child in ET.fromstring(verdict.body)}
    assert said["pg_status"] == "ok"
    assert said["pg_sig"] == freedompay.signature(path[1:], said)


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_a_token_is_given_for_all_of_its_fields_and_no_others(name: str) -> None:
    judge, request = TOKENS[name]
    fields = dict(parse_qsl(request.body.decode()))

    given = judge(request)

    assert (given.status, given.refused) == (200, ())
    assert orjson.loads(given.body)["expires_in"] > 0
    for one, value in fields.items():
        assert not judge(form(request.path, {key: fields[key] for key in fields if key != one})).accepted
        assert not judge(form(request.path, {**fields, one: value + "x"})).accepted
    assert not judge(form(request.path, {**fields, "username": "x"})).accepted
    assert not judge(posted(request.path, dict[str, Json](fields))).accepted


def _cdek(**change: Json) -> Verdict:
    body = orjson.loads(GOOD["cdek"][1].body) | change
    return cdek.judge(_with(GOOD["cdek"][1], {name: value for name, value in body.items() if value is not None}))


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (_cdek(tariff_code=None), "v2_field_is_empty"),
        (_cdek(tariff_code="139"), "v2_invalid_value_type"),
        (_cdek(number="№ 5002"), "v2_invalid_format"),
        (_cdek(passport_number="000000019"), "v2_bad_request"),
        (_cdek(delivery_point="PVD1"), "v2_delivery_address_multivalued"),
        (_cdek(from_location=None), "v2_order_location_from_and_shipment_point_empty"),
        (_cdek(to_location=None), "v2_order_location_to_and_delivery_point_empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_cdek_says_what_is_wrong_in_its_own_codes(verdict: Verdict, code: str) -> None:
    said = orjson.loads(verdict.body)["requests"][0]

    assert (verdict.status, said["state"], said["errors"][0]["code"]) == (400, "INVALID", code)


def _yandex(way: Way, value: Json) -> Verdict:
    body = orjson.loads(GOOD["yandex"][1].body)
    _table(body, way[:-1])[str(way[-1])] = value
    return yandex.judge(_with(GOOD["yandex"][1], body))


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (_yandex(("route_points", 1, "contact", "phone"), "87000000123"), "invalid_phone_must_start_plus_symbol"),
        (_yandex(("route_points", 1, "contact", "phone"), "+7700"), "invalid_phone_size_incorrect"),
        (_yandex(("route_points", 1, "address", "coordinates"), [52.287, 76.967]), "unknown_zone"),
        (_yandex(("items", 0, "droppof_point"), 3), "invalid_destination_point"),
        (_yandex(("route_points", 1, "type"), "source"), "validation_error"),
        (_yandex(("items", 0, "cost_value"), 15990), "400"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_yandex_says_what_is_wrong_in_its_own_codes(verdict: Verdict, code: str) -> None:
    assert (verdict.status, orjson.loads(verdict.body)["code"]) == (400, code)


@pytest.mark.parametrize("query", [(), (("request_id", ""),), (*CLAIM_QUERY, ("phone", "1")), CLAIM_QUERY * 2])
def test_yandex_wants_one_request_id_and_nothing_beside_it(query: tuple[tuple[str, str], ...]) -> None:
    assert not yandex.judge(replace(GOOD["yandex"][1], query=query)).accepted


@pytest.mark.parametrize(
    ("answer", "command"),
    [
        ({**ANSWER, "result": 6}, "check"),
        ({**ANSWER, "sum": 5430}, "check"),
        ({**ANSWER, "fio": "Примеров Тест"}, "check"),
        ({**ANSWER, "fields": {"fio": "Примеров Тест"}}, "check"),
        ({"txn_id": "123456789", "result": 0}, "check"),
        ({**ANSWER}, "pay"),
        ({**ANSWER, "txn_id": "1"}, "check"),
    ],
    ids=["result", "sum", "unknown", "field", "no sum", "pay without its number", "another question"],
)
def test_the_bank_refuses_an_answer_that_breaks_its_protocol(answer: Json, command: str) -> None:
    verdict = kaspi.answered(orjson.dumps(answer), command=command, txn_id="123456789")

    assert (verdict.status, verdict.accepted) == (422, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (' Номер="100200300"', ""),
        (' Номер="100200300"', ' Номер="100200300" Паспорт="000000019"'),
        ("4344.00", "4344,00"),
        ("2026-10", "10.2026"),
        (' Код="mgmt"', ""),
        ("<Начисление", "<Долг"),
        ("</ЛицевойСчет>", "долг</ЛицевойСчет>"),
        ('"/></', '"><Долг/></Начисление></'),
        ("?>", "?><!DOCTYPE x>"),
        ("ВыгрузкаНачислений", "Выгрузка"),
        ("</ВыгрузкаНачислений>", ""),
        ("UTF-8", "koi8-r"),
    ],
)
def test_1c_refuses_an_export_of_another_form(old: str, new: str) -> None:
    request = GOOD["onec"][1]
    assert old in CHARGES

    verdict = onec.judge(replace(request, body=CHARGES.replace(old, new).encode()))

    assert (verdict.status, verdict.accepted) == (400, False)
    assert verdict.body.startswith(b"<?xml")


def test_1c_reads_windows_1251_as_well() -> None:
    body = CHARGES.replace("UTF-8", "windows-1251").encode("cp1251")

    assert onec.judge(replace(GOOD["onec"][1], body=body)).refused == ()


@pytest.mark.parametrize("which", ["", "expected/"], ids=["as it comes", "as it should leave"])
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("cdek", "07_partner_goods_delivery_cdek.json"),
        ("yandex", "08_partner_goods_delivery_yandex.json"),
        ("halyk", "10_psp_payment_halyk_epay.json"),
        ("kaspi answer", "11_psp_biller_check_response_kaspi.json"),
    ],
)
def test_the_partner_takes_the_realistic_payload(name: str, file: str, which: str) -> None:
    judge, request = GOOD[name]
    body = orjson.loads(_payload(which + file, request.body))

    verdict = judge(_with(request, body.get("body", body)))

    assert verdict.refused == ()


@pytest.mark.parametrize("which", ["", "expected/"], ids=["as it comes", "as it should leave"])
def test_freedompay_takes_the_realistic_form_only_under_a_right_signature(which: str) -> None:
    raw = _payload(f"{which}09_psp_payment_freedompay.form", GOOD["freedompay"][1].body).decode().strip()
    fields = {name: value for name, value in parse_qsl(raw) if name != "pg_sig"}

    assert freedompay.judge(freedompay_form(fields)).refused == ()
    assert freedompay.judge(form(freedompay.ROUTE, {**fields, "pg_sig": "0" * 32})).refused == ("pg_sig",)


def test_1c_takes_the_realistic_export() -> None:
    body = _payload("13_mc_charges_1c.xml", CHARGES.encode())

    verdict = onec.judge(replace(GOOD["onec"][1], body=body))

    assert verdict.refused == ()
    assert "Примеров" in verdict.body.decode()


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("yandex", ["+77000000123"]),
        ("halyk", ["test.primerov@example.com", "411111...1111", "192.0.2.17"]),
        ("cloudpayments charge", ["TEST PRIMEROV", "192.0.2.17"]),
        ("kaspi invoice", ["87000000123"]),
        ("onec", ["Примеров"]),
    ],
)
def test_answers_hold_what_an_answer_map_must_keep_back(name: str, marks: list[str]) -> None:
    judge, request = GOOD[name]

    body = judge(request).body.decode()

    assert [mark for mark in marks if mark not in body] == []


def test_what_cdek_and_freedompay_tell_when_asked_holds_people_too() -> None:
    order = cdek.judge(Request("GET", f"{cdek.ROUTE}/1", (), GOOD["cdek"][1].headers))
    status = freedompay.judge(
        freedompay_form({"pg_merchant_id": "500000", "pg_salt": "a", "pg_order_id": "1"}, freedompay.STATUS_ROUTE)
    )

    assert orjson.loads(order.body)["entity"]["recipient"]["name"] == "Примеров Тест Образцович"
    assert (order.accepted, status.accepted) == (True, True)
    assert b"<pg_card_pan>4111-11XX-XXXX-1111</pg_card_pan>" in status.body
    assert b"<pg_user_phone>77000000123</pg_user_phone>" in status.body


def test_a_partner_stands_behind_real_https(tmp_path: pathlib.Path) -> None:
    authority = Authority(tmp_path)
    _, request = GOOD["yandex"]

    with RecordingRecipient(authority, replies(yandex.judge)) as recipient:
        asked = urllib.request.Request(
            f"{recipient.base_url}{request.path}?request_id=1",
            data=request.body,
            headers={"Content-Type": "application/json", **dict(YANDEX_HEADERS)},
        )
        context = ssl.create_default_context(cafile=authority.ca_file)
        with urllib.request.urlopen(asked, context=context) as answer:
            said = orjson.loads(answer.read())

    assert (answer.status, said["status"]) == (200, "new")


def test_halyk_counts_a_description_in_bytes() -> None:
    _, request = GOOD["halyk"]
    body = orjson.loads(request.body)

    assert halyk.judge(_with(request, body | {"description": "ы" * 62})).accepted
    assert not halyk.judge(_with(request, body | {"description": "ы" * 63})).accepted

from __future__ import annotations

from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from gateway.canonical import parse_path
from gateway.minimise import compile_projection
from gateway.model import Plan, PurposeMap, Route, Serves
from gateway.web.schemas import VerdictSchema
from tests.rules import LEXICON, rule
from tests.unit.web.served import ASKED, OTHER_TOKEN, TOKEN, Served
from tests.values import PAIR, purpose_map

FIELDS = (rule("ticket", required=True), rule("records[].amount"))
HEADERS = {
    "Gateway-Token": TOKEN,
    "Gateway-Recipient": PAIR[0],
    "Gateway-Purpose": PAIR[1],
    "Gateway-Subject": "usr_0001",
    "Gateway-Basis": "kind=consent; ref=consent/1; given_at=2026-11-01T09:00:00+05:00",
}

MULTIPART = b"".join(
    [
        b'--b\r\nContent-Disposition: form-data; name="ticket"\r\n\r\nREQ-1\r\n',
        b'--b\r\nContent-Disposition: form-data; name="phone"\r\n\r\n1\r\n--b--\r\n',
    ]
)


def mapped(*rules: Any, **changes: Any) -> PurposeMap:
    return purpose_map(fields=rules, project=compile_projection(Plan(rules, (), LEXICON)), **changes)


def served(*rules: Any, **changes: Any) -> Served:
    return Served(maps=(mapped(*(rules or (rule("ticket", required=True),)), **changes),))


def preview(house: Served, asked: object = None, **headers: str) -> TestResponse:
    """As `POST /v1/transfers` would be asked."""
    sent = {"Gateway-Token": TOKEN, "Content-Type": "application/json", **headers}
    return house.ask().post("/v1/preview", data=orjson.dumps(ASKED if asked is None else asked), headers=sent)


def stated(house: Served, body: bytes, content_type: str, **changes: str | None) -> TestResponse:
    """A body alone; a header of `HEADERS` is changed by its last word, or left out."""
    named = {f"Gateway-{name.capitalize()}": value for name, value in changes.items()}
    sent = {name: value for name, value in {**HEADERS, **named}.items() if value is not None}
    return house.ask().post("/v1/preview", data=body, headers={**sent, "Content-Type": content_type})


def nothing_happened(house: Served) -> bool:
    return not (house.recorder.refusals or house.recorder.outcomes or house.wire.sent)


def test_what_would_leave_is_shown_and_nothing_is_recorded_or_sent() -> None:
    house = served()

    answer = preview(house)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json() == {
        "decision": "permitted",
        "reason": None,
        "disclosure": {"ticket": "REQ-1"},
        "released": [{"path": "ticket", "rule": "string"}],
        "withheld": [{"path": "phone", "reason": "not_in_map"}, {"path": "disability", "reason": "not_in_map"}],
        "alarms": [],
        "findings": {},
        "failures": [],
    }
    assert VerdictSchema().validate(answer.get_json()) == {}
    assert "Location" not in answer.headers
    assert nothing_happened(house)


def test_a_name_that_no_map_knows_is_shown_to_the_caller_who_sent_it_and_to_no_log() -> None:
    """Law 4."""
    house = served()

    answer = preview(house, {**ASKED, "payload": {"ticket": "REQ-1", "87000000125": "wife"}})

    assert answer.get_json()["withheld"] == [{"path": '"87000000125"', "reason": "not_in_map"}]
    assert b"87000000125" not in house.lines.getvalue()
    assert b"REQ-1" not in house.lines.getvalue()
    assert house.diagnostics()[-1]["caller"] == "backend"


def test_a_name_that_a_preview_showed_is_concealed_in_the_transfer_that_follows() -> None:
    """Law 4: names are spelled once, and each way of spelling them has its own memory."""
    browser = served().ask()
    sent = {"Gateway-Token": TOKEN, "Content-Type": "application/json"}

    seen = [browser.post(path, data=orjson.dumps(ASKED), headers=sent) for path in ("/v1/preview", "/v1/transfers")]

    assert [one["path"] for one in seen[0].get_json()["withheld"]] == ["phone", "disability"]
    assert [one["path"] for one in seen[1].get_json()["withheld"]] == ["~5", "~10"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"recipient": "nobody"}, "unknown_recipient"),
        ({"purpose": "marketing"}, "unknown_purpose"),
        ({"basis": None}, "basis_missing"),
        ({"payload": {"phone": "+77000000123"}}, "required_missing"),
        ({"payload": {"ticket": "REQ-1", "nationality": "x"}}, "special_category"),
    ],
    ids=["recipient", "purpose", "basis", "required", "special"],
)
def test_a_refusal_is_an_answer_and_is_not_recorded(changes: dict[str, Any], reason: str) -> None:
    house = served()

    answer = preview(house, {**ASKED, **changes})

    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["decision"], told["reason"], told["disclosure"]) == ("refused", reason, None)
    assert nothing_happened(house)


def test_a_caller_without_the_grant_is_shown_nothing() -> None:
    told = preview(served(), **{"Gateway-Token": OTHER_TOKEN}).get_json()

    assert (told["reason"], told["disclosure"], told["withheld"]) == ("not_granted", None, [])


def test_a_blocked_subject_is_refused_as_the_transfer_would_be() -> None:
    house = served()
    house.blocked.add("usr_0001")

    told = preview(house).get_json()

    assert (told["decision"], told["reason"], told["disclosure"]) == ("refused", "restricted", None)
    assert told["released"] == []


def test_previews_spend_no_quota() -> None:
    house = served()
    house.settings.refusals_per_minute = 1
    asked, sent = orjson.dumps({**ASKED, "basis": None}), {"Gateway-Token": TOKEN, "Content-Type": "application/json"}
    browser = house.ask()

    seen = [browser.post("/v1/preview", data=asked, headers=sent).status_code for _ in range(3)]

    assert seen == [200, 200, 200]
    assert browser.post("/v1/transfers", data=asked, headers=sent).status_code == 403


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"ticket=REQ-1&phone=%2B77000000123"),
        ("multipart/form-data; boundary=b", MULTIPART),
        ("application/json", b'{"ticket":"REQ-1","phone":"+77000000123"}'),
    ],
    ids=["form", "multipart", "json alone"],
)
def test_a_body_of_any_content_type_is_previewed_by_what_its_headers_say(content_type: str, body: bytes) -> None:
    told = stated(served(), body, content_type).get_json()

    assert (told["decision"], told["disclosure"]) == ("permitted", {"ticket": "REQ-1"})
    assert told["withheld"] == [{"path": "phone", "reason": "not_in_map"}]


def test_xml_is_previewed_too() -> None:
    house = served(rule('T.A[]."@Сумма"'))

    told = stated(house, '<T><A Сумма="1.10" ИИН="900101100103"/></T>'.encode(), "application/xml").get_json()

    assert told["disclosure"] == {"T": {"A": [{"@Сумма": "1.10"}]}}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv", b"amount;iin\n1.10;900101100103\n;900101100103\n"),
        ("application/x-ndjson", b'{"amount":"1.10","iin":"900101100103"}\n{"iin":"900101100103"}\n'),
    ],
    ids=["csv", "ndjson"],
)
def test_each_record_has_its_verdict_on_a_line_of_its_own(content_type: str, body: bytes) -> None:
    answer = stated(served(rule("records[].amount", required=True)), body, content_type)

    assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson")
    told = [orjson.loads(line) for line in answer.data.splitlines()]
    assert [(one["decision"], one["reason"]) for one in told] == [("permitted", None), ("refused", "required_missing")]
    assert told[0]["disclosure"] == {"records": [{"amount": "1.10"}]}
    assert b"900101100103" not in answer.data


def test_every_record_about_a_blocked_subject_is_refused() -> None:
    house = served(rule("records[].amount", required=True))
    house.blocked.add("usr_0001")

    answer = stated(house, b"amount;n\n1;2\n;2\n", "text/csv")

    assert [orjson.loads(line)["reason"] for line in answer.data.splitlines()] == ["restricted", "required_missing"]


def test_a_number_is_shown_in_its_own_digits() -> None:
    """Law 9."""
    answer = preview(Served(), {**ASKED, "payload": {"ticket": "REQ-1"}})
    exact = stated(Served(), b'{"ticket":1.10}', "application/json")

    assert answer.status_code == 200
    assert b'"disclosure":{"ticket":1.10}' in exact.data


def test_a_stated_route_is_read_as_the_proxy_would_read_it() -> None:
    route = Route("POST", "/orders/{id}")
    house = served(
        *(rule("path.id"), rule("query.a"), rule('header."x-shop"'), rule("body.ticket")),
        located=True,
        route=route,
        routes=(route,),
        headers=frozenset({"x-shop"}),
        media_type="application/x-www-form-urlencoded",
    )
    form = "application/x-www-form-urlencoded"
    sent = {**HEADERS, "Content-Type": form, "Gateway-Route": "POST /orders/7?a=b", "X-Shop": "9", "Cookie": "c"}

    seen = house.ask().post("/v1/preview", data=b"ticket=REQ-1", headers=sent)
    elsewhere = stated(house, b"ticket=REQ-1", form, route="GET /others")

    assert seen.get_json()["disclosure"] == {
        "path": {"id": "7"},
        "query": {"a": "b"},
        "header": {"x-shop": "9"},
        "body": {"ticket": "REQ-1"},
    }
    assert (elsewhere.status_code, elsewhere.get_json()["code"]) == (404, "unknown_route")


@pytest.mark.parametrize(
    ("changes", "body", "content_type", "status", "code"),
    [
        ({"token": None}, b"a=1", "application/x-www-form-urlencoded", 401, "unauthenticated"),
        ({"purpose": None}, b"a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        ({"recipient": None, "purpose": None}, b"a=1", "text/csv", 400, "malformed_request"),
        ({"subject": None}, b"a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        ({"subject": "87000000125"}, b"a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        ({"basis": "CANARY"}, b"a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        ({"route": "CANARY"}, b"a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        ({}, b"a=CANARY&a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        ({}, b"CANARY", "image/png", 415, "unsupported_media_type"),
    ],
    ids=["token", "purpose", "no headers", "subject", "phone", "basis", "route", "body", "content type"],
)
def test_what_is_no_preview_is_a_problem_that_repeats_nothing(
    changes: dict[str, str | None], body: bytes, content_type: str, status: int, code: str
) -> None:
    """T86."""
    answer = stated(served(), body, content_type, **changes)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert b"CANARY" not in answer.data
    assert b"87000000125" not in answer.data


def test_a_preview_without_a_database_says_so() -> None:
    house = served()
    house.store.unavailable = True

    answer = preview(house)

    assert (answer.status_code, answer.get_json()["code"]) == (503, "log_unavailable")


def test_the_route_is_described() -> None:
    described = served().ask().get("/openapi.json").get_json()["paths"]["/v1/preview"]["post"]

    assert described["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Verdict")
    assert described["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Transfer")
    assert "Gateway-Recipient" in described["description"]


def test_whom_a_recipient_serves_cannot_be_listed_by_previews() -> None:
    """What is out of scope costs quota, each record of it, and too many at once are not told at all."""
    rules = (rule("records[].town"),)
    serves = (Serves(parse_path("records[].town"), frozenset({"Павлодар"}), None),)
    house = Served(
        maps=(purpose_map(fields=rules, project=compile_projection(Plan(rules, (), LEXICON, serves=serves))),)
    )
    house.settings.refusals_per_minute = 10
    line = '{"town":"Алматы"}\n'.encode()

    sent, browser = {**HEADERS, "Content-Type": "application/x-ndjson"}, house.ask()

    few = [browser.post("/v1/preview", data=line * 3, headers=sent) for _ in range(2)]
    many = browser.post("/v1/preview", data=line * 5, headers=sent)
    good = browser.post("/v1/preview", data='{"town":"Павлодар"}\n'.encode() * 20, headers=sent)

    assert [answer.status_code for answer in few] == [200, 200]
    assert (many.status_code, many.headers["Gateway-Problem"]) == (429, "too_many_refusals")
    assert good.status_code == 200
    assert nothing_happened(house)


@pytest.mark.parametrize("name", ["Gateway-Subject", "Gateway-Basis", "Gateway-Route"])
def test_a_header_that_would_be_passed_over_is_refused(name: str) -> None:
    """The body says what it is for: what a header says beside it would not be in the verdict."""
    house = served()
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json", name: "POST /v2/orders"}

    answer = house.ask().post("/v1/preview", data=orjson.dumps(ASKED), headers=headers)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (400, "malformed_request")

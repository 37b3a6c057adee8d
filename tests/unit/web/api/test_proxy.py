from __future__ import annotations

from base64 import b64encode
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from gateway.minimise import compile_projection
from gateway.model import (
    Answer,
    Cause,
    Envelope,
    FieldType,
    Location,
    OutcomeCode,
    Plan,
    Protection,
    PurposeMap,
    RecipientKey,
    Recorded,
    Route,
    Sent,
)
from gateway.seal.plain import plain
from tests.rules import LEXICON, rule
from tests.unit.web.served import OTHER_TOKEN, TOKEN, Served, keep_ticket, seal
from tests.values import PAIR, purpose_map, recipient

BASE = f"/v1/proxy/{PAIR[0]}/{PAIR[1]}"
BASIS = "kind=consent; ref=consent/1; given_at=2026-11-01T09:00:00+05:00"
JSON = {"Content-Type": "application/json"}
FIELDS = (
    rule("body.number", pattern="[A-Z0-9-]{1,20}"),
    rule("body.sum", FieldType.DECIMAL, places=2, minimum="0", maximum="100000"),
    rule("path.id", max_length=64, location=Location.PATH),
    rule("query.to", pattern="[a-z]{1,20}"),
    rule('header."x-shop"', max_length=64, location=Location.HEADER),
)
ANSWERS = compile_projection(Plan((rule("id", pattern="[0-9]{1,9}"),), (), LEXICON))


def a_map(**changes: Any) -> PurposeMap:
    """A recipient's own API: two routes with bodies, one without, a query and a header."""
    values: dict[str, Any] = {
        "routes": (Route("POST", "/v2/orders"), Route("PUT", "/v2/orders/{id}"), Route("GET", "/v2/orders/{id}")),
        "located": True,
        "query": frozenset({"to"}),
        "headers": frozenset({"x-shop"}),
        "fields": FIELDS,
        "project": compile_projection(Plan(FIELDS, (), LEXICON)),
    }
    return purpose_map(**{**values, **changes})


def serving(says: Sent | Exception | None = None, **changes: Any) -> Served:
    served = Served(maps=(a_map(**changes),), seal=_seal)
    if says is not None:
        served.wire.says = says
    return served


def _seal(recorded: Recorded) -> Envelope:
    return plain(recorded, {})


def ask(
    served: Served,
    method: str = "POST",
    path: str = "/v2/orders",
    body: bytes | None = b'{"number":"A-1"}',
    headers: dict[str, str] | None = None,
    *,
    base: str = BASE,
) -> TestResponse:
    """A request as a recipient's library would make it, with our headers around it."""
    ours = {"Gateway-Token": TOKEN, "Gateway-Subject": "usr_0001", "Gateway-Basis": BASIS}
    kind = {} if body is None else JSON
    every = {name: value for name, value in {**ours, **kind, **(headers or {})}.items() if value}
    return served.ask().open(f"{base}{path}", method=method, data=body, headers=every)


def basic(password: str) -> str:
    return "Basic " + b64encode(f"pk_invented:{password}".encode()).decode()


def answered(status: int, body: bytes = b"", **headers: str) -> Sent:
    outcome = OutcomeCode.DELIVERED if status < 300 else OutcomeCode.REJECTED
    return Sent(outcome, None, status, Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body))


def test_a_query_that_no_field_is_read_from_is_withheld_name_by_name() -> None:
    """T23: it stays here, and the caller is told how much did."""
    fields = (rule("number", pattern="[A-Z0-9-]{1,20}"),)
    project = compile_projection(Plan(fields, (), LEXICON))
    served = serving(located=False, query=frozenset(), headers=frozenset(), fields=fields, project=project)

    reply = ask(served, path="/v2/orders?utm=CANARY&phone=%2B77000000123")

    (sent,) = served.wire.sent
    assert (sent.target, reply.headers["Gateway-Withheld"]) == ("/v2/orders", "2")
    assert all(one.path.startswith("query.~") for one in sent.recorded.disclosure.withheld)


# ── whom it is about ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}~usr_0001"},
        {"Authorization": basic(f"{TOKEN}~usr_0001")},
        {"Authorization": f"Bearer {TOKEN}~usr_0001", "Gateway-Subject": "usr_0001"},
    ],
    ids=["behind a bearer token", "behind a password", "twice the same"],
)
def test_a_library_that_can_set_a_token_alone_says_the_subject_behind_it(headers: dict[str, str]) -> None:
    served = serving()

    reply = ask(served, headers={"Gateway-Token": "", "Gateway-Subject": "", **headers})

    assert reply.status_code == 200
    assert [one.recorded.disclosure.permitted.admitted.subject for one in served.wire.sent] == ["usr_0001"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}~usr_0002", "Gateway-Subject": "usr_0001"}, 400),
        ({"Authorization": f"Bearer {TOKEN}~", "Gateway-Subject": ""}, 400),
        ({"Authorization": f"Bearer {TOKEN}~900101100103", "Gateway-Subject": ""}, 400),
        ({"Authorization": f"Bearer {TOKEN}~a~b", "Gateway-Subject": ""}, 400),
        ({"Authorization": "Bearer ~usr_0001", "Gateway-Subject": ""}, 401),
    ],
    ids=["two subjects", "no subject", "an IIN", "no id", "no token"],
)
def test_what_stands_behind_a_token_is_one_opaque_id(headers: dict[str, str], status: int) -> None:
    served = serving()

    reply = ask(served, headers={"Gateway-Token": "", **headers})

    assert (reply.status_code, served.wire.sent) == (status, [])


# ── what leaves ─────────────────────────────────────────────────────────────


def test_the_recipients_own_api_gets_the_minimum_by_the_route_that_was_asked() -> None:
    served = serving()

    ask(
        served,
        "PUT",
        "/v2/orders/17?to=almaty&phone=%2B77000000123",
        b'{"number":"A-1","sum":1.10,"phone":"+77000000123"}',
        {"X-Shop": "s-1", "X-Other": "CANARY"},
    )

    (sent,) = served.wire.sent
    assert (sent.route.method, sent.target) == ("PUT", "/v2/orders/17?to=almaty")
    assert (sent.content_type, sent.body) == ("application/json", b'{"number":"A-1","sum":1.10}')
    assert sent.headers == {"x-shop": "s-1"}


def test_no_header_leaves_that_no_field_carries() -> None:
    """T21, T22: what a library states for the recipient is neither needed nor passed on."""
    names = (
        "Authorization Proxy-Authorization Cookie Referer User-Agent Accept-Language Origin X-Forwarded-For Forwarded"
    )
    names += " Via Traceparent Baggage X-Request-Id X-Api-Key Accept"
    served = serving()

    answer = ask(served, headers=dict.fromkeys(names.split(), "CANARY"))

    (sent,) = served.wire.sent
    assert answer.status_code == 200
    assert (sent.headers, sent.target, sent.body) == ({}, "/v2/orders", b'{"number":"A-1"}')
    assert b"CANARY" not in served.lines.getvalue()


@pytest.mark.parametrize("stated", [f"Bearer {TOKEN}", basic(TOKEN)], ids=["bearer token", "password"])
def test_a_library_without_headers_of_its_own_states_our_token_where_it_states_the_recipients(stated: str) -> None:
    """T22: it says who asks, and stays."""
    served = serving()

    answer = ask(served, headers={"Gateway-Token": "", "Authorization": stated})

    (sent,) = served.wire.sent
    assert answer.status_code == 200
    assert sent.headers == {}
    assert TOKEN.encode() not in served.lines.getvalue()


def test_a_get_leaves_without_a_body() -> None:
    served = serving()

    answer = ask(served, "GET", "/v2/orders/17?to=almaty", None)

    (sent,) = served.wire.sent
    assert answer.status_code == 200
    assert (sent.route.method, sent.target, sent.body, sent.content_type) == (
        "GET",
        "/v2/orders/17?to=almaty",
        b"",
        "",
    )


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "application/xml"])
def test_a_body_leaves_in_the_type_that_it_came_in(media_type: str) -> None:
    form = media_type.endswith("urlencoded")
    path = "number" if form else 'Order."@number"'
    fields = (rule(path, pattern="[A-Z0-9-]{1,20}"),)
    served = serving(
        located=False, media_type=media_type, fields=fields, project=compile_projection(Plan(fields, (), LEXICON))
    )
    body = b"number=A-1&phone=CANARY" if form else b'<Order number="A-1" phone="CANARY"/>'

    ask(served, body=body, headers={"Content-Type": media_type})

    (sent,) = served.wire.sent
    assert sent.content_type == media_type
    assert b"A-1" in sent.body
    assert b"CANARY" not in sent.body


def test_to_a_recipient_that_opens_envelopes_an_envelope_leaves() -> None:
    sealed = recipient(protection=Protection.JWE, keys=(RecipientKey("kid", {}, None),))
    served = Served(
        maps=(purpose_map(recipient=sealed, routes=(Route("POST", "/in"),), project=keep_ticket),), seal=seal
    )

    answer = ask(served, path="/in", body=b'{"ticket":"REQ-1"}')

    assert answer.status_code == 200
    assert [sent.content_type for sent in served.wire.sent] == ["application/jose"]


# ── what comes back ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"content_type": "application/json"}, b'{"sum":1.10, "n": -0}'),
        (201, {"content_type": "application/json; charset=utf-8"}, b"{}"),
        (202, {}, b"taken"),
        (204, {}, b""),
        (200, {"content_type": "application/json"}, b""),
        (302, {"content_type": "text/html"}, b"<a>moved</a>"),
        (304, {}, b""),
        (307, {}, b""),
        (400, {"content_type": "application/problem+json"}, b'{"code":"x"}'),
        (401, {"content_type": "text/plain"}, b"who?"),
        (404, {"content_type": "text/html; charset=windows-1251"}, "<h1>нет</h1>".encode("cp1251")),
        (429, {"retry_after": "7", "content_language": "kk"}, b""),
        (500, {"content_type": "text/html"}, b"<script>alert(1)</script>"),
        (599, {"content_type": "image/png"}, b"\x89PNG\xff\x00"),
        (200, {"content_type": "text/plain"}, b"x" * 1_048_576),
    ],
)
def test_the_recipients_answer_comes_back_as_it_is(status: int, headers: dict[str, str], body: bytes) -> None:
    """T25: a redirect is an answer, and is not followed."""
    served = serving(answered(status, body, **headers))

    answer = ask(served)

    assert (answer.status_code, answer.data) == (status, body)
    for name in ("content-type", "retry-after", "content-language"):
        assert answer.headers.get(name) == headers.get(name.replace("-", "_"))
    assert answer.headers.get("Content-Length") == (None if status in (204, 304) else str(len(body)))
    assert answer.headers["Gateway-Outcome"] == ("delivered" if status < 300 else "rejected")
    assert answer.headers["Gateway-Withheld"] == "0"
    assert len(answer.headers["Gateway-Transfer"]) == 36
    assert "Gateway-Problem" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(served.wire.sent) == 1


def test_how_much_was_withheld_is_told() -> None:
    answer = ask(serving(), path="/v2/orders?phone=1", body=b'{"number":"A-1","phone":"+77000000123","sum":"x"}')

    assert answer.headers["Gateway-Withheld"] == "3"


def test_what_was_found_in_a_text_is_told_by_kind_and_count() -> None:
    """T13: so that an app can ask the resident to say it otherwise."""
    fields = (rule("body.note", FieldType.TEXT, max_length=200),)
    served = serving(fields=fields, project=compile_projection(Plan(fields, (), LEXICON)))

    answer = ask(served, body='{"note":"Течёт кран, звоните 8 700 000 01 23 или 8 700 000 01 24, кв. 45"}'.encode())
    silent = ask(served, body='{"note":"Течёт кран на кухне, нужен мастер"}'.encode())

    assert answer.headers["Gateway-Findings"] == "flat=1, phone=2"
    assert "Gateway-Findings" not in silent.headers


def test_where_there_is_an_answer_map_only_what_it_names_comes_back() -> None:
    """T33, law 12."""
    body = b'{"id":"17","trace":"CANARY"}'
    served = serving(answered(500, body, content_type="application/json"), answer=ANSWERS)

    answer = ask(served)

    assert (answer.status_code, answer.data, answer.mimetype) == (500, b'{"id":"17"}', "application/json")


def test_of_an_answer_that_its_map_cannot_be_applied_to_the_status_comes_back() -> None:
    """T33."""
    served = serving(answered(502, b"<h1>CANARY</h1>", content_type="text/html", retry_after="3"), answer=ANSWERS)

    answer = ask(served)

    assert (answer.status_code, answer.data) == (502, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["Retry-After"] == "3"
    assert "Gateway-Problem" not in answer.headers


@pytest.mark.parametrize(
    ("says", "status", "code"),
    [
        (Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE), 502, "recipient_unreachable"),
        (Sent(OutcomeCode.NOT_SENT, Cause.BUSY), 503, "recipient_busy"),
        (Sent(OutcomeCode.UNKNOWN, Cause.DEADLINE), 504, "deadline"),
        (Sent(OutcomeCode.UNKNOWN, Cause.ANSWER_MALFORMED), 502, "answer_malformed"),
        (Sent(OutcomeCode.DELIVERED, Cause.ANSWER_TOO_LARGE, 200, Answer(200, {}, b"")), 502, "answer_too_large"),
        (Sent(OutcomeCode.DELIVERED, Cause.CONNECTION_LOST, 200, Answer(200, {}, b"")), 502, "answer_malformed"),
    ],
)
def test_an_answer_of_our_own_making_is_told_from_the_recipients(says: Sent, status: int, code: str) -> None:
    answer = ask(serving(says))

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Gateway-Outcome"] == says.outcome
    assert answer.headers["Gateway-Transfer"] == answer.get_json()["transfer_id"]


# ── what does not pass ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v2/orders/17%2Fitems", 404, "unknown_route"),
        ("/v2%2Forders%2F", 404, "unknown_route"),
        ("/v2//orders", 404, "unknown_route"),
        ("/v2/orders/", 404, "unknown_route"),
        ("/v2/orders;a=b", 404, "unknown_route"),
        ("/v2/./orders", 404, "unknown_route"),
        ("/../../../v1/transfers", 404, "unknown_route"),
        ("/v2/orders%0D%0AX-Admin:%201", 404, "not_found"),
        ("//v2/orders", 404, "not_found"),
        ("/", 404, "not_found"),
        ("", 404, "not_found"),
        ("/v2/orders?to=a&to=b", 400, "malformed_request"),
        ("/v2/orders?to=%D0", 400, "malformed_request"),
        ("/v2/orders?CANARY", 400, "malformed_request"),
    ],
)
def test_what_is_no_declared_request_is_answered_here_and_not_redirected(path: str, status: int, code: str) -> None:
    """T20, T23, T25."""
    served = serving()

    answer = ask(served, path=path)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (status, code)
    assert "Location" not in answer.headers
    assert b"CANARY" not in answer.data + served.lines.getvalue()
    assert (served.wire.sent, served.recorder.refusals) == ([], [])


def test_a_slash_that_came_encoded_is_a_slash_and_only_a_declared_route_leaves() -> None:
    served = serving()

    ask(served, path="/v2%2Forders")

    assert [sent.target for sent in served.wire.sent] == ["/v2/orders"]


@pytest.mark.parametrize("segment", ["..", "%2e%2e", ".", "a%5Cb", "a%09b", "%7F"])
def test_a_segment_that_servers_read_differently_is_refused(segment: str) -> None:
    """T23."""
    served = serving()

    answer = ask(served, "PUT", f"/v2/orders/{segment}")

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (422, "required_invalid")
    assert [failure["path"] for failure in orjson.loads(answer.data)["failures"]] == ["path.id"]
    assert served.wire.sent == []
    assert len(served.recorder.refusals) == 1


@pytest.mark.parametrize("value", ["\xd0\x90", "a\xa0b", "caf\xe9"])
def test_a_header_value_that_is_not_ascii_never_leaves(value: str) -> None:
    """T20."""
    served = serving()

    answer = ask(served, headers={"X-Shop": value})

    assert answer.headers["Gateway-Withheld"] == "1"
    assert all(sent.headers == {} for sent in served.wire.sent)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("HEAD", "/v2/orders/17", 404, "unknown_route"),
        ("GET", "/v2/orders", 404, "unknown_route"),
        ("PATCH", "/v2/orders", 404, "unknown_route"),
        ("DELETE", "/v2/orders/17", 404, "unknown_route"),
        ("OPTIONS", "/v2/orders", 405, "method_not_allowed"),
        ("TRACE", "/v2/orders", 405, "method_not_allowed"),
        ("CONNECT", "/v2/orders", 405, "method_not_allowed"),
        ("CANARY", "/v2/orders", 405, "method_not_allowed"),
    ],
)
def test_a_method_that_no_route_declares_goes_nowhere(method: str, path: str, status: int, code: str) -> None:
    served = serving()

    answer = ask(served, method, path, None)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (status, code)
    assert served.wire.sent == []


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Gateway-Token": ""}, b"{}", 401, "unauthenticated"),
        ({"Gateway-Token": "", "Authorization": "Bearer of-the-recipient"}, b"{}", 401, "unauthenticated"),
        ({"Gateway-Token": "", "Authorization": basic("of-the-recipient")}, b"{}", 401, "unauthenticated"),
        ({"Authorization": f"Bearer {OTHER_TOKEN}"}, b"{}", 401, "unauthenticated"),
        ({"Authorization": basic(OTHER_TOKEN)}, b"{}", 401, "unauthenticated"),
        ({"Gateway-Token": "wrong"}, b"\xff", 401, "unauthenticated"),
        ({"Gateway-Token": f"{TOKEN}, {TOKEN}"}, b"{}", 401, "unauthenticated"),
        ({"Gateway-Subject": ""}, b"{}", 400, "malformed_request"),
        ({"Gateway-Subject": "+77000000123"}, b"{}", 400, "malformed_request"),
        ({"Gateway-Subject": "usr_0001, usr_0002"}, b"{}", 400, "malformed_request"),
        ({"Gateway-Basis": "consent"}, b"{}", 400, "malformed_request"),
        ({"Gateway-Basis": f"{BASIS}, {BASIS}"}, b"{}", 400, "malformed_request"),
        ({"Gateway-Basis": BASIS.replace("consent/1", "900101100103")}, b"{}", 400, "malformed_request"),
        ({}, b"{", 400, "malformed_request"),
        ({}, b'{"number":"A-1","number":"A-2"}', 400, "malformed_request"),
        ({"Content-Type": ""}, b"{}", 415, "unsupported_media_type"),
        ({"Content-Type": "text/xml"}, b"<a/>", 415, "unsupported_media_type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"number=A-1", 415, "unsupported_media_type"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b--", 415, "unsupported_media_type"),
        ({"Content-Type": "application/json, text/xml"}, b"{}", 415, "unsupported_media_type"),
        ({"Content-Type": "application/json; charset=utf-16"}, b"{}", 415, "unsupported_media_type"),
        ({"Content-Encoding": "gzip"}, b"\x1f\x8b", 415, "unsupported_media_type"),
        ({}, b" " * 4_097, 413, "payload_too_large"),
    ],
)
def test_what_is_no_transfer_is_a_problem_and_is_not_recorded(
    headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    """T8, T9, T10, T15, T32."""
    served = serving()

    answer = ask(served, headers=headers, body=body)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (status, code)
    assert "Gateway-Transfer" not in answer.headers
    assert not [value for value in headers.values() if value and value.encode() in answer.data]
    assert (served.wire.sent, served.recorder.refusals) == ([], [])


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_where_none_belongs_is_refused(method: str) -> None:
    served = serving(routes=(Route(method, "/v2/orders/{id}"),))

    answer = ask(served, method, "/v2/orders/17", b'{"number":"A-1"}')

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (400, "malformed_request")
    assert served.wire.sent == []


def test_the_header_and_the_payload_may_not_name_two_people() -> None:
    served = serving(subject_from=rule("body.who").path)

    answer = ask(served, body=b'{"number":"A-1","who":"usr_0002"}')

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (400, "malformed_request")
    assert b"usr_000" not in answer.data


@pytest.mark.parametrize(
    ("base", "token", "basis", "status", "code"),
    [
        (f"/v1/proxy/nobody/{PAIR[1]}", TOKEN, BASIS, 422, "unknown_recipient"),
        (f"/v1/proxy/{PAIR[0]}/marketing", TOKEN, BASIS, 422, "unknown_purpose"),
        (BASE, OTHER_TOKEN, BASIS, 403, "not_granted"),
        (BASE, TOKEN, "", 403, "basis_missing"),
    ],
)
def test_a_refusal_is_recorded_and_nothing_leaves(base: str, token: str, basis: str, status: int, code: str) -> None:
    """T47, law 8."""
    served = serving()

    answer = ask(served, base=base, headers={"Gateway-Token": token, "Gateway-Basis": basis})

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (status, code)
    assert [refused.reason for refused in served.recorder.refusals] == [code]
    assert served.wire.sent == []


@pytest.mark.parametrize("name", ["%D0%B8%D0%B2%D0%B0%D0%BD", "a%20b", "a%0A", "x" * 65])
def test_a_recipient_that_could_have_no_file_is_no_name_to_record(name: str) -> None:
    served = serving()

    answer = ask(served, base=f"/v1/proxy/{name}/{PAIR[1]}")

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (400, "malformed_request")
    assert served.recorder.refusals == []


def test_no_canary_of_a_proxied_request_stands_in_the_diagnostics_or_in_a_problem() -> None:
    """T22, T23, T86."""
    served = serving(Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE))
    told = [
        ask(served, path="/CANARY?CANARY=CANARY"),
        ask(served, "PUT", "/v2/orders/CANARY?to=CANARY", orjson.dumps({"CANARY": "CANARY", "number": "A-1"})),
        ask(served, headers={"Gateway-Subject": "CANARY CANARY", "X-Shop": "CANARY"}),
        ask(served, base="/v1/proxy/CANARY/CANARY"),
    ]

    assert [answer.status_code for answer in told] == [404, 502, 400, 422]
    assert len(served.diagnostics()) == len(told)
    assert b"CANARY" not in served.lines.getvalue() + b"".join(answer.data for answer in told)
    assert {line["route"] for line in served.diagnostics()} == {"/v1/proxy/<recipient>/<purpose>/<path:path>"}

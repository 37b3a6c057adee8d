"""gateway.web.repeats: the same reply again, or how the first one stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from gateway.errors import LogUnavailable
from gateway.model import Answer, OutcomeCode, Route, Standing
from gateway.web.repeats import LONGEST_BODY, REPLAYED
from tests.unit.web.served import ASKED, HOLDER, OK, TOKEN, Served, keep_ticket, post
from tests.values import PAIR, purpose_map

PROXY = f"/v1/proxy/{PAIR[0]}/{PAIR[1]}/v1/requests"
KEY = {"Idempotency-Key": "k-1"}
ROUTED = purpose_map(project=keep_ticket, routes=(Route("POST", "/v1/requests"),), media_type="application/json")
BASIS = "kind=consent; ref=consent/1; given_at=2026-11-01T09:00:00+05:00"


def _proxied(served: Served) -> TestResponse:
    headers = {"Gateway-Token": TOKEN, "Gateway-Subject": "usr_0001", "Gateway-Basis": BASIS, **KEY}
    return served.ask().post(PROXY, json={"ticket": "REQ-1"}, headers=headers)


def _stated(served: Served) -> TestResponse:
    return post(served, headers=KEY)


Ask = Callable[[Served], TestResponse]
BOTH = pytest.mark.parametrize("ask", [_stated, _proxied], ids=["transfers", "proxy"])


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"content-type": "application/json"}, b'{"sum":1.10}'),
        Answer(204, {}, b""),
        Answer(201, {"content-type": "text/plain", "content-language": "kk"}, "Әже".encode()),
    ],
    ids=["json", "no content", "text"],
)
def test_a_kept_reply_comes_again_with_all_its_headers(ask: Ask, answer: Answer) -> None:
    served = Served(maps=(ROUTED,))
    served.wire.says = replace(OK, status=answer.status, answer=answer)

    first, again = ask(served), ask(served)

    assert (again.status, again.data) == (first.status, first.data)
    assert REPLAYED not in first.headers
    assert sorted(again.headers) == sorted([*first.headers, (REPLAYED, "1")])
    assert len(served.wire.sent) == 1


@BOTH
def test_a_failure_that_left_bytes_comes_again_too(ask: Ask) -> None:
    served = Served(maps=(ROUTED,))
    served.wire.says = replace(OK, outcome=OutcomeCode.REJECTED, status=503, answer=Answer(503, {}, b"no"))

    first, again = ask(served), ask(served)

    assert (again.status, again.data) == (first.status, first.data)
    assert again.headers.get("Gateway-Problem") == first.headers.get("Gateway-Problem")
    codes = [line.get("code") for line in served.diagnostics()]
    assert codes[0] == codes[1]


@pytest.mark.parametrize(
    ("standing", "status", "code", "retry"),
    [
        (Standing.UNDER_WAY, 409, "idempotency_in_flight", "1"),
        (Standing.UNKNOWN, 504, "outcome_unknown", None),
        (Standing.ERASED, 410, "answer_not_kept", None),
        (Standing.ANOTHER, 422, "idempotency_mismatch", None),
    ],
)
@BOTH
def test_where_no_reply_can_come_again_the_first_transfer_is_named(
    ask: Ask, standing: Standing, status: int, code: str, retry: str | None
) -> None:
    served = Served(maps=(ROUTED,))
    served.recorder.standing = standing

    answer = ask(served)

    told = answer.get_json()
    assert (answer.status_code, answer.headers["Gateway-Problem"], told["code"]) == (status, code, code)
    assert (told["transfer_id"], told["log"], answer.headers.get("Retry-After")) == (HOLDER, {"index": 16}, retry)
    assert REPLAYED not in answer.headers
    assert served.wire.sent == []
    assert served.recorder.outcomes == []


@pytest.mark.parametrize("over", [0, 1], ids=["the longest", "one more"])
def test_an_answer_that_is_too_long_is_not_kept_and_whoever_repeats_is_told_so(over: int) -> None:
    served = Served(maps=(ROUTED,))
    body = b"a" * (LONGEST_BODY + over)
    served.wire.says = replace(OK, answer=Answer(200, {"content-type": "text/plain"}, body))

    first, again = _proxied(served), _proxied(served)

    assert (first.status_code, first.data) == (200, body)
    if over:
        assert (again.status_code, again.get_json()["code"]) == (410, "answer_not_kept")
        assert again.get_json()["outcome"] == "delivered"
        assert again.get_json()["instance"].startswith("/v1/transfers/")
    else:
        assert (again.status_code, again.data) == (200, body)
    assert len(served.wire.sent) == 1


def test_without_a_key_nothing_is_kept() -> None:
    served = Served(maps=(ROUTED,))

    post(served, ASKED)
    post(served, ASKED)

    assert served.recorder.kept == []
    assert len(served.wire.sent) == 2


def test_a_log_that_fails_after_the_send_leaves_a_repeat_with_what_is_known() -> None:
    """T63: the answer was not kept, and the first reply does not say more than a repeat could."""
    served = Served(maps=(ROUTED,))
    served.recorder.outcome_fails = LogUnavailable("away")

    answer = _stated(served)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (504, "outcome_unknown")
    assert len(served.wire.sent) == 1

"""The route of pulls over fake ports: each way in which it ends, and that no word of ours is in any of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest
from werkzeug.test import TestResponse

from gateway.errors import GatewayError
from gateway.model import (
    Answer,
    Cause,
    Direction,
    Disclosure,
    OutcomeCode,
    Pull,
    Recorded,
    Refused,
    RefusedReason,
    Repeated,
)
from gateway.seal.plain import plain
from gateway.web.api import pull as module
from tests.partners.partner import basic
from tests.unit.admission.pulls import SECRETS, pull_snapshot, says
from tests.unit.web.served import FakeSettings, Recorder, Served

KNOWN: Final = {"Authorization": basic("kaspi", "invented-password")}
CHECK: Final = "/v1/pull/psp-kaspi-test/kaspi?command=check&txn_id=1234&account=100200300"
REGISTER: Final = "/v1/pull/mc-primer-pull-test/exchange/h_1/residents.csv"
BEARER: Final = {"Authorization": "Bearer invented-token"}
GOOD: Final[dict[str, Any]] = {
    "txn_id": "1234",
    "result": 0,
    "sum": "5.00",
    "subject_id": "usr_0001",
    "comment": "Тест",
}
CSV: Final = (
    "account;fio;street;house;apt;subject_id\n1001;Примеров Тест;ул. Примерная;1;2;res_1\n"
    "1002;Пробный Тест;ул. Примерная;1;3;res_2\n1003;;ул. Примерная;1;4;res_3\n"
)
TOLD: Final = {"txn_id": "1234", "result": 5}


class Receipts(Recorder):
    """The fake log, with receipts that its checkpoints are of."""

    def intent(self, disclosure: Disclosure) -> Recorded | Refused | Repeated:
        made = super().intent(disclosure)
        if not isinstance(made, Recorded):
            return made
        note = b"gateway.example/log\n%d\nAAAA\n" % made.receipt.size
        return replace(made, receipt=replace(made.receipt, checkpoint=note))


def served(body: bytes = orjson.dumps(GOOD), status: int = 200, **changes: Any) -> Served:
    return Served(
        pulled_snapshot=pull_snapshot(),
        pull_secrets=SECRETS,
        platform=says(body, status),
        recorder=Receipts(),
        seal=lambda recorded: plain(recorded, {}),
        **changes,
    )


def ask(
    one: Served, target: str = CHECK, headers: Mapping[str, str] = KNOWN, method: str = "GET", **more: Any
) -> TestResponse:
    answer = one.ask().open(target, method=method, headers=dict(headers), **more)
    answer.get_data()
    answer.close()
    return answer


def without_a_word(answer: TestResponse) -> bool:
    ours = {name for name in dict(answer.headers) if name.startswith("Gateway-")}
    return not ours and answer.data == b"" and "Content-Type" not in answer.headers


def test_what_goes_back_was_recorded_and_handed_over_once() -> None:
    one = served()

    answer = ask(one)

    assert (answer.status_code, answer.json) == (200, {"txn_id": "1234", "result": 0, "sum": "5.00", "comment": "OK"})
    assert [(sent.outcome, sent.cause, sent.status) for sent in one.recorder.outcomes] == [
        (OutcomeCode.DELIVERED, None, 200)
    ]
    assert one.wire.sent == []  # nothing went out to the recipient's own address
    assert not [name for name in dict(answer.headers) if name.startswith("Gateway-")]


def test_the_line_of_diagnostics_names_the_transfer_and_no_value() -> None:
    one = served()

    ask(one)

    (line,) = one.diagnostics()
    assert line["caller"] == "pull:psp-kaspi-test"
    assert line["route"] == "/v1/pull/<recipient>/<path:path>"
    assert "100200300" not in repr(line)


@pytest.mark.parametrize(
    ("reason"), [RefusedReason.RESTRICTED, RefusedReason.OUT_OF_SCOPE, RefusedReason.REQUIRED_INVALID], ids=str
)
def test_a_refusal_is_told_in_the_recipients_words(reason: RefusedReason) -> None:
    one = served()
    one.recorder.refuse = reason

    answer = ask(one)

    assert (answer.status_code, answer.json) == (200, TOLD)
    assert [(refused.reason, refused.admitted.direction) for refused in one.recorder.refusals] == [
        (reason, Direction.ANSWER)
    ]
    assert one.recorder.outcomes == []


def test_what_cannot_be_sealed_any_more_is_not_sent_and_refused() -> None:
    """Asked again, or signed last: whatever stops the attempt, the recipient gets nothing of it."""

    def never(_: object) -> Any:
        raise GatewayError("ended")

    one = served()
    one.seal = never

    answer = ask(one)

    assert (answer.status_code, answer.json) == (200, TOLD)
    assert [(sent.outcome, sent.cause) for sent in one.recorder.outcomes] == [(OutcomeCode.NOT_SENT, Cause.REFUSED)]


def test_whoever_asks_for_much_at_once_holds_few_threads_and_others_are_answered() -> None:
    """T57: while the platform is slow, one recipient must not stop the transfers, nor the other recipients."""
    one, let_go, came = served(), threading.Event(), threading.Semaphore(0)

    def slowly(pull: Pull, _values: Mapping[str, str]) -> Answer:
        if pull.recipient != "psp-kaspi-test":
            return Answer(200, {"content-type": "text/csv"}, CSV.encode())
        came.release()
        let_go.wait(10)
        return Answer(200, {"content-type": "application/json"}, orjson.dumps(GOOD))

    one.platform = slowly
    asking = one.ask().application
    answers: list[int] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(_of_its_own(asking, CHECK, KNOWN).json["result"]))
        for _ in range(module.FROM_ONE)
    ]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert came.acquire(timeout=10)
    beyond, other = _of_its_own(asking, CHECK, KNOWN), _of_its_own(asking, REGISTER, BEARER)
    let_go.set()
    for thread in waiting:
        thread.join()

    assert (beyond.status_code, beyond.json) == (200, TOLD)
    assert other.status_code == 200
    assert answers == [0] * module.FROM_ONE
    assert _of_its_own(asking, CHECK, KNOWN).json["result"] == 0


def _of_its_own(application: Any, target: str, headers: Mapping[str, str]) -> Any:
    """One request of a connection of its own."""
    answer = application.test_client().get(target, headers=dict(headers))
    answer.get_data()
    answer.close()
    return answer


def test_where_the_log_cannot_be_written_nothing_goes_back() -> None:
    """Law 3."""
    one = served()
    one.recorder.unavailable = True

    answer = ask(one)

    assert (answer.status_code, answer.json) == (200, TOLD)
    assert one.recorder.outcomes == []


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [(b"{}", 404, 1), (b"{}", 200, 1), (b"{}", 500, 5), (b"no JSON", 200, 5)],
    ids=["404", "about no one", "500", "no JSON"],
)
def test_what_the_platform_fails_at_is_told_in_the_recipients_words(body: bytes, status: int, expected: int) -> None:
    one = served(body, status)

    answer = ask(one)

    assert (answer.status_code, answer.json) == (200, {"txn_id": "1234", "result": expected})
    assert one.recorder.refusals == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FROB"])
def test_who_is_not_known_gets_a_status_and_no_word(method: str) -> None:
    answer = ask(served(), headers={}, method=method)

    assert answer.status_code in (401, 405)
    assert without_a_word(answer)


@pytest.mark.parametrize(
    "target", ["/v1/pull/", "/v1/pull/psp-kaspi-test", "/v1/pull/psp-kaspi-test/", "/v1/pull/a/b/c"]
)
def test_no_route_below_it_has_a_word_of_ours(target: str) -> None:
    answer = ask(served(), target, {})

    assert answer.status_code in (401, 404)
    assert without_a_word(answer)


def test_a_defect_of_ours_is_a_status_and_no_word() -> None:
    """T86."""

    def breaks(_pull: Pull, _values: Mapping[str, str]) -> Answer:
        raise RuntimeError("87000000123")

    one = served()
    one.platform = breaks

    answer = ask(one)

    assert answer.status_code == 500
    assert without_a_word(answer)
    assert "87000000123" not in one.lines.getvalue().decode()


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "2"}, {"Transfer-Encoding": "chunked"}], ids=["stated", "chunks"]
)
def test_a_body_is_not_taken(headers: dict[str, str]) -> None:
    answer = ask(served(), headers={**KNOWN, **headers}, data=b"{}")

    assert (answer.status_code, answer.json) == (200, {"result": 5})


def test_a_recipient_that_causes_too_many_refusals_is_not_asked_for_any_more() -> None:
    """T57, and accounts cannot be listed: what is not found costs as much as a refusal."""
    asked: list[str] = []

    def platform(_pull: Pull, values: Mapping[str, str]) -> Answer:
        asked.append(values["account"])
        return Answer(404, {}, b"")

    one = served(settings=FakeSettings(refusals_per_minute=2))
    one.platform = platform
    application = one.ask()

    results = [application.get(CHECK, headers=KNOWN).json for _ in range(3)]

    assert [told and told["result"] for told in results] == [1, 1, 5]
    assert len(asked) == 2


def test_each_record_is_a_transfer_and_what_is_refused_is_not_in_the_file() -> None:
    one = served()
    one.platform = says(CSV.encode(), content_type="text/csv; charset=utf-8")

    answer = ask(one, REGISTER, BEARER)

    assert answer.data.decode().splitlines() == [
        "account;fio;street;house;apt",
        "1001;Примеров Тест;ул. Примерная;1;2",
        "1002;Пробный Тест;ул. Примерная;1;3",
    ]
    assert [sent.outcome for sent in one.recorder.outcomes] == [OutcomeCode.DELIVERED] * 2
    assert [refused.reason for refused in one.recorder.refusals] == [RefusedReason.REQUIRED_MISSING]


def test_a_log_that_fails_between_two_records_leaves_no_half_of_a_file() -> None:
    """What was recorded and not handed over ends as not sent; no row of it leaves."""
    one = served()
    one.platform = says(CSV.encode(), content_type="text/csv")
    intent, calls = one.recorder.intent, []

    def once(disclosure: Any) -> Any:
        calls.append(disclosure)
        one.recorder.unavailable = len(calls) > 1
        return intent(disclosure)

    one.recorder.intent = once  # type: ignore[method-assign]

    answer = ask(one, REGISTER, BEARER)

    assert answer.status_code == 503
    assert without_a_word(answer)
    assert [(sent.outcome, sent.cause) for sent in one.recorder.outcomes] == [
        (OutcomeCode.NOT_SENT, Cause.CONNECTION_LOST)
    ]


def test_a_gateway_without_pulls_knows_no_one() -> None:
    answer = ask(Served())

    assert answer.status_code == 401
    assert without_a_word(answer)

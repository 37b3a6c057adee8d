"""What is handed to a waiting answer, and when its outcome is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import LogUnavailable
from gateway.model import Attempted, Cause, Envelope, OutcomeCode, Route, Sent
from gateway.transport.sending import NotRecorded
from gateway.web.handed import NEVER_BEGUN, Handed, Handing, Waiting
from tests.unit.web.served import NOTE, Recorder, Served
from tests.values import recorded

REFUSED = Sent(OutcomeCode.NOT_SENT, Cause.REFUSED)


def an_envelope(checkpoint: bytes = NOTE) -> Envelope:
    one = recorded()
    receipt = dataclasses.replace(one.receipt, checkpoint=checkpoint)
    one = dataclasses.replace(one, receipt=receipt)
    return Envelope(one, "application/json", b"{}", "digest", Route("ANSWER", "/"), "/")


def waiting(recorder: Recorder, counted: list[Attempted]) -> Waiting:
    found = Waiting(recorder, counted.append)
    envelope = an_envelope()
    found.outcome(envelope.recorded, found.send(envelope), envelope, None)
    return found


@pytest.mark.parametrize(
    ("taken", "expected"),
    [(0, (OutcomeCode.UNKNOWN, Cause.CONNECTION_LOST)), (1, (OutcomeCode.UNKNOWN, Cause.CONNECTION_LOST)),
     (2, (OutcomeCode.DELIVERED, None))],
    ids=["nothing was taken", "it was taken, and no more was asked for", "it was taken to the end"],
)  # fmt: skip
def test_the_outcome_is_what_the_server_made_of_the_answer(taken: int, expected: tuple[Any, Any]) -> None:
    recorder, counted = Recorder(), list[Attempted]()
    found = waiting(recorder, counted)
    before = list(recorder.outcomes)
    under_way = Handing(b"{}", found.end)

    parts = [part for _ in range(taken) if (part := next(iter(under_way), None)) is not None]
    under_way.close()
    under_way.close()

    assert before == []
    assert parts == [b"{}"][:taken]
    assert [(one.outcome, one.cause) for one in recorder.outcomes] == [expected]
    assert [one.sent.outcome for one in counted] == [expected[0]]


def test_what_was_stopped_before_stays_so() -> None:
    recorder = Recorder()
    found = Waiting(recorder, lambda _: None)
    found.outcome(recorded(), REFUSED, None, None)

    found.end(NEVER_BEGUN)

    assert recorder.outcomes == [REFUSED]


def test_what_the_log_has_no_receipt_for_is_not_handed_over() -> None:
    """T64: the last door, here as before the network."""
    found = Waiting(Recorder(), lambda _: None)

    with pytest.raises(NotRecorded):
        found.send(an_envelope(b"note\n7\n"))

    assert found.envelopes == []


def test_an_outcome_that_cannot_be_written_does_not_break_the_answer() -> None:
    recorder = Recorder()
    recorder.outcome_fails = LogUnavailable("locked")
    under_way = Handing(b"{}", waiting(recorder, []).end)

    assert list(under_way) == [b"{}"]


def test_the_answer_goes_out_with_its_headers_through_the_iterator() -> None:
    served = Served()
    started: list[Any] = []

    def start(*told: Any) -> Callable[[bytes], None]:
        started.append(told)
        return lambda _: None

    with served.ask().application.test_request_context("/"):
        reply = Handed(b"{}", content_type="application/json")
        reply.waiting = waiting(served.recorder, [])
        parts = list(reply({"REQUEST_METHOD": "GET"}, start))

    assert parts == [b"{}"]
    assert started[0][0] == "200 OK"
    assert ("Content-Length", "2") in started[0][1]
    assert served.recorder.outcomes[0].outcome is OutcomeCode.DELIVERED

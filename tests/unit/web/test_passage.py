"""What the routes show of it is tested with them; here, what none of them can."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.model import Attempted, Cause, Envelope, OutcomeCode, Recorded, Sent
from gateway.web.passage import plainly_delivered
from tests.unit.web.served import ASKED, OK, TOKEN, Served, post
from tests.values import PAIR, recorded

BOTH_ROUTES = ("/v1/transfers", f"/v1/proxy/{PAIR[0]}/{PAIR[1]}/v1/requests")


class Unread:
    """A body that must not be asked for."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("path", BOTH_ROUTES)
@pytest.mark.parametrize(
    ("headers", "length", "status"),
    [({}, "10", 401), ({"Gateway-Token": "wrong"}, "10", 401), ({"Gateway-Token": TOKEN}, "4098", 413)],
    ids=["no token", "wrong token", "too long"],
)
def test_no_body_is_waited_for_that_will_not_be_taken(
    path: str, headers: dict[str, str], length: str, status: int
) -> None:
    """T6: a caller is known, and the length seen, before a byte of the body."""
    environ: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": length, "CONTENT_TYPE": "application/json"}

    answer = Served().ask().post(path, environ_overrides=environ, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize("path", BOTH_ROUTES)
def test_a_body_that_ends_before_its_length_is_not_taken_for_a_whole_one(path: str) -> None:
    """T19."""
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b"{}"), "CONTENT_LENGTH": "3"}
    served = Served()

    answer = served.ask().post(path, environ_overrides=environ, headers={"Gateway-Token": TOKEN})

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (400, "malformed_request")
    assert served.wire.sent == []


def test_a_seal_that_fails_in_the_attempt_is_told_as_not_sent() -> None:
    def no_key(_recorded: Recorded) -> Envelope:
        raise GatewayError("no usable key")

    served = Served(seal=no_key)

    answer = post(served, ASKED)

    assert answer.get_json()["outcome"] == "not_sent"
    assert served.wire.sent == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (OK, True),
        (Sent(OutcomeCode.DELIVERED, Cause.ANSWER_TOO_LARGE, 200), False),
        (Sent(OutcomeCode.REJECTED, None, 404), False),
        (Sent(OutcomeCode.NOT_SENT, Cause.BUSY), False),
        (Sent(OutcomeCode.UNKNOWN, Cause.DEADLINE), False),
    ],
)
def test_delivered_is_what_was_taken_and_wholly_answered(sent: Sent, *, expected: bool) -> None:
    assert plainly_delivered(Attempted(recorded(), sent)) is expected

from __future__ import annotations

import pytest

from gateway import errors
from gateway.errors import AdmissionError, ConfigError, LogDiverged
from gateway.web.problems import PROBLEMS, TYPE_PREFIX
from tests.unit.web.served import Served, post


def test_every_error_of_admission_and_of_the_log_has_a_problem() -> None:
    codes = {error.code for error in AdmissionError.__subclasses__() + errors.LogError.__subclasses__()}

    assert codes <= set(PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_is_an_error_with_a_title_that_is_a_sentence(code: str) -> None:
    kind = PROBLEMS[code]

    assert 400 <= kind.status <= 504
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")


def test_a_route_that_is_not_there_is_a_problem_that_does_not_repeat_the_path() -> None:
    answer = Served().ask().get("/87000000123?phone=87000000123")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json() == {
        "type": f"{TYPE_PREFIX}not_found",
        "title": "There is nothing here",
        "status": 404,
        "code": "not_found",
    }


def test_a_method_that_is_not_there_keeps_its_allow_header() -> None:
    answer = Served().ask().put("/v1/transfers", data=b"{}")

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


def test_an_unexpected_error_says_nothing_of_its_cause() -> None:
    """T86."""
    served = Served()

    def fail(*_: object) -> bytes:
        raise KeyError("+77000000123")

    served.store.newest_checkpoint = fail  # type: ignore[method-assign]
    answer = served.ask().get("/v1/log/checkpoint")

    assert answer.status_code == 500
    assert answer.get_json() == {
        "type": f"{TYPE_PREFIX}internal_error",
        "title": "Something in the gateway failed",
        "status": 500,
        "code": "internal_error",
    }
    assert b"77000000123" not in served.lines.getvalue()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ConfigError(["/etc/secret: no such file"]), 500, "internal_error"),
        (LogDiverged("the head says 12, the leaves 11"), 500, "log_diverged"),
    ],
)
def test_an_error_that_is_ours_says_its_code_and_no_more(error: Exception, status: int, code: str) -> None:
    served = Served()

    def fail(_token_hash: bytes) -> None:
        raise error

    served.store.lookup = fail  # type: ignore[method-assign, assignment]
    answer = post(served)

    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert "detail" not in told


def test_a_problem_of_the_request_says_what_is_wrong_with_it() -> None:
    answer = post(Served(), data=b'{"recipient":1}')

    assert answer.get_json()["detail"] == (
        "the request is not a transfer: recipient is not a string; purpose is missing; subject is missing; "
        "payload is missing"
    )

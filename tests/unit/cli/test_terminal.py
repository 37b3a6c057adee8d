from __future__ import annotations

import orjson

from gateway.canonical import Number
from gateway.cli.terminal import fail, pretty
from gateway.errors import ConfigError
from gateway.model import RefusedReason
from tests.unit.cli.conftest import Run


def test_numbers_are_printed_with_their_own_digits() -> None:
    assert pretty({"amount": Number("1.10"), "reason": RefusedReason.NOT_GRANTED}) == (
        '{\n  "amount": 1.10,\n  "reason": "not_granted"\n}'
    )


def test_an_error_says_what_to_do_next(capsys: object, run: Run) -> None:
    ran = run("config", "check")

    assert ran.code == 1
    assert "GATEWAY_ORIGIN" in ran.err
    assert "→" in ran.err
    assert ran.out == ""


def test_an_error_can_be_json(run: Run) -> None:
    ran = run("config", "check", "--json")

    told = orjson.loads(ran.err)["error"]
    assert (ran.code, told["code"]) == (1, "config_invalid")
    assert any("GATEWAY_ORIGIN" in problem for problem in told["problems"])


def test_fail_gives_the_exit_code() -> None:
    assert fail(ConfigError(["one", "two"]), as_json=False) == 1

from __future__ import annotations

import io
import json
import sys

from gateway.web.diagnostics import KEYS, Diagnostics, own_frames, standard_error
from tests.values import FakeClock


def lines_of(stream: io.BytesIO) -> list[dict[str, object]]:
    return [dict(json.JSONDecoder().decode(line)) for line in stream.getvalue().decode().splitlines()]


def test_a_line_holds_only_the_keys_that_are_allowed() -> None:
    """T86."""
    stream = io.BytesIO()

    Diagnostics(stream, FakeClock()).request(status=200, path="/CANARY", body="CANARY", environ={"SECRET": "CANARY"})

    assert lines_of(stream) == [{"at": "2026-11-18T11:06:40.000000Z", "event": "request", "status": 200}]


def test_a_defect_is_told_by_its_type_and_our_own_frames() -> None:
    """T86."""
    stream = io.BytesIO()
    held = ValueError("CANARY")

    try:
        own_frames("CANARY")  # type: ignore[arg-type]
    except AttributeError as error:
        error.__cause__ = held
        Diagnostics(stream, FakeClock()).unexpected(error)

    (line,) = lines_of(stream)
    assert line["exception"] == "AttributeError"
    assert [frame.split(":")[0] for frame in line["frames"]] == ["web/diagnostics.py"]  # type: ignore[attr-defined]
    assert "CANARY" not in stream.getvalue().decode()


def test_an_error_that_never_passed_our_code_has_no_frames() -> None:
    assert own_frames(ValueError("x")) == []


def test_no_allowed_key_could_hold_what_came() -> None:
    assert not set(KEYS) & {"path", "query", "url", "body", "headers", "environ", "subject", "payload", "token"}


def test_lines_go_to_standard_error() -> None:
    assert standard_error() is sys.stderr.buffer

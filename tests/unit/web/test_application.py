from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, session
from werkzeug.test import EnvironBuilder

from gateway.web import create_app
from gateway.web.application import Reply
from tests.unit.web.served import Served, post


def app() -> Flask:
    served = Served()
    return create_app(served, diagnostics_to=served.lines)


def test_nothing_registers_a_hook_that_would_not_run() -> None:
    made = app()

    hooks = (
        made.before_request_funcs,
        made.after_request_funcs,
        made.teardown_request_funcs,
        made.teardown_appcontext_funcs,
        made.url_value_preprocessors,
    )
    assert not any(hooks)


@pytest.mark.parametrize(("method", "expected"), [("GET", [b"whole"]), ("HEAD", [])])
def test_a_reply_is_one_piece_and_its_headers_stand_as_they_were_set(method: str, expected: list[bytes]) -> None:
    told: list[object] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        told.extend((status, headers))
        return told.append

    reply = Reply(b"whole", 202, content_type="text/plain")
    reply.headers.add("Location", "/v1/transfers/t-1")

    sent = reply(EnvironBuilder(method=method).get_environ(), start)

    assert sent == expected
    assert told == [
        "202 ACCEPTED",
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", "5"),
            ("Location", "/v1/transfers/t-1"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ],
    ]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "elsewhere.example"}, {"Host": "x" * 70}, {"Connection": "Upgrade", "Upgrade": "websocket"}],
)
def test_a_route_is_found_by_its_path_and_method_alone(headers: dict[str, str]) -> None:
    answer = post(Served(), headers=headers)

    assert answer.status_code == 200


def test_no_request_has_a_session() -> None:
    with app().test_request_context("/healthz"):
        assert not session
        with pytest.raises(RuntimeError):
            session["name"] = "kept"

"""The platform's own service is asked in one form, once, and what goes wrong on the way says nothing."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError, UpstreamFailed
from gateway.model import RecipientId, Route
from gateway.transport import upstream as module
from gateway.transport.upstream import Question, Upstream
from tests.recipients import Authority, RecordingRecipient, Reply, ScriptedRecipient, Visit, closed_port

QUESTION = Question(
    RecipientId("psp-kaspi-test"),
    Route("GET", "/billing/{account}/check"),
    "application/json",
    {"account": "100 200", "txn_id": "1&2", "name": "Тест"},
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def platform(authority: Authority) -> Iterator[RecordingRecipient]:
    with RecordingRecipient(authority) as found:
        yield found


def way_to(base_url: str, authority: Authority, **changes: Any) -> Upstream:
    given = {"timeout_seconds": 2.0, "answer_cap_bytes": 1_000, "clock": SystemClock(), **changes}
    token = given.pop("token", "token-of-the-gateway")
    return Upstream(base_url, given.pop("ca_file", authority.ca_file), token, **given)


def test_what_is_asked_are_the_values_the_route_and_headers_of_ours(
    platform: RecordingRecipient, authority: Authority
) -> None:
    """T20 to T23: whatever a value holds, it is one segment or one field."""
    answer = way_to(platform.base_url, authority).ask(QUESTION)

    (received,) = platform.received
    assert answer.status == 200
    assert received.method == "GET"
    assert received.path == "/billing/100%20200/check?txn_id=1%262&name=%D0%A2%D0%B5%D1%81%D1%82"
    assert dict(received.headers) == {
        "Host": platform.base_url.removeprefix("https://"),
        "User-Agent": "gateway",
        "Accept-Encoding": "identity",
        "Authorization": "Bearer token-of-the-gateway",
        "Accept": "application/json",
        "Gateway-Recipient": "psp-kaspi-test",
    }
    assert received.body == b""


def test_a_base_path_stands_before_the_route_and_no_token_is_no_header(
    platform: RecordingRecipient, authority: Authority
) -> None:
    question = Question(RecipientId("r"), Route("POST", "/pay"), "text/csv", {})

    way_to(f"{platform.base_url}/internal", authority, token=None).ask(question)

    (received,) = platform.received
    assert (received.method, received.path) == ("POST", "/internal/pay")
    assert received.header("Content-Length") == "0"
    assert received.header("Authorization") is None


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_every_status_is_an_answer_and_none_is_followed(authority: Authority, status: int) -> None:
    reply = Reply(status, (("Location", "https://evil.example/"),), b"")
    with RecordingRecipient(authority, lambda _: reply) as platform:
        assert way_to(platform.base_url, authority).ask(QUESTION).status == status
        assert len(platform.received) == 1


def test_what_it_does_not_answer_in_time_is_none(authority: Authority) -> None:
    def silent(visit: Visit) -> None:
        visit.read_request()
        visit.halted.wait(10)

    with ScriptedRecipient(silent, authority.server_context()) as platform:
        began = time.monotonic()
        with pytest.raises(UpstreamFailed, match="deadline"):
            way_to(platform.base_url, authority, timeout_seconds=0.3).ask(QUESTION)

    assert time.monotonic() - began < 2


def test_a_service_that_is_not_there_hangs_up_or_says_too_much_gives_no_answer(authority: Authority) -> None:
    def hangs_up(visit: Visit) -> None:
        visit.read_request()

    with pytest.raises(UpstreamFailed, match="unreachable"):
        way_to(f"https://127.0.0.1:{closed_port()}", authority).ask(QUESTION)
    with (
        ScriptedRecipient(hangs_up, authority.server_context()) as platform,
        pytest.raises(UpstreamFailed, match="connection_lost"),
    ):
        way_to(platform.base_url, authority).ask(QUESTION)
    with (
        RecordingRecipient(authority, lambda _: Reply(body=b"canary" * 1_000)) as platform,
        pytest.raises(UpstreamFailed, match="answer_too_large"),
    ):
        way_to(platform.base_url, authority).ask(QUESTION)


def test_a_service_that_cannot_prove_who_it_is_is_not_asked(authority: Authority, tmp_path: pathlib.Path) -> None:
    with RecordingRecipient(Authority(tmp_path)) as other, pytest.raises(UpstreamFailed, match="tls"):
        way_to(other.base_url, authority).ask(QUESTION)

    assert other.received == []


def test_no_more_is_asked_at_once_than_the_limit(
    platform: RecordingRecipient, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_FLIGHT", 0)

    began = time.monotonic()
    with pytest.raises(UpstreamFailed, match="too much"):
        way_to(platform.base_url, authority, timeout_seconds=5.0).ask(QUESTION)

    assert platform.received == []
    assert time.monotonic() - began < 2  # whoever waits for a place holds a thread


@pytest.mark.parametrize(
    ("base_url", "changes", "words"),
    [
        ("http://platform.example", {}, "GATEWAY_UPSTREAM_URL"),
        ("https://user:password@platform.example", {}, "GATEWAY_UPSTREAM_URL"),
        ("https://platform.example/?a=1", {}, "GATEWAY_UPSTREAM_URL"),
        ("platform", {}, "GATEWAY_UPSTREAM_URL"),
        ("https://platform.example", {"token": "two\r\nlines"}, "GATEWAY_UPSTREAM_TOKEN"),
        ("https://platform.example", {"ca_file": "/nowhere.pem"}, "GATEWAY_UPSTREAM_CA_FILE"),
    ],
)
def test_what_the_settings_get_wrong_is_told_at_the_start(
    authority: Authority, base_url: str, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        way_to(base_url, authority, **changes)

    assert "password" not in str(caught.value)
    assert "lines" not in str(caught.value)


def test_no_value_is_in_what_is_shown_of_a_question() -> None:
    assert "100 200" not in repr(QUESTION)

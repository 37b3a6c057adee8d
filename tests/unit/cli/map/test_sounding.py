from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.canonical import Node
from gateway.cli.map.shrinking import Spent
from gateway.cli.map.sounding import Sounding, Stopped, Taken, read_taken
from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.model import Answer, Route, Sandbox, TransferId
from gateway.transport.sandbox import SandboxWay
from tests.recipients import Authority, Received, RecordingRecipient, Reply
from tests.values import purpose_map, recipient

PAYLOAD: Node = {"number": "ORD-1", "to": {"city": "Павлодар"}}
BOTH = frozenset({"number", "to.city"})
OK = Taken(frozenset(range(200, 300)))

Serve = Callable[..., tuple[Sounding, RecordingRecipient]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A sounding of a sandbox that answers with these replies, the last one for ever."""
    authority, running = Authority(tmp_path), []

    def made(*replies: Reply, payload: Node = PAYLOAD, taken: Taken = OK, budget: int = 20, **changes: Any) -> Any:
        left = list(replies)
        sandbox = RecordingRecipient(authority, lambda _: left.pop(0) if len(left) > 1 else left[0])
        running.append(sandbox.__enter__())
        one = recipient(sandbox=Sandbox((sandbox.base_url,)), ca_file=authority.ca_file, timeout_seconds=5.0)
        route = changes.pop("route", Route("POST", "/v2/orders"))
        declared = purpose_map(recipient=one, route=route, **changes)
        way = SandboxWay(one, sandbox.base_url, {}, 4_096, SystemClock())
        sounding = Sounding(
            way,
            declared,
            route,
            payload,
            taken=taken,
            budget=budget,
            pause_seconds=0,
            new_id=lambda: TransferId("t-1"),
            tell=lambda *_: None,
        )
        return sounding, sandbox

    yield made
    for one in running:
        one.__exit__(None, None, None)


def bodies(received: list[Received]) -> list[bytes]:
    return [one.body for one in received]


def test_a_body_with_some_fields_is_sent_and_judged_by_its_status(serve: Serve) -> None:
    sounding, sandbox = serve(Reply(201), Reply(422))

    verdicts = [sounding(BOTH), sounding(frozenset({"to.city"}))]

    assert verdicts == [True, False]
    assert bodies(sandbox.received) == [
        '{"number":"ORD-1","to":{"city":"Павлодар"}}'.encode(),
        '{"to":{"city":"Павлодар"}}'.encode(),
    ]


def test_without_any_field_the_body_is_empty(serve: Serve) -> None:
    sounding, sandbox = serve(Reply(400))

    assert not sounding(frozenset())
    assert bodies(sandbox.received) == [b"{}"]


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [(200, b'{"Success":true}', True), (200, b'{"Success":false}', False), (400, b'{"Success":true}', False)],
)
def test_where_refusals_come_with_200_the_answer_decides(
    serve: Serve, status: int, body: bytes, verdict: object
) -> None:
    sounding, _ = serve(Reply(status, body=body), taken=read_taken("200-299", "Success=true"))

    assert sounding(BOTH) is verdict


def test_an_answer_that_cannot_be_read_says_nothing() -> None:
    taken = read_taken("200", "a.b=1")

    assert not taken.holds(Answer(200, {"content-type": "text/html"}, b"<p>"))
    assert taken.holds(Answer(200, {"content-type": "application/json"}, b'{"a":{"b":1}}'))


@pytest.mark.parametrize("status", [401, 403, 407])
def test_a_sandbox_that_does_not_let_us_in_is_asked_no_more(serve: Serve, status: int) -> None:
    sounding, sandbox = serve(Reply(status))

    with pytest.raises(Stopped, match="GATEWAY_SECRET_SANDBOX_"):
        sounding(BOTH)
    assert len(sandbox.received) == 1


def test_a_sandbox_that_wants_us_to_wait_is_asked_again(serve: Serve) -> None:
    sounding, sandbox = serve(Reply(429, (("Retry-After", "0"),)), Reply(200))

    assert sounding(BOTH)
    assert (len(sandbox.received), sounding.requests) == (2, 2)


def test_a_sandbox_that_wants_us_to_wait_for_ever_is_left_alone(serve: Serve) -> None:
    """T34."""
    sounding, _ = serve(Reply(503, (("Retry-After", "0"),)))

    with pytest.raises(Stopped, match="503"):
        sounding(BOTH)


def test_a_fault_of_the_sandbox_counts_if_it_comes_twice(serve: Serve) -> None:
    once, _ = serve(Reply(500), Reply(200))
    twice, _ = serve(Reply(500))

    assert (once(BOTH), twice(BOTH)) == (True, False)
    assert (once.requests, twice.requests) == (2, 2)


def test_no_answer_at_all_is_no_verdict(serve: Serve) -> None:
    sounding, sandbox = serve(Reply(200))
    sandbox.__exit__(None, None, None)

    with pytest.raises(Stopped, match="no answer"):
        sounding(BOTH)


def test_the_budget_counts_every_request(serve: Serve) -> None:
    sounding, sandbox = serve(Reply(500), budget=3)

    assert not sounding(BOTH)
    with pytest.raises(Spent):
        sounding(BOTH)
    assert len(sandbox.received) == 3


def test_what_cannot_be_written_is_refused_without_a_request(serve: Serve) -> None:
    sounding, sandbox = serve(
        Reply(200), payload={"path": {"id": "1"}, "body": {"a": "b"}}, route=Route("PUT", "/v2/{id}"), located=True
    )

    assert not sounding(frozenset({"body.a"}))
    assert sounding(frozenset({"path.id"}))
    assert [(one.path, one.body) for one in sandbox.received] == [("/v2/1", b"{}")]


@pytest.mark.parametrize("stated", ["", "2xx", "99", "200-", "200;300"])
def test_statuses_are_numbers_and_ranges(stated: str) -> None:
    with pytest.raises(ConfigError, match="--accept"):
        read_taken(stated, None)


@pytest.mark.parametrize("stated", ["Success", "=true", ""])
def test_a_leaf_of_the_answer_has_a_path_and_a_value(stated: str) -> None:
    with pytest.raises(ConfigError, match="--accept-answer"):
        read_taken("200", stated)


def test_statuses_can_be_listed() -> None:
    assert read_taken("200-202, 409", None).statuses == {200, 201, 202, 409}

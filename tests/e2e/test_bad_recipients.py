"""Recipients that behave badly: through a real `gateway serve`, an intent, one outcome, in time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import orjson
import pytest

from tests.deployment import (
    SERVICE_REQUEST,
    transfer_body,
)
from tests.e2e.answers import (
    SUBJECT,
    Answer,
    ask,
    expect_delivered,
    expect_problem,
    head,
    life,
    parsed,
    until_closed,
)
from tests.e2e.bench import Bench, running_bench
from tests.e2e.hostile import BAD


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with running_bench(tmp_path_factory.mktemp("bad-recipients")) as found:
        yield found


@pytest.mark.parametrize("name", BAD)
def test_a_recipient_that(bench: Bench, name: str) -> None:
    """T25, T29, T30, T31: down, slow, redirecting, dripping, answering 1 GiB or rubbish, and more."""
    bad = BAD[name]
    memory, began = bench.worker.memory_info().rss, time.monotonic()

    answer = ask(bench.served, f"mc-{name}")

    took, grown = time.monotonic() - began, bench.worker.memory_info().rss - memory
    document = expect_problem(answer, bad.status, bad.code)
    assert (document["outcome"], document.get("cause")) == (bad.outcome, bad.cause)
    assert took < bad.seconds + 1
    assert grown < 32 << 20
    intent, outcome = life(bench.served, document["transfer_id"], 2)
    assert (intent["kind"], outcome["kind"]) == ("intent", "outcome")
    assert (outcome["outcome"], outcome.get("cause")) == (bad.outcome, bad.cause)
    assert document["log"]["index"] == intent["index"] < outcome["index"]


def test_a_redirect_is_an_answer_and_not_a_way(bench: Bench) -> None:
    """T25."""
    document = expect_problem(ask(bench.served, "mc-redirects"), 502, "recipient_rejected")

    assert document["answer"]["status"] == 307
    assert "location" not in document["answer"]["headers"]
    assert bench.elsewhere.connections == 0


def test_a_recipients_own_refusal_comes_back_as_it_was_said(bench: Bench) -> None:
    document = expect_problem(ask(bench.served, "mc-refuses"), 502, "recipient_rejected")

    assert document["answer"]["status"] == 403
    assert document["answer"]["body"] == {"error": "no"}


def test_a_recipient_that_is_busy_with_others(bench: Bench) -> None:
    """T71: one place, and more who want it at one moment than can have it before their deadlines."""
    answers: list[Answer] = []
    while not (busy := [answer for answer in answers if answer[0] == 503]) and len(answers) < 60:
        answers += _at_one_moment(bench, "mc-busy", 12)

    assert {answer[0] for answer in answers} <= {200, 503, 504}
    assert busy
    for answer in busy:
        document = expect_problem(answer, 503, "recipient_busy")
        assert (document["outcome"], answer[1]["retry-after"]) == ("not_sent", "1")
        assert [entry["kind"] for entry in life(bench.served, document["transfer_id"], 2)] == ["intent", "outcome"]


def _at_one_moment(bench: Bench, recipient: str, count: int) -> list[Answer]:
    """Requests whose last bytes leave together."""
    body = orjson.dumps(transfer_body(recipient, "service_request", SERVICE_REQUEST, SUBJECT))
    with ExitStack() as opened:
        address = ("127.0.0.1", bench.served.port)
        sockets = [opened.enter_context(socket.create_connection(address, timeout=10)) for _ in range(count)]
        for sock in sockets:
            sock.sendall(head(bench.served.token, Content_Length=str(len(body))) + body[:-1])
        for sock in sockets:
            sock.sendall(body[-1:])
        return [parsed(until_closed(sock)) for sock in sockets]


def test_bad_recipients_do_not_hold_up_the_good_ones(bench: Bench) -> None:
    """T71: eight requests wait for recipients that never answer; the others pass."""
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(ask, bench.served, "mc-slow") for _ in range(8)]
        time.sleep(0.1)
        began = time.monotonic()
        for _ in range(10):
            expect_delivered(ask(bench.served))
        took = time.monotonic() - began
        codes = {one.result()[1]["gateway-problem"] for one in waiting}

    assert took < 1
    assert codes == {"deadline"}


def test_nothing_of_all_this_is_in_the_diagnostics_and_the_log_is_whole(bench: Bench) -> None:
    """T86, T87."""
    expect_problem(ask(bench.served, "mc-nobody"), 422, "unknown_recipient")
    document = expect_delivered(ask(bench.served))

    assert len(life(bench.served, document["transfer_id"], 2)) == 2
    bench.expect_whole()

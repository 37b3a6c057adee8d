"""Answers that are odd and whole, and all of them together: one outcome each (T24, T25, T71).

Every recipient here is a real server on loopback. What each test expects is a whole `Sent`: what the log will say.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.model import Answer, Cause, OutcomeCode, Sent
from tests.integration.hostile_sending import (
    CHUNKED_HELLO,
    INTERIM,
    MEBIBYTE,
    PLAIN,
    Send,
    answers,
)
from tests.recipients import (
    Authority,
    RecordingRecipient,
    Reply,
    ScriptedRecipient,
    Visit,
)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirecting(authority: Authority, send: Send, status: int) -> None:
    """T25: the other server sees no connection."""
    with RecordingRecipient(authority) as other:
        headers = (("Location", f"{other.base_url}/v1/requests"),)
        with RecordingRecipient(authority, lambda _: Reply(status, headers, b"")) as hostile:
            sent = send(hostile.base_url)

    assert sent == Sent(OutcomeCode.REJECTED, None, status, Answer(status, {}, b""))
    assert (other.connections, len(hostile.received)) == (0, 1)


def test_setting_cookies(authority: Authority, send: Send) -> None:
    """T24: no cookie is ever kept or sent back."""
    headers = (("Set-Cookie", "track=subject; Path=/"), ("Set-Cookie2", "x=y"))

    with RecordingRecipient(authority, lambda _: Reply(200, headers)) as hostile:
        sent = [send(hostile.base_url) for _ in range(3)]

    assert sent == [Sent(OutcomeCode.DELIVERED, None, 200, Answer(200, {}, b'{"ok":true}'))] * 3
    assert [received.header("Cookie") for received in hostile.received] == [None] * 3


def test_answering_before_reading_the_body(authority: Authority, send: Send) -> None:
    """It may judge by the head alone; what it said must not be lost because we could not finish."""

    def script(visit: Visit) -> None:
        visit.sock.recv(100)
        visit.send(Reply(413, (), b"too large").encode())
        while visit.sock.recv(65_536):
            pass

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        sent = send(hostile.base_url, body=bytes(2 * MEBIBYTE))

    assert sent == Sent(OutcomeCode.REJECTED, None, 413, Answer(413, {}, b"too large"))


def test_answering_and_closing_before_reading_the_body(authority: Authority, send: Send) -> None:
    """Our write fails; the answer that lies in the receive buffer is read all the same."""

    def script(visit: Visit) -> None:
        visit.sock.recv(100)
        visit.send(Reply(413, (), b"too large").encode())

    with ScriptedRecipient(script, authority.server_context(), receive_buffer=4096) as hostile:
        sent = send(hostile.base_url, body=bytes(16 * MEBIBYTE))

    assert sent == Sent(OutcomeCode.REJECTED, None, 413, Answer(413, {}, b"too large"))
    assert hostile.connections == 1


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
        (b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\n" + CHUNKED_HELLO, b"hello"),
        (b"HTTP/1.0 200 X\r\nContent-Type: text/plain\r\n\r\nhello", b"hello"),
        (INTERIM + b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
        (b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", b""),
    ],
    ids=["known length", "chunked", "HTTP/1.0 to the end", "interim answers first", "empty"],
)  # fmt: skip
def test_every_framing_of_a_whole_answer_is_read(authority: Authority, send: Send, data: bytes, body: bytes) -> None:
    with ScriptedRecipient(answers(data), authority.server_context()) as good:
        sent = send(good.base_url)

    assert sent == Sent(OutcomeCode.DELIVERED, None, 200, Answer(200, PLAIN, body))


def test_an_answer_cut_off_by_the_network_does_not_look_whole(authority: Authority, send: Send) -> None:
    """Without a length only TLS's own closing says that this was all."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(b"HTTP/1.0 200 X\r\n\r\nhel")

    with ScriptedRecipient(script, authority.server_context()) as cut:
        sent = send(cut.base_url)

    assert sent == Sent(OutcomeCode.DELIVERED, Cause.CONNECTION_LOST, 200, Answer(200, {}, b""))


def test_204(authority: Authority, send: Send) -> None:
    with RecordingRecipient(authority, lambda _: Reply(204, (), b"")) as good:
        sent = [send(good.base_url) for _ in range(2)]

    assert sent == [Sent(OutcomeCode.DELIVERED, None, 204, Answer(204, {}, b""))] * 2
    assert good.connections == 1


@pytest.mark.parametrize("copies", [1, 500], ids=["read with the first", "left inside TLS"])
def test_an_answer_that_nobody_asked_for_is_never_the_next_transfers(
    authority: Authority, send: Send, copies: int
) -> None:
    forged = b"HTTP/1.1 200 X\r\nContent-Length: 6\r\n\r\nforged"

    def reply(visit: Visit) -> None:
        while (received := visit.read_request()) is not None:
            visit.send(Reply(body=received.body).encode() + forged * copies)

    with ScriptedRecipient(reply, authority.server_context()) as hostile:
        sent = [send(hostile.base_url, body=b"body %d" % number) for number in range(4)]

    assert [each.answer and each.answer.body for each in sent] == [b"body %d" % number for number in range(4)]


# ── All of them ─────────────────────────────────────────────────────────────


def test_one_bad_recipient_does_not_slow_another(authority: Authority, send: Send) -> None:
    """T71."""
    with (
        ScriptedRecipient(answers(b"", end=False), authority.server_context()) as bad,
        RecordingRecipient(authority) as good,
        ThreadPoolExecutor(20) as threads,
    ):
        stuck = [threads.submit(send, bad.base_url, seconds=1.0, name="bad") for _ in range(18)]
        begun = time.monotonic()
        sent = [send(good.base_url, name="good").outcome for _ in range(50)]
        elapsed = time.monotonic() - begun
        outcomes = {future.result().outcome for future in stuck}

    assert sent == [OutcomeCode.DELIVERED] * 50
    assert elapsed < 1.0
    assert outcomes <= {OutcomeCode.UNKNOWN, OutcomeCode.NOT_SENT}


def test_nothing_that_a_recipient_says_is_logged(
    authority: Authority, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = b"canary-7f3a"
    said = [
        b"HTTP/1.1 200 " + canary + b"\r\nX-Name: " + canary + b"\r\nContent-Length: 11\r\n\r\n" + canary,
        b"HTTP/1.1 200 OK\r\n" + canary + b"\r\n\r\n",
        b"HTTP/1.1 " + canary + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + canary + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + canary + b"\r\n",
        b"HTTP/1.1 302 OK\r\nLocation: /" + canary + b"\r\nContent-Length: 0\r\n\r\n",
        canary,
    ]

    for data in said:
        with ScriptedRecipient(answers(data), authority.server_context()) as hostile:
            send(hostile.base_url, body=canary * 3)

    assert canary.decode() not in caplog.text
    assert "application/jose" not in caplog.text


def test_whatever_comes_back_there_is_one_outcome(authority: Authority, send: Send) -> None:
    seed = 71
    chance = random.Random(seed)
    good = b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    outcomes: set[OutcomeCode] = set()

    def script(visit: Visit) -> None:
        visit.read_request()
        data = bytearray(good)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        visit.send(bytes(data[: chance.randint(0, 2 * len(data))]))
        visit.end()

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        for _ in range(200):
            outcomes.add(send(hostile.base_url).outcome)

    assert OutcomeCode.NOT_SENT not in outcomes, seed
    assert {OutcomeCode.UNKNOWN, OutcomeCode.DELIVERED} <= outcomes, seed

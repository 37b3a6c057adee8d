"""Answers that are late, broken or too large (T30, T31): each its own code, nothing lost, nobody held.

Every recipient here is a real server on loopback. What each test expects is a whole `Sent`: what the log will say.
"""

from __future__ import annotations

import gc
import gzip
import random
import socket
from collections.abc import Callable

import psutil
import pytest

from gateway.model import Answer, Cause, OutcomeCode, Sent
from gateway.transport.answer import HEAD_FIELDS
from tests.integration.hostile_sending import (
    CAP,
    MEBIBYTE,
    PLAIN,
    SHORT_SECONDS,
    Send,
    answers,
    unknown,
)
from tests.recipients import (
    Authority,
    RecordingRecipient,
    Reply,
    ScriptedRecipient,
    Visit,
)


def test_closing_before_answering(authority: Authority, send: Send) -> None:
    with ScriptedRecipient(answers(b""), authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == unknown(Cause.CONNECTION_LOST)
    assert hostile.connections == 1  # never sent twice


def test_resetting_before_answering(authority: Authority, send: Send) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == unknown(Cause.CONNECTION_LOST)
    assert hostile.connections == 1


def test_never_answering(authority: Authority, send: Send) -> None:
    with ScriptedRecipient(answers(b"", end=False), authority.server_context()) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS)

    assert sent == unknown(Cause.DEADLINE)


def test_reading_our_body_slowly(authority: Authority, send: Send) -> None:
    def script(visit: Visit) -> None:
        while not visit.halted.wait(0.02):
            visit.sock.recv(1000)

    with ScriptedRecipient(script, authority.server_context(), receive_buffer=4096) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS, body=bytes(16 * MEBIBYTE))

    assert sent == unknown(Cause.DEADLINE)


def test_dripping_headers(authority: Authority, send: Send) -> None:
    """T30: a timeout per read would wait for ever."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: y\r\n" * 50, 0.02)

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS)

    assert sent == unknown(Cause.DEADLINE)


def test_dripping_interim_answers(authority: Authority, send: Send) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        while not visit.halted.wait(0.02):
            visit.send(b"HTTP/1.1 102 Processing\r\n\r\n")

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS)

    assert sent == unknown(Cause.DEADLINE)


@pytest.mark.parametrize(
    "data",
    [
        random.Random(31).randbytes(2000),
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"<html>It works!</html>\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * (HEAD_FIELDS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    ],
    ids=[
        "random bytes", "SSH", "HTML", "bad status", "many headers", "a long header", "an endless header",
        "interim flood", "switching protocols",
    ],
)  # fmt: skip
def test_rubbish(authority: Authority, send: Send, data: bytes) -> None:
    with ScriptedRecipient(answers(data), authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == unknown(Cause.ANSWER_MALFORMED)
    assert hostile.connections == 1


def test_headers_that_stop_half_way(authority: Authority, send: Send) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Len"

    with ScriptedRecipient(answers(head), authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == unknown(Cause.CONNECTION_LOST)


# ── The head is whole, the body is not: the status stands, the cause says why ──


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, OutcomeCode.DELIVERED), (500, OutcomeCode.REJECTED)], ids=["2xx", "5xx"]
)
def test_half_a_body(authority: Authority, send: Send, status: int, outcome: OutcomeCode) -> None:
    data = b"HTTP/1.1 %d X\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nhalf" % status

    with ScriptedRecipient(answers(data), authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == Sent(outcome, Cause.CONNECTION_LOST, status, Answer(status, PLAIN, b""))


def test_half_a_chunked_body(authority: Authority, send: Send) -> None:
    data = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo"

    with ScriptedRecipient(answers(data), authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == Sent(OutcomeCode.DELIVERED, Cause.CONNECTION_LOST, 200, Answer(200, {}, b""))


def test_chunks_that_are_none(authority: Authority, send: Send) -> None:
    data = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n"

    with ScriptedRecipient(answers(data, end=False), authority.server_context()) as hostile:
        sent = send(hostile.base_url)

    assert sent == Sent(OutcomeCode.DELIVERED, Cause.ANSWER_MALFORMED, 200, Answer(200, {}, b""))


def test_dripping_a_body(authority: Authority, send: Send) -> None:
    """T30."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n")
        visit.drip(bytes(1000), 0.02)

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS)

    assert sent == Sent(OutcomeCode.DELIVERED, Cause.DEADLINE, 200, Answer(200, PLAIN, b""))


def a_gigabyte(visit: Visit) -> None:
    for _ in range(1024):
        visit.send(bytes(MEBIBYTE))


def with_its_length(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 X\r\nContent-Length: 1073741824\r\n\r\n")
    a_gigabyte(visit)


def to_the_end(visit: Visit) -> None:
    visit.send(b"HTTP/1.0 200 X\r\n\r\n")
    a_gigabyte(visit)


def in_one_chunk(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n")
    a_gigabyte(visit)


def in_tiny_chunks(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1024):
        visit.send(b"1\r\nx\r\n" * 20_000)


def in_trailers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    for _ in range(1024):
        visit.send(b"X-Trailer: y\r\n" * 20_000)


@pytest.mark.parametrize(
    "gigabyte",
    [with_its_length, to_the_end, in_one_chunk, in_tiny_chunks, in_trailers],
    ids=["said beforehand", "to the end", "one chunk", "tiny chunks", "trailers"],
)
def test_answering_a_gigabyte(authority: Authority, send: Send, gigabyte: Callable[[Visit], None]) -> None:
    """T31: bounded memory, and the connection is closed, not drained."""

    def script(visit: Visit) -> None:
        visit.read_request()
        gigabyte(visit)

    with ScriptedRecipient(script, authority.server_context()) as hostile:
        send(hostile.base_url)  # once, so that what is allocated once is allocated
        gc.collect()
        before = psutil.Process().memory_info().rss
        sent = [send(hostile.base_url) for _ in range(3)]
        grown = psutil.Process().memory_info().rss - before

    assert sent == [Sent(OutcomeCode.DELIVERED, Cause.ANSWER_TOO_LARGE, 200, Answer(200, {}, b""))] * 3
    assert grown < 10 * MEBIBYTE


def test_a_rejection_that_is_too_large_is_a_rejection(authority: Authority, send: Send) -> None:
    with RecordingRecipient(authority, lambda _: Reply(413, (), bytes(CAP + 1))) as hostile:
        sent = send(hostile.base_url)

    assert sent == Sent(OutcomeCode.REJECTED, Cause.ANSWER_TOO_LARGE, 413, Answer(413, {}, b""))


def test_an_answer_of_exactly_the_cap_is_taken(authority: Authority, send: Send) -> None:
    with RecordingRecipient(authority, lambda _: Reply(200, (), bytes(CAP))) as good:
        sent = send(good.base_url)

    assert sent == Sent(OutcomeCode.DELIVERED, None, 200, Answer(200, {}, bytes(CAP)))


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "deflate", "br", "zstd", "x-unheard-of"])
def test_a_gzip_bomb_is_never_decoded(authority: Authority, send: Send, coding: str) -> None:
    """T31."""
    bomb = gzip.compress(bytes(20 * MEBIBYTE))
    headers = (("Content-Encoding", coding), ("Content-Type", "text/plain"))

    with RecordingRecipient(authority, lambda _: Reply(200, headers, bomb)) as hostile:
        before = psutil.Process().memory_info().rss
        sent = send(hostile.base_url)
        grown = psutil.Process().memory_info().rss - before

    assert sent == Sent(OutcomeCode.DELIVERED, Cause.ANSWER_MALFORMED, 200, Answer(200, PLAIN, b""))
    assert grown < 10 * MEBIBYTE
    assert hostile.received[0].header("Accept-Encoding") == "identity"

"""What bad recipients and bad networks get: each its own code, nothing lost, nobody held beyond the deadline (T29-T31).

Every recipient here is a real server on loopback. What each test expects is a whole `Sent`: what the log will say.
"""

from __future__ import annotations

import datetime as dt
import gc
import gzip
import logging
import random
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from gateway.clock import SystemClock
from gateway.model import Answer, Cause, OutcomeCode, Sent
from gateway.transport import Transport
from gateway.transport.answer import HEAD_FIELDS
from tests.envelopes import BODY, envelope_for, recipient_at
from tests.recipients import (
    LOOPBACK,
    Authority,
    RecordingRecipient,
    Reply,
    ScriptedRecipient,
    Visit,
    closed_port,
    silent_port,
)

SHORT_SECONDS = 0.4
GRACE_SECONDS = 0.5  # for a busy machine
CAP = 1 << 20
MEBIBYTE = 1 << 20
CHUNKED_HELLO = b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: y\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
PLAIN = {"content-type": "text/plain"}

Send = Callable[..., Sent]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def send(authority: Authority) -> Iterator[Send]:
    transport = Transport({}, CAP, SystemClock())

    def send_to(base_url: str, *, seconds: float = 5.0, body: bytes = BODY, name: str = "hostile") -> Sent:
        recipient = recipient_at(base_url, authority.ca_file, recipient_id=name)
        begun = time.monotonic()
        sent = transport.send(envelope_for(recipient, seconds=seconds, body=body))
        assert time.monotonic() - begun < seconds + GRACE_SECONDS
        return sent

    yield send_to
    transport.close()


def not_sent(cause: Cause) -> Sent:
    return Sent(OutcomeCode.NOT_SENT, cause)


def unknown(cause: Cause) -> Sent:
    return Sent(OutcomeCode.UNKNOWN, cause)


def answers(data: bytes, *, end: bool = True) -> Callable[[Visit], None]:
    """A script that reads one request and answers with these bytes."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(data)
        if end:
            visit.end()
        else:
            visit.halted.wait(5)

    return script


# ── Nobody there: not one byte leaves ───────────────────────────────────────


def test_down(send: Send) -> None:
    sent = send(f"https://{LOOPBACK}:{closed_port()}")

    assert sent == not_sent(Cause.UNREACHABLE)


def test_a_name_that_does_not_exist(send: Send) -> None:
    sent = send("https://recipient.invalid")

    assert sent in (not_sent(Cause.UNREACHABLE), not_sent(Cause.DEADLINE))  # as quick as the resolver of the machine


def test_connecting_slowly(send: Send) -> None:
    with silent_port() as port:
        sent = send(f"https://{LOOPBACK}:{port}", seconds=SHORT_SECONDS)

    assert sent == not_sent(Cause.DEADLINE)


def test_a_slow_handshake(send: Send) -> None:
    def script(visit: Visit) -> None:
        visit.halted.wait(5)

    with ScriptedRecipient(script, None) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS)

    assert sent == not_sent(Cause.DEADLINE)


def test_a_dripping_handshake(send: Send) -> None:
    """T30: each byte comes in time, the handshake never does."""
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc\x03\x03" + bytes(5000)

    with ScriptedRecipient(lambda visit: visit.drip(record, 0.02), None) as hostile:
        sent = send(hostile.base_url, seconds=SHORT_SECONDS)

    assert sent == not_sent(Cause.DEADLINE)


def test_hanging_up_in_the_handshake(send: Send) -> None:
    with ScriptedRecipient(lambda visit: None, None) as hostile:
        sent = send(hostile.base_url)

    assert sent == not_sent(Cause.UNREACHABLE)
    assert hostile.connections == 3


def test_plain_http_on_the_port(send: Send) -> None:
    received: list[bytes] = []

    def script(visit: Visit) -> None:
        received.append(visit.sock.recv(65_536))
        visit.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with ScriptedRecipient(script, None) as hostile:
        sent = send(hostile.base_url)

    assert sent == not_sent(Cause.TLS)
    assert not any(BODY in data for data in received)


# ── The wrong peer: not one byte of payload ─────────────────────────────────


def expired(authority: Authority, _other: Authority) -> ssl.SSLContext:
    return authority.server_context(not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


def wrong_host(authority: Authority, _other: Authority) -> ssl.SSLContext:
    return authority.server_context("other.example")


def wrong_address(authority: Authority, _other: Authority) -> ssl.SSLContext:
    return authority.server_context("127.0.0.2")


def unknown_authority(_authority: Authority, other: Authority) -> ssl.SSLContext:
    return other.server_context()


def self_signed(_authority: Authority, other: Authority) -> ssl.SSLContext:
    return other.self_signed_context()


@pytest.mark.parametrize(
    "presents",
    [wrong_host, wrong_address, expired, unknown_authority, self_signed],
    ids=["wrong host", "wrong address", "expired", "unknown CA", "self-signed"],
)
def test_a_certificate_that_does_not_prove_the_recipient(
    authority: Authority,
    send: Send,
    tmp_path_factory: pytest.TempPathFactory,
    presents: Callable[[Authority, Authority], ssl.SSLContext],
) -> None:
    """T29: 0 bytes of payload."""
    received: list[bytes] = []
    other = Authority(tmp_path_factory.mktemp("other"))

    def script(visit: Visit) -> None:
        received.append(visit.sock.recv(65_536))

    with ScriptedRecipient(script, presents(authority, other)) as hostile:
        sent = send(hostile.base_url)

    assert sent == not_sent(Cause.TLS)
    assert b"".join(received) == b""
    assert hostile.connections == 1


def test_a_peer_that_speaks_tls_1_1_at_most(authority: Authority, send: Send) -> None:
    """T29."""
    context = authority.server_context()
    allow_tls_1_1(context)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    received: list[bytes] = []

    with ScriptedRecipient(lambda visit: received.append(visit.sock.recv(65_536)), context) as old:
        sent = send(old.base_url)
        spoken = handshake_of_an_old_caller(authority, old.port)

    assert sent == not_sent(Cause.TLS)
    assert b"".join(received) == b""
    assert spoken == "TLSv1.1"  # so it was we who declined


def allow_tls_1_1(context: ssl.SSLContext) -> None:
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1


def handshake_of_an_old_caller(authority: Authority, port: int) -> str | None:
    context = ssl.create_default_context(cafile=authority.ca_file)
    allow_tls_1_1(context)
    with (
        socket.create_connection((LOOPBACK, port)) as raw,
        context.wrap_socket(raw, server_hostname=LOOPBACK) as wrapped,
    ):
        return wrapped.version()


# ── Bytes left, no whole head came back: unknown ────────────────────────────


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


# ── Odd, but a whole answer ─────────────────────────────────────────────────


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

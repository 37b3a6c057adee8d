"""No one there, or the wrong one (T29, T30): each its own code, not one byte of the payload leaves, in time.

Every recipient here is a real server on loopback. What each test expects is a whole `Sent`: what the log will say.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import warnings
from collections.abc import Callable

import pytest

from gateway.model import Cause
from tests.envelopes import BODY
from tests.integration.hostile_sending import (
    SHORT_SECONDS,
    Send,
    not_sent,
)
from tests.recipients import (
    LOOPBACK,
    Authority,
    ScriptedRecipient,
    Visit,
    closed_port,
    silent_port,
)


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

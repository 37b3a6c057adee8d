from __future__ import annotations

import pathlib
import socket
import ssl
import time
from collections.abc import Callable

import pytest

from gateway.model import Answer, Cause
from gateway.transport.connection import TRIES, DeadlineSocket, RecipientConnection
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.lookup import Address, Lookup
from gateway.transport.tls import tls_context
from tests.recipients import Authority, RecordingRecipient, ScriptedRecipient, Visit, closed_port, silent_port

Connect = Callable[..., RecipientConnection]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def loopback(port: int) -> Address:
    return Address(socket.AF_INET, ("127.0.0.1", port))


def connection_to(
    authority: Authority, *addresses: Address, seconds: float = 5
) -> tuple[RecipientConnection, list[str]]:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> tuple[Address, ...]:
        asked.append(host)
        return addresses

    airspace = Airspace()
    airspace.flight = Flight(time.monotonic() + seconds, time.monotonic, 1_000_000)
    connection = RecipientConnection(
        "127.0.0.1",
        443,
        lookup=Lookup("127.0.0.1", 443, resolve),
        airspace=airspace,
        answer_cap_bytes=1_000_000,
        ssl_context=tls_context(authority.ca_file, DeadlineSocket),
    )
    return connection, asked


def test_connecting_sends_no_byte_of_the_request(authority: Authority) -> None:
    with RecordingRecipient(authority) as recipient:
        connection, _ = connection_to(authority, loopback(recipient.port))
        connection.connect()
        connection.close()

    assert (connection._airspace.flight.begun, recipient.received) == (False, [])


def test_head_and_body_leave_as_one_write(authority: Authority) -> None:
    seen: list[bytes] = []

    def script(visit: Visit) -> None:
        seen.append(visit.sock.recv(65_536))  # one TLS record
        visit.send(HEAD)

    with ScriptedRecipient(script, authority.server_context()) as recipient:
        connection, _ = connection_to(authority, loopback(recipient.port))
        connection.connect()
        answer = connection.exchange("POST", "/v1", {"Content-Length": "6"}, b"sealed")
        connection.close()

    assert connection._airspace.flight.begun
    assert seen == [b"POST /v1 HTTP/1.1\r\nContent-Length: 6\r\n\r\nsealed"]
    assert answer == Answer(200, {}, b"ok")


def test_the_next_address_is_tried_where_one_refuses(authority: Authority) -> None:
    with RecordingRecipient(authority) as recipient:
        connection, asked = connection_to(authority, loopback(closed_port()), loopback(recipient.port))
        connection.connect()
        connection.close()

    assert (recipient.connections, len(asked)) == (1, 1)


def test_a_silent_address_uses_up_its_share_of_the_time_only(authority: Authority) -> None:
    with RecordingRecipient(authority) as recipient, silent_port() as silent:
        connection, _ = connection_to(authority, loopback(silent), loopback(recipient.port), seconds=0.6)
        connection.connect()
        connection.close()

    assert recipient.connections == 1


def test_where_nobody_is_there_it_is_tried_again_a_little(authority: Authority) -> None:
    connection, asked = connection_to(authority, loopback(closed_port()))

    with pytest.raises(Broken) as broken:
        connection.connect()

    assert (broken.value.cause, len(asked)) == (Cause.UNREACHABLE, TRIES)


def test_a_recipient_that_comes_back_between_tries_is_reached(authority: Authority) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()

    with ScriptedRecipient(script, authority.server_context()) as recipient:
        addresses = iter([(loopback(closed_port()),), (loopback(recipient.port),)])
        airspace = Airspace()
        airspace.flight = Flight(time.monotonic() + 5, time.monotonic, 0)
        connection = RecipientConnection(
            "127.0.0.1",
            443,
            lookup=Lookup("127.0.0.1", 443, lambda _host, _port: next(addresses)),
            airspace=airspace,
            answer_cap_bytes=1_000_000,
            ssl_context=tls_context(authority.ca_file, DeadlineSocket),
        )
        connection.connect()
        connection.close()

    assert recipient.connections == 1


def test_the_wrong_peer_is_not_asked_twice(authority: Authority, tmp_path: pathlib.Path) -> None:
    with RecordingRecipient(Authority(tmp_path)) as recipient:
        connection, asked = connection_to(authority, loopback(recipient.port))
        with pytest.raises(Broken) as broken:
            connection.connect()

    assert (broken.value.cause, len(asked), connection.sock) == (Cause.TLS, 1, None)


def test_tries_end_with_the_deadline(authority: Authority) -> None:
    connection, asked = connection_to(authority, loopback(closed_port()), seconds=0.001)

    with pytest.raises(Broken):
        connection.connect()

    assert len(asked) <= 1


def test_a_connection_with_bytes_that_nobody_asked_for_is_not_used_again(authority: Authority) -> None:
    """A second answer inside the record of the first would be taken for the next transfer's."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(HEAD + HEAD * 300)
        visit.halted.wait(5)

    with ScriptedRecipient(script, authority.server_context()) as recipient:
        connection, _ = connection_to(authority, loopback(recipient.port))
        connection.connect()
        answer = connection.exchange("POST", "/v1", {"Content-Length": "6"}, b"sealed")
        connected = connection.is_connected
        connection.close()

    assert (answer.body, connected) == (b"ok", False)


def test_past_the_deadline_no_byte_is_written(authority: Authority) -> None:
    with RecordingRecipient(authority) as recipient:
        connection, _ = connection_to(authority, loopback(recipient.port))
        connection.connect()
        flight = connection._airspace.flight
        flight.deadline = time.monotonic()
        with pytest.raises(Broken) as broken:
            connection.exchange("POST", "/v1", {"Content-Length": "6"}, b"sealed")
        connection.close()

    assert (broken.value.cause, flight.begun, recipient.received) == (Cause.DEADLINE, False, [])


def test_an_end_without_closing_tls_is_not_an_end(authority: Authority) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(b"HTTP/1.0 200 OK\r\n\r\npart of it")
        socket.socket.shutdown(visit.sock, socket.SHUT_WR)
        visit.halted.wait(5)

    with ScriptedRecipient(script, authority.server_context()) as recipient:
        connection, _ = connection_to(authority, loopback(recipient.port))
        connection.connect()
        with pytest.raises(Broken) as broken:
            connection.exchange("POST", "/v1", {"Content-Length": "6"}, b"sealed")
        connection.close()

    assert broken.value.cause is Cause.CONNECTION_LOST


def test_a_closed_connection_carries_nothing(authority: Authority) -> None:
    connection, _ = connection_to(authority)

    with pytest.raises(Broken) as broken:
        connection.exchange("POST", "/v1", {"Content-Length": "6"}, b"sealed")

    assert (broken.value.cause, connection.is_connected) == (Cause.CONNECTION_LOST, False)


def test_the_sockets_are_of_the_class_that_keeps_the_deadline(authority: Authority) -> None:
    with RecordingRecipient(authority) as recipient:
        connection, _ = connection_to(authority, loopback(recipient.port))
        connection.connect()
        kind: type[ssl.SSLSocket] = type(connection._socket())
        connection.close()

    assert kind is DeadlineSocket

"""Connections to one recipient: every socket call gets the time that is left, and the first byte that leaves is noted.

`requests` and urllib3 know a timeout per call only, so a recipient that drips one byte a second holds them for ever.
Here the deadline of the flight bounds the name lookup, each connect, the handshake, each write and each read.

`_new_conn` sees every address before it is dialled, and `connect` ends with a verified peer and not a byte of
the request sent: what must be true of an address or of a certificate is asked in these two places. Nothing here may
send a byte before `connect` has returned, or raise a library's exception, which could carry what the recipient said.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import tenacity
from urllib3.connection import HTTPSConnection

from gateway.model import Answer, Cause
from gateway.transport.answer import read_answer
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.intake import RECORD_BYTES, Intake
from gateway.transport.lookup import Lookup
from gateway.transport.request import head_bytes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TRIES = 3  # of connecting: no byte has left yet, so nothing can happen twice
LONGEST_WAIT_SECONDS = 0.15
_HUNG_UP = "UNEXPECTED_EOF_WHILE_READING"  # as OpenSSL 3 says it where Python has no class for it yet


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket whose every read and write ends by the deadline of the flight that it carries.

    Once connected it does not block: a timeout of its own would cost a system call each time that it changed. Whoever
    reads asks for a whole TLS record at least, so nothing stays inside, where waiting for the socket would not see it.
    """

    flight: Flight
    suppress_ragged_eofs: bool  # of ssl.SSLSocket

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to read, not even an end."""
        return not self._ready(select.POLLIN, 0)

    def recv(self, buflen: int = RECORD_BYTES, flags: int = 0) -> bytes:
        """What has come, within the deadline and the allowance of the flight; nothing at the end. Raises Broken."""
        self._wait(select.POLLIN)  # an answer is hardly ever there before it was waited for
        while True:
            try:
                data = super().recv(buflen, flags)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)
            except OSError:
                raise Broken(Cause.CONNECTION_LOST) from None
            else:
                self.flight.take(len(data))
                return data

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Write within the deadline of the flight; from here on, bytes may have left.

        Raises Broken, or BrokenPipeError where the recipient no longer reads: it may have answered all the same.
        """
        self.flight.remaining()
        self.flight.begun = True
        while True:
            try:
                return super().send(data, flags)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except OSError:
                raise BrokenPipeError from None

    def _wait(self, event: int) -> None:
        if not self._ready(event, self.flight.remaining()):
            raise Broken(Cause.DEADLINE)

    def _ready(self, event: int, seconds: float) -> bool:
        """Whether the event, or an end of the connection, comes in time."""
        poll = select.poll()
        poll.register(self, event)
        return bool(poll.poll(seconds * 1000))


class RecipientConnection(HTTPSConnection):
    """One kept connection to a recipient."""

    sock: DeadlineSocket | None  # what our context makes; nothing while closed

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        lookup: Lookup,
        airspace: Airspace,
        answer_cap_bytes: int,
        **settings: Any,
    ) -> None:
        super().__init__(host, port, **settings)
        self._lookup = lookup
        self._airspace = airspace
        self._cap = answer_cap_bytes

    @property
    def is_connected(self) -> bool:
        """Whether it can carry another request: open, and with nothing to read that nobody asked for."""
        return self.sock is not None and self.sock.is_quiet

    def connect(self) -> None:
        """Connect and verify the peer, trying again only where nobody was there. Raises Broken."""
        flight = self._airspace.flight
        tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_before_delay(flight.remaining()),
            wait=tenacity.wait_random(0, LONGEST_WAIT_SECONDS),
            retry=tenacity.retry_if_exception(_is_unreachable),
            reraise=True,
        )(self._connect_once)

    def _connect_once(self) -> None:
        try:
            super().connect()
        except TimeoutError:
            failure = Cause.DEADLINE
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            failure = Cause.UNREACHABLE  # it hung up, which says nothing about who it is
        except (ssl.SSLError, ssl.CertificateError) as error:
            failure = Cause.UNREACHABLE if error.reason == _HUNG_UP else Cause.TLS
        except OSError:
            failure = Cause.UNREACHABLE
        except BaseException:
            self.close()
            raise
        else:
            sock = self._socket()
            sock.setblocking(False)
            # An end without TLS's own closing is a crash's or an attacker's: it must not look like a whole answer's.
            sock.suppress_ragged_eofs = False
            return
        self.close()
        raise Broken(failure)

    def _new_conn(self) -> socket.socket:
        flight = self._airspace.flight
        addresses = self._lookup.addresses(flight)
        failure = Cause.UNREACHABLE
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            sock = socket.socket(address.family, socket.SOCK_STREAM)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # A silent address may use up its share of the time, not that of the addresses after it.
                sock.settimeout(flight.remaining() / left)
                sock.connect(address.sockaddr)
                sock.settimeout(flight.remaining())
            except OSError as error:
                sock.close()
                failure = Cause.DEADLINE if isinstance(error, TimeoutError) else Cause.UNREACHABLE
            except Broken:
                sock.close()
                raise
            else:
                return sock
        raise Broken(failure)

    def exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request and read its answer; closed afterwards unless another can follow. Raises Broken."""
        flight = self._airspace.flight
        sock = self._socket()
        sock.flight = flight
        with contextlib.suppress(BrokenPipeError):  # it may have answered all the same
            # Head and body as one write: one TLS record and one packet for a small envelope.
            sock.sendall(head_bytes(method, path, headers) + body)
        answer, reusable = read_answer(Intake(sock.recv), flight, self._cap)
        if not reusable:
            self.close()
        return answer

    def _socket(self) -> DeadlineSocket:
        if self.sock is None:
            raise Broken(Cause.CONNECTION_LOST)
        return self.sock


def _is_unreachable(error: BaseException) -> bool:
    return isinstance(error, Broken) and error.cause is Cause.UNREACHABLE

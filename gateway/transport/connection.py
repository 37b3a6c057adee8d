"""Connections to one recipient: every socket call gets the time that is left, and the first byte that leaves is noted.

`requests` and urllib3 know a timeout per call only, so a recipient that drips one byte a second holds them for ever.
Here the deadline of the flight bounds the name lookup, each connect, the handshake, each write and each read.

`_new_conn` sees every address before it is dialled, and `connect` ends with a verified peer and not a byte of
the request sent: what must be true of an address or of a certificate is asked in these two places. Nothing here may
send a byte before `connect` has returned, or raise a library's exception, which could carry what the recipient said.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import tenacity
from urllib3.connection import HTTPSConnection

from gateway.model import Cause
from gateway.transport.answer import AnswerReader
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.lookup import Lookup

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

TRIES = 3  # of connecting: no byte has left yet, so nothing can happen twice
LONGEST_WAIT_SECONDS = 0.15


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket whose every read and write ends by the deadline of the flight that it carries."""

    flight: Flight
    suppress_ragged_eofs: bool  # of ssl.SSLSocket

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """Read within the deadline and the allowance of the flight. Raises Broken."""
        flight = self.flight
        self.settimeout(flight.remaining())
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except TimeoutError:
            raise Broken(Cause.DEADLINE) from None
        except OSError:
            raise Broken(Cause.CONNECTION_LOST) from None
        flight.take(count)
        return count

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Write within the deadline of the flight; from here on, bytes may have left.

        Raises Broken, or BrokenPipeError where the recipient no longer reads: it may have answered all the same.
        """
        flight = self.flight
        self.settimeout(flight.remaining())
        flight.begun = True
        try:
            return super().send(data, flags)
        except TimeoutError:
            raise Broken(Cause.DEADLINE) from None
        except OSError:
            raise BrokenPipeError from None


class RecipientConnection(HTTPSConnection):
    """One kept connection to a recipient."""

    response_class = AnswerReader
    sock: DeadlineSocket | None  # what our context makes; nothing while closed

    def __init__(
        self, host: str, port: int | None = None, *, lookup: Lookup, airspace: Airspace, **settings: Any
    ) -> None:
        super().__init__(host, port, **settings)
        self._lookup = lookup
        self._airspace = airspace
        self._held: list[bytes] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it can carry another request: open, and with nothing to read that nobody asked for."""
        return super().is_connected and not self._socket().pending()

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
        except (ssl.SSLError, ssl.CertificateError):
            failure = Cause.TLS
        except OSError:
            failure = Cause.UNREACHABLE
        except BaseException:
            self.close()
            raise
        else:
            # An end without TLS's own closing is a crash's or an attacker's: it must not look like a whole answer's.
            self._socket().suppress_ragged_eofs = False
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

    def request(  # type: ignore[override]  # urllib3's own signature is not http.client's
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, **how: Any
    ) -> None:
        """Send head and body as one write: one TLS record and one packet for a small envelope."""
        self._socket().flight = self._airspace.flight
        held: list[bytes] = []
        self._held = held
        try:
            super().request(method, url, body, headers, **how)
        finally:
            self._held = None
        self.send(b"".join(held))

    def send(self, data: Any) -> None:
        """Write now, or keep for the one write."""
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def _socket(self) -> DeadlineSocket:
        if self.sock is None:
            raise Broken(Cause.CONNECTION_LOST)
        return self.sock


def _is_unreachable(error: BaseException) -> bool:
    return isinstance(error, Broken) and error.cause is Cause.UNREACHABLE

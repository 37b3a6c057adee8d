"""One way to one server: its pool of connections, and one request at a time over it.

Promises: what goes wrong comes out as `Broken` with its cause, and the flight knows how far it came. It must never
follow a redirect, keep a cookie, use a proxy, or let a library's exception out: they carry URLs and bodies.
"""

from __future__ import annotations

import http.client
from typing import cast

import requests
import urllib3

from gateway.model import Answer, Cause
from gateway.transport.answer import HEAD_BYTES
from gateway.transport.connection import DeadlineSocket
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.lookup import Lookup
from gateway.transport.pool import Answered, RecipientAdapter, RecipientPool
from gateway.transport.request import origin
from gateway.transport.tls import tls_context

_LIBRARY_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class Way:
    """To the server of one base URL, with at most `idle_most` idle connections. Raises OSError for a bad CA file."""

    def __init__(self, base_url: str, ca_file: str | None, idle_most: int, answer_cap_bytes: int) -> None:
        # A quarter more than the cap, for the framing of chunks: one that needs more costs more to read than it says.
        self.allowance = HEAD_BYTES + answer_cap_bytes * 5 // 4
        self._airspace = Airspace()
        host, port = origin(base_url)
        self._adapter = RecipientAdapter(
            RecipientPool(
                host,
                port,
                maxsize=idle_most,
                ssl_context=tls_context(ca_file, DeadlineSocket),
                lookup=Lookup(host, port),
                airspace=self._airspace,
                answer_cap_bytes=answer_cap_bytes,
            )
        )

    def ask(self, flight: Flight, request: requests.PreparedRequest) -> Answer:
        """The whole answer. Raises Broken."""
        self._airspace.flight = flight
        try:
            # Without a timeout of its own: the flight keeps the time.
            return cast("Answered", self._adapter.send(request, stream=True, verify=True)).answer
        except _LIBRARY_ERRORS:
            raise Broken(_cause(flight)) from None
        finally:
            del self._airspace.flight

    def close(self) -> None:
        """Close what is open and idle."""
        self._adapter.close()


def _cause(flight: Flight) -> Cause:
    """What a library's error stood for; its text is never read."""
    if not flight.begun:
        return Cause.UNREACHABLE  # the pool was closed under way
    return Cause.CONNECTION_LOST if flight.ended else Cause.ANSWER_MALFORMED

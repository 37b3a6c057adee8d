"""The way to one recipient: its pool of connections, its in-flight limit, and how what happened becomes an outcome.

Outcomes, by what is known and never by what is likely:
- no byte of the request left: NOT_SENT (the recipient knows nothing);
- the head of the answer is whole: DELIVERED (2xx) or REJECTED, with its status, even where the body then broke off or
  was too large or unreadable (the cause says so, the body stays empty). The recipient has judged the request; calling
  that unknown would throw away what it said, and a caller that must know the body sees by the cause that it has none;
- anything else: UNKNOWN.

A channel of its own keeps one recipient's slowness (T71) and connections from another's. It must never follow a
redirect, keep a cookie, use a proxy, or let a library's exception out: they carry URLs and bodies.
"""

from __future__ import annotations

import http.client
import threading
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPSConnectionPool

from gateway.clock import Clock
from gateway.model import Answer, Cause, Envelope, OutcomeCode, Recipient, Route, Sent
from gateway.transport.answer import HEAD_BYTES, read_body
from gateway.transport.connection import DeadlineSocket, RecipientConnection
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.lookup import Lookup
from gateway.transport.request import RequestTemplate, origin
from gateway.transport.tls import tls_context

_SUCCESS = range(200, 300)
_LIBRARY_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class RecipientPool(HTTPSConnectionPool):
    """urllib3's pool over connections that keep a deadline."""

    ConnectionCls = RecipientConnection  # type: ignore[assignment]  # its `sock` is of one class only


class RawResponse(requests.Response):
    """What the adapter must return, without what it would cost: only `raw` is there."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw


class RecipientAdapter(HTTPAdapter):
    """requests' adapter with one pool, made once; TLS is settled in the pool's context."""

    def __init__(self, pool: RecipientPool) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._pool = pool

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> RecipientPool:
        """The one pool: no proxy, no other host."""
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002  no proxy, ever
        """Path and query."""
        return request.path_url

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002  requests' signature
        """Nothing to add: requests would mix its own bundle of roots into the recipient's CA file."""
        if verify is not True or cert is not None:
            raise ValueError("a recipient is verified by its channel's context, always")

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:  # noqa: ARG002  the same
        """The raw answer and no more: no cookies, no decoding, no history."""
        return RawResponse(resp)

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        self._pool.close()
        super().close()


class Channel:
    """Sends envelopes to one recipient, at most `in_flight` at a time."""

    def __init__(self, recipient: Recipient, secret: str | None, answer_cap_bytes: int, clock: Clock) -> None:
        self.recipient = recipient
        self._secret = secret
        self._cap = answer_cap_bytes
        # A quarter more than the cap, for the framing of chunks: one that needs more costs more to read than it says.
        self._allowance = HEAD_BYTES + answer_cap_bytes * 5 // 4
        self._clock = clock
        self._places = threading.BoundedSemaphore(recipient.in_flight)
        self._airspace = Airspace()
        self._templates: dict[Route, RequestTemplate] = {}
        host, port = origin(recipient.base_url)
        self._adapter = RecipientAdapter(
            RecipientPool(
                host,
                port,
                maxsize=recipient.in_flight,
                ssl_context=tls_context(recipient.ca_file, DeadlineSocket),
                lookup=Lookup(host, port),
                airspace=self._airspace,
            )
        )

    def send(self, envelope: Envelope) -> Sent:
        """Send once, and say how it ended, by the deadline."""
        flight = Flight(envelope.recorded.deadline, self._clock.monotonic, self._allowance)
        if not self._places.acquire(timeout=max(0.0, flight.deadline - flight.monotonic())):
            return _sent(flight, Cause.BUSY)
        try:
            return self._exchange(flight, self._request(envelope))
        finally:
            self._places.release()

    def close(self) -> None:
        """Close what is open and idle."""
        self._adapter.close()

    def _request(self, envelope: Envelope) -> requests.PreparedRequest:
        permitted = envelope.recorded.disclosure.permitted
        route = permitted.map.route
        template = self._templates.get(route)
        if template is None:
            template = self._templates[route] = RequestTemplate(self.recipient, route, self._secret)
        return template.fill(permitted.admitted.transfer_id, envelope.content_type, envelope.body)

    def _exchange(self, flight: Flight, request: requests.PreparedRequest) -> Sent:
        self._airspace.flight = flight
        response = None
        try:
            response = self._adapter.send(request, stream=True, timeout=flight.remaining(), verify=True)
            body = read_body(response.raw, self._cap)
        except Broken as broken:
            return _sent(flight, broken.cause)
        except _LIBRARY_ERRORS:
            return _sent(flight, _cause(flight))
        else:
            return _sent(flight, None, body)
        finally:
            del self._airspace.flight
            if response is not None:
                response.raw.close()  # a body that was not read whole is closed, not drained


def _cause(flight: Flight) -> Cause:
    """What a library's error stood for; its text is never read."""
    if not flight.begun:
        return Cause.UNREACHABLE  # the pool was closed under way
    return Cause.CONNECTION_LOST if flight.ended else Cause.ANSWER_MALFORMED


def _sent(flight: Flight, cause: Cause | None, body: bytes = b"") -> Sent:
    if flight.head is None:
        return Sent(OutcomeCode.UNKNOWN if flight.begun else OutcomeCode.NOT_SENT, cause)
    status = flight.head.status
    outcome = OutcomeCode.DELIVERED if status in _SUCCESS else OutcomeCode.REJECTED
    return Sent(outcome, cause, status, Answer(status, flight.head.headers, body))

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
from typing import cast

import requests
import urllib3

from gateway.clock import Clock
from gateway.model import Answer, Cause, Envelope, OutcomeCode, Recipient, Route, Sent
from gateway.transport.answer import HEAD_BYTES
from gateway.transport.connection import DeadlineSocket
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.lookup import Lookup
from gateway.transport.pool import Answered, RecipientAdapter, RecipientPool
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


class Channel:
    """Sends envelopes to one recipient, at most `in_flight` at a time."""

    def __init__(self, recipient: Recipient, secret: str | None, answer_cap_bytes: int, clock: Clock) -> None:
        self.recipient = recipient
        self._secret = secret
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
                answer_cap_bytes=answer_cap_bytes,
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
        try:
            # Without a timeout of its own: the flight keeps the time.
            answer = cast("Answered", self._adapter.send(request, stream=True, verify=True)).answer
        except Broken as broken:
            return _sent(flight, broken.cause)
        except _LIBRARY_ERRORS:
            return _sent(flight, _cause(flight))
        else:
            return _answered(answer, None)
        finally:
            del self._airspace.flight


def _cause(flight: Flight) -> Cause:
    """What a library's error stood for; its text is never read."""
    if not flight.begun:
        return Cause.UNREACHABLE  # the pool was closed under way
    return Cause.CONNECTION_LOST if flight.ended else Cause.ANSWER_MALFORMED


def _sent(flight: Flight, cause: Cause) -> Sent:
    """How a flight ended that brought no whole answer."""
    if flight.head is not None:
        return _answered(flight.head, cause)
    return Sent(OutcomeCode.UNKNOWN if flight.begun else OutcomeCode.NOT_SENT, cause)


def _answered(answer: Answer, cause: Cause | None) -> Sent:
    outcome = OutcomeCode.DELIVERED if answer.status in _SUCCESS else OutcomeCode.REJECTED
    return Sent(outcome, cause, answer.status, answer)

"""Sending to one recipient: its in-flight limit, its token where it wants one, and how an attempt gets its outcome.

Outcomes, by what is known and never by what is likely:
- no byte of the request left: NOT_SENT (the recipient knows nothing);
- the head of the answer is whole: DELIVERED (2xx) or REJECTED, with its status, even where the body then broke off or
  was too large or unreadable (the cause says so, the body stays empty). The recipient has judged the request; calling
  that unknown would throw away what it said, and a caller that must know the body sees by the cause that it has none;
- anything else: UNKNOWN.

A channel of its own keeps one recipient's slowness (T71) and connections from another's. It must never send twice:
where a token was not taken, that transfer is rejected, and the next one fetches another.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from gateway.clock import Clock
from gateway.model import Answer, Cause, Envelope, OutcomeCode, Recipient, Sent, SignerKind
from gateway.transport.flight import Broken, Flight
from gateway.transport.request import RequestTemplate
from gateway.transport.token import Tokens
from gateway.transport.way import Way

_SUCCESS = range(200, 300)
_UNAUTHORIZED = 401


class Channel:
    """Sends envelopes to one recipient, at most `in_flight` at a time."""

    def __init__(self, recipient: Recipient, secrets: Mapping[str, str], answer_cap_bytes: int, clock: Clock) -> None:
        self.recipient = recipient
        self._monotonic = clock.monotonic
        self._places = threading.BoundedSemaphore(recipient.in_flight)
        self._template = RequestTemplate(recipient, secrets)
        self._way = Way(recipient.base_url, recipient.ca_file, recipient.in_flight, answer_cap_bytes)
        signer = recipient.signer
        by_token = signer is not None and signer.kind is SignerKind.OAUTH2
        self._tokens = Tokens(recipient, signer, secrets, clock) if signer is not None and by_token else None

    def send(self, envelope: Envelope) -> Sent:
        """Send once, and say how it ended, by the deadline."""
        flight = Flight(envelope.recorded.deadline, self._monotonic, self._way.allowance)
        if not self._places.acquire(timeout=max(0.0, flight.deadline - flight.monotonic())):
            return _broken(flight, Cause.BUSY)
        try:
            return self._send(flight, envelope)
        except Broken as broken:
            return _broken(flight, broken.cause)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close what is open and idle."""
        self._way.close()
        if self._tokens is not None:
            self._tokens.close()

    def _send(self, flight: Flight, envelope: Envelope) -> Sent:
        transfer_id = envelope.recorded.disclosure.permitted.admitted.transfer_id
        request = self._template.fill(transfer_id, envelope)
        if self._tokens is None:
            return _answered(self._way.ask(flight, request), None)
        request.headers["Authorization"] = self._tokens.authorization(flight)
        answer = self._way.ask(flight, request)
        if answer.status == _UNAUTHORIZED:
            self._tokens.forget()
        return _answered(answer, None)


def _broken(flight: Flight, cause: Cause) -> Sent:
    """How a flight ended that brought no whole answer."""
    if flight.head is not None:
        return _answered(flight.head, cause)
    return Sent(OutcomeCode.UNKNOWN if flight.begun else OutcomeCode.NOT_SENT, cause)


def _answered(answer: Answer, cause: Cause | None) -> Sent:
    outcome = OutcomeCode.DELIVERED if answer.status in _SUCCESS else OutcomeCode.REJECTED
    return Sent(outcome, cause, answer.status, answer)

"""What the path of a transfer asks of what stands outside of the stages; `gateway.transfer.House` holds one of each.

Promises: a port is named and typed by the values that travel the path, so that whoever stands behind it, a database or
a test, can be exchanged. It must never be asked for by a stage: stages get values.
"""

from __future__ import annotations

from typing import Protocol

from gateway.model.path import (
    Admitted,
    Answer,
    Declined,
    Disclosure,
    Envelope,
    Recorded,
    Refused,
    Repeated,
    Sent,
)
from gateway.model.words import TransferId


class Recorder(Protocol):
    """Stages 4 and 8: the transfer log, as the path sees it. Raises LogUnavailable."""

    def repeated(self, admitted: Admitted) -> Repeated | None:
        """The transfer that holds the request's Idempotency-Key, if one does."""

    def intent(self, disclosure: Disclosure) -> Recorded | Refused | Repeated:
        """Make the intent and its claim of a key durable, or say that the subject is restricted or the key held."""

    def refusal(self, refused: Refused) -> Declined:
        """Make the refusal durable."""

    def outcome(self, recorded: Recorded, sent: Sent, envelope: Envelope | None, answer: Answer | None, /) -> None:
        """Hand over the outcome, durable within 50 ms; under a claim, at once and with the answer to keep."""


class Pending(Protocol):
    """Where a recorded transfer waits for its attempt: memory in `wait` mode."""

    def put(self, recorded: Recorded) -> None:
        """Keep it until it is taken."""

    def take(self, transfer_id: TransferId) -> Recorded:
        """Give it to the one attempt that asks for it."""

"""Stage 7 where the recipient is the one that asks: what leaves is handed to the answer that it waits for.

Promises: an outcome is recorded when the server has taken the whole answer, or has let go of it, and not before:
`delivered` is what was handed over whole, `unknown` what may have been cut off. Where the process dies between, the
sweep finds an intent without an outcome. It must never hand over what the log has no receipt for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

from gateway.errors import GatewayError
from gateway.model import (
    Admitted,
    Answer,
    Attempted,
    Cause,
    Declined,
    Disclosure,
    Envelope,
    OutcomeCode,
    Recorded,
    Recorder,
    Refused,
    Repeated,
    Sent,
)
from gateway.transport.sending import check_receipt
from gateway.web.application import Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Ended: TypeAlias = tuple[Recorded, Sent, Envelope | None]
HANDED = Sent(OutcomeCode.DELIVERED, None, HTTPStatus.OK)
CUT_OFF = Sent(OutcomeCode.UNKNOWN, Cause.CONNECTION_LOST)
NEVER_BEGUN = Sent(OutcomeCode.NOT_SENT, Cause.CONNECTION_LOST)


class Waiting:
    """The recorder and the sender of one request's transfers: their outcomes wait for the end of its answer."""

    def __init__(self, recorder: Recorder, count: Callable[[Attempted], None]) -> None:
        self._recorder = recorder
        self._count = count
        self._ended: list[Ended] = []
        self.envelopes: list[Envelope] = []

    def repeated(self, admitted: Admitted) -> Repeated | None:
        """Nothing: a recipient's request claims no key."""
        return self._recorder.repeated(admitted)

    def intent(self, disclosure: Disclosure) -> Recorded | Refused | Repeated:
        """Make the intent durable. Raises LogUnavailable."""
        return self._recorder.intent(disclosure)

    def refusal(self, refused: Refused) -> Declined:
        """Make the refusal durable. Raises LogUnavailable."""
        return self._recorder.refusal(refused)

    def outcome(self, recorded: Recorded, sent: Sent, envelope: Envelope | None, _answer: Answer | None, /) -> None:
        """Keep how the attempt ended until it is known."""
        self._ended.append((recorded, sent, envelope))

    def send(self, envelope: Envelope) -> Sent:
        """Keep the envelope for the answer. Raises NotRecorded where the log has no receipt for it."""
        check_receipt(envelope)
        self.envelopes.append(envelope)
        return HANDED

    def end(self, handed: Sent) -> None:
        """Record how the attempts ended, once: `handed` is how, of all that were not stopped before."""
        ended, self._ended = self._ended, []
        for recorded, so_far, envelope in ended:
            sent = handed if so_far is HANDED else so_far
            self._count(Attempted(recorded, sent))
            with suppress(GatewayError):  # the log is away: the sweep writes `unknown`
                self._recorder.outcome(recorded, sent, envelope, None)


class Handed(Reply):
    """An answer that tells `waiting` how it ended."""

    waiting: Waiting

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with the body in one piece, and notice its end."""
        super().__call__(environ, start_response)
        return Handing(self.get_data(), self.waiting.end)


class Handing:
    """One body under way: the server asks for more when it has taken it, and closes what it lets go of."""

    def __init__(self, body: bytes, end: Callable[[Sent], None]) -> None:
        self._left = [body]
        self._end = end

    def __iter__(self) -> Handing:
        return self

    def __next__(self) -> bytes:
        if self._left:
            return self._left.pop()
        self._end(HANDED)
        raise StopIteration

    def close(self) -> None:
        """The server is done with it, whether it took it all or not."""
        self._end(CUT_OFF)

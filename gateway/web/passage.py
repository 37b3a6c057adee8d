"""From a request to the end of an attempt: what all routes that make a transfer do alike.

Promises: who asks is known before a byte of the body is waited for; a refusal, a repeat and a failure of ours are
answered here, an attempt as its route says. It must never parse, decide or send: it asks `gateway.transfer`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from werkzeug.wsgi import get_content_length

from gateway.admission.quota import RefusalQuota
from gateway.admission.tokens import authenticate
from gateway.errors import GatewayError, MalformedRequest, UnsupportedMediaType
from gateway.model import (
    Answer,
    Attempted,
    Call,
    CallerId,
    Declined,
    Disclosure,
    OutcomeCode,
    Proxied,
    Recorded,
    Refused,
    RefusedReason,
    Repeated,
)
from gateway.transfer import House, accept, attempt
from gateway.web import repeats, replies
from gateway.web.application import Reply, Visit
from gateway.web.metrics import Metrics
from gateway.web.ports import Served
from gateway.web.problems import problem

Answered: TypeAlias = Callable[[Attempted], Reply]
"""What a route makes of an attempt: the same bytes, however often it is asked."""


class Passage:
    """Carries requests through the path; `house` is the gateway's, its admission guarded by `quota`."""

    def __init__(self, served: Served, house: House, quota: RefusalQuota, metrics: Metrics) -> None:
        self._lookup = served.store.callers.lookup
        self._house = house
        self._quota = quota
        self._metrics = metrics
        self._longest = served.settings.max_body_bytes

    def carry(self, asked: Visit, token: str | None, answered: Answered, proxied: Proxied | None = None) -> Reply:
        """The answer to a request, whatever it led to; `answered` makes that to an attempt."""
        result = accept(self.call(asked, token, proxied), self._house)
        if isinstance(result, Declined):
            return self._declined(asked, result)
        if isinstance(result, Repeated):
            self._metrics.repeated(result)
            return repeats.told_again(asked, result)
        attempted = self._attempted(asked, result, answered)
        if attempted is None:
            return problem("outcome_unknown")
        self._metrics.attempted(attempted, self._house.clock.monotonic() - asked.began)
        return answered(attempted)

    def call(self, asked: Visit, token: str | None, proxied: Proxied | None = None) -> Call:
        """The call as it came. Raises AdmissionError, for an unknown caller before a byte of the body is waited for."""
        authenticate(self._lookup, token)
        came = asked.environ  # each header once, without a look through all of them
        if "HTTP_CONTENT_ENCODING" in came:
            raise UnsupportedMediaType("the body must come without a Content-Encoding")
        return Call(
            token=token,
            content_type=came.get("CONTENT_TYPE", ""),
            body=read_body(asked, self._longest),
            idempotency_key=came.get("HTTP_IDEMPOTENCY_KEY"),
            proxied=proxied,
        )

    def count_guesses(self, caller: CallerId, results: Sequence[Disclosure | Refused]) -> None:
        """Let what was previewed out of scope cost as much as a refusal: else a caller could list whom a set holds.

        Raises TooManyRefusals where the caller may not be told so many.
        """
        guesses = sum(isinstance(one, Refused) and one.reason is RefusedReason.OUT_OF_SCOPE for one in results)
        if guesses:
            self._quota.require(caller, guesses)
            self._quota.spend(caller, guesses)

    def count_observed(self, caller: CallerId, previews: int, troubles: int) -> None:
        """Count previews whose shape was counted, and how often counts could not be written."""
        self._metrics.observed(caller, previews, troubles)

    def _declined(self, asked: Visit, declined: Declined) -> Reply:
        admitted = declined.refused.admitted
        asked.caller = admitted.caller.id
        asked.recorded(admitted.transfer_id, declined.receipt)
        self._quota.spend(admitted.caller.id)
        self._metrics.declined(declined)
        return replies.refused(declined)

    def _attempted(self, asked: Visit, result: Recorded, answered: Answered) -> Attempted | None:
        """How the attempt ended; None where the gateway failed in it, when bytes may already have left."""
        admitted = result.disclosure.permitted.admitted
        asked.caller = admitted.caller.id
        asked.recorded(admitted.transfer_id, result.receipt)

        def told(attempted: Attempted) -> Answer:
            return repeats.kept(answered(attempted), attempted)

        try:
            return attempt(admitted.transfer_id, self._house, told)
        except GatewayError:
            return None


def plainly_delivered(attempted: Attempted) -> bool:
    """Whether the recipient took it and its whole answer is there."""
    return attempted.sent.outcome is OutcomeCode.DELIVERED and attempted.sent.cause is None


def read_body(asked: Visit, longest: int) -> bytes:
    """The body, in one read of its stated length; over the limit it is refused by that length, before it is read."""
    stated = get_content_length(asked.environ)
    if not stated or stated > longest:
        return asked.get_data(cache=False)  # werkzeug refuses what is too long, and cuts off what states no length
    try:
        body: bytes = asked.environ["wsgi.input"].read(stated)
    except (OSError, ValueError):  # the connection broke
        body = b""
    if len(body) < stated:
        raise MalformedRequest("the body ended before its Content-Length")
    return body

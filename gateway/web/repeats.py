"""What a caller is told that repeats a request under its `Idempotency-Key`, and what is kept so that it can be told.

Promises: a kept reply comes again with the same status, headers and body, under `Gateway-Replayed: 1`; where none can
come, the answer says how the first transfer stands, and names it. It must never be a reason to send again.
"""

from __future__ import annotations

from typing import Final

from werkzeug.datastructures import Headers

from gateway.model import Answer, Attempted, Repeated, Standing
from gateway.web.application import Reply, Visit
from gateway.web.problems import problem

LONGEST_BODY: Final = 1 << 20
REPLAYED: Final = "Gateway-Replayed"

_CODES: Final = {
    Standing.UNDER_WAY: "idempotency_in_flight",
    Standing.UNKNOWN: "outcome_unknown",
    Standing.ERASED: "answer_not_kept",
    Standing.ANOTHER: "idempotency_mismatch",
}


def kept(reply: Reply, attempted: Attempted) -> Answer:
    """A reply as it is kept; one that is too long is a problem that says so, for whoever repeats the request."""
    if len(reply.get_data()) > LONGEST_BODY:
        reply = problem("answer_not_kept", members={"outcome": attempted.sent.outcome.value})
    return Answer(reply.status_code, dict(reply.headers), reply.get_data())


def told_again(asked: Visit, repeated: Repeated) -> Reply:
    """The kept reply, or how the transfer stands that holds the key."""
    asked.caller = repeated.admitted.caller.id
    asked.transfer_id, asked.log_index = repeated.transfer_id, repeated.index
    if repeated.answer is None:
        return problem(_CODES[repeated.standing])
    reply = Reply(repeated.answer.body, repeated.answer.status)
    reply.headers = Headers(dict(repeated.answer.headers))
    reply.headers.add(REPLAYED, "1")
    reply.problem = repeated.answer.headers.get("Gateway-Problem")
    return reply

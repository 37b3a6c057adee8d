"""READ THIS FIRST: the path of a transfer.

`accept` takes what a caller sent and ends with a durable entry of the transfer log: an intent, or a refusal; or with
the transfer that an `Idempotency-Key` was used for before. Nothing has left when it returns. `attempt` takes the id of
a recorded transfer, seals it, sends it and records how that ended. The order is held by types: each step takes only
what the step before it made (see `gateway.model`).

Promises: no byte leaves before the entry that authorises it is durable; each attempt ends in exactly one outcome,
`unknown` included; a transfer keeps the map snapshot that it began with. It must never see a socket, a table or a
request object: those stand behind the `House`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock, Instant
from gateway.errors import GatewayError
from gateway.minimise import minimise, minimise_answer
from gateway.model import (
    Admitted,
    Answer,
    Attempted,
    Call,
    Cause,
    Conceal,
    Declined,
    Disclosure,
    Envelope,
    InSet,
    OutcomeCode,
    Pairwise,
    Pending,
    Permitted,
    Recorded,
    Recorder,
    Refused,
    Repeated,
    Sent,
    Snapshot,
    TransferId,
)
from gateway.purpose import ask_again, decide


@dataclass(frozen=True, slots=True)
class House:
    """What the path needs from outside the stages, wired once in `gateway.bootstrap`."""

    clock: Clock
    admit: Callable[[Call], Admitted]
    maps: Callable[[], Snapshot]
    conceal: Conceal
    pairwise: Pairwise
    in_set: InSet
    recorder: Recorder
    pending: Pending
    seal: Callable[[Recorded], Envelope]
    send: Callable[[Envelope], Sent]


def accept(call: Call, house: House) -> Recorded | Declined | Repeated:
    """Admit, decide, minimise, record: once per transfer.

    Raises AdmissionError where nothing was asked that could be decided, LogUnavailable where it cannot be recorded.
    """
    # 1. Admit: who calls, and is this a request at all?
    admitted = house.admit(call)

    # What was asked before under the same key is not asked again, whatever has changed since.
    if admitted.claim is not None and (repeated := house.recorder.repeated(admitted)) is not None:
        return repeated

    # 2 and 3. Decide and minimise, under the one snapshot that this transfer keeps.
    result: Disclosure | Recorded | Refused | Repeated = preview(
        admitted, house.maps(), house.clock.now(), house.conceal, house.pairwise, in_set=house.in_set
    )

    # A crash up to here leaves nothing behind, and nothing has left.

    # 4. Record what is about to be disclosed. Inside this transaction it is asked whether the subject is restricted, so
    #    that no intent follows the moment in which a block was confirmed, and whether the key is free, so that of all
    #    who come with it at once one goes on. A refusal claims no key: corrected, the request may come again.
    if isinstance(result, Disclosure):
        result = house.recorder.intent(result)
    if isinstance(result, Refused):
        return house.recorder.refusal(result)

    # A crash here leaves an intent without an outcome. Nothing has left; the sweep will write `unknown`.
    if isinstance(result, Recorded):
        house.pending.put(result)
    return result


def preview(
    admitted: Admitted, snapshot: Snapshot, now: Instant, conceal: Conceal, pairwise: Pairwise, *, in_set: InSet
) -> Disclosure | Refused:
    """What would leave, or why nothing would. Records nothing and sends nothing."""
    # 2. Decide: may this recipient have data for this purpose, about this subject, now?
    verdict = decide(admitted, snapshot, now)
    if isinstance(verdict, Permitted):
        # 3. Minimise: build what the map names.
        return minimise(verdict, conceal, pairwise, in_set)
    return verdict


def attempt(transfer_id: TransferId, house: House, told: Callable[[Attempted], Answer] | None = None) -> Attempted:
    """Ask again, seal, send, record the outcome: once or more per transfer; `told` makes what a claim keeps."""
    recorded = house.pending.take(transfer_id)
    envelope: Envelope | None = None

    # 5. Ask again: the stricter of then and now wins.
    if ask_again(recorded.disclosure.permitted, house.maps(), house.clock.now()) is not None:
        sent = Sent(OutcomeCode.NOT_SENT, Cause.REFUSED)
    else:
        try:
            # 6. Seal, fresh for this attempt.
            envelope = house.seal(recorded)
        except GatewayError:  # its key ended a moment ago: nothing has left, and that is known
            sent = Sent(OutcomeCode.NOT_SENT, Cause.REFUSED)
        else:
            # A crash here leaves an intent without an outcome. Nothing has left, but no one can know that: `unknown`.

            # 7. Send.
            sent = house.send(envelope)

    # A crash here leaves an intent without an outcome, and the recipient may hold the envelope: `unknown`. A claimed
    # key stays claimed: who repeats the request is told so, and nothing is sent again.

    # 8. Record the outcome, with the digest of what was sent. Under a claim, what the caller is told is kept in the
    #    same transaction: a crash leaves both, or neither.
    if recorded.answer_key is None or told is None:
        house.recorder.outcome(recorded, sent, envelope, None)
        return _attempted(recorded, sent, house)
    attempted = _attempted(recorded, sent, house)
    house.recorder.outcome(recorded, sent, envelope, told(attempted))
    return attempted


def _attempted(recorded: Recorded, sent: Sent, house: House) -> Attempted:
    """What comes back to the platform is minimised too (law 12)."""
    return Attempted(recorded, minimise_answer(sent, recorded.disclosure.permitted.map.answer, house.conceal))

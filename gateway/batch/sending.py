"""Stages 5 to 8 for what a group recorded: asked again, sealed, sent, and the outcome handed over.

A record that goes alone takes `gateway.transfer.attempt`; records that share an envelope take the same steps together.

Promises: each record is attempted once, and its outcome is that of the envelope that carried it. It must never send a
record that was not recorded, nor one that is no longer permitted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gateway.batch.pace import Pace
from gateway.errors import GatewayError
from gateway.model import Cause, Envelope, OutcomeCode, Recorded, Sent, TransferId
from gateway.purpose import ask_again
from gateway.seal.shared import ENTRY_BYTES, MAX_SHARED_BYTES
from gateway.transfer import House, attempt
from gateway.transfer_log.record_many import GroupRecorder

SealAll = Callable[[Sequence[Recorded]], Envelope]
"""One envelope for many."""

_GROW_SECONDS: Final = 0.2


class Sending:
    """Sends the groups of one registry. `house.recorder` is `recorder`, which gathers the outcomes."""

    def __init__(self, house: House, recorder: GroupRecorder, seal_all: SealAll, pace: Pace, together: int) -> None:
        self._house = house
        self._recorder = recorder
        self._seal_all = seal_all
        self._pace = pace
        self._together = together
        self._pool = ThreadPoolExecutor(pace.most_at_once, thread_name_prefix="registry")

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown()

    def send(self, recorded: Sequence[Recorded]) -> dict[TransferId, Sent]:
        """How each ended; what is missing failed in a way that no one foresaw, and may have left."""
        ended: dict[TransferId, Sent] = {}
        envelopes = parts(recorded, self._together)
        began = self._house.clock.monotonic()
        self._all_at_once(envelopes, ended, began)
        self._pace.ended(len(envelopes), self._house.clock.monotonic() - began)
        return ended

    def _all_at_once(self, envelopes: list[list[Recorded]], ended: dict[TransferId, Sent], began: float) -> None:
        """By this thread and as many more as the pace says; by all there are, where it takes long."""
        waiting, lock = iter(envelopes), threading.Lock()

        def send_next() -> bool:
            with lock:
                one = next(waiting, None)
            if one is not None:
                self._one(one, ended)
            return one is not None

        def send_the_rest() -> None:
            while send_next():
                pass

        others = [self._pool.submit(send_the_rest) for _ in range(self._pace.at_once - 1)]
        while send_next():
            if self._house.clock.monotonic() - began > _GROW_SECONDS:
                more = self._pace.most_at_once - self._pace.at_once
                others += [self._pool.submit(send_the_rest) for _ in range(more)]
                send_the_rest()
        for other in others:
            other.result()

    def _one(self, recorded: list[Recorded], ended: dict[TransferId, Sent]) -> None:
        if self._together == 1:
            transfer_id = recorded[0].disclosure.permitted.admitted.transfer_id
            self._house.pending.put(recorded[0])
            ended[transfer_id] = attempt(transfer_id, self._house).sent
        else:
            self._attempt_all(recorded, ended)

    def _attempt_all(self, recorded: list[Recorded], ended: dict[TransferId, Sent]) -> None:
        """The steps of `attempt`, for an envelope that many share."""
        # 5. Ask again. They stand under one map, so the answer is one.
        permitted, now = recorded[0].disclosure.permitted, self._house.clock.now()
        envelope: Envelope | None = None
        if ask_again(permitted, self._house.maps(), now) is not None:
            sent = Sent(OutcomeCode.NOT_SENT, Cause.REFUSED)
        else:
            try:
                # 6. Seal.
                envelope = self._seal_all(recorded)
            except GatewayError:
                sent = Sent(OutcomeCode.NOT_SENT, Cause.REFUSED)
            else:
                # 7. Send.
                sent = self._house.send(envelope)
        # A crash here leaves intents without an outcome, and the recipient may hold the envelope: `unknown`, for each.
        # 8. One outcome, which is that of each.
        self._recorder.outcome_of_all(recorded, sent, envelope)
        ended |= dict.fromkeys((one.disclosure.permitted.admitted.transfer_id for one in recorded), sent)


def parts(recorded: Sequence[Recorded], together: int) -> list[list[Recorded]]:
    """What goes in one envelope each: at most so many, of one checkpoint, and no more than can be opened."""
    found: list[list[Recorded]] = []
    size = 0
    for one in recorded:
        size += len(one.disclosure.body) + ENTRY_BYTES
        full = not found or len(found[-1]) == together or size > MAX_SHARED_BYTES
        if full or found[-1][0].receipt.checkpoint != one.receipt.checkpoint:
            found.append([])
            size = len(one.disclosure.body) + ENTRY_BYTES
        found[-1].append(one)
    return found

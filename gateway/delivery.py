"""Delivery in `wait` mode: where a recorded transfer waits for its one attempt, and what becomes of abandoned ones.

Promises: a recorded transfer is taken once; an intent whose process died ends as `unknown`, five seconds past its
deadline and never earlier, by whichever process sees it first. It must never send anything again: `unknown` is an
outcome, not a reason to retry.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from gateway.clock import MICROSECONDS, Clock, Instant
from gateway.errors import GatewayError
from gateway.model import Overdue, Recorded, TransferId

GRACE_SECONDS = 5
SWEEP_SECONDS = 1.0


class MemoryPending:
    """Holds what this process recorded until its attempt takes it."""

    def __init__(self) -> None:
        self._recorded: dict[TransferId, Recorded] = {}

    def put(self, recorded: Recorded) -> None:
        """Keep it until it is taken."""
        self._recorded[recorded.disclosure.permitted.admitted.transfer_id] = recorded

    def take(self, transfer_id: TransferId) -> Recorded:
        """Give it away, once. Raises KeyError where nothing waits under this id: a second attempt is a bug."""
        return self._recorded.pop(transfer_id)


class Sweep:
    """Writes `unknown` for intents without an outcome whose deadline is over."""

    def __init__(
        self,
        overdue: Callable[[Instant], Iterable[Overdue]],
        record_unknown: Callable[[Overdue], None],
        clock: Clock,
        report: Callable[[str, int], None] = lambda _event, _count: None,
    ) -> None:
        self._overdue = overdue
        self._record_unknown = record_unknown
        self._clock = clock
        self._report = report
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def once(self) -> int:
        """One look; how many outcomes were handed over. Looking twice is safe: the first outcome of an attempt wins."""
        before = Instant(self._clock.now() - GRACE_SECONDS * MICROSECONDS)
        count = 0
        for intent in self._overdue(before):
            self._record_unknown(intent)
            count += 1
        return count

    def start(self) -> None:
        """Look every second, in a thread of this process."""
        self._thread = threading.Thread(target=self._loop, name="sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; returns when the thread is gone."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        while not self._stop.wait(SWEEP_SECONDS):
            try:
                count = self.once()
            except GatewayError as error:  # the log is away: the next look will see the same intents again
                self._report(error.code, 0)
                continue
            if count:
                self._report("unknown_recorded", count)

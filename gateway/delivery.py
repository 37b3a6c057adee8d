"""Delivery in `wait` mode: where a recorded transfer waits for its one attempt, and what becomes of abandoned ones.

Promises: a recorded transfer is taken once; an intent whose process died ends as `unknown`, five seconds past its
deadline and never earlier, by whichever process sees it first; what was kept for repeated requests is destroyed within
a minute after its time. It must never send anything again: `unknown` is an outcome, not a reason to retry.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from gateway.clock import MICROSECONDS, Clock, Instant
from gateway.errors import GatewayError
from gateway.model import Overdue, Recorded, TransferId

_diagnostics = logging.getLogger("gateway.delivery")  # codes and counts only

GRACE_SECONDS = 5
SWEEP_SECONDS = 1.0
DESTROY_SECONDS = 60.0


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
    """Writes `unknown` for intents whose deadline is over without an outcome; destroys what was kept long enough."""

    def __init__(
        self,
        overdue: Callable[[Instant], Iterable[Overdue]],
        record_unknown: Callable[[Overdue], None],
        ping: Callable[[], None],
        destroy: Callable[[Instant], object],
        clock: Clock,
    ) -> None:
        self._overdue = overdue
        self._record_unknown = record_unknown
        self._ping = ping
        self._destroy = destroy
        self._clock = clock
        self._away_at: float | None = None
        self._destroyed_at: float | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def once(self) -> int:
        """One look; how many outcomes were handed over. Looking twice is safe: the first outcome of an attempt wins.

        Nothing is written until the log has been there for the grace: where it was away, processes that live hold
        outcomes that wait for it, and what they know must come first.
        """
        try:
            self._ping()
        except GatewayError:
            self._away_at = self._clock.monotonic()
            raise
        if self._away_at is not None and self._clock.monotonic() - self._away_at < GRACE_SECONDS:
            return 0
        before = Instant(self._clock.now() - GRACE_SECONDS * MICROSECONDS)
        count = 0
        for intent in self._overdue(before):
            self._record_unknown(intent)
            count += 1
        if self._destroyed_at is None or self._clock.monotonic() - self._destroyed_at >= DESTROY_SECONDS:
            self._destroy(self._clock.now())
            self._destroyed_at = self._clock.monotonic()
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
                _diagnostics.warning(error.code)
            except Exception as error:  # noqa: BLE001 -- a sweep that ends silently would leave intents open for ever
                _diagnostics.error("sweep_failed %s", type(error).__name__)
            else:
                if count:
                    _diagnostics.warning("unknown_recorded count=%d", count)

"""How many recorded refusals one caller may cause: a token bucket per caller, in memory.

Promises: a caller that floods the transfer log with refusals is stopped before the next one is decided, and no other
caller notices (T57). It counts per process. It must never hold back a caller that is not refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from gateway.clock import Clock
from gateway.errors import TooManyRefusals
from gateway.model import Admitted, Call, CallerId

_SECONDS_PER_MINUTE = 60.0


class RefusalQuota:
    """Refusals per caller: `per_minute` at once, and refilled evenly at that rate."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._full = float(per_minute)
        self._lock = threading.Lock()
        self._left: dict[CallerId, tuple[float, float]] = {}  # refusals left, and when that was so

    def guard(self, admit: Callable[[Call], Admitted]) -> Callable[[Call], Admitted]:
        """An `admit` that raises TooManyRefusals for a caller who has used up its quota."""

        def admit_within_quota(call: Call) -> Admitted:
            admitted = admit(call)
            self.require(admitted.caller.id)
            return admitted

        return admit_within_quota

    def require(self, caller: CallerId, count: int = 1) -> None:
        """Raise TooManyRefusals unless so many more refusals of this caller may be recorded."""
        if self.left(caller) < count:
            raise TooManyRefusals(
                "the quota of recorded refusals is used up",
                hint="correct what is refused; the quota refills by the minute",
            )

    def spend(self, caller: CallerId, count: int = 1) -> None:
        """Count so many refusals."""
        with self._lock:
            self._left[caller] = (max(0.0, self.left(caller) - count), self._clock.monotonic())

    def take(self, caller: CallerId) -> bool:
        """Count one refusal, if one more may be recorded."""
        if self.left(caller) < 1:
            return False
        self.spend(caller)
        return True

    def left(self, caller: CallerId) -> float:
        """How many refusals of this caller may be recorded at this moment."""
        now = self._clock.monotonic()
        left, at = self._left.get(caller, (self._full, now))
        return min(self._full, left + (now - at) * self._full / _SECONDS_PER_MINUTE)

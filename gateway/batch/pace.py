"""How many records go at once, and how many stand in one group of the log.

Promises: what is recorded as about to leave is sent well before its deadline, however slow the recipient is; a quick
recipient is sent to by one thread, for threads that do not wait only take turns; and a quarter of the places at the
recipient stays free for single transfers (T71).
"""

from __future__ import annotations

from typing import Final

MOST_IN_GROUP: Final = 256
SHARE_OF_TIMEOUT: Final = 0.25
_TURN_SECONDS: Final = 0.002  # less than this, and threads would wait for each other more than for the recipient


class Pace:
    """Learns from each group how long one envelope takes."""

    def __init__(self, in_flight: int, timeout_seconds: float, records_per_envelope: int = 1) -> None:
        self.most_at_once = max(1, in_flight * 3 // 4)
        self.at_once = self.most_at_once
        self._patience = timeout_seconds * SHARE_OF_TIMEOUT
        self._most = max(1, MOST_IN_GROUP // records_per_envelope)  # envelopes
        self._envelopes = min(self.at_once, self._most)
        self._each = records_per_envelope

    @property
    def records(self) -> int:
        """How many records the next group has."""
        return self._envelopes * self._each

    def ended(self, envelopes: int, seconds: float) -> None:
        """Take note of a group that was sent."""
        if not envelopes:
            return
        one = seconds * self.at_once / envelopes  # waiting included
        self.at_once = min(self.most_at_once, max(1, round(one / _TURN_SECONDS)))
        fits = int(self._patience * self.at_once / one) if one > 0 else self._most
        self._envelopes = max(1, min(self._most, fits))

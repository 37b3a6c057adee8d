"""The one place that asks what time it is.

Instants are integers, microseconds since the epoch in UTC: exact in JSON (below 2^53 until the year 2255), in both
databases, and free of time zones. Deadlines inside one process use `monotonic`, which no operator can set back.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NewType, Protocol

Instant = NewType("Instant", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

MICROSECONDS = 1_000_000


class Clock(Protocol):
    """What the house asks of a clock."""

    def now(self) -> Instant:
        """The current instant (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never go back."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> Instant:
        """The current instant (UTC)."""
        return Instant(time.time_ns() // 1_000)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never go back."""
        return time.monotonic()


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    return Instant(round(moment.timestamp() * MICROSECONDS))


def iso(instant: Instant) -> str:
    """RFC 3339 text of an instant, with microseconds and `Z`."""
    seconds, micros = divmod(instant, MICROSECONDS)
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}.{micros:06d}Z"

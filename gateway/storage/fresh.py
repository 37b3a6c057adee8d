"""What is read often and changed seldom: kept in memory, read again at most once a second.

Promises: asking costs no query; a change made by another process counts within two seconds, one of this process at
once; while the database cannot be read, what was known is said for at most two seconds and then nothing (fail closed).
It must never keep anything across a fork.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from gateway.clock import Clock
from gateway.errors import LogError
from gateway.storage import fork
from gateway.storage.database import Database

FRESH_SECONDS: Final = 1.0
STALE_SECONDS: Final = 2.0

_LONG_AGO: Final = float("-inf")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Known(Generic[_T]):
    value: _T
    read_at: float


class Fresh(Generic[_T]):
    """One value of the database; `read` makes it, and is given the one before, of which it may keep what holds."""

    def __init__(self, database: Database, clock: Clock, read: Callable[[Connection, _T | None], _T]) -> None:
        self._database = database
        self._clock = clock
        self._read = read
        self._start_over()
        fork.in_child(self._start_over)

    def _start_over(self) -> None:
        self._known: _Known[_T] | None = None
        self._reading = threading.Lock()

    def get(self) -> _T:
        """The value, at most two seconds old. Raises LogUnavailable."""
        known = self._known
        age = STALE_SECONDS if known is None else self._clock.monotonic() - known.read_at
        if known is None or age >= FRESH_SECONDS:
            known = self._refreshed(known, wait=age >= STALE_SECONDS)
        return known.value

    def forget(self) -> None:
        """Read again before the next answer; whoever reads at this moment may have missed the change."""
        with self._reading:
            if self._known is not None:
                self._known = _Known(self._known.value, _LONG_AGO)

    def _refreshed(self, known: _Known[_T] | None, *, wait: bool) -> _Known[_T]:
        """One thread reads; the others go on with what is known, as long as that may be said."""
        if not self._reading.acquire(blocking=wait) and known is not None:
            return known
        try:
            now = self._clock.monotonic()
            before = self._known
            if before is not None and now - before.read_at < FRESH_SECONDS:
                return before
            try:
                with self._database.read() as connection:
                    found = _Known(self._read(connection, None if before is None else before.value), now)
            except LogError:
                if known is not None and now - known.read_at < STALE_SECONDS:
                    return known
                raise
            self._known = found
            return found
        finally:
            self._reading.release()

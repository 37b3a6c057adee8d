"""The fair lock beside an SQLite file: writers of all processes take turns.

SQLite's own waiting is polling with growing pauses, and a process that writes without a pause starves the others (a
p99 of over a second). So every writer holds this lock around its transaction. `flock` alone does not queue either:
who lets go may take it again before the one it wakes. Hence two files: one waits for the lock only while holding the
turn, so whoever just wrote finds the turn taken and stands behind.

Promises: released when the holder dies. It gives fairness, not safety: SQLite's lock still decides who writes, so a
lock file that someone deletes loses nothing. It must never be held across a request's other work.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MODE = 0o600


class FairLock:
    """One lock for all threads and processes that write to one database file."""

    def __init__(self, database: Path) -> None:
        self._lock = f"{database}.lock"
        self._turn = f"{database}.turn"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn, hold the lock, let go. Raises OSError."""
        with _locked(self._turn) as pass_on_turn, _locked(self._lock):
            pass_on_turn()
            yield


@contextmanager
def _locked(path: str) -> Iterator[Callable[[], None]]:
    # A descriptor of its own for each holder, so that threads exclude each other as processes do.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _MODE)

    def unlock() -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield unlock
    finally:
        unlock()  # not only by closing: a child forked in between holds the same descriptor open (T75)
        os.close(descriptor)

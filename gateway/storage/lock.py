"""The fair lock beside an SQLite file: writers of all processes take turns.

SQLite's own waiting is polling with growing pauses, and a process that writes without a pause starves the others (a
p99 of over a second). So every writer holds this lock around its transaction. `flock` alone does not queue either:
who lets go may take it again before the one it wakes. Hence two files: one waits for the lock only while holding the
turn, so whoever just wrote finds the turn taken and stands behind.

Promises: released when the holder dies. It gives fairness, not safety: SQLite's lock still decides who writes, so a
lock file that someone deletes loses nothing. It must never be held across a request's other work.
"""

from __future__ import annotations

import os
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path
from typing import NewType

Held = NewType("Held", int)

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
_MODE = 0o600


class FairLock:
    """One lock for all threads and processes that write to one database file."""

    def __init__(self, database: Path) -> None:
        self._lock = f"{database}.lock"
        self._turn = f"{database}.turn"

    def acquire(self) -> Held:
        """Wait for the turn, then for the lock. Raises OSError."""
        turn = _locked(self._turn)
        try:
            return Held(_locked(self._lock))
        finally:
            _unlock(turn)

    def release(self, held: Held) -> None:
        """Let the next one in."""
        _unlock(held)


def _locked(path: str) -> int:
    # A descriptor of its own for each holder, so that threads exclude each other as processes do.
    descriptor = os.open(path, _FLAGS, _MODE)
    try:
        flock(descriptor, LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _unlock(descriptor: int) -> None:
    flock(descriptor, LOCK_UN)  # not only by closing: a child forked in between has the same descriptor open (T75)
    os.close(descriptor)

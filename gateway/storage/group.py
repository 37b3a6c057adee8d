"""Group commit: many threads, one transaction, no timer.

A thread that brings a unit while no one writes becomes the leader: it waits for its turn at the database, takes along
all that came meanwhile, commits, tells everyone, and hands the lead to one of those who came since. So a group is as
large as the disk is slow, and no thread serves others for ever.

Promises: `commit` returns when its unit is durable or left out, and raises LogUnavailable when nothing of it was
recorded; a unit that the database refuses fails alone. What `commit_soon` takes joins the next group, is pushed by a
thread of its own after 50 ms, and is tried again until it is written or this process stops. A forked child starts
empty (T75).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

import structlog

from gateway.errors import LogError, LogUnavailable
from gateway.model import NotCommitted, Receipt, Unit
from gateway.storage import fork
from gateway.storage.engine import RowRefused
from gateway.storage.log import Append, Result

Turn: TypeAlias = Callable[[], AbstractContextManager[Append]]

LATE_SECONDS = 0.05
PATIENCE_SECONDS = 10.0
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
BACKLOG = 20_000

_diagnostics = structlog.get_logger("gateway.storage")


class _Waiting:
    """One unit on its way into the log, and the thread that waits for it."""

    __slots__ = ("failure", "leads", "result", "signal", "since", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.since = time.monotonic()
        self.signal = threading.Lock()  # released once: when the unit's fate is known, or its thread is to lead
        self.signal.acquire()
        self.leads = False
        self.result: Result | None = None
        self.failure: LogError | None = None

    def get(self) -> Result:
        if self.result is None:
            raise self.failure or LogUnavailable("the transfer log did not answer")
        return self.result


class GroupCommit:
    """Implements the stages' `TransferLog` over whatever gives out turns."""

    def __init__(self, turn: Turn, *, late: float = LATE_SECONDS, patience: float = PATIENCE_SECONDS) -> None:
        self._turn = turn
        self._late_seconds = late
        self._patience = patience
        self._start_over()
        fork.in_child(self._start_over)

    def _start_over(self) -> None:
        self._mutex = threading.Lock()
        self._arrived = threading.Condition(self._mutex)
        self._waiting: list[_Waiting] = []
        self._late: list[_Waiting] = []
        self._led = False
        self._closed = False
        self._failures = 0
        self._pusher: threading.Thread | None = None

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        """Make the unit durable, or say why it stays out. Raises LogUnavailable, LogDiverged: it was not recorded."""
        waiting = _Waiting(unit)
        with self._mutex:
            if self._closed:
                raise LogUnavailable("this process is stopping")
            self._waiting.append(waiting)
            leads, self._led = not self._led, True
        if leads or self._follow(waiting):
            self._lead()
        return waiting.get()

    def commit_soon(self, unit: Unit) -> None:
        """Take the unit into the next group, at most 50 ms from now; whoever needs to know looks in the log.

        Where the log has been away for so long that no more can wait, the unit is dropped and reported: the sweep
        will write `unknown`, which is then the truth.
        """
        with self._mutex:
            if self._closed or len(self._late) >= BACKLOG:
                _diagnostics.error("outcome_dropped", count=1)
                return
            self._late.append(_Waiting(unit))
            if self._pusher is None:
                self._pusher = threading.Thread(target=self._push, name="log-pusher", daemon=True)
                self._pusher.start()
            elif len(self._late) == 1:
                self._arrived.notify()

    def close(self) -> None:
        """Take nothing more, and write what still waits; what cannot be written in time is reported."""
        with self._mutex:
            self._closed = True
            self._arrived.notify_all()
            pusher = self._pusher
        if pusher is not None:
            pusher.join(self._patience)
        with self._mutex:
            if self._late:
                _diagnostics.error("outcome_dropped", count=len(self._late))
                self._late = []

    def _follow(self, waiting: _Waiting) -> bool:
        """Wait until the unit's fate is known (False) or this thread is to lead (True)."""
        if waiting.signal.acquire(timeout=self._patience):
            return waiting.leads
        with self._mutex:
            if waiting in self._waiting and not waiting.leads:
                self._waiting.remove(waiting)
                waiting.failure = LogUnavailable("the transfer log is too slow now")
                return False
        # It is being written at this very moment, or this thread was made the leader just now.
        return waiting.signal.acquire(timeout=self._patience) and waiting.leads

    def _lead(self) -> None:
        """Commit one group and hand over the lead."""
        group: list[_Waiting] = []
        failure: LogError = LogUnavailable("the transfer log failed while it was written")
        results: Sequence[Result] = ()
        try:
            with self._turn() as append:
                group = self._take()
                results = append([waiting.unit for waiting in group])
        except RowRefused:
            results, failure = (), LogUnavailable("the transfer log refused the entry")
            if len(group) > 1:
                self._one_by_one(group)
                group = []
        except LogError as error:
            results, failure = (), error
        finally:
            group = group or (self._take() if not results else [])
            ...

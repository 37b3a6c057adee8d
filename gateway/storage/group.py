"""Group commit: many threads, one transaction, no timer.

A thread that brings a unit while no one writes becomes the leader: it waits for its turn at the database, takes along
all that came meanwhile, commits, tells everyone, and hands the lead to one of those who came since. So a group is as
large as the disk is slow, and no thread serves others for ever.

Promises: `commit` returns when its unit is durable or left out, and raises LogUnavailable when nothing of it was
recorded; a unit that the database refuses fails alone. `commit_all` says so of each of many units, and raises only
where none of them was recorded; they stand in one group, under one checkpoint, unless the database refuses one. What
`commit_soon` takes joins the next group, is pushed by a thread of its own after 50 ms, and is tried again until it is
written or this process stops. A forked child starts empty (T75).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

from gateway.errors import LogError, LogUnavailable
from gateway.model import NotCommitted, Receipt, Unit
from gateway.storage import fork
from gateway.storage.database import RowRefused
from gateway.storage.log import Append, Result

Turn: TypeAlias = Callable[[], AbstractContextManager[Append]]

LATE_SECONDS = 0.05
PATIENCE_SECONDS = 10.0
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
BACKLOG = 20_000

_diagnostics = logging.getLogger("gateway.storage")  # codes and numbers; standard error unless it is told otherwise


class _Waiting:
    """Units on their way into the log together, and the thread that waits for them (none for a late one)."""

    __slots__ = ("_signal", "failure", "late", "leads", "results", "since", "units")

    def __init__(self, units: Sequence[Unit], *, late: bool = False) -> None:
        self.units = units
        self.late = late
        self.since = time.monotonic()
        self.leads = False
        self.results: Sequence[Result] | None = None
        self.failure: LogError | None = None
        self._signal = threading.Lock()
        self._signal.acquire()

    @property
    def settled(self) -> bool:
        return self.results is not None or self.failure is not None

    def settle(self, results: Sequence[Result] | None = None, failure: LogError | None = None) -> None:
        self.results, self.failure = results, failure
        self._signal.release()

    def lead(self) -> None:
        self.leads = True
        self._signal.release()

    def wait(self, seconds: float) -> bool:
        """Whether its fate is known, or it is to lead."""
        return self._signal.acquire(timeout=seconds)

    def get(self) -> Sequence[Result]:
        if self.results is not None:
            return self.results
        failure = self.failure or LogUnavailable("the transfer log did not answer")
        raise type(failure)(str(failure), hint=failure.hint)  # one of its own: a group's threads share the failure


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
        self._closed_at: float | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._pusher: threading.Thread | None = None

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        """Make the unit durable, or say why it stays out. Raises LogUnavailable, LogDiverged: it was not recorded."""
        return self._await(_Waiting((unit,)))[0]

    def commit_all(self, units: Sequence[Unit]) -> Sequence[Result]:
        """Make each unit durable, or say why it stays out, all in one group.

        Raises LogUnavailable, LogDiverged: none of them was recorded.
        """
        return self._await(_Waiting(units)) if units else ()

    def _await(self, waiting: _Waiting) -> Sequence[Result]:
        with self._mutex:
            if self._closed_at is not None:
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
            if self._closed_at is not None or len(self._late) >= BACKLOG:
                _diagnostics.error("outcome_dropped count=1")
                return
            self._late.append(_Waiting((unit,), late=True))
            if self._pusher is None:
                self._pusher = threading.Thread(target=self._push, name="log-pusher", daemon=True)
                self._pusher.start()
            elif len(self._late) == 1:
                self._arrived.notify()

    def close(self) -> None:
        """Take nothing more, and write what still waits; what cannot be written in time is reported."""
        with self._mutex:
            self._closed_at = time.monotonic()
            self._arrived.notify_all()
            pusher = self._pusher
        if pusher is not None:
            pusher.join(self._patience)
        with self._mutex:
            if self._late:
                _diagnostics.error("outcome_dropped count=%d", len(self._late))
                self._late = []

    def _follow(self, waiting: _Waiting) -> bool:
        """Wait until the unit's fate is known (False) or this thread is to lead (True)."""
        if waiting.wait(self._patience):
            return waiting.leads
        with self._mutex:
            if waiting in self._waiting and not waiting.leads:
                self._waiting.remove(waiting)
                waiting.failure = LogUnavailable("the transfer log is too slow now")
                return False
        # It is being written at this very moment, or this thread was made the leader just now.
        return waiting.wait(self._patience) and waiting.leads

    def _lead(self) -> None:
        """Commit one group, tell everyone in it, and hand over the lead whatever happened."""
        group: list[_Waiting] = []
        failure: LogError | None = LogUnavailable("the transfer log failed while it was written")
        try:
            with self._turn() as append:
                group = self._take()
                results = append([unit for waiting in group for unit in waiting.units])
            failure = None
            self._succeed(group, results)
        except RowRefused:
            self._one_by_one(group)
            failure = None
        except LogError as error:
            failure = error
        finally:
            if failure is not None:
                self._fail(group or self._take(), failure)
            self._hand_over()

    def _one_by_one(self, group: Sequence[_Waiting]) -> None:
        """Each unit of a group that broke the schema in a group of its own: the one that did it fails alone."""
        for waiting in group:
            results: list[Result] = []
            for unit in waiting.units:
                try:
                    with self._turn() as append:
                        results += append([unit])
                except RowRefused:
                    _diagnostics.error("entry_refused_by_schema count=1")
                    results.append(NotCommitted.UNFIT)
                except LogError as error:
                    if not any(isinstance(result, Receipt) for result in results):
                        self._fail([waiting], error)
                        break
                    results.append(NotCommitted.UNFIT)  # others of it are durable: only of this one nothing is
            else:
                self._settle_alone(waiting, results)

    def _settle_alone(self, waiting: _Waiting, results: Sequence[Result]) -> None:
        if list(results) == [NotCommitted.UNFIT]:
            waiting.settle(failure=LogUnavailable("the transfer log refused the entry"))
        else:
            self._succeed([waiting], results)

    def _take(self) -> list[_Waiting]:
        with self._mutex:
            group = self._late + self._waiting
            self._late, self._waiting = [], []
        return group

    def _succeed(self, group: Sequence[_Waiting], results: Sequence[Result]) -> None:
        self._failures = 0
        at = 0
        for waiting in group:
            waiting.settle(results[at : at + len(waiting.units)])
            at += len(waiting.units)

    def _fail(self, group: Sequence[_Waiting], failure: LogError) -> None:
        """Tell those who wait; what is late goes back to the front of its queue."""
        again = [waiting for waiting in group if waiting.late and not waiting.settled]
        with self._mutex:
            self._late[:0] = again
            self._retry_at = time.monotonic() + RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
            self._failures += 1
        if again:
            _diagnostics.warning("outcomes_wait_for_the_log count=%d code=%s", len(again), failure.code)
        for waiting in group:
            if not waiting.late and not waiting.settled:
                waiting.settle(failure=failure)

    def _hand_over(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting[0].lead()
            else:
                self._led = False

    def _push(self) -> None:
        """Lead a group whenever a late unit has waited long enough and no one came to take it along."""
        while True:
            with self._mutex:
                now = time.monotonic()
                if self._closed_at is not None and (not self._late or now > self._closed_at + self._patience):
                    return
                pause = self._pause(now)
                if pause is None or pause > 0:
                    self._arrived.wait(pause)
                    continue
                self._led = True
            try:
                self._lead()
            except Exception as error:  # noqa: BLE001 - this thread must live: others hand it what they cannot lose
                _diagnostics.error("log_pusher_failed exception=%s", type(error).__name__)

    def _pause(self, now: float) -> float | None:
        """Seconds until the late units are due; None while there are none."""
        if not self._late:
            return None
        if self._led:
            return self._late_seconds / 10  # the leader may leave them to the next group
        due = self._retry_at if self._failures else 0.0
        if self._closed_at is None:
            due = max(due, self._late[0].since + self._late_seconds)
        return due - now

"""What is observed waits in memory and is written in groups, once a second, off the path of a preview.

Promises: noting costs a preview no query and never fails it; while the database cannot be written, counts wait and add
up, in bounded memory, and whoever asks is told. What a crash takes is the last second (a lost count, never an entry of
the log). The thread starts with the process or its first note, and never in a parent for its child (T75).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable
from typing import Final

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.minimise.observed import FactKind, Group, Told
from gateway.storage import fork
from gateway.storage.database import RowRefused
from gateway.storage.observations import Observations, day_of, slices

FLUSH_SECONDS: Final = 1.0
GROUPS_MOST: Final = 500
FACTS_MOST: Final = 2_000
"""So many groups wait at most, and so many facts of each; what is beyond is counted as `more`, or lost."""

_MORE: Final[Told] = ("", FactKind.MORE, "")
_diagnostics = logging.getLogger("gateway.storage")  # codes and counts only

_Waiting = dict[tuple[int, Group], dict[Told, int]]


class Observer:
    """Counts the facts of previews; `days` is how long they are kept."""

    def __init__(self, observations: Observations, clock: Clock, days: int) -> None:
        self._observations = observations
        self._clock = clock
        self._days = days
        self._start_over()
        fork.in_child(self._start_over)

    def _start_over(self) -> None:
        self._waiting: _Waiting = {}
        self._troubles = 0
        self._dropped_before = 0
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, told: Iterable[tuple[Group, Collection[Told]]]) -> int:
        """Count the facts of some previews; how often writing has failed since this was asked last."""
        day = day_of(self._clock.now())
        if self._thread is None:
            self.start()
        with self._lock:
            for group, facts in told:
                self._count(day, group, facts)
            troubles, self._troubles = self._troubles, 0
        return troubles

    def start(self) -> None:
        """Write each second, in a thread of this process, and delete old days though nothing new is observed."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._loop, name="observer", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what waits, then delete the days that are over their time. Raises LogUnavailable; what waits stays."""
        with self._flushing:
            with self._lock:
                taken, self._waiting = self._waiting, {}
            try:
                for key in list(taken):
                    for part in slices(taken[key]):
                        self._observations.add(*key, part)
                        for fact, _ in part:
                            del taken[key][fact]
                    del taken[key]
            finally:
                if taken:
                    self._take_back(taken)
            self._drop_old()

    def close(self) -> None:
        """Write what waits, if it can be written, and end the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._try_flush()

    def _count(self, day: int, group: Group, facts: Collection[Told]) -> None:
        counts = self._waiting.get((day, group))
        if counts is None:
            if len(self._waiting) >= GROUPS_MOST:
                return
            counts = self._waiting[day, group] = {}
        for fact in facts:
            if fact in counts:
                counts[fact] += 1
            elif len(counts) < FACTS_MOST:
                counts[fact] = 1
            else:
                counts[_MORE] = counts.get(_MORE, 0) + 1

    def _take_back(self, taken: _Waiting) -> None:
        """Let what could not be written wait on, together with what came since."""
        with self._lock:
            for key, counts in taken.items():
                waiting = self._waiting.setdefault(key, {})
                for fact, count in counts.items():
                    at = fact if fact in waiting or len(waiting) < FACTS_MOST else _MORE
                    waiting[at] = waiting.get(at, 0) + count

    def _drop_old(self) -> None:
        first_kept = day_of(self._clock.now()) - self._days + 1
        if first_kept > self._dropped_before:  # once a day
            self._observations.drop_before(first_kept)
            self._dropped_before = first_kept

    def _loop(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self._try_flush()

    def _try_flush(self) -> None:
        try:
            self.flush()
        except (GatewayError, RowRefused) as error:
            self._trouble(error.code if isinstance(error, GatewayError) else "row_refused")
        except Exception as error:  # noqa: BLE001 -- an observer that ends silently would look like no traffic
            self._trouble(type(error).__name__)

    def _trouble(self, why: str) -> None:
        with self._lock:
            self._troubles += 1
        _diagnostics.warning("observations_wait %s", why)

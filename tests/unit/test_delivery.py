from __future__ import annotations

import threading

import pytest

from gateway.clock import MICROSECONDS, Instant
from gateway.delivery import GRACE_SECONDS, MemoryPending, Sweep
from gateway.errors import LogUnavailable
from gateway.model import Overdue, TransferId
from tests.values import FakeClock, recorded

OVERDUE = Overdue(TransferId("t-1"), 1, "mc-primer-uk", "service_request")


def test_what_is_recorded_is_taken_once() -> None:
    pending = MemoryPending()
    value = recorded(transfer_id="t-1")
    pending.put(value)

    assert pending.take(TransferId("t-1")) is value
    with pytest.raises(KeyError):
        pending.take(TransferId("t-1"))


def test_the_sweep_asks_for_what_is_five_seconds_past_its_deadline() -> None:
    clock = FakeClock(1_000 * MICROSECONDS)
    asked: list[Instant] = []
    written: list[Overdue] = []

    def overdue(before: Instant) -> list[Overdue]:
        asked.append(before)
        return [OVERDUE]

    count = Sweep(overdue, written.append, clock).once()

    assert (count, written) == (1, [OVERDUE])
    assert asked == [Instant((1_000 - GRACE_SECONDS) * MICROSECONDS)]


def test_the_sweep_goes_on_when_the_log_comes_back() -> None:
    """T63: an intent is never forgotten because one look failed."""
    looks: list[int] = []
    reports: list[tuple[str, int]] = []
    seen = threading.Event()

    def overdue(_before: Instant) -> list[Overdue]:
        looks.append(1)
        if len(looks) == 1:
            raise LogUnavailable("away")
        return [OVERDUE]

    sweep = Sweep(overdue, lambda _intent: seen.set(), FakeClock(), lambda event, count: reports.append((event, count)))
    sweep.start()
    came_back = seen.wait(10)
    sweep.stop()

    assert came_back
    assert reports[0] == ("log_unavailable", 0)

from __future__ import annotations

import threading

import pytest

from gateway.clock import MICROSECONDS, Instant
from gateway.delivery import GRACE_SECONDS, MemoryPending, Sweep
from gateway.errors import LogUnavailable
from gateway.model import Overdue, TransferId
from tests.values import FakeClock, recorded


def destroy(_now: Instant) -> int:
    return 0


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
    destroyed: list[Instant] = []

    def overdue(before: Instant) -> list[Overdue]:
        asked.append(before)
        return [OVERDUE]

    count = Sweep(overdue, written.append, lambda: None, destroyed.append, clock).once()

    assert (count, written) == (1, [OVERDUE])
    assert asked == [Instant((1_000 - GRACE_SECONDS) * MICROSECONDS)]
    assert destroyed == [Instant(1_000 * MICROSECONDS)]


@pytest.mark.parametrize("failure", [LogUnavailable("away"), ValueError("damaged")], ids=["log away", "defect"])
def test_the_sweep_goes_on_after_a_look_that_failed(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """T63: an intent is never forgotten because one look failed."""
    looks: list[int] = []
    seen = threading.Event()

    def overdue(_before: Instant) -> list[Overdue]:
        looks.append(1)
        if len(looks) == 1:
            raise failure
        return [OVERDUE]

    sweep = Sweep(overdue, lambda _intent: seen.set(), lambda: None, destroy, FakeClock())
    with caplog.at_level("WARNING", "gateway.delivery"):
        sweep.start()
        came_back = seen.wait(10)
        sweep.stop()

    assert came_back
    assert caplog.records[0].getMessage() in {"log_unavailable", "sweep_failed ValueError"}


def test_after_the_log_was_away_living_processes_write_first() -> None:
    """T63: an outcome that a process still holds must not be overtaken by `unknown`."""
    clock = FakeClock()
    written: list[Overdue] = []
    is_away = True

    def ping() -> None:
        if is_away:
            raise LogUnavailable("locked")

    sweep = Sweep(lambda _before: [OVERDUE], written.append, ping, destroy, clock)
    with pytest.raises(LogUnavailable):
        sweep.once()
    is_away = False
    soon = sweep.once()
    clock.seconds += GRACE_SECONDS
    later = sweep.once()

    assert (soon, later, written) == (0, 1, [OVERDUE])


def test_what_was_kept_long_enough_is_destroyed_every_minute() -> None:
    """T89: at the first look, too, for what ended while no process ran."""
    clock = FakeClock()
    destroyed: list[float] = []

    def note(_now: Instant) -> None:
        destroyed.append(clock.seconds)

    sweep = Sweep(lambda _before: [], lambda _intent: None, lambda: None, note, clock)

    for _ in range(181):
        sweep.once()
        clock.seconds += 1

    assert destroyed == [1_000.0, 1_060.0, 1_120.0, 1_180.0]

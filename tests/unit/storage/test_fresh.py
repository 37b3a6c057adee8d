"""gateway.storage.fresh: no query per question, two seconds of old truth at most."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.errors import LogUnavailable
from gateway.storage.database import Database
from gateway.storage.fresh import Fresh
from tests.unit.storage.samples import database_url, open_store
from tests.values import FakeClock


class Readings:
    """Counts what was read, and waits or fails as told."""

    def __init__(self) -> None:
        self.given: list[int | None] = []
        self.away = False
        self.gate = threading.Event()
        self.gate.set()

    def read(self, _connection: Connection, before: int | None) -> int:
        self.given.append(before)
        assert self.gate.wait(10)
        if self.away:
            raise LogUnavailable("away")
        return len(self.given)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def readings() -> Iterator[Readings]:
    made = Readings()
    yield made
    made.gate.set()


@contextmanager
def fresh(path: Path, clock: FakeClock, readings: Readings) -> Iterator[Fresh[int]]:
    open_store(path / "g.db").close()
    database = Database(database_url(path / "g.db"))
    yield Fresh(database, clock, readings.read)
    database.close()


def test_what_was_known_is_handed_to_the_next_reading(tmp_path: Path, clock: FakeClock, readings: Readings) -> None:
    with fresh(tmp_path, clock, readings) as value:
        first = [value.get() for _ in range(100)]
        clock.seconds += 1.0
        second = value.get()

    assert (set(first), second) == ({1}, 2)
    assert readings.given == [None, 1]


def test_what_is_forgotten_is_read_before_the_next_answer(tmp_path: Path, clock: FakeClock, readings: Readings) -> None:
    with fresh(tmp_path, clock, readings) as value:
        value.get()
        value.forget()

        assert value.get() == 2
        assert readings.given == [None, 1]


def test_what_is_forgotten_is_not_said_again_where_it_cannot_be_read(
    tmp_path: Path, clock: FakeClock, readings: Readings
) -> None:
    """T76: an operator who took something back is not told that it is done while the old still counts."""
    with fresh(tmp_path, clock, readings) as value:
        value.get()
        value.forget()
        readings.away = True

        with pytest.raises(LogUnavailable):
            value.get()


@pytest.mark.parametrize(("age", "said"), [(1.9, True), (2.0, False)], ids=["old", "too old"])
def test_old_truth_is_said_for_two_seconds(
    tmp_path: Path, clock: FakeClock, readings: Readings, age: float, *, said: bool
) -> None:
    with fresh(tmp_path, clock, readings) as value:
        value.get()
        readings.away = True
        clock.seconds += age

        if said:
            assert value.get() == 1
        else:
            with pytest.raises(LogUnavailable):
                value.get()


def test_a_change_that_a_reader_may_have_missed_is_read_after_it(
    tmp_path: Path, clock: FakeClock, readings: Readings
) -> None:
    with fresh(tmp_path, clock, readings) as value:
        readings.gate.clear()
        reader = threading.Thread(target=value.get)
        reader.start()
        while not readings.given:
            pass
        forgetter = threading.Thread(target=value.forget)
        forgetter.start()
        readings.gate.set()
        reader.join()
        forgetter.join()

        assert value.get() == 2


def test_nothing_is_known_in_a_forked_child(tmp_path: Path, clock: FakeClock, readings: Readings) -> None:
    """T75."""
    with fresh(tmp_path, clock, readings) as value:
        value.get()

        value._start_over()

        assert value.get() == 2
        assert readings.given == [None, None]

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from gateway.errors import LogLocked
from gateway.minimise.observed import Fact, FactKind, Group, Told
from gateway.storage.observations import Observations, day_of
from gateway.storage.observer import FACTS_MOST, GROUPS_MOST, Observer
from gateway.storage.store import Store
from tests.unit.storage.samples import locked_by_another_program
from tests.values import NOW, FakeClock

GROUP = Group("backend", "mc-primer-uk", "service_request")
PERMITTED: Told = ("", FactKind.PREVIEW, "permitted")
DAY_MICROSECONDS = 86_400_000_000


def observer(store: Store, clock: FakeClock | None = None, days: int = 30) -> Observer:
    """One whose thread never wakes: what is written, the test writes."""
    made = Observer(store.observations, clock or FakeClock(), days)
    made._stop.set()
    return made


def total(store: Store, fact: Told = PERMITTED) -> int:
    return sum(one.count for one in store.observations.counted(0) if tuple(one.fact) == fact)


def test_what_is_noted_is_written_in_groups(store: Store) -> None:
    made = observer(store)

    for _ in range(50):
        made.note([(GROUP, [PERMITTED, ("a", FactKind.SEEN, "string")])])
    before = total(store)
    made.flush()

    assert (before, total(store)) == (0, 50)
    assert len(store.observations.counted(0)) == 2


def test_what_was_written_is_not_written_again(store: Store) -> None:
    made = observer(store)
    made.note([(GROUP, [PERMITTED])])

    made.flush()
    made.flush()

    assert total(store) == 1


def test_while_the_database_is_away_counts_wait_and_the_next_note_says_so(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = observer(store)
    made.note([(GROUP, [PERMITTED])])

    with caplog.at_level(logging.WARNING, "gateway.storage"), locked_by_another_program(path):
        made._try_flush()
    troubles = [made.note([(GROUP, [PERMITTED])]), made.note([(GROUP, [PERMITTED])])]
    made.flush()

    assert troubles == [1, 0]
    assert total(store) == 3
    assert "observations_wait log_locked" in caplog.text


def test_a_part_that_was_written_is_not_counted_twice_when_the_next_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = observer(store)
    facts: list[Told] = [(f"p{at}", FactKind.SEEN, "string") for at in range(300)]
    made.note([(GROUP, facts)])
    add, calls = Observations.add, []

    def fail_second(self: Observations, *arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise LogLocked("locked")
        add(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Observations, "add", fail_second)
    with pytest.raises(LogLocked):
        made.flush()
    made.flush()

    assert [one.count for one in store.observations.counted(0)] == [1] * 300


def test_what_waits_is_bounded(store: Store) -> None:
    """T57."""
    made = observer(store)

    made.note([(GROUP, [(f"p{at}", FactKind.SEEN, "string") for at in range(FACTS_MOST + 100)])])
    made.note([(Group("c", f"r{at}", "p"), [PERMITTED]) for at in range(GROUPS_MOST + 100)])

    facts = made._waiting[day_of(FakeClock().now()), GROUP]
    assert len(facts) == FACTS_MOST + 1
    assert facts["", FactKind.MORE, ""] == 100
    assert len(made._waiting) == GROUPS_MOST


def test_days_that_are_over_their_time_are_deleted(store: Store) -> None:
    clock = FakeClock()
    made = observer(store, clock, days=3)

    for _ in range(6):
        made.note([(GROUP, [PERMITTED])])
        made.flush()
        clock.at += DAY_MICROSECONDS

    assert total(store) == 3
    assert store.observations.counted(0)[0].first_day == day_of(FakeClock(NOW + 3 * DAY_MICROSECONDS).now())


def test_the_thread_writes_within_a_second_or_two_and_ends_with_close(store: Store) -> None:
    made = Observer(store.observations, FakeClock(), 30)
    before = threading.active_count()

    made.note([(GROUP, [PERMITTED])])
    deadline = time.monotonic() + 10
    while not total(store) and time.monotonic() < deadline:
        time.sleep(0.05)
    made.note([(GROUP, [PERMITTED])])
    made.close()

    assert total(store) == 2
    assert threading.active_count() == before


def test_old_days_are_deleted_though_nothing_new_is_observed(store: Store) -> None:
    store.observations.add(day_of(FakeClock().now()) - 40, GROUP, [(Fact(*PERMITTED), 1)])
    made = Observer(store.observations, FakeClock(), 30)

    made.start()
    deadline = time.monotonic() + 10
    while total(store) and time.monotonic() < deadline:
        time.sleep(0.05)
    made.close()

    assert total(store) == 0


def test_who_never_noted_has_no_thread(store: Store) -> None:
    made = Observer(store.observations, FakeClock(), 30)

    made.close()

    assert made._thread is None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a fork in a process with threads is what is tested
def test_a_forked_child_takes_nothing_of_its_parents(store: Store) -> None:
    """T75: else what waits would be counted twice."""
    made = observer(store)
    made.note([(GROUP, [PERMITTED])])

    child = os.fork()
    if child == 0:
        os._exit(0 if not made._waiting and made._thread is None else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert made._waiting

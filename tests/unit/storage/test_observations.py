from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from gateway.clock import MICROSECONDS, Instant
from gateway.minimise.observed import Fact, FactKind, Group
from gateway.storage.database import Database
from gateway.storage.observations import Observations, day_of, slices
from gateway.storage.store import Store
from tests.unit.storage.samples import database_url, open_store

GROUP = Group("backend", "mc-primer-uk", "service_request")
OTHER = Group("billing", "mc-primer-uk", "service_request")
PERMITTED = Fact("", FactKind.PREVIEW, "permitted")
MORE = Fact("", FactKind.MORE, "")
DAY = 20_000


def seen(path: str) -> Fact:
    return Fact(path, FactKind.SEEN, "string")


def counts(store: Store, since: int = 0) -> dict[tuple[str, Fact], int]:
    return {(one.group.caller, one.fact): one.count for one in store.observations.counted(since)}


def test_counts_add_up_over_writes_and_days(store: Store) -> None:
    store.observations.add(DAY, GROUP, [(PERMITTED, 2), (seen("a"), 1)])
    store.observations.add(DAY, GROUP, [(PERMITTED, 3)])
    store.observations.add(DAY + 1, GROUP, [(PERMITTED, 10)])
    store.observations.add(DAY, OTHER, [(PERMITTED, 7)])

    assert counts(store) == {("backend", PERMITTED): 15, ("backend", seen("a")): 1, ("billing", PERMITTED): 7}
    first, last = [(one.first_day, one.last_day) for one in store.observations.counted(0)][:2]
    assert (first, last) == ((DAY, DAY + 1), (DAY, DAY))


def test_only_the_days_that_are_asked_for_count(store: Store) -> None:
    store.observations.add(DAY, GROUP, [(PERMITTED, 2)])
    store.observations.add(DAY + 7, GROUP, [(PERMITTED, 3)])

    assert counts(store, DAY + 1) == {("backend", PERMITTED): 3}


def test_old_days_are_deleted_and_all_can_be_forgotten(store: Store) -> None:
    for day in range(DAY, DAY + 3):
        store.observations.add(day, GROUP, [(PERMITTED, 1)])

    store.observations.drop_before(DAY + 1)

    assert counts(store) == {("backend", PERMITTED): 2}
    assert store.observations.forget() == 2
    assert counts(store) == {}


def test_a_group_has_so_many_rows_and_the_rest_is_counted_as_more(path: Path, store: Store) -> None:
    """T57: whoever invents names fills no disk."""
    small = Observations(Database(database_url(path)), group_rows=8)

    small.add(DAY, GROUP, [(PERMITTED, 1), *[(seen(f"p{at}"), 2) for at in range(20)]])
    small.add(DAY, GROUP, [(PERMITTED, 1), (seen("p0"), 5), (seen("elsewhere"), 1)])

    found = counts(store)
    assert len(found) == 9
    assert found["backend", MORE] == 13 * 2 + 1
    assert (found["backend", PERMITTED], found["backend", seen("p0")]) == (2, 7)


def test_the_table_has_so_many_rows(path: Path, store: Store) -> None:
    small = Observations(Database(database_url(path)), rows=3)

    small.add(DAY, GROUP, [(PERMITTED, 1), (seen("a"), 1)])
    small.add(DAY, OTHER, [(PERMITTED, 1), (seen("a"), 1)])

    assert counts(store)["billing", MORE] == 1
    assert len(counts(store)) == 4


def test_names_that_are_digests_do_not_drive_out_the_others(path: Path, store: Store) -> None:
    small = Observations(Database(database_url(path)), group_rows=8)

    small.add(DAY, GROUP, [(seen(f"~{at}"), 1) for at in range(50)])
    small.add(DAY, GROUP, [(seen(f"p{at}"), 1) for at in range(6)])

    kept = [fact.path for _, fact in counts(store) if fact != MORE]
    assert sum(path.startswith("~") for path in kept) == 2
    assert sum(path.startswith("p") for path in kept) == 8 - 2 - 1  # and one that counts the rest


def test_many_facts_are_written_in_parts() -> None:
    parts = slices({("p", FactKind.SEEN, str(at)): at for at in range(450)})

    assert [len(part) for part in parts] == [200, 200, 50]
    assert parts[0][1] == (Fact("p", FactKind.SEEN, "1"), 1)
    assert slices({}) == []


def test_what_is_longer_than_its_column_is_cut() -> None:
    """PostgreSQL refuses what is longer, and with it the whole part, each second."""
    ((only,),) = slices({("p" * 900, FactKind.FAILED, "d" * 900): 3})

    assert (len(only[0].path), len(only[0].detail), only[1]) == (200, 160, 3)


def test_a_day_begins_at_midnight_utc() -> None:
    assert day_of(Instant(86_400 * MICROSECONDS)) == 1
    assert day_of(Instant(86_400 * MICROSECONDS - 1)) == 0


def add_often(path: str, times: int) -> None:
    store = open_store(Path(path))
    for at in range(times):
        store.observations.add(DAY, GROUP, [(PERMITTED, 1), (seen(f"p{at % 7}"), 1)])
    store.close()


@pytest.mark.timeout(120)
def test_processes_that_add_to_the_same_rows_lose_nothing(path: Path, store: Store) -> None:
    times, context = 60, multiprocessing.get_context("spawn")
    workers = [context.Process(target=add_often, args=(str(path), times)) for _ in range(2)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    found = counts(store)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert found["backend", PERMITTED] == 2 * times
    assert sum(count for (_, fact), count in found.items() if fact.kind is FactKind.SEEN) == 2 * times

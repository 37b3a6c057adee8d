"""gateway.storage.kept_sets: whole or not at all, seen in every process, no query per question."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.errors import LogUnavailable
from gateway.model import CallerId, RecipientId
from gateway.storage import kept_sets
from gateway.storage.database import Database
from gateway.storage.kept_sets import KeptSet, KeptSets
from gateway.storage.store import Store
from tests.unit.storage.samples import database_url, open_store
from tests.values import NOW, FakeClock

MC, OTHER = RecipientId("mc-primer-uk"), RecipientId("mc-other")
BACKEND = CallerId("backend")
MOST = 4


def digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()[:16]


A, B, C, D, E = map(digest, "abcde")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    made = open_store(tmp_path / "g.db", clock=clock)
    yield made
    made.close()


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """Another process over the same file."""
    made = open_store(tmp_path / "g.db", clock=clock)
    yield made
    made.close()


def held(sets: KeptSets, name: str = "houses", recipient: RecipientId = MC) -> set[bytes]:
    return {one for one in (A, B, C, D, E) if sets.holds(recipient, name, one)}


def test_a_set_that_was_never_written_holds_no_one(store: Store) -> None:
    """T11: what is missing allows nothing."""
    assert held(store.sets) == set()
    assert store.sets.find(MC, "houses") is None
    assert store.sets.list() == []


def test_a_set_is_replaced_as_a_whole_and_counts_at_once(store: Store, clock: FakeClock) -> None:
    store.sets.replace(MC, "houses", [A, B, B], BACKEND)
    first = held(store.sets)
    clock.at += 1
    written = store.sets.replace(MC, "houses", [C], None)

    assert (first, held(store.sets)) == ({A, B}, {C})
    assert written == KeptSet(MC, "houses", 1, type(NOW)(NOW + 1), None)
    assert store.sets.find(MC, "houses") == written
    assert store.sets.list() == [written]


def test_an_emptied_set_holds_no_one(store: Store) -> None:
    """T11."""
    store.sets.replace(MC, "houses", [A], BACKEND)

    written = store.sets.replace(MC, "houses", [], BACKEND)

    assert (written.count, held(store.sets)) == (0, set())


def test_sets_of_one_name_are_another_recipients_own(store: Store) -> None:
    store.sets.replace(MC, "houses", [A], BACKEND)
    store.sets.replace(OTHER, "houses", [B], BACKEND)
    store.sets.replace(MC, "flats", [C], BACKEND)

    assert [held(store.sets), held(store.sets, recipient=OTHER), held(store.sets, "flats")] == [{A}, {B}, {C}]
    assert [(one.recipient, one.name) for one in store.sets.list()] == [
        (OTHER, "houses"),
        (MC, "flats"),
        (MC, "houses"),
    ]


def test_some_go_and_some_come(store: Store) -> None:
    store.sets.replace(MC, "houses", [A, B], BACKEND)

    written = store.sets.change(MC, "houses", add=[C, A], remove=[B, D], most=MOST, by=BACKEND)
    made = store.sets.change(MC, "flats", add=[D], remove=[E], most=MOST, by=BACKEND)

    assert (held(store.sets), held(store.sets, "flats")) == ({A, C}, {D})
    assert written is not None
    assert made is not None
    assert (written.count, made.count) == (2, 1)


def test_a_change_that_would_be_too_much_changes_nothing(store: Store) -> None:
    store.sets.replace(MC, "houses", [A, B, C], BACKEND)

    refused = store.sets.change(MC, "houses", add=[D, E], remove=[], most=MOST, by=BACKEND)

    assert refused is None
    assert held(store.sets) == {A, B, C}


def test_a_change_elsewhere_counts_within_two_seconds(store: Store, elsewhere: Store, clock: FakeClock) -> None:
    store.sets.replace(MC, "houses", [A], BACKEND)
    store.sets.replace(MC, "flats", [B], BACKEND)
    before = held(elsewhere.sets), held(elsewhere.sets, "flats")

    store.sets.replace(MC, "houses", [C], BACKEND)
    clock.seconds += 1.0

    assert before == ({A}, {B})
    assert (held(elsewhere.sets), held(elsewhere.sets, "flats")) == ({C}, {B})


def test_a_set_that_was_set_back_is_seen_too(store: Store, elsewhere: Store, clock: FakeClock) -> None:
    """T54: a database that was brought back from a backup holds an older version."""
    store.sets.replace(MC, "houses", [A], BACKEND)
    clock.at += 1
    store.sets.replace(MC, "houses", [B], BACKEND)
    before = held(elsewhere.sets)
    with store.sets._database.write() as connection:
        connection.execute(kept_sets._set.update().values(version=1, members=A, updated_at=NOW))
    clock.seconds += 1.0

    assert (before, held(elsewhere.sets)) == ({B}, {A})


class CountingDatabase(Database):
    """Counts the sets that were read whole."""

    reads = 0
    away = False

    def read(self):  # type: ignore[no-untyped-def]
        self.reads += 1
        if self.away:
            raise LogUnavailable("away")
        return super().read()


def test_a_thousand_questions_are_one_query(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    store.sets.replace(MC, "houses", [A], BACKEND)
    database = CountingDatabase(database_url(tmp_path / "g.db"))
    sets = KeptSets(database, clock)

    found = {sets.holds(MC, "houses", A) for _ in range(1_000)}
    database.close()

    assert (found, database.reads) == ({True}, 1)


def test_only_a_set_that_changed_is_read_again(store: Store, clock: FakeClock) -> None:
    asked: list[object] = []
    store.sets.replace(MC, "houses", [A], BACKEND)
    store.sets.replace(MC, "flats", [B], BACKEND)
    with store.sets._database.read() as connection:
        before = kept_sets._read(connection, None)
    store.sets.replace(MC, "flats", [C], BACKEND)

    class Watching:
        def __init__(self, connection: Connection) -> None:
            self.connection = connection

        def execute(self, statement: object, *values: object) -> object:
            asked.append(statement)
            return self.connection.execute(statement, *values)  # type: ignore[call-overload]

    with store.sets._database.read() as connection:
        after = kept_sets._read(Watching(connection), before)  # type: ignore[arg-type]

    assert asked == [kept_sets.VERSIONS, kept_sets.MEMBERS]
    assert after[MC, "houses"] is before[MC, "houses"]
    assert after[MC, "flats"].digests == {C}


def test_without_the_database_no_one_is_served_after_two_seconds(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    store.sets.replace(MC, "houses", [A], BACKEND)
    database = CountingDatabase(database_url(tmp_path / "g.db"))
    sets = KeptSets(database, clock)
    sets.holds(MC, "houses", A)
    database.away = True
    clock.seconds += 1.9
    old = sets.holds(MC, "houses", A)
    clock.seconds += 0.1

    with pytest.raises(LogUnavailable):
        sets.holds(MC, "houses", A)
    database.close()

    assert old is True


def test_changes_at_the_same_time_are_all_there(store: Store) -> None:
    def add(one: bytes) -> None:
        store.sets.change(MC, "houses", add=[one], remove=[], most=MOST + 1, by=BACKEND)

    threads = [threading.Thread(target=add, args=(one,)) for one in (A, B, C, D, E)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert held(store.sets) == {A, B, C, D, E}


def test_the_order_of_a_row_says_nothing() -> None:
    assert kept_sets.pack([A, B, C]) == kept_sets.pack([C, A, B])
    assert kept_sets.unpack(kept_sets.pack([A, B, C])) == {A, B, C}

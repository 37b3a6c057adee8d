"""gateway.storage.caller_directory: no query per request, two seconds of old truth at most."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.errors import LogUnavailable
from gateway.model import CallerId
from gateway.storage.caller_directory import CallerDirectory
from gateway.storage.database import Database
from gateway.storage.store import Store
from tests.unit.storage.samples import database_url, open_store
from tests.values import FakeClock

BACKEND = CallerId("backend")
HASH = b"h" * 32


class CountingDatabase(Database):
    """A database that counts its readers, fails or stands still as told."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reads = 0
        self.away = False
        self.gate = threading.Event()
        self.gate.set()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.reads += 1
        assert self.gate.wait(10)
        if self.away:
            raise LogUnavailable("away")
        with super().read() as connection:
            yield connection


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "g.db")
    made.callers.add(BACKEND, HASH)
    yield made
    made.close()


@pytest.fixture
def database(store: Store, tmp_path: Path) -> Iterator[CountingDatabase]:
    made = CountingDatabase(database_url(tmp_path / "g.db"))
    yield made
    made.gate.set()
    made.close()


@pytest.fixture
def directory(database: CountingDatabase, clock: FakeClock) -> CallerDirectory:
    return CallerDirectory(database, clock)


def test_a_thousand_lookups_are_one_query(directory: CallerDirectory, database: CountingDatabase) -> None:
    found = {directory.lookup(HASH) is not None for _ in range(1_000)}

    assert (found, database.reads) == ({True}, 1)


def test_a_revocation_elsewhere_counts_within_two_seconds(
    directory: CallerDirectory, store: Store, clock: FakeClock
) -> None:
    directory.lookup(HASH)
    store.callers.revoke(BACKEND)

    clock.seconds += 1.0
    found = directory.lookup(HASH)

    assert found is None


@pytest.mark.parametrize(("age", "served"), [(0.9, True), (1.9, True), (2.0, False)], ids=["fresh", "old", "too old"])
def test_without_the_database_old_truth_is_said_for_two_seconds(
    directory: CallerDirectory, database: CountingDatabase, clock: FakeClock, age: float, *, served: bool
) -> None:
    directory.lookup(HASH)
    database.away = True
    clock.seconds += age

    if served:
        assert directory.lookup(HASH) is not None
    else:
        with pytest.raises(LogUnavailable):
            directory.lookup(HASH)


def test_a_directory_that_never_read_knows_no_one(directory: CallerDirectory, database: CountingDatabase) -> None:
    database.away = True

    with pytest.raises(LogUnavailable):
        directory.lookup(HASH)
    database.away = False

    assert directory.lookup(HASH) is not None


def test_one_thread_reads_while_the_others_go_on_with_what_is_known(
    directory: CallerDirectory, database: CountingDatabase, clock: FakeClock
) -> None:
    directory.lookup(HASH)
    database.gate.clear()
    clock.seconds += 1.5
    reader = threading.Thread(target=directory.lookup, args=(HASH,))
    reader.start()
    while database.reads < 2:
        pass

    served = directory.lookup(HASH)
    reads = database.reads
    database.gate.set()
    reader.join()

    assert served is not None
    assert reads == 2


def test_a_change_made_by_the_same_process_is_read_at_once(
    directory: CallerDirectory, store: Store, database: CountingDatabase
) -> None:
    directory.lookup(HASH)
    store.callers.revoke(BACKEND)

    directory.forget()

    assert directory.lookup(HASH) is None
    assert database.reads == 2


def test_a_forked_child_reads_for_itself(directory: CallerDirectory, database: CountingDatabase) -> None:
    """T75: also where the parent was reading at that moment."""
    directory.lookup(HASH)
    directory._fresh._reading.acquire()

    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if directory.lookup(HASH) is not None and database.reads == 2 else 2
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    directory._fresh._reading.release()

    assert status == 0

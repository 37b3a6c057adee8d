"""gateway.storage.database: each fault by name, and that the way back needs no restart (T67)."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from gateway.errors import LogUnavailable
from gateway.storage import engine as engine_module
from gateway.storage.database import Database, RowRefused
from tests.unit.storage.samples import as_nobody, database_url, locked_by_another_program

Write = Callable[..., None]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others than root may enter, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="gateway-storage-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.05)
    made = Database(database_url(folder / "g.db"))
    made.create()
    with made.write() as connection:
        connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, filling BLOB)"))
    yield made
    made.close()


def _write(database: Database, filling: bytes = b"") -> None:
    with database.write() as connection:
        connection.execute(text("INSERT INTO t (filling) VALUES (:filling)"), {"filling": filling})


def _write_on_path(database: Database, filling: bytes = b"") -> None:
    with database.write_on_path() as cursor:
        cursor.execute("INSERT INTO t (filling) VALUES (?)", (filling,))


def _count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM t")).scalar_one())


@contextmanager
def _way(database: Database, write: Write) -> Iterator[Callable[[str], object]]:
    """One transaction by the same way as `write`, given to run statements in."""
    if write is _write:
        with database.write() as connection:
            yield lambda statement: connection.execute(text(statement))
    else:
        with database.write_on_path() as cursor:
            yield cursor.execute


WAYS = {"write": _write, "write_on_path": _write_on_path}
each_way = pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)


@contextmanager
def _read_only(path: Path) -> Iterator[None]:
    if os.geteuid() == 0:
        os.chown(path.parent, 65534, -1)
    for file in path.parent.iterdir():
        file.chmod(0o444)
        if os.geteuid() == 0 and file.suffix in {".lock", ".turn"}:
            file.chmod(0o666)
    with as_nobody():
        yield
    for file in path.parent.iterdir():
        file.chmod(0o644)


@contextmanager
def _disk_full_at_once(_path: Path) -> Iterator[None]:
    """No file of this process may grow: the kernel says so to SQLite's first write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _deleted(path: Path) -> Iterator[None]:
    kept = path.with_name("kept")
    kept.mkdir()
    files = [file for file in path.parent.iterdir() if file.name in {"g.db", "g.db-wal", "g.db-shm"}]
    for file in files:
        file.rename(kept / file.name)
    yield
    for file in files:
        (kept / file.name).rename(file)


Fault = Callable[[Path], AbstractContextManager[None]]
FAULTS: dict[str, tuple[Fault, str]] = {
    "locked by another program": (locked_by_another_program, "locked"),
    "read-only": (_read_only, "read-only"),
    "disk full": (_disk_full_at_once, "full|disk under|refused"),
    "deleted": (_deleted, "gone"),
}


@each_way
@pytest.mark.parametrize(("fault", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_log_unavailable_and_nothing_is_recorded_and_it_recovers_by_itself(
    database: Database, write: Write, fault: Fault, words: str
) -> None:
    assert database.path is not None
    write(database)
    database.close()  # connections that were open before may still do what new ones may not

    with fault(database.path), pytest.raises(LogUnavailable, match=words) as caught:
        write(database, b"canary" * 100)
    write(database)

    assert _count(database) == 2
    assert caught.value.__suppress_context__
    assert "canary" not in str(caught.value)


@each_way
def test_a_file_deleted_under_an_open_connection_is_noticed(database: Database, write: Write) -> None:
    """The connection would go on writing into a file without a name."""
    assert database.path is not None
    write(database)

    with _deleted(database.path), pytest.raises(LogUnavailable, match="gone"):
        write(database)
    write(database)

    assert _count(database) == 2


@each_way
def test_a_file_deleted_during_the_transaction_is_noticed_after_its_commit(database: Database, write: Write) -> None:
    assert database.path is not None
    path = database.path

    with pytest.raises(LogUnavailable, match="gone"), _way(database, write):
        path.unlink()


@each_way
def test_a_file_put_in_place_of_the_old_one_is_the_one_that_is_written(database: Database, write: Write) -> None:
    assert database.path is not None
    write(database)
    database.close()
    copy = Path(shutil.copy(database.path, database.path.with_name("copy.db")))
    with _way(database, write):
        pass  # a connection to the old file is open again

    copy.replace(database.path)
    write(database)

    assert _count(database) == 2


@each_way
def test_a_full_database_says_so_and_takes_rows_again_when_there_is_room(database: Database, write: Write) -> None:
    """T67: the same words as for a disk without room."""

    def small(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 8")

    event.listen(database.engine, "connect", small)
    database.close()
    with pytest.raises(LogUnavailable, match="full"):
        write(database, b"x" * 100_000)
    event.remove(database.engine, "connect", small)
    database.close()

    write(database, b"x" * 100_000)

    assert _count(database) == 1


@each_way
def test_a_row_that_breaks_the_schema_is_told_apart_and_leaves_nothing(database: Database, write: Write) -> None:
    def twice_the_same() -> None:
        with _way(database, write) as run:
            run("INSERT INTO t (id) VALUES (7)")
            run("INSERT INTO t (id) VALUES (7)")

    with pytest.raises(RowRefused):
        twice_the_same()

    assert _count(database) == 0


@each_way
def test_an_exception_of_the_block_takes_the_transaction_back(database: Database, write: Write) -> None:
    def stop_half_way() -> None:
        with _way(database, write) as run:
            run("INSERT INTO t (id) VALUES (7)")
            raise KeyError

    with pytest.raises(KeyError):
        stop_half_way()
    write(database)

    assert _count(database) == 1


def test_what_was_erased_is_in_no_file_any_more_unless_someone_reads(database: Database) -> None:
    """T89."""
    _write(database, b"canary-" * 9)
    with database.write() as connection:
        connection.execute(text("DELETE FROM t"))
    with database.read() as connection:
        connection.execute(text("SELECT * FROM t")).all()
        during = database.forget_erased()

    after = database.forget_erased()

    assert database.path is not None
    stored = database.path.read_bytes() + database.path.with_name("g.db-wal").read_bytes()
    assert (during, after) == (False, True)
    assert b"canary" not in stored
    _write(database)


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM t")).scalar()
        _write(database)
        after = connection.execute(text("SELECT count(*) FROM t")).scalar()

    assert (before, after, _count(database)) == (0, 0, 1)


def test_a_database_is_readable_by_its_owner_alone(database: Database) -> None:
    _write(database)

    assert database.path is not None
    modes = {file.name: file.stat().st_mode & 0o777 for file in database.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_a_forked_child_makes_connections_of_its_own(database: Database) -> None:
    """T75: the parent's connections are neither used nor closed by the child."""
    _write_on_path(database)
    parents: Engine = database.engine

    child = os.fork()
    if child == 0:
        status = 1
        try:
            _write_on_path(database)
            status = 0 if database.engine is not parents and _count(database) == 2 else 2
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _write_on_path(database)

    assert status == 0
    assert _count(database) == 3
    assert database.engine is parents

"""gateway.storage.engine: what every connection is set to, and what errors mean."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import StatementError

from gateway.errors import ConfigError
from gateway.storage.engine import BUSY_SECONDS, begin_text, empty_journal, file_of, new_engine, parse, read_options
from tests.unit.storage.samples import database_url

CANARY = "canary-77012223344"


def _file(tmp_path: Path) -> Path:
    path = tmp_path / "with space & sign?.db"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("temp_store", 2)],
    ids=str,
)
def test_every_sqlite_connection_keeps_what_it_commits_and_overwrites_what_it_erases(
    tmp_path: Path, pragma: str, expected: str | int
) -> None:
    """Law 3, T89."""
    engine = new_engine(URL.create("sqlite", database=str(_file(tmp_path))))

    with engine.connect() as connection:
        found = connection.execute(text(f"PRAGMA {pragma}")).scalar()
    engine.dispose()

    assert found == expected


@pytest.mark.parametrize("reading", [False, True], ids=["no one reads", "someone reads"])
def test_the_journal_is_cut_off_unless_someone_reads_and_no_one_is_waited_for(tmp_path: Path, *, reading: bool) -> None:
    """T89."""
    path = _file(tmp_path)
    engine = new_engine(URL.create("sqlite", database=str(path)))
    raw = engine.raw_connection()
    connection = raw.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    connection.execute("CREATE TABLE t (a)")
    reader = sqlite3.connect(path, isolation_level=None)
    if reading:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
    connection.execute(f"INSERT INTO t VALUES ('{CANARY}')")

    began = time.monotonic()
    done = empty_journal(connection)
    took = time.monotonic() - began
    waits = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    left = path.with_name(f"{path.name}-wal").read_bytes()
    reader.close()
    raw.close()
    engine.dispose()

    assert done is not reading
    assert (CANARY.encode() in left) is reading
    assert took < BUSY_SECONDS / 2
    assert waits == BUSY_SECONDS * 1_000


def test_a_missing_file_is_never_made_by_connecting(tmp_path: Path) -> None:
    engine = new_engine(parse(database_url(tmp_path / "gone.db")))

    with pytest.raises(FileNotFoundError):
        engine.connect()

    assert not (tmp_path / "gone.db").exists()


def test_an_error_does_not_print_what_was_to_be_written(tmp_path: Path) -> None:
    """T86."""
    engine = new_engine(URL.create("sqlite", database=str(_file(tmp_path))))

    with engine.connect() as connection, pytest.raises(StatementError) as caught:
        connection.execute(text("INSERT INTO nowhere VALUES (:value)"), {"value": CANARY})
    engine.dispose()

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("not a url", "not a database URL"),
        ("mysql://localhost/x", "mysql is not supported"),
        ("sqlite://", "not durable"),
        ("sqlite:///:memory:", "not durable"),
    ],
    ids=["nonsense", "another engine", "in memory", "in memory by name"],
)
def test_a_url_that_cannot_hold_the_log_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        parse(url)


def test_a_postgresql_url_is_taken_by_what_is_neutral() -> None:
    engine = new_engine(parse("postgresql://gateway@db.internal/log"))

    assert file_of(engine.url) is None
    assert begin_text(engine) is None
    assert read_options(engine) == {"isolation_level": "REPEATABLE READ"}

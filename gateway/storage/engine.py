"""How an engine is made for SQLite and for PostgreSQL.

Promises: every SQLite connection keeps what it commits (WAL, synchronous=FULL, law 3), overwrites what it erases,
writes no temporary files and prints no parameters. It never makes a file where the log was deleted. Pragmas, and all
else that one dialect alone understands, stand here and nowhere else.
"""

from __future__ import annotations

import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from gateway.errors import ConfigError

BUSY_SECONDS = 2.0
READS = "gateway_reads"

_POOL_SIZE = 8
_POOL_MORE = 120
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk when it returns (law 3)
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not only unlinked (T89)
    "PRAGMA wal_autocheckpoint = 4000",  # pages; the tail of a table is copied once for many commits, not for each few
    "PRAGMA temp_store = MEMORY",  # no temporary files (T89)
)
sqlite3.register_adapter(bytes, bytearray)  # bytes as they are make the driver ask around how to store them, each time


class FileConnection(sqlite3.Connection):
    """A connection that remembers which file it opened, and how."""

    identity: tuple[int, int]
    writable: bool  # whether the file could be written when it was opened: SQLite silently opens it to read where not


def parse(url: str) -> URL:
    """The URL of a database that can hold the log. Raises ConfigError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(["GATEWAY_DATABASE_URL: not a database URL"]) from None
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise ConfigError([f"GATEWAY_DATABASE_URL: {backend} is not supported"], hint="sqlite:///… or postgresql://…")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigError(["GATEWAY_DATABASE_URL: a log in memory is not durable"], hint="sqlite:///<path>")
    return parsed


def file_of(url: URL) -> Path | None:
    """The SQLite file; None for PostgreSQL."""
    return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None


def new_engine(url: URL) -> Engine:
    """An engine without a connection."""
    options: dict[str, Any] = {
        "hide_parameters": True,  # an error must not print what was written (T86)
        "pool_size": _POOL_SIZE,
        "max_overflow": _POOL_MORE,
        "pool_timeout": BUSY_SECONDS,
        "pool_use_lifo": True,
    }
    path = file_of(url)
    if path is None:
        return create_engine(url, paramstyle="format", **options)
    engine = create_engine("sqlite://", creator=partial(_open, path), poolclass=QueuePool, **options)
    event.listen(engine, "begin", _begin)
    return engine


def begin_text(engine: Engine) -> str | None:
    """What a driver's cursor must be told to begin a writing transaction; None where it does so by itself."""
    return "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else None


def empty_journal(connection: sqlite3.Connection) -> bool:
    """Take over what the write-ahead log of a file holds and cut it off, unless someone reads; whether that was done.

    It waits for no one: a checkpoint that waits for a reader lets no one write.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1_000:.0f}")


def read_options(engine: Engine) -> dict[str, Any]:
    """What makes a transaction see one state of the database however long it reads."""
    return {READS: True} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}


def identity(path: Path) -> tuple[int, int]:
    """What tells a file from another one of the same name. Raises OSError where there is none."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _open(path: Path) -> sqlite3.Connection:
    opened = identity(path)
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",  # never make a new file where the log was deleted
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions begin where `_begin` says so, and not where sqlite3 guesses
        check_same_thread=False,
        factory=FileConnection,
    )
    connection.identity = opened
    connection.writable = os.access(path, os.W_OK)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()  # now: left to the collector, it would hold the file as it is, and others to that
        raise
    return connection


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

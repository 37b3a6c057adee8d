"""The one way into the database: `read` and `write`, for SQLite and PostgreSQL.

Promises: `read` sees one consistent state; `write` is one transaction that is durable when its block has ended, or
nothing. Whatever the database cannot do comes out as LogUnavailable with a sentence that is safe to show, and the
connections that saw it are thrown away, so that the next call finds a database that has recovered. No connection
crosses a fork (T75). Pragmas and all else that one dialect alone understands stand here and nowhere else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gateway.errors import ConfigError, LogUnavailable
from gateway.storage import fork
from gateway.storage.lock import FairLock

BUSY_SECONDS = 2.0
_POOL_SIZE = 8
_POOL_MORE = 120
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk when it returns (law 3)
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not only unlinked (T89)
    "PRAGMA temp_store = MEMORY",  # no temporary files (T89)
)
_SAID = {
    sqlite3.SQLITE_BUSY: "the database is locked by another program",
    sqlite3.SQLITE_LOCKED: "the database is locked by another program",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_FULL: "the database or its disk is full",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk under the database failed",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a database of the gateway",
}
_PRIMARY_CODE = 0xFF
_READ = "gateway_read"


class RowRefused(Exception):
    """A row broke a constraint of the schema: the transaction is gone, another one may succeed."""


class _FileConnection(sqlite3.Connection):
    """A connection that remembers which file it opened."""

    identity: tuple[int, int]


class Database:
    """One database, by its URL: an SQLite file, or PostgreSQL. Raises ConfigError for any other."""

    def __init__(self, url: str) -> None:
        self._url = _supported(url)
        self.path = Path(self._url.database or "").absolute() if self._url.get_backend_name() == "sqlite" else None
        self._lock = FairLock(self.path) if self.path is not None else None
        self._inherited: list[Engine] = []
        self._engine = self._new_engine()
        fork.in_child(self._start_over)

    def create(self) -> None:
        """Make an empty file where there is none, readable by its owner alone. Raises OSError."""
        if self.path is not None:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent state of the database. Raises LogUnavailable."""
        with self._guarded(nullcontext()), self._connect() as connection:
            options = {_READ: True} if self.path is not None else {"isolation_level": "REPEATABLE READ"}
            with connection.execution_options(**options).begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, durable when the block has ended. Raises LogUnavailable, RowRefused.

        The writers of an SQLite file stand in a fair queue; once here, no one else writes.
        """
        with self._guarded(self._lock.held() if self._lock is not None else nullcontext()):
            with self._connect() as connection:
                with connection.begin():
                    yield connection
                if not self._current(connection):  # a commit into a file that is no longer there is not durable
                    raise FileNotFoundError

    def close(self) -> None:
        """Let go of every connection; the next call makes new ones."""
        self._engine.dispose()

    @contextmanager
    def _guarded(self, lock: AbstractContextManager[None]) -> Iterator[None]:
        try:
            with lock:
                yield
        except (IntegrityError, DataError):
            raise RowRefused from None
        except (SQLAlchemyError, OSError) as error:
            self._engine.dispose()
            said = _said(error)
        else:
            return
        raise LogUnavailable(f"the transfer log is not available: {said}", hint="it recovers by itself") from None

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        connection = self._engine.connect()
        try:
            if not self._current(connection):
                connection.close()
                self._engine.dispose()
                connection = self._engine.connect()
            yield connection
        finally:
            connection.close()

    def _current(self, connection: Connection) -> bool:
        """Whether the file that this connection opened is the one that stands there now. Raises OSError if none does."""
        if self.path is None:
            return True
        opened = connection.connection.dbapi_connection
        return isinstance(opened, _FileConnection) and opened.identity == _identity(self.path)

    def _new_engine(self) -> Engine:
        options: dict[str, Any] = {
            "hide_parameters": True,  # an error must not print what was written (T86)
            "pool_size": _POOL_SIZE,
            "max_overflow": _POOL_MORE,
            "pool_timeout": BUSY_SECONDS,
            "pool_use_lifo": True,
        }
        if self.path is None:
            return create_engine(self._url, **options)
        opened = partial(_open_file, self.path)
        engine = create_engine("sqlite://", creator=opened, poolclass=QueuePool, **options)
        event.listen(engine, "begin", _begin)
        return engine

    def _start_over(self) -> None:
        self._inherited.append(self._engine)  # kept, never closed: its connections are the parent's
        self._engine = self._new_engine()


def _open_file(path: Path) -> sqlite3.Connection:
    identity = _identity(path)
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",  # never make a new file where the log was deleted
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions begin where `_begin` says so, and not where sqlite3 guesses
        check_same_thread=False,
        factory=_FileConnection,
    )
    connection.identity = identity
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _identity(path: Path) -> tuple[int, int]:
    """What tells a file from another one of the same name. Raises OSError where there is none."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READ, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _supported(url: str) -> URL:
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


def _said(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
        return _SAID.get(code, "the database refused the work")
    if isinstance(cause, FileNotFoundError):
        return "the database file is gone"
    if isinstance(cause, OSError):
        return "the files of the database cannot be reached"
    return "the database refused the work"

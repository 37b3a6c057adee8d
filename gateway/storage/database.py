"""The three ways into the database: `read`, `write`, and `write_on_path` for the log's groups.

Promises: a reader sees one consistent state; a writer's transaction is durable when its block has ended, or nothing.
Whatever the database cannot do comes out as LogUnavailable with a sentence that is safe to show, and the connections
that saw it are thrown away, so that the next call finds a database that has recovered. No connection crosses a fork
(T75).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from gateway.errors import LogUnavailable
from gateway.storage import fork
from gateway.storage.engine import begin_text, empty_journal, file_of, identity, new_engine, parse, read_options
from gateway.storage.faults import fault
from gateway.storage.lock import FairLock

_diagnostics = logging.getLogger("gateway.storage")


class RowRefused(Exception):
    """A row broke a constraint of the schema: the transaction is gone, another one may succeed."""


class Cursor(Protocol):
    """What the path uses of a driver's cursor (PEP 249)."""

    def execute(self, statement: str, parameters: tuple[object, ...] = (), /) -> object:
        """Run a statement once."""
        ...

    def executemany(self, statement: str, rows: Sequence[tuple[object, ...]], /) -> object:
        """Run a statement for each row of parameters."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """The rows that the last statement found."""
        ...


class Database:
    """One database, by its URL: an SQLite file, or PostgreSQL. Raises ConfigError for any other."""

    def __init__(self, url: str) -> None:
        self._url = parse(url)
        self.path = file_of(self._url)
        self._lock = None if self.path is None else FairLock(self.path)
        self._inherited: list[object] = []
        self._kept: list[PoolProxiedConnection] = []
        self._engine = new_engine(self._url)
        self._begin = begin_text(self._engine)
        driver = self._engine.dialect.loaded_dbapi
        self._row_errors: tuple[type[Exception], ...] = (
            *(IntegrityError, DataError),
            *(driver.IntegrityError, driver.DataError),
        )
        self._errors: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, driver.Error)
        fork.in_child(self._start_over)

    @property
    def engine(self) -> Engine:
        """For what this module does not cover: tests that make it fail."""
        return self._engine

    @property
    def dialect(self) -> Dialect:
        """How statements are spelled here."""
        return self._engine.dialect

    def create(self) -> None:
        """Make an empty file where there is none, readable by its owner alone. Raises OSError."""
        if self.path is not None:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent state of the database. Raises LogUnavailable."""
        try:
            with self._connect(**read_options(self._engine)) as connection, connection.begin():
                yield connection
        except self._errors as error:
            raise self._told(error) from None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, durable when the block has ended. Raises LogUnavailable, RowRefused.

        The writers of an SQLite file stand in a fair queue; once here, no one else writes.
        """
        held = None
        try:
            held = self._lock.acquire() if self._lock is not None else None
            with self._connect() as connection:
                with connection.begin():
                    yield connection
                self._check_durable(connection.connection)
        except self._errors as error:
            raise self._told(error) from None
        finally:
            if self._lock is not None and held is not None:
                self._lock.release(held)

    @contextmanager
    def write_on_path(self) -> Iterator[Cursor]:
        """As `write`, by the driver's own cursor, on a connection that is kept from one time to the next."""
        held = None
        kept: PoolProxiedConnection | None = None
        try:
            held = self._lock.acquire() if self._lock is not None else None
            kept = self._keep()
            with closing(kept.cursor()) as cursor:  # an error keeps it alive, and an open cursor the connection
                if self._begin is not None:
                    cursor.execute(self._begin)
                yield cursor
            kept.commit()
            self._check_durable(kept)
            self._kept.append(kept)
        except BaseException as error:
            if kept is not None:
                with suppress(*self._errors):  # closing alone can leave it open: a statement under way outlives it
                    kept.rollback()
                kept.invalidate()
            if isinstance(error, self._errors):
                raise self._told(error) from None
            raise
        finally:
            if self._lock is not None and held is not None:
                self._lock.release(held)

    def forget_erased(self) -> bool:
        """Whether what was erased is gone from an SQLite file's write-ahead log too: not while someone reads there.

        Raises LogUnavailable.
        """
        if self._lock is None:
            return True
        held = None
        try:
            held = self._lock.acquire()
            with self._connect() as connection:
                opened: Any = connection.connection.driver_connection
                return empty_journal(opened)
        except self._errors as error:
            raise self._told(error) from None
        finally:
            if held is not None:
                self._lock.release(held)

    def close(self) -> None:
        """Let go of every connection; the next call makes new ones."""
        while self._kept:
            self._kept.pop().invalidate()
        self._engine.dispose()

    @contextmanager
    def _connect(self, **options: Any) -> Iterator[Connection]:
        pool = self._engine.pool
        connection = self._engine.connect()
        try:
            if not self._current(connection.connection):
                connection.invalidate()
                connection.close()
                self._engine.dispose()
                pool = self._engine.pool
                connection = self._engine.connect()
            yield connection.execution_options(**options) if options else connection
        finally:
            if self._engine.pool is not pool:  # given back to a pool that is gone, it would hold the file as it was
                connection.invalidate()
            connection.close()

    def _keep(self) -> PoolProxiedConnection:
        kept = self._kept.pop() if self._kept else self._engine.raw_connection()
        try:
            if self._current(kept):
                return kept
        except OSError:
            kept.invalidate()
            raise
        kept.invalidate()
        self._engine.dispose()
        return self._engine.raw_connection()

    def _current(self, connection: PoolProxiedConnection) -> bool:
        """Whether this connection opened, to write, the file that stands there now. Raises OSError where none does."""
        if self.path is None:
            return True
        opened: Any = connection.driver_connection
        return bool(opened.writable and opened.identity == identity(self.path))

    def _check_durable(self, connection: PoolProxiedConnection) -> None:
        if not self._current(connection):  # a commit into a file that is no longer there is not durable
            raise FileNotFoundError

    def _told(self, error: Exception) -> RowRefused | LogUnavailable:
        if isinstance(error, self._row_errors):
            return RowRefused()
        self.close()
        told = fault(error)
        _diagnostics.warning("%s", told)
        return told

    def _start_over(self) -> None:
        self._inherited += [self._engine, *self._kept]  # never closed here: these connections are the parent's
        self._kept = []
        self._engine = new_engine(self._url)

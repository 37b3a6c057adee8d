"""Reading the log: the head, one entry, the newest, and the whole of it for the verifier.

Promises: a `reading` is one consistent state of the log however long it takes, in constant memory. It must never
judge what it reads: whether a leaf, an opening or a checkpoint is right is for the verifier to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, Row, Select, bindparam, select

from gateway.canonical import Json
from gateway.clock import Instant
from gateway.errors import LogUnavailable
from gateway.model import Opening
from gateway.storage import tables
from gateway.storage.database import Database

Body: TypeAlias = dict[str, Json]
_Rows: TypeAlias = Iterator[Row[*tuple[Any, ...]]]

_ROWS_AT_ONCE = 500

HEAD = select(tables.log_head.c.origin, tables.log_head.c.size, tables.log_head.c.checkpoint)
OPENED = select(
    tables.entry.c.entry_index, tables.entry.c.leaf, tables.opening.c.shared_body, tables.opening.c.private_body
).outerjoin(tables.opening, tables.opening.c.entry_index == tables.entry.c.entry_index)
ONE = OPENED.where(tables.entry.c.entry_index == bindparam("entry_index"))
SOME = OPENED.where(tables.entry.c.entry_index.in_(bindparam("indices", expanding=True))).order_by(
    tables.entry.c.entry_index
)
NEWEST = OPENED.order_by(tables.entry.c.entry_index.desc()).limit(bindparam("at_most"))
LEAVES = select(tables.entry.c.entry_index, tables.entry.c.leaf).order_by(tables.entry.c.entry_index)
OPENINGS = select(tables.opening).order_by(tables.opening.c.entry_index)
CHECKPOINTS = select(tables.checkpoint.c.size, tables.checkpoint.c.note).order_by(tables.checkpoint.c.size)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands."""

    origin: str
    size: int
    checkpoint: bytes  # empty while the log is


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """One entry, with what its openings say; None for a half whose opening is not there."""

    index: int
    kind: str
    at: Instant
    shared: Body | None
    private: Body | None


class Entries:
    """The log's entries, to those who read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> Head:
        """Where the log stands now. Raises LogUnavailable."""
        with self._database.read() as connection:
            return read_head(connection)

    def newest_checkpoint(self) -> bytes | None:
        """The newest signed note, None while the log is empty. Raises LogUnavailable."""
        return self.head().checkpoint or None

    def entry(self, index: int) -> OpenedEntry | None:
        """One entry. Raises LogUnavailable."""
        with self._database.read() as connection:
            row = connection.execute(ONE, {"entry_index": index}).one_or_none()
        return None if row is None else opened(row)

    def newest(self, limit: int) -> list[OpenedEntry]:
        """The newest entries, the newest last. Raises LogUnavailable."""
        with self._database.read() as connection:
            return [opened(row) for row in connection.execute(NEWEST, {"at_most": limit})][::-1]

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """The whole log as it stands now, for as long as the block lasts. Raises LogUnavailable."""
        with self._database.read() as connection:
            yield Reading(connection)


class Reading:
    """One consistent state of the whole log."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.head = read_head(connection)
        self.size = self.head.size

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """(index, leaf bytes) of every entry, in order."""
        return ((row.entry_index, _stored(row.leaf)) for row in self._stream(LEAVES))

    def openings(self) -> Iterator[tuple[int, str, Opening]]:
        """(index, `shared` or `private`, opening) of every opening that is there, in order, shared first."""
        for row in self._stream(OPENINGS):
            if row.shared_body is not None:
                yield row.entry_index, "shared", Opening(_stored(row.shared_salt), _stored(row.shared_body))
            if row.private_body is not None:
                yield row.entry_index, "private", Opening(_stored(row.private_salt), _stored(row.private_body))

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """(size, signed note) of every checkpoint, in order."""
        return ((row.size, _stored(row.note)) for row in self._stream(CHECKPOINTS))

    def _stream(self, statement: Select[Any]) -> _Rows:
        return iter(self._connection.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE}))


def _stored(value: object) -> bytes:
    """What a column of bytes holds. Anything else was put there by another hand: no bytes, so that no hash agrees."""
    return value if isinstance(value, bytes) else b""


def read_head(connection: Connection) -> Head:
    """Where the log stands, in this transaction. Raises LogUnavailable where there is no log."""
    row = connection.execute(HEAD).one_or_none()
    if row is None:
        raise LogUnavailable("the database holds no transfer log")
    return Head(row.origin, row.size, row.checkpoint)


def opened(row: Row[*tuple[Any, ...]]) -> OpenedEntry:
    """One row of OPENED as a value."""
    leaf = orjson.loads(row.leaf)
    shared, private = (None if body is None else orjson.loads(body) for body in (row.shared_body, row.private_body))
    return OpenedEntry(row.entry_index, leaf["kind"], Instant(leaf["at"]), shared, private)

"""The naive gateway's log: one table in SQLite, one commit for each record.

WAL with synchronous=FULL, so a record is durable when its commit returns; busy_timeout, so that writers of two
processes wait for each other instead of failing.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, create_engine, event, insert

_BUSY_MILLISECONDS = 60_000
_THREADS = 16

metadata = MetaData()
records = Table(
    "records",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("transfer_id", String(36), nullable=False, index=True),
    Column("details", Text, nullable=False),
)


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


class Records:
    """Writes records; each is durable when `write` returns."""

    def __init__(self, path: str) -> None:
        self._engine = create_engine(
            f"sqlite:///{path}", pool_size=_THREADS, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}
        )
        event.listen(self._engine, "connect", _set_pragmas)

    def create(self) -> None:
        """Make the table where there is none."""
        metadata.create_all(self._engine)

    def write(self, kind: str, transfer_id: str, details: dict[str, Any]) -> int:
        """Insert one record and commit it; its id."""
        with self._engine.begin() as connection:
            result = connection.execute(
                insert(records).values(
                    at=time.time_ns() // 1_000,
                    kind=kind,
                    transfer_id=transfer_id,
                    details=json.dumps(details, ensure_ascii=False),  # noqa: TID251 - as a team would in a day
                )
            )
            return int(result.lastrowid)

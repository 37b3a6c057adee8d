"""Finding transfers again: one by its id, the newest, those whose outcome is overdue.

Promises: names, reasons and digests as the openings hold them, never a value, because none is stored. It must never
decide what an overdue intent means: whoever asks writes `unknown`, and the first outcome wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, bindparam, select

from gateway.clock import Instant
from gateway.model import CallerId, Direction, LogPseudonym, Overdue, TransferId
from gateway.storage import tables
from gateway.storage.database import Database
from gateway.storage.entries import SOME, Body, OpenedEntry, opened

_ROWS_AT_ONCE = 500

FIND = select(tables.transfer.c.caller, tables.transfer.c.entry_index).where(tables.transfer.c.id == bindparam("id"))
ENDED = (
    select(tables.outcome.c.entry_index)
    .where(tables.outcome.c.transfer_id == bindparam("transfer_id"))
    .order_by(tables.outcome.c.entry_index)
)
_ITS_OPENING = tables.opening.c.entry_index == tables.transfer.c.entry_index
RECENT = (
    select(tables.transfer.c.id, tables.transfer.c.caller, tables.transfer.c.entry_index, tables.opening.c.shared_body)
    .outerjoin(tables.opening, _ITS_OPENING)
    .order_by(tables.transfer.c.entry_index.desc())
)
OVERDUE = (
    select(tables.transfer.c.id, tables.transfer.c.attempt, tables.opening.c.shared_body)
    .outerjoin(tables.opening, _ITS_OPENING)
    .where(tables.transfer.c.deadline_at < bindparam("before"))
    .order_by(tables.transfer.c.deadline_at)
    .limit(bindparam("at_most"))
)
UNDER_WAY = (
    select(tables.transfer.c.deadline_at, tables.opening.c.private_body)
    .outerjoin(tables.opening, _ITS_OPENING)
    .where(tables.transfer.c.deadline_at.is_not(None))
)


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """The life of one transfer so far: its intent or refusal, then its outcomes."""

    transfer_id: TransferId
    caller: CallerId
    entries: tuple[OpenedEntry, ...]

    @property
    def outcome(self) -> Body | None:
        """What the shared half of the newest outcome says; None for a refusal, and while it is under way."""
        return self.entries[-1].shared if len(self.entries) > 1 else None


class Transfers:
    """Transfers, to those who read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, transfer_id: TransferId) -> TransferRecord | None:
        """One transfer. Raises LogUnavailable."""
        with self._database.read() as connection:
            row = connection.execute(FIND, {"id": transfer_id}).one_or_none()
            return None if row is None else _record(connection, transfer_id, row.caller, row.entry_index)

    def recent(self, limit: int, recipient: str | None = None, purpose: str | None = None) -> list[TransferRecord]:
        """The newest transfers, the newest first. Raises LogUnavailable.

        Recipient and purpose stand in erasable openings, so they are looked for there, from the newest on.
        """
        found: list[TransferRecord] = []
        with self._database.read() as connection:
            rows = connection.execute(RECENT, execution_options={"yield_per": _ROWS_AT_ONCE})
            for row in rows:
                if len(found) == limit:
                    break
                told = _body(row.shared_body)
                if recipient in {None, told.get("recipient")} and purpose in {None, told.get("purpose")}:
                    found.append(_record(connection, row.id, row.caller, row.entry_index))
            rows.close()
        return found

    def overdue(self, before: Instant, limit: int = 500) -> list[Overdue]:
        """Intents without an outcome whose deadline was before `before`, the oldest first. Raises LogUnavailable."""
        with self._database.read() as connection:
            rows = connection.execute(OVERDUE, {"before": before, "at_most": limit}).all()
        return [
            Overdue(row.id, row.attempt, str(told.get("recipient", "")), str(told.get("purpose", "")), _direction(told))
            for row, told in ((row, _body(row.shared_body)) for row in rows)
        ]

    def under_way(self, pseudonym: LogPseudonym) -> Instant | None:
        """The last deadline of the attempts about a subject that have not ended; None without any.

        Raises LogUnavailable. An intent whose opening was erased may be about anyone, so it counts.
        """
        with self._database.read() as connection:
            rows = connection.execute(UNDER_WAY).all()
        return max(
            (row.deadline_at for row in rows if _body(row.private_body).get("subject") in {None, pseudonym}),
            default=None,
        )


def _record(connection: Connection, transfer_id: str, caller: str, first: int) -> TransferRecord:
    indices = [first, *connection.execute(ENDED, {"transfer_id": transfer_id}).scalars()]
    rows = connection.execute(SOME, {"indices": indices})
    return TransferRecord(TransferId(transfer_id), CallerId(caller), tuple(opened(row) for row in rows))


def _direction(told: Body) -> Direction:
    return Direction.ANSWER if told.get("direction") == Direction.ANSWER else Direction.REQUEST


def _body(raw: bytes | None) -> Body:
    """What an opening says; nothing where it was erased, or where another hand made it unreadable."""
    try:
        body = {} if raw is None else orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}

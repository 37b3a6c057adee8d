"""The log's one way to grow: a group of units in one transaction, behind the locked head row.

Promises: leaf indices are dense and in the order of commits (T60); a unit is recorded whole or left out with its
reason, and never spoils its group; what is returned is durable once the turn has ended, and not before. It must never
remember the head from one group to the next: another process may have written in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias, assert_never

from sqlalchemy import Connection, bindparam, insert, null, select, update

from gateway.errors import LogDiverged
from gateway.model import IntentRow, NotCommitted, OutcomeRow, Receipt, RefusalRow, Unit
from gateway.storage import tables
from gateway.storage.engine import Database
from gateway.transfer_log.tree import HASH_BYTES, Frontier, append, leaf_hash

Result: TypeAlias = Receipt | NotCommitted
Sign: TypeAlias = Callable[[int, bytes], bytes]
Append: TypeAlias = Callable[[Sequence[Unit]], list[Result]]

LOCK_HEAD = select(tables.log_head.c.size, tables.log_head.c.frontier).with_for_update()
MOVE_HEAD = update(tables.log_head).values(
    size=bindparam("new_size"), frontier=bindparam("new_frontier"), checkpoint=bindparam("note")
)
RESTRICTED = select(tables.restriction.c.pseudonym).where(
    tables.restriction.c.pseudonym.in_(bindparam("pseudonyms", expanding=True))
)
OUTCOMES = select(tables.outcome.c.transfer_id, tables.outcome.c.attempt).where(
    tables.outcome.c.transfer_id.in_(bindparam("transfer_ids", expanding=True))
)
ADD_ENTRIES = insert(tables.entry)
ADD_OPENINGS = insert(tables.opening)
ADD_CHECKPOINT = insert(tables.checkpoint)
ADD_TRANSFERS = insert(tables.transfer)
ADD_KEYS = insert(tables.transfer_key)
ADD_OUTCOMES = insert(tables.outcome)
END_ATTEMPTS = (
    update(tables.transfer)
    .where(tables.transfer.c.id == bindparam("ended_id"), tables.transfer.c.attempt == bindparam("ended_attempt"))
    .values(deadline_at=null())
)


def pack(frontier: Frontier) -> bytes:
    """The frontier's hashes as they stand in the head row."""
    return b"".join(frontier.hashes)


def unpack(size: int, packed: bytes) -> Frontier:
    """The frontier that the head row holds. Raises LogDiverged where it holds none."""
    hashes = tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES))
    try:
        return Frontier(size, hashes)
    except ValueError:
        raise LogDiverged("the head of the transfer log contradicts itself") from None


class LogTable:
    """The transfer log in its tables."""

    def __init__(self, database: Database, sign: Sign) -> None:
        self._database = database
        self._sign = sign
        self._seen = 0

    @contextmanager
    def turn(self) -> Iterator[Append]:
        """Wait to be the log's one writer; what the block appends is durable when it has ended.

        Raises LogUnavailable; RowRefused where a unit breaks the schema; LogDiverged where the log is smaller than
        this process has seen it.
        """
        grown = Frontier(0, ())
        with self._database.write() as connection:
            head = connection.execute(LOCK_HEAD).one_or_none()
            if head is None or head.size < self._seen:
                raise LogDiverged("the transfer log was set back to an earlier state", hint="verify the database")
            grown = unpack(head.size, head.frontier)

            def append_group(units: Sequence[Unit]) -> list[Result]:
                nonlocal grown
                results, grown = self._append(connection, grown, units)
                return results

            yield append_group
        self._seen = grown.size

    def _append(self, connection: Connection, frontier: Frontier, units: Sequence[Unit]) -> tuple[list[Result], Frontier]:
        refused = _refused(connection, units)
        kept = [unit for place, unit in enumerate(units) if place not in refused]
        if not kept:
            return [refused[place] for place in range(len(units))], frontier
        growth = append(frontier, [leaf_hash(unit.entry.leaf) for unit in kept])
        size = growth.frontier.size
        note = self._sign(size, growth.root)
        _insert(connection, frontier.size, kept)
        connection.execute(ADD_CHECKPOINT, {"size": size, "note": note})
        connection.execute(MOVE_HEAD, {"new_size": size, "new_frontier": pack(growth.frontier), "note": note})
        receipts = (
            Receipt(frontier.size + offset, unit.entry, proof, size, note)
            for offset, (unit, proof) in enumerate(zip(kept, growth.proofs, strict=True))
        )
        return [refused.get(place) or next(receipts) for place in range(len(units))], growth.frontier


def _refused(connection: Connection, units: Sequence[Unit]) -> dict[int, NotCommitted]:
    """The places of the units that stay out, with the reason; the guards of a whole group are asked at once."""
    pseudonyms = {unit.unless_restricted for unit in units if unit.unless_restricted is not None}
    blocked = set(connection.execute(RESTRICTED, {"pseudonyms": list(pseudonyms)}).scalars()) if pseudonyms else set()
    ended = [unit.row.transfer_id for unit in units if isinstance(unit.row, OutcomeRow)]
    written = {tuple(row) for row in connection.execute(OUTCOMES, {"transfer_ids": ended})} if ended else set()
    refused: dict[int, NotCommitted] = {}
    for place, unit in enumerate(units):
        if unit.unless_restricted in blocked:
            refused[place] = NotCommitted.RESTRICTED
        elif isinstance(unit.row, OutcomeRow):
            key = (unit.row.transfer_id, unit.row.attempt)
            if key in written:
                refused[place] = NotCommitted.CONFLICT
            written.add(key)  # the first in the group wins
    return refused


def _insert(connection: Connection, first: int, units: Sequence[Unit]) -> None:
    entries, openings, transfers, keys, outcomes, ended = [], [], [], [], [], []
    for index, unit in enumerate(units, first):
        made = unit.entry
        entries.append({"entry_index": index, "leaf": made.leaf})
        for half, opening in ((tables.SHARED, made.shared), (tables.PRIVATE, made.private)):
            openings.append({"entry_index": index, "half": half, "salt": opening.salt, "body": opening.body})
        row = unit.row
        match row:
            case IntentRow():
                transfers.append(_transfer(row, index, tables.INTENT, row.attempt, row.deadline_at))
                keys.append({"transfer_id": row.transfer_id, "wrapped": row.wrapped_key})
            case RefusalRow():
                transfers.append(_transfer(row, index, tables.REFUSAL, None, None))
            case OutcomeRow():
                outcomes.append({"transfer_id": row.transfer_id, "attempt": row.attempt, "entry_index": index})
                ended.append({"ended_id": row.transfer_id, "ended_attempt": row.attempt})
            case _:
                assert_never(row)
    connection.execute(ADD_ENTRIES, entries)
    connection.execute(ADD_OPENINGS, openings)
    for statement, rows in (
        (ADD_TRANSFERS, transfers),
        (ADD_KEYS, keys),
        (ADD_OUTCOMES, outcomes),
        (END_ATTEMPTS, ended),
    ):
        if rows:
            connection.execute(statement, rows)


def _transfer(
    row: IntentRow | RefusalRow, index: int, kind: str, attempt: int | None, deadline_at: int | None
) -> dict[str, object]:
    return {
        "id": row.transfer_id,
        "caller": row.caller,
        "entry_index": index,
        "kind": kind,
        "attempt": attempt,
        "deadline_at": deadline_at,
    }

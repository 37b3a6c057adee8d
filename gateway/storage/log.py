"""The log's one way to grow: a group of units in one transaction, behind the locked head row.

Promises: leaf indices are dense and in the order of commits (T60); a unit is recorded whole or left out with its
reason, and never spoils its group; what is returned is durable once the turn has ended, and not before. It must never
remember the head from one group to the next: another process may have written in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias, assert_never

from sqlalchemy import Dialect, bindparam, exists, insert, null, select, update

from gateway.errors import LogDiverged
from gateway.model import IntentRow, NotCommitted, OutcomeRow, Receipt, RefusalRow, Unit
from gateway.storage import tables
from gateway.storage.claims import ClaimStatements
from gateway.storage.database import Cursor, Database
from gateway.storage.records import RecordStatements
from gateway.storage.statement import Compiled, CompiledIn, CompiledInsert
from gateway.transfer_log.tree import HASH_BYTES, Frontier, append, leaf_hash

Result: TypeAlias = Receipt | NotCommitted
Sign: TypeAlias = Callable[[int, bytes], bytes]
Append: TypeAlias = Callable[[Sequence[Unit]], list[Result]]
_Rows: TypeAlias = list[tuple[object, ...]]

LOCK_HEAD = select(tables.log_head.c.size, tables.log_head.c.frontier).with_for_update()
MOVE_HEAD = update(tables.log_head).values(
    size=bindparam("new_size"), frontier=bindparam("new_frontier"), checkpoint=bindparam("note")
)
# The next three are for the rows of one group, which `CompiledIn` names.
RESTRICTED = select(tables.restriction.c.pseudonym)
OUTCOMES = select(tables.outcome.c.transfer_id, tables.outcome.c.attempt)
ADD_CHECKPOINT = insert(tables.checkpoint)
END_ATTEMPTS = (
    update(tables.transfer)
    .where(
        exists().where(
            tables.outcome.c.transfer_id == tables.transfer.c.id, tables.outcome.c.attempt == tables.transfer.c.attempt
        )
    )
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
        self._path = PathStatements(database.dialect)

    @contextmanager
    def turn(self) -> Iterator[Append]:
        """Wait to be the log's one writer; what the block appends is durable when it has ended.

        Raises LogUnavailable; RowRefused where a unit breaks the schema; LogDiverged where the log is smaller than
        this process has seen it.
        """
        with self._database.write_on_path() as cursor:
            head = self._path.lock_head.rows(cursor)
            if not head or head[0][0] < self._seen:
                raise LogDiverged("the transfer log was set back to an earlier state", hint="verify the database")
            grown = unpack(*head[0])

            def append_group(units: Sequence[Unit]) -> list[Result]:
                nonlocal grown
                results, grown = self._append(cursor, grown, units)
                return results

            yield append_group
        self._seen = grown.size

    def _append(self, cursor: Cursor, frontier: Frontier, units: Sequence[Unit]) -> tuple[list[Result], Frontier]:
        refused = self._path.refused(cursor, units)
        kept = [unit for place, unit in enumerate(units) if place not in refused]
        if not kept:
            return [refused[place] for place in range(len(units))], frontier
        growth = append(frontier, [leaf_hash(unit.entry.leaf) for unit in kept])
        size = growth.frontier.size
        note = self._sign(size, growth.root)
        self._path.insert(cursor, frontier.size, kept)
        self._path.add_checkpoint.run(cursor, [(size, note)])
        self._path.move_head.run(cursor, [(size, pack(growth.frontier), note)])
        receipts = (
            Receipt(frontier.size + offset, unit.entry, proof, size, note)
            for offset, (unit, proof) in enumerate(zip(kept, growth.proofs, strict=True))
        )
        return [refused.get(place) or next(receipts) for place in range(len(units))], growth.frontier


class PathStatements:
    """The statements of one group, compiled."""

    def __init__(self, dialect: Dialect) -> None:
        self.lock_head = Compiled(LOCK_HEAD, dialect)
        self.move_head = Compiled(MOVE_HEAD, dialect, "new_size", "new_frontier", "note")
        self.add_checkpoint = Compiled(ADD_CHECKPOINT, dialect, "size", "note")
        self._restricted = CompiledIn(RESTRICTED, dialect, tables.restriction.c.pseudonym)
        self._outcomes = CompiledIn(OUTCOMES, dialect, tables.outcome.c.transfer_id)
        self._records = RecordStatements(dialect)
        self.add_entries = CompiledInsert(tables.entry, dialect, "entry_index", "leaf")
        self._add_openings = CompiledInsert(tables.opening, dialect, *tables.opening.c.keys())
        self._add_transfers = CompiledInsert(
            tables.transfer, dialect, "id", "caller", "entry_index", "kind", "attempt", "deadline_at", "fingerprint"
        )
        self._add_keys = CompiledInsert(tables.transfer_key, dialect, "transfer_id", "wrapped")
        self._add_outcomes = CompiledInsert(tables.outcome, dialect, "transfer_id", "attempt", "entry_index")
        self._end_attempts = CompiledIn(END_ATTEMPTS, dialect, tables.transfer.c.id)
        self._claims = ClaimStatements(dialect)

    def refused(self, cursor: Cursor, units: Sequence[Unit]) -> dict[int, NotCommitted]:
        """The places of the units that stay out, with the reason; the guards of a whole group are asked at once."""
        pseudonyms = {unit.unless_restricted for unit in units if unit.unless_restricted is not None}
        blocked = {row[0] for row in self._restricted.rows(cursor, pseudonyms)}
        rows = [unit.row for unit in units if isinstance(unit.row, OutcomeRow)]
        ended = [one for row in rows for one in (row.transfer_id, *row.also)]
        written = set(self._outcomes.rows(cursor, ended))
        standing = self._records.standing(cursor, units)
        refused: dict[int, NotCommitted] = {}
        for place, unit in enumerate(units):
            if place in standing:
                refused[place] = NotCommitted.CONFLICT
            elif unit.unless_restricted in blocked:
                refused[place] = NotCommitted.RESTRICTED
            elif isinstance(unit.row, OutcomeRow):
                keys = {(one, unit.row.attempt) for one in (unit.row.transfer_id, *unit.row.also)}
                if not keys.isdisjoint(written):
                    refused[place] = NotCommitted.CONFLICT
                else:
                    written |= keys  # the first in the group wins
        held = self._claims.refused(cursor, units, refused)
        return refused | dict.fromkeys(held, NotCommitted.CLAIMED) if held else refused

    def insert(self, cursor: Cursor, first: int, units: Sequence[Unit]) -> None:
        """Write entries, openings and rows of units that go in, from index `first` on."""
        entries: _Rows = []
        openings: _Rows = []
        transfers: _Rows = []
        keys: _Rows = []
        outcomes: _Rows = []
        for index, unit in enumerate(units, first):
            made, row = unit.entry, unit.row
            entries.append((index, made.leaf))
            shared, private = made.shared, made.private
            openings.append((index, shared.salt, shared.body, private.salt, private.body))
            match row:
                case IntentRow():
                    begun = (row.attempt, row.deadline_at, row.fingerprint)
                    transfers.append((row.transfer_id, row.caller, index, tables.INTENT, *begun))
                    keys.append((row.transfer_id, row.wrapped_key))
                case RefusalRow():
                    transfers.append((row.transfer_id, row.caller, index, tables.REFUSAL, None, None, row.fingerprint))
                case OutcomeRow():
                    outcomes += [(one, row.attempt, index) for one in (row.transfer_id, *row.also)]
                case _:
                    assert_never(row)
        self.add_entries.run(cursor, entries)
        self._add_openings.run(cursor, openings)
        self._add_transfers.run(cursor, transfers)
        self._add_keys.run(cursor, keys)
        self._add_outcomes.run(cursor, outcomes)
        self._end_attempts.run(cursor, [row[0] for row in outcomes])
        self._claims.insert(cursor, units)

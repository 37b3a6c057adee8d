"""Records of registries: each is a transfer whose id follows from what it is, so that it is made once.

Promises: inside the transaction of a group, a record that stands already keeps its second entry out, whichever process
brings it; from outside, many records are found again at once, with how each ended. Nothing here holds a value: a
record's fingerprint is keyed. It must never decide what a record that stands already means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Dialect, Row, bindparam, select

from gateway.model import CallerId, IntentRow, KnownRecord, OutcomeCode, RefusalRow, RefusedReason, TransferId, Unit
from gateway.storage import tables
from gateway.storage.database import Cursor, Database
from gateway.storage.entries import Body
from gateway.storage.statement import CompiledIn

STANDING = select(tables.transfer.c.id)
_FIRST, _LAST = tables.opening.alias("first"), tables.opening.alias("last")
KNOWN = (
    select(
        tables.transfer.c.id,
        tables.transfer.c.caller,
        tables.transfer.c.entry_index,
        tables.transfer.c.fingerprint,
        _FIRST.c.shared_body.label("begun"),
        _FIRST.c.private_body.label("begun_private"),
        _LAST.c.shared_body.label("ended"),
    )
    .outerjoin(tables.outcome, tables.outcome.c.transfer_id == tables.transfer.c.id)
    .outerjoin(_FIRST, _FIRST.c.entry_index == tables.transfer.c.entry_index)
    .outerjoin(_LAST, _LAST.c.entry_index == tables.outcome.c.entry_index)
    .where(tables.transfer.c.id.in_(bindparam("ids", expanding=True)))
)


class RecordStatements:
    """The guard of records, compiled."""

    def __init__(self, dialect: Dialect) -> None:
        self._standing = CompiledIn(STANDING, dialect, tables.transfer.c.id)

    def standing(self, cursor: Cursor, units: Sequence[Unit]) -> set[int]:
        """The places of the units whose record stands already, or stands in this group before them."""
        brought = [(place, unit.row.transfer_id) for place, unit in enumerate(units) if is_record(unit)]
        seen = {row[0] for row in self._standing.rows(cursor, [found for _, found in brought])}
        places: set[int] = set()
        for place, transfer_id in brought:
            if transfer_id in seen:
                places.add(place)
            seen.add(transfer_id)
        return places


def is_record(unit: Unit) -> bool:
    """Whether a unit is of a registry's record: its transfer is made once."""
    return isinstance(unit.row, IntentRow | RefusalRow) and unit.row.fingerprint is not None


class Records:
    """Records, to those who ask before they decide."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, ids: Collection[TransferId]) -> Mapping[TransferId, KnownRecord]:
        """Those of the records that stand already. Raises LogUnavailable."""
        if not ids:
            return {}
        with self._database.read() as connection:
            rows = connection.execute(KNOWN, {"ids": list(ids)}).all()
        return {TransferId(row.id): _known(row) for row in rows}


def _known(row: Row[*tuple[Any, ...]]) -> KnownRecord:
    begun, ended = _body(row.begun), _body(row.ended)
    return KnownRecord(
        transfer_id=TransferId(row.id),
        caller=CallerId(row.caller),
        index=row.entry_index,
        fingerprint=row.fingerprint,
        outcome=OutcomeCode(str(ended["outcome"])) if "outcome" in ended else None,
        reason=RefusedReason(str(begun["reason"])) if "reason" in begun else None,
        failures=tuple(_failures(row.begun_private)) if "reason" in begun else (),
    )


def _body(raw: bytes | None) -> Body:
    """What an opening says; nothing where it was erased."""
    return {} if raw is None else dict(orjson.loads(raw))


def _failures(private: bytes | None) -> Iterator[Mapping[str, str]]:
    found = _body(private).get("failures", [])
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            yield {"path": str(one.get("path")), "rule": str(one.get("rule"))}

"""Sets of values that the platform keeps up to date: whose data a recipient may have, for thousands of houses.

A set is one row, its members one value: replacing it is one small statement, and asking it costs no query.

Promises: a set is replaced or changed as a whole or not at all, and counts at once in this process, within two seconds
in the others; where it was never written, is empty or cannot be read, no one is in it. It knows keyed digests and must
never see a value, for a value may be a person or a house.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from gateway.clock import Clock, Instant
from gateway.model import CallerId, RecipientId
from gateway.seal.keyring import SET_DIGEST_BYTES
from gateway.storage import tables
from gateway.storage.database import Database
from gateway.storage.fresh import Fresh
from gateway.storage.log import LOCK_HEAD

_set = tables.kept_set
_this = (_set.c.recipient == bindparam("recipient_id")) & (_set.c.name == bindparam("set_name"))

VERSIONS = select(_set.c.recipient, _set.c.name, _set.c.version, _set.c.updated_at)
MEMBERS = select(_set.c.members).where(_this)
STATE = select(_set.c.recipient, _set.c.name, _set.c.size, _set.c.updated_at, _set.c.updated_by).order_by(
    _set.c.recipient, _set.c.name
)
STATE_OF_ONE = STATE.where(_this)
ADD = insert(_set)
WRITE = (
    update(_set)
    .where(_this)
    .values(
        version=_set.c.version + 1,
        members=bindparam("new_members"),
        size=bindparam("new_size"),
        updated_at=bindparam("at"),
        updated_by=bindparam("by"),
    )
)

Digests = frozenset[bytes]


@dataclass(frozen=True, slots=True)
class KeptSet:
    """A set as it may be told: how many, since when, by whom."""

    recipient: RecipientId
    name: str
    count: int
    updated_at: Instant
    updated_by: CallerId | None  # None: an operator


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: tuple[int, int]  # version and time: what tells that it has changed
    digests: Digests


_Sets = Mapping[tuple[str, str], _Read]


class KeptSets:
    """The sets of one database. Every method raises LogUnavailable where the database cannot be used."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._fresh = Fresh(database, clock, _read)

    def holds(self, recipient: RecipientId, name: str, digest: bytes) -> bool:
        """Whether a digest is in a set, as it is now or was less than two seconds ago."""
        found = self._fresh.get().get((recipient, name))
        return found is not None and digest in found.digests

    def find(self, recipient: RecipientId, name: str) -> KeptSet | None:
        """What may be told of a set; None where it was never written."""
        with self._database.read() as connection:
            return _state(connection, recipient, name)

    def list(self) -> list[KeptSet]:
        """Every set that was ever written."""
        with self._database.read() as connection:
            return [_told(row) for row in connection.execute(STATE)]

    def replace(self, recipient: RecipientId, name: str, digests: Collection[bytes], by: CallerId | None) -> KeptSet:
        """Let a set hold these and no others."""
        members = pack(frozenset(digests))  # before anyone has to wait for it
        with self._database.write() as connection:
            connection.execute(LOCK_HEAD)  # changes of one set stand in a queue, the first one too
            written = self._write(connection, recipient, name, members, by)
        self._fresh.forget()
        return written

    def change(
        self,
        recipient: RecipientId,
        name: str,
        *,
        add: Iterable[bytes],
        remove: Iterable[bytes],
        most: int,
        by: CallerId | None,
    ) -> KeptSet | None:
        """Take some out of a set, then put some in; None, and nothing changed, where it would hold more than `most`."""
        with self._database.write() as connection:
            connection.execute(LOCK_HEAD)
            row = connection.execute(MEMBERS, {"recipient_id": recipient, "set_name": name}).one_or_none()
            before = frozenset[bytes]() if row is None else unpack(row.members)
            after = before.difference(remove).union(add)
            if len(after) > most:
                return None
            written = self._write(connection, recipient, name, pack(after), by)
        self._fresh.forget()
        return written

    def _write(
        self, connection: Connection, recipient: RecipientId, name: str, members: bytes, by: CallerId | None
    ) -> KeptSet:
        now, size = self._clock.now(), len(members) // SET_DIGEST_BYTES
        key = {"recipient_id": recipient, "set_name": name}
        new = {"new_members": members, "new_size": size, "at": now, "by": by}
        if connection.execute(WRITE, key | new).rowcount == 0:
            row = {"recipient": recipient, "name": name, "version": 1, "members": members, "size": size}
            connection.execute(ADD, row | {"updated_at": now, "updated_by": by})
        return KeptSet(recipient, name, size, now, by)


def pack(digests: Collection[bytes]) -> bytes:
    """Digests as they stand in a row: sorted, so that their order says nothing."""
    return b"".join(sorted(digests))


def unpack(members: bytes) -> Digests:
    """The digests of a row."""
    return frozenset(digest for (digest,) in struct.iter_unpack(f"{SET_DIGEST_BYTES}s", members))


def _read(connection: Connection, before: _Sets | None) -> _Sets:
    """Every set; those that did not change since are not read again."""
    sets: dict[tuple[str, str], _Read] = {}
    for row in connection.execute(VERSIONS).all():
        key, stamp = (row.recipient, row.name), (row.version, row.updated_at)
        known = (before or {}).get(key)
        if known is None or known.stamp != stamp:
            members = connection.execute(MEMBERS, {"recipient_id": row.recipient, "set_name": row.name}).scalar_one()
            known = _Read(stamp, unpack(members))
        sets[key] = known
    return sets


def _state(connection: Connection, recipient: RecipientId, name: str) -> KeptSet | None:
    row = connection.execute(STATE_OF_ONE, {"recipient_id": recipient, "set_name": name}).one_or_none()
    return None if row is None else _told(row)


def _told(row: Any) -> KeptSet:
    by = None if row.updated_by is None else CallerId(row.updated_by)
    return KeptSet(RecipientId(row.recipient), row.name, row.size, Instant(row.updated_at), by)

"""Subjects who are blocked: the guard that every group asks for.

Promises: once `block` has returned, no later group of any process records an intent about this subject, because both
stand behind the locked head row. It knows pseudonyms of the log and must never see a subject's id.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from gateway.clock import Instant
from gateway.model import LogPseudonym
from gateway.storage import tables
from gateway.storage.database import Database
from gateway.storage.log import LOCK_HEAD

IS_BLOCKED = select(tables.restriction.c.pseudonym).where(tables.restriction.c.pseudonym == bindparam("pseudonym"))
BLOCK = insert(tables.restriction)
UNBLOCK = delete(tables.restriction).where(tables.restriction.c.pseudonym == bindparam("pseudonym_"))
LIST = select(tables.restriction.c.pseudonym, tables.restriction.c.blocked_at).order_by(
    tables.restriction.c.blocked_at, tables.restriction.c.pseudonym
)


@dataclass(frozen=True, slots=True)
class Restriction:
    """One subject about whom nothing leaves."""

    pseudonym: LogPseudonym
    blocked_at: Instant


class Restrictions:
    """Who is blocked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def block(self, pseudonym: LogPseudonym, at: Instant) -> bool:
        """Block a subject; False if it was blocked before. Raises LogUnavailable."""
        with self._database.write() as connection:
            connection.execute(LOCK_HEAD)
            if connection.execute(IS_BLOCKED, {"pseudonym": pseudonym}).one_or_none() is not None:
                return False
            connection.execute(BLOCK, {"pseudonym": pseudonym, "blocked_at": at})
            return True

    def unblock(self, pseudonym: LogPseudonym) -> bool:
        """Lift a block; False if there was none. Raises LogUnavailable."""
        with self._database.write() as connection:
            connection.execute(LOCK_HEAD)
            return connection.execute(UNBLOCK, {"pseudonym_": pseudonym}).rowcount > 0

    def holds(self, pseudonym: LogPseudonym) -> bool:
        """Whether a subject is blocked now; no promise for later, which only the guard of a group gives.

        Raises LogUnavailable.
        """
        with self._database.read() as connection:
            return connection.execute(IS_BLOCKED, {"pseudonym": pseudonym}).one_or_none() is not None

    def list(self) -> list[Restriction]:
        """Everyone who is blocked, the longest first. Raises LogUnavailable."""
        with self._database.read() as connection:
            return [Restriction(row.pseudonym, row.blocked_at) for row in connection.execute(LIST)]

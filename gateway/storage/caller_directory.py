"""The directory that admission asks: which caller holds this token?

Promises: a lookup costs no query; a change counts within two seconds in every process; while the database cannot be
read, the directory says what it knew for at most two seconds and then nothing. It must never say which of unknown,
revoked and wrong a token is.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.clock import Clock
from gateway.errors import LogError
from gateway.model import Caller, CallerId, PurposeId, RecipientId
from gateway.storage import fork, tables
from gateway.storage.database import Database

FRESH_SECONDS = 1.0
STALE_SECONDS = 2.0

HOLDERS = select(tables.caller.c.token_hash, tables.caller.c.id).where(tables.caller.c.revoked_at.is_(None))
GRANTS = select(tables.caller_grant.c.caller, tables.caller_grant.c.recipient, tables.caller_grant.c.purpose)


@dataclass(frozen=True, slots=True)
class _Directory:
    callers: Mapping[bytes, Caller]
    read_at: float


class CallerDirectory:
    """Callers by the hash of their token."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._start_over()
        fork.in_child(self._start_over)

    def _start_over(self) -> None:
        self._known: _Directory | None = None
        self._reading = threading.Lock()

    def lookup(self, token_hash: bytes) -> Caller | None:
        """The caller who holds this token, None if no one does. Raises LogUnavailable."""
        known = self._known
        age = STALE_SECONDS if known is None else self._clock.monotonic() - known.read_at
        if known is None or age >= FRESH_SECONDS:
            known = self._refreshed(known, wait=age >= STALE_SECONDS)
        return known.callers.get(token_hash)

    def forget(self) -> None:
        """Read again at the next lookup."""
        self._known = None

    def _refreshed(self, known: _Directory | None, *, wait: bool) -> _Directory:
        """One thread reads; the others go on with what is known, as long as that may be said."""
        if not self._reading.acquire(blocking=wait) and known is not None:
            return known
        try:
            now = self._clock.monotonic()
            if self._known is not None and now - self._known.read_at < FRESH_SECONDS:
                return self._known
            try:
                with self._database.read() as connection:
                    found = _Directory(_callers(connection), now)
            except LogError:
                if known is not None and now - known.read_at < STALE_SECONDS:
                    return known
                raise
            self._known = found
            return found
        finally:
            self._reading.release()


def grants(connection: Connection) -> dict[str, frozenset[tuple[RecipientId, PurposeId]]]:
    """What each caller may ask for; a caller without grants is not among them."""
    found: dict[str, set[tuple[RecipientId, PurposeId]]] = {}
    for row in connection.execute(GRANTS):
        found.setdefault(row.caller, set()).add((row.recipient, row.purpose))
    return {caller: frozenset(pairs) for caller, pairs in found.items()}


def _callers(connection: Connection) -> dict[bytes, Caller]:
    granted = grants(connection)
    return {
        row.token_hash: Caller(CallerId(row.id), granted.get(row.id, frozenset()))
        for row in connection.execute(HOLDERS)
    }

"""The directory that admission asks: which caller holds this token?

Promises: a lookup costs no query; a change counts within two seconds in every process; while the database cannot be
read, the directory says what it knew for at most two seconds and then nothing. It must never say which of unknown,
revoked and wrong a token is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from gateway.clock import Clock
from gateway.model import Basis, BasisKind, Caller, CallerId, PurposeId, RecipientId
from gateway.storage import tables
from gateway.storage.database import Database
from gateway.storage.fresh import Fresh

_caller = tables.caller

HOLDERS = select(
    _caller.c.token_hash,
    _caller.c.id,
    _caller.c.basis_kind,
    _caller.c.basis_ref,
    _caller.c.basis_given,
    _caller.c.basis_text_version,
).where(_caller.c.revoked_at.is_(None))
GRANTS = select(tables.caller_grant.c.caller, tables.caller_grant.c.recipient, tables.caller_grant.c.purpose)
KEEPS = select(tables.caller_keeps.c.caller, tables.caller_keeps.c.recipient)


class CallerDirectory:
    """Callers by the hash of their token."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._fresh = Fresh(database, clock, _callers)

    def lookup(self, token_hash: bytes) -> Caller | None:
        """The caller who holds this token, None if no one does. Raises LogUnavailable."""
        return self._fresh.get().get(token_hash)

    def forget(self) -> None:
        """Read again at the next lookup."""
        self._fresh.forget()


def grants(connection: Connection) -> dict[str, frozenset[tuple[RecipientId, PurposeId]]]:
    """What each caller may ask for; a caller without grants is not among them."""
    found: dict[str, set[tuple[RecipientId, PurposeId]]] = {}
    for row in connection.execute(GRANTS):
        found.setdefault(row.caller, set()).add((row.recipient, row.purpose))
    return {caller: frozenset(pairs) for caller, pairs in found.items()}


def keeps(connection: Connection) -> dict[str, frozenset[RecipientId]]:
    """Whose sets each caller may keep; a caller that keeps none is not among them."""
    found: dict[str, set[RecipientId]] = {}
    for row in connection.execute(KEEPS):
        found.setdefault(row.caller, set()).add(row.recipient)
    return {caller: frozenset(recipients) for caller, recipients in found.items()}


def default_basis(row: Any) -> Basis | None:
    """The basis that an operator set for a caller, None where none is."""
    if row.basis_kind is None:
        return None
    return Basis(BasisKind(row.basis_kind), row.basis_ref, row.basis_given, row.basis_text_version)


def _callers(connection: Connection, _before: object) -> Mapping[bytes, Caller]:
    granted, kept = grants(connection), keeps(connection)
    return {
        row.token_hash: Caller(
            CallerId(row.id), granted.get(row.id, frozenset()), default_basis(row), kept.get(row.id, frozenset())
        )
        for row in connection.execute(HOLDERS)
    }

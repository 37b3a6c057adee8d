"""What an operator changes about callers: who they are, their tokens, what they may ask for.

Promises: every change is one transaction and counts at once in this process, within two seconds in the others. Only
hashes of tokens are stored. It must never bring a revoked caller back: a new one is added instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, insert, select, update

from gateway.clock import Clock, Instant
from gateway.errors import ConfigError
from gateway.model import Basis, Caller, CallerId, PurposeId, RecipientId
from gateway.storage import tables
from gateway.storage.caller_directory import CallerDirectory, default_basis, grants, keeps
from gateway.storage.database import Database, RowRefused

_caller, _grant, _keeps = tables.caller, tables.caller_grant, tables.caller_keeps
_this_caller = _caller.c.id == bindparam("caller_id")
_this_grant = (
    (_grant.c.caller == bindparam("caller_id"))
    & (_grant.c.recipient == bindparam("recipient_id"))
    & (_grant.c.purpose == bindparam("purpose_id"))
)
_this_keeping = (_keeps.c.caller == bindparam("caller_id")) & (_keeps.c.recipient == bindparam("recipient_id"))

ONE = select(_caller.c.revoked_at).where(_this_caller)
ALL = select(_caller).order_by(_caller.c.id)
ADD = insert(_caller)
REVOKE = update(_caller).where(_this_caller).values(revoked_at=bindparam("at"))
ROTATE = update(_caller).where(_this_caller).values(token_hash=bindparam("new_hash"))
HAS_GRANT = select(_grant.c.caller).where(_this_grant)
GRANT = insert(_grant)
UNGRANT = delete(_grant).where(_this_grant)
IS_KEEPER = select(_keeps.c.caller).where(_this_keeping)
LET_KEEP = insert(_keeps)
STOP_KEEPING = delete(_keeps).where(_this_keeping)
SET_BASIS = (
    update(_caller)
    .where(_this_caller)
    .values(
        basis_kind=bindparam("kind"),
        basis_ref=bindparam("ref"),
        basis_given=bindparam("given"),
        basis_text_version=bindparam("text_version"),
    )
)


@dataclass(frozen=True, slots=True)
class CallerRecord:
    """A caller as an operator sees it."""

    id: CallerId
    created_at: Instant
    revoked_at: Instant | None
    grants: frozenset[tuple[RecipientId, PurposeId]]
    basis: Basis | None = None
    keeps: frozenset[RecipientId] = frozenset()


class Callers:
    """The callers of one database. Every method raises LogUnavailable where the database cannot be used."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._directory = CallerDirectory(database, clock)

    def lookup(self, token_hash: bytes) -> Caller | None:
        """The caller who holds this token, None if no one does."""
        return self._directory.lookup(token_hash)

    def add(self, caller_id: CallerId, token_hash: bytes) -> None:
        """A new caller, without grants. Raises ConfigError where the name or the token is taken."""
        row = {"id": caller_id, "token_hash": token_hash, "created_at": self._clock.now(), "revoked_at": None}
        try:
            with self._database.write() as connection:
                connection.execute(ADD, row)
        except RowRefused:
            raise ConfigError([f"caller {caller_id}: there is one of this name already"]) from None
        self._directory.forget()

    def revoke(self, caller_id: CallerId) -> None:
        """Refuse this caller for good. Raises ConfigError where there is no active caller of this name."""
        self._change(caller_id, REVOKE, {"at": self._clock.now()})

    def rotate(self, caller_id: CallerId, token_hash: bytes) -> None:
        """Let a new token count and the old one no more. Raises ConfigError as `revoke` does."""
        self._change(caller_id, ROTATE, {"new_hash": token_hash})

    def grant(self, caller_id: CallerId, recipient: RecipientId, purpose: PurposeId) -> None:
        """Let the caller ask for one more pair; twice is once. Raises ConfigError as `revoke` does."""
        pair = {"recipient_id": recipient, "purpose_id": purpose}
        with self._database.write() as connection:
            _active(connection, caller_id)
            if connection.execute(HAS_GRANT, {"caller_id": caller_id} | pair).one_or_none() is None:
                connection.execute(GRANT, {"caller": caller_id, "recipient": recipient, "purpose": purpose})
        self._directory.forget()

    def ungrant(self, caller_id: CallerId, recipient: RecipientId, purpose: PurposeId) -> None:
        """Take a grant back. Raises ConfigError where the caller has none."""
        with self._database.write() as connection:
            _active(connection, caller_id)
            key = {"caller_id": caller_id, "recipient_id": recipient, "purpose_id": purpose}
            if connection.execute(UNGRANT, key).rowcount == 0:
                raise ConfigError([f"caller {caller_id}: has no grant {recipient}:{purpose}"])
        self._directory.forget()

    def let_keep(self, caller_id: CallerId, recipient: RecipientId) -> None:
        """Let the caller keep this recipient's sets; twice is once. Raises ConfigError as `revoke` does."""
        with self._database.write() as connection:
            _active(connection, caller_id)
            key = {"caller_id": caller_id, "recipient_id": recipient}
            if connection.execute(IS_KEEPER, key).one_or_none() is None:
                connection.execute(LET_KEEP, {"caller": caller_id, "recipient": recipient})
        self._directory.forget()

    def stop_keeping(self, caller_id: CallerId, recipient: RecipientId) -> None:
        """Take that back. Raises ConfigError where the caller has no such right."""
        with self._database.write() as connection:
            _active(connection, caller_id)
            if connection.execute(STOP_KEEPING, {"caller_id": caller_id, "recipient_id": recipient}).rowcount == 0:
                raise ConfigError([f"caller {caller_id}: does not keep the sets of {recipient}"])
        self._directory.forget()

    def set_basis(self, caller_id: CallerId, basis: Basis | None) -> None:
        """What counts where a request of the caller states no basis. Raises ConfigError as `revoke` does."""
        values: dict[str, Any] = dict.fromkeys(("kind", "ref", "given", "text_version"))
        if basis is not None:
            values = {"kind": basis.kind.value, "ref": basis.ref, "given": basis.given_at}
            values["text_version"] = basis.text_version
        self._change(caller_id, SET_BASIS, values)

    def list(self) -> list[CallerRecord]:
        """Every caller there is or was, by name."""
        with self._database.read() as connection:
            granted, kept = grants(connection), keeps(connection)
            return [
                CallerRecord(
                    id=CallerId(row.id),
                    created_at=Instant(row.created_at),
                    revoked_at=None if row.revoked_at is None else Instant(row.revoked_at),
                    grants=granted.get(row.id, frozenset()),
                    basis=default_basis(row),
                    keeps=kept.get(row.id, frozenset()),
                )
                for row in connection.execute(ALL)
            ]

    def _change(self, caller_id: CallerId, statement: Executable, values: dict[str, Any]) -> None:
        try:
            with self._database.write() as connection:
                _active(connection, caller_id)
                connection.execute(statement, {"caller_id": caller_id} | values)
        except RowRefused:
            raise ConfigError([f"caller {caller_id}: another caller holds this token"]) from None
        self._directory.forget()


def _active(connection: Connection, caller_id: CallerId) -> None:
    row = connection.execute(ONE, {"caller_id": caller_id}).one_or_none()
    if row is None:
        raise ConfigError([f"caller {caller_id}: there is none of this name"], hint="`gateway caller list`")
    if row.revoked_at is not None:
        raise ConfigError([f"caller {caller_id}: was revoked"], hint="add a new one under another name")

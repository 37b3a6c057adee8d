"""Claims of an `Idempotency-Key`, and the answers that are kept for those who repeat a request.

Promises: of all units that claim one key while it is held, in whatever group or process, one goes in, because the
guard is asked behind the locked head row; a claim that is over holds nothing back, and what was kept under it is
overwritten within minutes, in the write-ahead log too. It knows keyed digests and sealed bytes alone, and must never
see a key, a request or an answer as it came. Units without a claim cost nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Dialect, bindparam, delete, select

from gateway.clock import Instant
from gateway.model import Claim, Held, NotCommitted, TransferId, Unit
from gateway.storage import tables
from gateway.storage.database import Cursor, Database
from gateway.storage.statement import Compiled, CompiledIn, CompiledInsert

AT_ONCE = 200
"""So many are destroyed in one transaction: whoever records waits that long, and no longer."""

_claim, _kept, _transfer, _key = tables.claim, tables.kept_answer, tables.transfer, tables.transfer_key

# Those of one group; `CompiledIn` names its keys.
STANDING = select(_claim.c.key_digest, _claim.c.expires_at)
REPLACE = delete(_claim)
FREE = delete(_claim).where(
    _claim.c.key_digest == bindparam("freed_key"), _claim.c.transfer_id == bindparam("freed_by")
)

FIND = (
    select(
        _claim.c.transfer_id,
        _claim.c.fingerprint,
        _transfer.c.entry_index,
        _transfer.c.deadline_at.is_(None).label("ended"),
        _kept.c.sealed,
        _key.c.wrapped,
    )
    .join_from(_claim, _transfer, _claim.c.transfer_id == _transfer.c.id)
    .outerjoin(_kept, _kept.c.transfer_id == _claim.c.transfer_id)
    .outerjoin(_key, _key.c.transfer_id == _claim.c.transfer_id)
    .where(_claim.c.key_digest == bindparam("wanted"), _claim.c.expires_at > bindparam("now"))
)
_over_answers = select(_kept.c.transfer_id).where(_kept.c.expires_at <= bindparam("now")).limit(AT_ONCE)
_over_claims = select(_claim.c.key_digest).where(_claim.c.expires_at <= bindparam("now")).limit(AT_ONCE)
DESTROY = delete(_kept).where(_kept.c.transfer_id.in_(_over_answers.scalar_subquery()))
END_CLAIMS = delete(_claim).where(_claim.c.key_digest.in_(_over_claims.scalar_subquery()))


class ClaimStatements:
    """The part of a group that is about claims, compiled."""

    def __init__(self, dialect: Dialect) -> None:
        self._standing = CompiledIn(STANDING, dialect, _claim.c.key_digest)
        self._replace = CompiledIn(REPLACE, dialect, _claim.c.key_digest)
        self._free = Compiled(FREE, dialect, "freed_key", "freed_by")
        self._add = CompiledInsert(_claim, dialect, "key_digest", "transfer_id", "fingerprint", "expires_at")
        self._keep = CompiledInsert(_kept, dialect, "transfer_id", "sealed", "expires_at")

    def refused(self, cursor: Cursor, units: Sequence[Unit], refused: Mapping[int, NotCommitted]) -> list[int]:
        """The places of the units that must stay out because their key is held; the first in the group wins.

        What is `refused` for another reason holds no key.
        """
        asked = {unit.claims.key for unit in units if unit.claims is not None}
        if not asked:
            return []
        held: dict[bytes, int] = dict(self._standing.rows(cursor, asked))
        out: list[int] = []
        for place, unit in enumerate(units):
            claim = unit.claims
            if claim is None:
                continue
            if held.get(claim.key, claim.at) > claim.at:
                out.append(place)
            elif place not in refused:
                held[claim.key] = claim.expires_at
        return out

    def insert(self, cursor: Cursor, units: Sequence[Unit]) -> None:
        """Write the claims and the answers of units that go in; take back the claims that they free."""
        claims: list[tuple[object, ...]] = []
        freed: list[tuple[object, ...]] = []
        answers: list[tuple[object, ...]] = []
        for unit in units:
            transfer_id = unit.row.transfer_id
            if unit.claims is not None:
                claims.append((unit.claims.key, transfer_id, unit.claims.fingerprint, unit.claims.expires_at))
            if unit.frees is not None:
                freed.append((unit.frees.key, transfer_id))
            if unit.keeps is not None:
                answers.append((transfer_id, unit.keeps.sealed, unit.keeps.expires_at))
        self._free.run(cursor, freed)
        self._replace.run(cursor, [row[0] for row in claims])  # one that is over may still stand
        self._add.run(cursor, claims)
        self._keep.run(cursor, answers)


class Claims:
    """Claims, to those who look one up and to those who destroy what is over. Raises LogUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lingers = False  # whether what was erased may still stand in the write-ahead log

    def find(self, claim: Claim) -> Held | None:
        """What holds the key of this claim; None where nothing does."""
        with self._database.read() as connection:
            row = connection.execute(FIND, {"wanted": claim.key, "now": claim.at}).one_or_none()
        if row is None:
            return None
        return Held(TransferId(row.transfer_id), row.entry_index, row.fingerprint, row.ended, row.sealed, row.wrapped)

    def destroy(self, now: Instant) -> int:
        """Overwrite the answers whose time is over, and end their claims; how many answers there were."""
        destroyed, over = 0, True
        while over:
            with self._database.write() as connection:
                answers = connection.execute(DESTROY, {"now": now}).rowcount
                claims = connection.execute(END_CLAIMS, {"now": now}).rowcount
            destroyed += answers
            over = AT_ONCE in (answers, claims)
        if destroyed or self._lingers:
            self._lingers = not self._database.forget_erased()
        return destroyed

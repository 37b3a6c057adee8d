"""Everything: the log, its openings, transfers, callers, kept sets, restrictions.

It stands for itself and must never import `gateway.storage.tables`, which will move on; a test holds that both agree.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table."""
    _log()
    _transfers()
    _claims()
    _callers()
    _kept_sets()
    op.create_table(
        "restriction",
        sa.Column("pseudonym", sa.String(64), nullable=False),
        sa.Column("blocked_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_restriction"),
    )
    _observations()


def downgrade() -> None:
    """Refused: before the first revision there is no log, and no command deletes one."""
    raise RuntimeError("the first revision cannot be taken back: make an empty database instead")


def _log() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("checkpoint", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_single")),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
        comment="one row: locked, it makes its holder the log's one sequencer",
    )
    op.create_table(
        "entry",
        sa.Column("entry_index", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("entry_index", name="pk_entry"),
        comment="immutable",
    )
    op.create_table(
        "opening",
        sa.Column("entry_index", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("shared_salt", sa.LargeBinary, nullable=True),
        sa.Column("shared_body", sa.LargeBinary, nullable=True),
        sa.Column("private_salt", sa.LargeBinary, nullable=True),
        sa.Column("private_body", sa.LargeBinary, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entry.entry_index"], name="fk_opening_entry_index"),
        sa.PrimaryKeyConstraint("entry_index", name="pk_opening"),
        comment="erasable, as a whole or one half",
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
        comment="immutable, one for each group",
    )


def _transfers() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("entry_index", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=True),
        sa.Column("deadline_at", sa.BigInteger, nullable=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entry.entry_index"], name="fk_transfer_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_transfer"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_transfer_entry_index", "transfer", ["entry_index"])
    waits = sa.text("deadline_at IS NOT NULL")
    op.create_index("ix_transfer_deadline_at", "transfer", ["deadline_at"], sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "outcome",
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("attempt", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("entry_index", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name="fk_outcome_transfer_id"),
        sa.ForeignKeyConstraint(["entry_index"], ["entry.entry_index"], name="fk_outcome_entry_index"),
        sa.PrimaryKeyConstraint("transfer_id", "attempt", name="pk_outcome"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "transfer_key",
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name="fk_transfer_key_transfer_id"),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_transfer_key"),
        comment="erasable: destroying it is how the digests of a transfer's fields become closed for good",
        sqlite_with_rowid=False,
    )


def _claims() -> None:
    op.create_table(
        "claim",
        sa.Column("key_digest", sa.LargeBinary, nullable=False),
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name="fk_claim_transfer_id"),
        sa.PrimaryKeyConstraint("key_digest", name="pk_claim"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_claim_expires_at", "claim", ["expires_at"])
    op.create_table(
        "kept_answer",
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name="fk_kept_answer_transfer_id"),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_kept_answer"),
        comment="what a caller was told, sealed under the transfer's key, for whoever repeats the request",
    )
    op.create_index("ix_kept_answer_expires_at", "kept_answer", ["expires_at"])


def _callers() -> None:
    op.create_table(
        "caller",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
        sa.Column("basis_kind", sa.String(16), nullable=True),
        sa.Column("basis_ref", sa.String(128), nullable=True),
        sa.Column("basis_given", sa.String(64), nullable=True),
        sa.Column("basis_text_version", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_caller"),
        sa.UniqueConstraint("token_hash", name="uq_caller_token_hash"),
    )
    op.create_table(
        "caller_grant",
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["caller"], ["caller.id"], name="fk_caller_grant_caller"),
        sa.PrimaryKeyConstraint("caller", "recipient", "purpose", name="pk_caller_grant"),
    )
    op.create_table(
        "caller_keeps",
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["caller"], ["caller.id"], name="fk_caller_keeps_caller"),
        sa.PrimaryKeyConstraint("caller", "recipient", name="pk_caller_keeps"),
        comment="whose sets a caller may keep up to date",
    )


def _kept_sets() -> None:
    op.create_table(
        "kept_set",
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("members", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("updated_by", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("recipient", "name", name="pk_kept_set"),
    )


def _observations() -> None:
    op.create_table(
        "observation",
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("fact", sa.String(16), nullable=False),
        sa.Column("detail", sa.String(160), nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "caller", "recipient", "purpose", "path", "fact", "detail", name="pk_observation"
        ),
        comment="the shapes of previews that asked to be observed, counted; no values; deleted after their days",
        sqlite_with_rowid=False,
    )

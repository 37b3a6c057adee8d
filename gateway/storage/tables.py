"""The tables, in path order, for both dialects.

Promises: instants are integer microseconds, leaves and openings are bytes, and an entry's index is given by the head
row, never by the database. What commits to a person (`opening`, `transfer_key`) stands in tables of its own, so that
it can be erased without touching an entry. It must never name a rowid, a sequence or one dialect's spelling.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

WHOLE = BigInteger().with_variant(Integer, "sqlite")
"""An integer of 64 bits; SQLite's `INTEGER` is one, and only under that name is a key stored without a second tree."""

HEAD_ID = 1
INTENT = "intent"
REFUSAL = "refusal"

# Tables of small rows, found by a key of their own, live in its tree (`sqlite_with_rowid=False`): half the pages per
# commit. Openings do not: such a tree puts what is longer than a quarter of a page on further pages.

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, CheckConstraint(f"id = {HEAD_ID}", name="single"), primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # the hashes of the tree's complete subtrees, largest first
    Column("checkpoint", LargeBinary, nullable=False),  # the newest; empty while the log is
    comment="one row: locked, it makes its holder the log's one sequencer",
)

entry = Table(
    "entry",
    metadata,
    Column("entry_index", WHOLE, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    comment="immutable",
)

opening = Table(
    "opening",
    metadata,
    Column("entry_index", WHOLE, ForeignKey(entry.c.entry_index), primary_key=True, autoincrement=False),
    Column("shared_salt", LargeBinary, nullable=True),
    Column("shared_body", LargeBinary, nullable=True),
    Column("private_salt", LargeBinary, nullable=True),
    Column("private_body", LargeBinary, nullable=True),
    comment="erasable, as a whole or one half",
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", WHOLE, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
    comment="immutable, one for each group",
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("caller", String(64), nullable=False),
    Column("entry_index", BigInteger, ForeignKey(entry.c.entry_index), nullable=False),
    Column("kind", String(7), nullable=False),
    Column("attempt", Integer, nullable=True),
    Column("deadline_at", BigInteger, nullable=True),  # of an attempt that has no outcome yet; null once it has one
    Column("fingerprint", LargeBinary, nullable=True),  # of the record of a registry that it carries, keyed
    sqlite_with_rowid=False,
)

Index("ix_transfer_entry_index", transfer.c.entry_index)
Index(
    "ix_transfer_deadline_at",  # as small as what is under way, however long the log grows
    transfer.c.deadline_at,
    sqlite_where=transfer.c.deadline_at.is_not(None),
    postgresql_where=transfer.c.deadline_at.is_not(None),
)

outcome = Table(
    "outcome",
    metadata,
    Column("transfer_id", String(64), ForeignKey(transfer.c.id), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("entry_index", BigInteger, ForeignKey(entry.c.entry_index), nullable=False),
    sqlite_with_rowid=False,
)

transfer_key = Table(
    "transfer_key",
    metadata,
    Column("transfer_id", String(64), ForeignKey(transfer.c.id), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    comment="erasable: destroying it is how the digests of a transfer's fields become closed for good",
    sqlite_with_rowid=False,
)

claim = Table(
    "claim",
    metadata,
    Column("key_digest", LargeBinary, primary_key=True),  # keyed, of the caller and its Idempotency-Key
    Column("transfer_id", String(64), ForeignKey(transfer.c.id), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),  # keyed, of the request
    Column("expires_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Index("ix_claim_expires_at", claim.c.expires_at)

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("transfer_id", String(64), ForeignKey(transfer.c.id), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    comment="what a caller was told, sealed under the transfer's key, for whoever repeats the request",
)

Index("ix_kept_answer_expires_at", kept_answer.c.expires_at)

caller = Table(
    "caller",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
    Column("basis_kind", String(16), nullable=True),  # what counts where a request states no basis
    Column("basis_ref", String(128), nullable=True),
    Column("basis_given", String(64), nullable=True),  # RFC 3339, as it was stated
    Column("basis_text_version", String(64), nullable=True),
)

caller_grant = Table(
    "caller_grant",
    metadata,
    Column("caller", String(64), ForeignKey(caller.c.id), primary_key=True),
    Column("recipient", String(64), primary_key=True),
    Column("purpose", String(64), primary_key=True),
)

caller_keeps = Table(
    "caller_keeps",
    metadata,
    Column("caller", String(64), ForeignKey(caller.c.id), primary_key=True),
    Column("recipient", String(64), primary_key=True),
    comment="whose sets a caller may keep up to date",
)

kept_set = Table(
    "kept_set",
    metadata,
    Column("recipient", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("version", BigInteger, nullable=False),  # one more for each change
    Column("members", LargeBinary, nullable=False),  # keyed digests, sorted
    Column("size", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", String(64), nullable=True),  # the caller; null: an operator
)

restriction = Table(
    "restriction",
    metadata,
    Column("pseudonym", String(64), primary_key=True),
    Column("blocked_at", BigInteger, nullable=False),
)

observation = Table(
    "observation",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),  # UTC, counted from 1970-01-01
    Column("caller", String(64), primary_key=True),
    Column("recipient", String(64), primary_key=True),
    Column("purpose", String(64), primary_key=True),
    Column("path", String(200), primary_key=True),
    Column("fact", String(16), primary_key=True),
    Column("detail", String(160), primary_key=True),
    Column("times", BigInteger, nullable=False),
    comment="the shapes of previews that asked to be observed, counted; no values; deleted after their days",
    sqlite_with_rowid=False,
)

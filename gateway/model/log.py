"""What the transfer log is asked to write, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.clock import Instant
from gateway.model.words import CallerId, Direction, LogPseudonym, OutcomeCode, RefusedReason, TransferId


@dataclass(frozen=True, slots=True)
class Opening:
    """One half of what a leaf commits to: SHA-256(salt ‖ body) stands in the leaf. Erasable."""

    salt: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the transfer log, ready to be committed: a leaf that says nothing, two openings that do."""

    leaf: bytes
    shared: Opening
    private: Opening


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the log gives back for an entry that is durable: where it stands, and the proof."""

    index: int
    entry: Entry
    proof: tuple[bytes, ...]  # inclusion proof, leaf to root (RFC 6962 2.1.1)
    size: int
    checkpoint: bytes  # signed note (C2SP) of the tree of `size` leaves


@dataclass(frozen=True, slots=True)
class Claim:
    """An `Idempotency-Key` as it may be stored: keyed digests of whose it is, and of the request that brought it."""

    key: bytes
    fingerprint: bytes
    at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Held:
    """What stands under a claimed key: the transfer that claimed it, and how far that is known to have come."""

    transfer_id: TransferId
    index: int  # of its intent
    fingerprint: bytes
    ended: bool  # whether its outcome is durable
    sealed: bytes | None  # the kept answer, under the transfer's key
    wrapped_key: bytes | None  # None where the transfer's key was destroyed, and the answer with it


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """Beside an outcome: what its caller was told, sealed under the transfer's key, until the claim ends."""

    sealed: bytes
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class IntentRow:
    """Beside an intent's entry: what finds the transfer again, and its key, wrapped."""

    transfer_id: TransferId
    caller: CallerId
    attempt: int
    deadline_at: Instant
    wrapped_key: bytes
    fingerprint: bytes | None = None  # of a registry's record, keyed; with one, a transfer of this id is made once


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """Beside a refusal's entry: what finds the transfer again."""

    transfer_id: TransferId
    caller: CallerId
    fingerprint: bytes | None = None  # as an intent's


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """Beside an outcome's entry; unique per (transfer, attempt): the first outcome wins."""

    transfer_id: TransferId
    attempt: int
    also: tuple[TransferId, ...] = ()  # the others of the envelope that carried it


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """A record of a registry that stands in the log already."""

    transfer_id: TransferId
    caller: CallerId
    index: int  # of its intent or refusal
    fingerprint: bytes | None
    outcome: OutcomeCode | None  # None: it was refused, or has not ended
    reason: RefusedReason | None  # None: it was not refused
    failures: tuple[Mapping[str, str], ...] = ()  # path and rule, of a refusal


@dataclass(frozen=True, slots=True)
class Overdue:
    """An intent whose deadline passed without an outcome: the process that held it is gone."""

    transfer_id: TransferId
    attempt: int
    recipient: str
    purpose: str
    direction: Direction = Direction.REQUEST


@dataclass(frozen=True, slots=True)
class Unit:
    """What is committed together or not at all: an entry, its rows, and the guards asked inside the transaction."""

    entry: Entry
    row: IntentRow | RefusalRow | OutcomeRow
    unless_restricted: LogPseudonym | None = None
    claims: Claim | None = None  # with an intent: unless the key is held
    keeps: SealedAnswer | None = None  # with an outcome under a key
    frees: Claim | None = None  # with an outcome that says that nothing left: the key may be used again


class NotCommitted(StrEnum):
    """Why a unit was left out of its group, which went on without it."""

    RESTRICTED = "restricted"  # the guard held: this subject is blocked
    CLAIMED = "claimed"  # the guard held: another transfer holds this Idempotency-Key
    CONFLICT = "conflict"  # the row exists: an outcome of this attempt, or a transfer of this id, was written before
    UNFIT = "unfit"  # the database refused it; only `commit_all` says so, where others of its units went in

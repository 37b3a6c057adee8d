"""What the transfer log is asked to write, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.clock import Instant
from gateway.model.words import CallerId, LogPseudonym, TransferId


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
class IntentRow:
    """Beside an intent's entry: what finds the transfer again, and its key, wrapped."""

    transfer_id: TransferId
    caller: CallerId
    attempt: int
    deadline_at: Instant
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """Beside a refusal's entry: what finds the transfer again."""

    transfer_id: TransferId
    caller: CallerId


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """Beside an outcome's entry; unique per (transfer, attempt): the first outcome wins."""

    transfer_id: TransferId
    attempt: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """An intent whose deadline passed without an outcome: the process that held it is gone."""

    transfer_id: TransferId
    attempt: int
    recipient: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What is committed together or not at all: an entry, its row, and a guard asked inside the transaction."""

    entry: Entry
    row: IntentRow | RefusalRow | OutcomeRow
    unless_restricted: LogPseudonym | None = None


class NotCommitted(StrEnum):
    """Why a unit was left out of its group, which went on without it."""

    RESTRICTED = "restricted"  # the guard held: this subject is blocked
    CONFLICT = "conflict"  # the row exists: an outcome of this attempt was written before

"""What stands in the log: a leaf that says nothing about anyone, and two openings that do.

Promises: a leaf is canonical JSON of two salted commitments, a kind and an instant, the same for every entry; the
bodies hold names, paths, reasons, versions and digests. It must never put a value of a payload into a body, nor
anything at all about a person, a recipient or a purpose into a leaf (law 4).

The instant is that of the building; entries need not be in its order. Their order is their index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from gateway import canonical
from gateway.canonical import Json
from gateway.clock import Instant
from gateway.model import (
    Admitted,
    Cause,
    Direction,
    Disclosure,
    Entry,
    EntryKind,
    LogPseudonym,
    Opening,
    OutcomeCode,
    Refused,
    TransferId,
    Withheld,
)
from gateway.randomness import random_bytes
from gateway.transfer_log.digests import digest_tree

LEAF_VERSION = 1
SALT_BYTES = 16

_LEAF_KEYS = {"at", "kind", "private", "shared", "v"}
_KINDS = {kind.value: kind for kind in EntryKind}
_COMMITMENT = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_INSTANT_LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class About:
    """The subject as an entry names it: a pseudonym to find by, and the id sealed to name by."""

    subject: LogPseudonym
    sealed_subject: str


class Leaf(NamedTuple):
    """What a leaf says."""

    at: Instant
    kind: EntryKind
    private: str
    shared: str


def intent_entry(disclosure: Disclosure, about: About, *, at: Instant, attempt: int, fields_key: bytes) -> Entry:
    """The entry that authorises one attempt: exactly what will leave, to whom, why."""
    permitted = disclosure.permitted
    admitted, compiled = permitted.admitted, permitted.map
    shared: dict[str, Json] = {
        "transfer": admitted.transfer_id,
        "direction": admitted.direction,
        "recipient": compiled.recipient.id,
        "purpose": compiled.purpose,
        "map": compiled.version,
        "policy": permitted.policy_version,
        "media_type": disclosure.media_type,
        "attempt": attempt,
        "released": digest_tree(disclosure.data, fields_key),
    }
    private = _private_body(admitted, about, disclosure.withheld, disclosure.alarms, disclosure.findings)
    return _entry(EntryKind.INTENT, at, shared, private)


def refusal_entry(refused: Refused, about: About, *, at: Instant, recipient: str, purpose: str) -> Entry:
    """The entry of a refusal; `recipient` and `purpose` come as they may be stored, unknown names concealed."""
    shared: dict[str, Json] = {
        "transfer": refused.admitted.transfer_id,
        "direction": refused.admitted.direction,
        "recipient": recipient,
        "purpose": purpose,
        "reason": refused.reason,
    }
    if refused.map is not None:
        shared["map"] = refused.map.version
    if refused.policy_version:
        shared["policy"] = refused.policy_version
    private = _private_body(refused.admitted, about, refused.withheld, refused.alarms, {})
    if refused.failures:
        private["failures"] = [
            {"path": failure.path, "reason": failure.reason, "rule": failure.rule} for failure in refused.failures
        ]
    return _entry(EntryKind.REFUSAL, at, shared, private)


def outcome_entry(
    *,
    at: Instant,
    transfer_id: TransferId,
    recipient: str,
    purpose: str,
    attempt: int,
    outcome: OutcomeCode,
    cause: Cause | None = None,
    status: int | None = None,
    envelope_digest: str | None = None,
    direction: Direction = Direction.REQUEST,
    also: Sequence[TransferId] = (),
) -> Entry:
    """The entry of how one attempt ended, with the digest of the envelope if there was one.

    `also` names the other transfers that the envelope carried: they ended as one.
    """
    shared: dict[str, Json] = {
        "transfer": transfer_id,
        "direction": direction,
        "recipient": recipient,
        "purpose": purpose,
        "attempt": attempt,
        "outcome": outcome,
    }
    if also:
        shared["also"] = list(also)
    if cause is not None:
        shared["cause"] = cause
    if status is not None:
        shared["status"] = status
    if envelope_digest is not None:
        shared["envelope"] = envelope_digest
    return _entry(EntryKind.OUTCOME, at, shared, {})


def unknown_outcome(
    *,
    at: Instant,
    transfer_id: TransferId,
    recipient: str,
    purpose: str,
    attempt: int,
    direction: Direction = Direction.REQUEST,
) -> Entry:
    """The entry for an intent whose process is gone: the recipient may hold the envelope, and no one can tell."""
    return outcome_entry(
        at=at,
        transfer_id=transfer_id,
        recipient=recipient,
        purpose=purpose,
        attempt=attempt,
        outcome=OutcomeCode.UNKNOWN,
        cause=Cause.CRASH,
        direction=direction,
    )


def commitment(opening: Opening) -> bytes:
    """What a leaf holds of an opening, SHA-256(salt ‖ body). Raises ValueError for a salt of another length.

    Were the length free, a byte could move between salt and body and the commitment would stay.
    """
    if len(opening.salt) != SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    return hashlib.sha256(opening.salt + opening.body).digest()


def read_leaf(leaf: bytes) -> Leaf:
    """What a stored leaf says. Raises ValueError, without its content, for all but the one canonical spelling."""
    try:
        value = orjson.loads(leaf)
    except ValueError:
        raise ValueError("the leaf is not JSON") from None
    if type(value) is not dict or value.keys() != _LEAF_KEYS or canonical.encode(value) != leaf:
        raise ValueError("the leaf is not canonical")
    at, kind, private, shared, version = value["at"], value["kind"], value["private"], value["shared"], value["v"]
    if type(version) is not int or version != LEAF_VERSION:
        raise ValueError("the leaf is of another version")
    if type(at) is not int or not 0 <= at < _INSTANT_LIMIT or type(kind) is not str or kind not in _KINDS:
        raise ValueError("the leaf has no kind or no instant")
    for half in (private, shared):
        if type(half) is not str or _COMMITMENT.match(half) is None:
            raise ValueError("the leaf does not hold two commitments")
    return Leaf(Instant(at), _KINDS[kind], private, shared)


def _private_body(
    admitted: Admitted,
    about: About,
    withheld: Sequence[Withheld],
    alarms: Sequence[str],
    findings: Mapping[str, int],
) -> dict[str, Json]:
    """The half that only the operator may open; what is empty is left out."""
    body: dict[str, Json] = {
        "caller": admitted.caller.id,
        "subject": about.subject,
        "sealed_subject": about.sealed_subject,
    }
    basis = admitted.basis
    if basis is not None:
        body["basis"] = {
            "kind": basis.kind,
            "ref": basis.ref,
            "given_at": basis.given_at,
            "text_version": basis.text_version,
        }
    if withheld:
        reasons = {one.reason for one in withheld}
        body["withheld"] = {reason.value: [one.path for one in withheld if one.reason is reason] for reason in reasons}
    if alarms:
        body["alarms"] = list(alarms)
    if findings:
        body["findings"] = dict(findings)
    return body


def _entry(kind: EntryKind, at: Instant, shared: Json, private: Json) -> Entry:
    salts = random_bytes(2 * SALT_BYTES)
    halves = (
        Opening(salts[:SALT_BYTES], canonical.encode(shared)),
        Opening(salts[SALT_BYTES:], canonical.encode(private)),
    )
    leaf = canonical.encode(
        {
            "v": LEAF_VERSION,
            "kind": kind,
            "at": at,
            "shared": canonical.b64(commitment(halves[0])),
            "private": canonical.b64(commitment(halves[1])),
        }
    )
    return Entry(leaf, *halves)

"""Stage 2: decide whether this recipient may have data for this purpose, about this subject, now.

Promises: the answer is a value, `Permitted` or `Refused` with a reason from the closed list; a gap in the configuration
is a refusal; deny wins. `Permitted` is constructed here and nowhere else. It must never look into the payload.
"""

from __future__ import annotations

from gateway.clock import Instant
from gateway.model import (
    Admitted,
    Permitted,
    Protection,
    PurposeId,
    PurposeMap,
    Recipient,
    RecipientId,
    Refused,
    RefusedReason,
    Snapshot,
)


def decide(admitted: Admitted, snapshot: Snapshot, now: Instant) -> Permitted | Refused:
    """Permitted under one map, or refused: who, what for, granted, on which basis, sealed how, anything to give."""
    pair = RecipientId(admitted.recipient), PurposeId(admitted.purpose)
    found = snapshot.maps.get(pair)
    if reason := (
        _unknown(snapshot, *pair)
        or _not_granted(admitted, pair)
        or _without_basis(admitted, found)
        or _unusable(found, now)
    ):
        return Refused(admitted=admitted, reason=reason, map=found, policy_version=snapshot.version)
    if found is None or not found.fields:
        # Loading refuses such maps already; what stands here holds even if loading were wrong (law 1).
        return Refused(admitted=admitted, reason=RefusedReason.EMPTY_MAP, map=found, policy_version=snapshot.version)
    return Permitted(admitted, found, snapshot.version)


def ask_again(permitted: Permitted, snapshot: Snapshot, now: Instant) -> Refused | None:
    """Refused if what was permitted then is not permitted now; None if it still is.

    The caller's grant and basis were judged when it asked. Whether the subject is restricted was asked inside the
    transaction that began this attempt; a block is confirmed only when no attempt from before it is under way.
    """
    pair = permitted.map.recipient.id, permitted.map.purpose
    found = snapshot.maps.get(pair)
    reason = _unknown(snapshot, *pair) or _unusable(found, now)
    if reason is None and (found is None or not found.fields or found.version != permitted.map.version):
        # The disclosure was built under a map that is no longer in force. That map allows nothing now, and whether the
        # new one would allow the same is not ours to guess: the stricter of then and now wins.
        reason = RefusedReason.EMPTY_MAP
    if reason is None:
        return None
    return Refused(admitted=permitted.admitted, reason=reason, map=found, policy_version=snapshot.version)


def _unknown(snapshot: Snapshot, recipient: RecipientId, purpose: PurposeId) -> RefusedReason | None:
    if recipient not in snapshot.recipients:
        return RefusedReason.UNKNOWN_RECIPIENT
    return None if (recipient, purpose) in snapshot.maps else RefusedReason.UNKNOWN_PURPOSE


def _not_granted(admitted: Admitted, pair: tuple[RecipientId, PurposeId]) -> RefusedReason | None:
    return None if pair in admitted.caller.grants else RefusedReason.NOT_GRANTED


def _without_basis(admitted: Admitted, found: PurposeMap | None) -> RefusedReason | None:
    accepted = admitted.basis is not None and found is not None and admitted.basis.kind in found.bases
    return None if accepted else RefusedReason.BASIS_MISSING


def _unusable(found: PurposeMap | None, now: Instant) -> RefusedReason | None:
    usable = found is not None and _can_be_sealed(found.recipient, now)
    return None if usable else RefusedReason.KEY_UNUSABLE


def _can_be_sealed(recipient: Recipient, now: Instant) -> bool:
    if recipient.protection is Protection.TLS:
        return True
    return any(key.not_after is None or now < key.not_after for key in recipient.keys)

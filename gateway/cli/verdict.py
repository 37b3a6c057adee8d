"""A verdict on a payload without a database: what `map try`, `map check` and the demo show.

It assumes a caller with the grant, a stated basis and an unrestricted subject, and spells unknown names plainly: it
is for the people who write maps, on their own terminal.
"""

from __future__ import annotations

from gateway.admission.preview import Part
from gateway.admission.proxied import text_at
from gateway.canonical import Node
from gateway.clock import SystemClock
from gateway.minimise.verdict import in_the_clear, told
from gateway.model import (
    Admitted,
    Basis,
    BasisKind,
    Caller,
    CallerId,
    Disclosure,
    PurposeId,
    RecipientId,
    Refused,
    Snapshot,
    SubjectId,
    TransferId,
)
from gateway.transfer import preview

__all__ = ["told", "try_map", "try_part"]

_SOMEONE = "subject"
_PSEUDONYM = "~pseudonym"  # without keys there is none; it shows where one will stand


def try_map(
    snapshot: Snapshot, recipient: str, purpose: str, payload: Node, subject: str | None = None
) -> Disclosure | Refused:
    """Stages 2 and 3 on one payload, as a neutral tree."""
    return try_part(snapshot, recipient, purpose, Part(payload), subject)


def try_part(
    snapshot: Snapshot, recipient: str, purpose: str, part: Part, subject: str | None = None
) -> Disclosure | Refused:
    """Stages 2 and 3 on one payload, as it came; about `subject`, or whom the payload itself names, or someone."""
    pair = RecipientId(recipient), PurposeId(purpose)
    found = snapshot.maps.get(pair)
    kind = min(found.bases) if found is not None and found.bases else BasisKind.CONSENT
    named = text_at(part.tree, found.subject_from) if found is not None else None
    now = SystemClock().now()
    admitted = Admitted(
        transfer_id=TransferId("map-try"),
        caller=Caller(CallerId("map-try"), frozenset({pair})),
        recipient=recipient,
        purpose=purpose,
        subject=SubjectId(subject or named or _SOMEONE),
        basis=Basis(kind, "assumed", "1970-01-01T00:00:00Z", None),
        payload=part.tree,
        received_at=now,
        route=part.route,
        media_type=None if part.document is None else part.document.media_type,
        write=None if part.document is None else part.document.write,
    )
    return preview(admitted, snapshot, now, in_the_clear, lambda *_: _PSEUDONYM)

"""A verdict on a payload without a database: what `map try`, `map check` and the demo show.

It assumes a caller with the grant, a stated basis and an unrestricted subject, and spells unknown names plainly: it
is for the people who write maps, on their own terminal.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical import Node
from gateway.clock import SystemClock
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


def try_map(
    snapshot: Snapshot, recipient: str, purpose: str, payload: Node, subject: str = "subject"
) -> Disclosure | Refused:
    """Stages 2 and 3 on one payload."""
    pair = RecipientId(recipient), PurposeId(purpose)
    found = snapshot.maps.get(pair)
    kind = min(found.bases) if found is not None and found.bases else BasisKind.CONSENT
    now = SystemClock().now()
    admitted = Admitted(
        transfer_id=TransferId("map-try"),
        caller=Caller(CallerId("map-try"), frozenset({pair})),
        recipient=recipient,
        purpose=purpose,
        subject=SubjectId(subject),
        basis=Basis(kind, "assumed", "1970-01-01T00:00:00Z", None),
        payload=payload,
        received_at=now,
    )
    return preview(admitted, snapshot, now, conceal=lambda name: name)


def told(result: Disclosure | Refused) -> dict[str, Any]:
    """The verdict as DESIGN 6.7 spells it, with alarms, findings and failures beside it."""
    disclosed = result if isinstance(result, Disclosure) else None
    refused = result if isinstance(result, Refused) else None
    return {
        "decision": "permitted" if disclosed else "refused",
        "reason": refused.reason.value if refused else None,
        "disclosure": disclosed.data if disclosed else None,
        "released": [{"path": one.path, "rule": one.rule} for one in disclosed.released] if disclosed else [],
        "withheld": [{"path": one.path, "reason": one.reason.value} for one in result.withheld],
        "alarms": list(result.alarms),
        "findings": dict(disclosed.findings) if disclosed else {},
        "failures": [
            {"path": one.path, "reason": one.reason.value, "rule": one.rule}
            for one in (refused.failures if refused else ())
        ],
    }

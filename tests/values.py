"""Values of the path for tests of one stage, and a clock that stands still."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from gateway.canonical import Node, Step, write
from gateway.clock import Instant
from gateway.model import (
    Admitted,
    Basis,
    BasisKind,
    Caller,
    CallerId,
    Claim,
    Disclosure,
    Entry,
    FieldRule,
    FieldType,
    MapVersion,
    Opening,
    Permitted,
    Projection,
    Protection,
    PurposeId,
    PurposeMap,
    Receipt,
    Recipient,
    RecipientId,
    Recorded,
    Released,
    Retention,
    Route,
    Snapshot,
    SubjectId,
    TransferId,
)

NOW = Instant(1_795_000_000_000_000)
PAIR = RecipientId("mc-primer-uk"), PurposeId("service_request")
CLAIM = Claim(b"key", b"request", NOW, Instant(NOW + 24 * 60 * 60 * 1_000_000))


def digest(text: bytes) -> bytes:
    """What stands for a key or a request; the keyring's is keyed."""
    return hashlib.sha256(text).digest()


class FakeClock:
    """A clock that moves only when told."""

    def __init__(self, now: int = NOW) -> None:
        self.at = now
        self.seconds = 1_000.0

    def now(self) -> Instant:
        return Instant(self.at)

    def monotonic(self) -> float:
        return self.seconds


def keep_ticket_id(payload: Node, _conceal: Any, _whose: Any = None, /) -> Projection:
    """The smallest projection: `ticket` leaves, nothing else does."""
    data: Node = {"ticket": payload["ticket"]} if isinstance(payload, dict) and "ticket" in payload else None
    released = (Released("ticket", "string"),) if data else ()
    return Projection(data, released, (), (), {}, (), ())


def recipient(**changes: Any) -> Recipient:
    values: dict[str, Any] = {
        "id": PAIR[0],
        "recipient_class": "managing_company",
        "title": {"ru": "Пример"},
        "bin": "991240999991",
        "country": "KZ",
        "storage_country": "KZ",
        "base_url": "https://127.0.0.1:9",
        "protection": Protection.TLS,
        "protection_reason": "a test",
    }
    return Recipient(**{**values, **changes})


def purpose_map(**changes: Any) -> PurposeMap:
    values: dict[str, Any] = {
        "recipient": recipient(),
        "purpose": PAIR[1],
        "version": MapVersion("ab" * 32),
        "policy_clause": "5",
        "bases": frozenset(BasisKind),
        "retention": Retention(years=1),
        "route": Route("POST", "/v1/requests"),
        "fields": (
            FieldRule(
                path=(Step("ticket"),), sources=((Step("ticket"),),), category="operational", type=FieldType.STRING
            ),
        ),
        "project": keep_ticket_id,
    }
    return PurposeMap(**{**values, **changes})


def snapshot(*maps: PurposeMap) -> Snapshot:
    found = maps or (purpose_map(),)
    return Snapshot(
        version="cd" * 32,
        purposes=frozenset(one.purpose for one in found),
        recipients={one.recipient.id: one.recipient for one in found},
        maps={(one.recipient.id, one.purpose): one for one in found},
    )


def admitted(payload: Node = None, *, transfer_id: str = "t-1", **changes: Any) -> Admitted:
    values: dict[str, Any] = {
        "transfer_id": TransferId(transfer_id),
        "caller": Caller(CallerId("backend"), frozenset({PAIR})),
        "recipient": PAIR[0],
        "purpose": PAIR[1],
        "subject": SubjectId("usr_0001"),
        "basis": Basis(BasisKind.CONSENT, "consent-1", "2026-11-01T09:00:00+05:00", None),
        "payload": payload if payload is not None else {"ticket": "REQ-1"},
        "received_at": NOW,
    }
    return Admitted(**{**values, **changes})


def disclosure(data: Mapping[str, Node] | None = None, *, transfer_id: str = "t-1", **map_changes: Any) -> Disclosure:
    node: Node = dict(data) if data is not None else {"ticket": "REQ-1"}
    permitted = Permitted(admitted(transfer_id=transfer_id), purpose_map(**map_changes), "cd" * 32)
    return Disclosure(
        permitted, node, write(node), "application/json", write, (Released("ticket", "string"),), (), (), {}
    )


def receipt(index: int = 0) -> Receipt:
    opening = Opening(b"s" * 16, b"{}")
    return Receipt(index, Entry(b"{}", opening, opening), (), index + 1, b"note")


def recorded(*, transfer_id: str = "t-1", answer_key: bytes | None = None, **map_changes: Any) -> Recorded:
    return Recorded(
        disclosure=disclosure(transfer_id=transfer_id, **map_changes),
        attempt=1,
        receipt=receipt(),
        fields_key=b"k" * 32,
        deadline_at=Instant(NOW + 10_000_000),
        deadline=1_010.0,
        answer_key=answer_key,
    )

"""What the tests of this room share: one transfer as it could be, fakes of what stands around, a small real log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.canonical import Node, Number, write
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
    EntryKind,
    Failure,
    Held,
    LogPseudonym,
    MapVersion,
    NotCommitted,
    OutcomeCode,
    Permitted,
    Projection,
    Protection,
    PurposeId,
    PurposeMap,
    Receipt,
    Recipient,
    RecipientId,
    Refused,
    RefusedReason,
    Released,
    Retention,
    Route,
    SubjectId,
    TransferId,
    Unit,
    Withheld,
    WithheldReason,
)
from gateway.transfer_log.checkpoint import checkpoint_signer
from gateway.transfer_log.entry import About, intent_entry, outcome_entry, refusal_entry, unknown_outcome
from gateway.transfer_log.tree import EMPTY, append, leaf_hash
from gateway.transfer_log.verify import Half, OpeningRow

ORIGIN = "log.gateway.example"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = Instant(1_795_000_000_000_000)
ABOUT = About(LogPseudonym("k3Zc0cM4mTnq9Wv1yZ0sUg"), "c2VhbGVkIHN1YmplY3QgaWQgb2YgdGhlIHNhbXBsZQ")
POLICY_VERSION = hashlib.sha256(b"all maps").hexdigest()
SUBJECT = SubjectId("usr_0001")
RECIPIENT = RecipientId("partner-chistyi-test")
PURPOSE = PurposeId("service_fulfilment")

# The disclosure of a marketplace order: 19 fields, as a map would build it.
DATA: Node = {
    "order": {
        "order_id": "ORD-5001",
        "service_code": "cleaning.general",
        "quantity": Number("1"),
        "price": "18000.00",
        "currency": "KZT",
        "place": "customer_home",
        "window": {"from": "2026-11-22T10:00:00+05:00", "to": "2026-11-22T13:00:00+05:00"},
        "customer": {"name": "Тест П.", "phone": "+77000000123"},
        "address": {
            "city": "Павлодар",
            "street": "ул. Примерная",
            "house": "10/1",
            "entrance": "2",
            "floor": "5",
            "apartment": "45",
        },
        "comment": "Дома кот. Позвоните мужу [ТЕЛЕФОН]. [ЗДОРОВЬЕ: предложение удалено]",
        "payment_status": "paid",
        "insured": True,
    }
}

_WITHHELD = """meta.recipient meta.recipient_class meta.recipient_role meta.purpose order.service_name order.customer.id
order.customer.patronymic order.customer.iin order.customer.email order.customer.birthday order.customer.loyalty_level
order.customer.orders_total order.address.intercom_code order.address.premise_area_m2 order.payment.method
order.payment.card_mask order.payment.psp_payment_id order.payment.personal_account order.payment.debt
order.client.ip order.client.ua"""


def transfer_id(number: int) -> TransferId:
    return TransferId(f"019a9c3e-7b00-7000-8000-{number:012x}")


def caller(*grants: tuple[RecipientId, PurposeId]) -> Caller:
    return Caller(CallerId("marketplace"), frozenset(grants))


def admitted(
    number: int = 1, *, recipient: str = RECIPIENT, purpose: str = PURPOSE, claim: Claim | None = None
) -> Admitted:
    return Admitted(
        transfer_id=transfer_id(number),
        caller=caller((RECIPIENT, PURPOSE)),
        recipient=recipient,
        purpose=purpose,
        subject=SUBJECT,
        basis=Basis(BasisKind.CONSENT, "consent-77", "2026-11-01T08:00:00Z", "terms-4"),
        payload={"order": {"customer": {"iin": "900101100103"}}},
        received_at=NOW,
        claim=claim,
    )


def purpose_map(timeout_seconds: float = 10.0) -> PurposeMap:
    recipient = Recipient(
        id=RECIPIENT,
        recipient_class="marketplace_partner",
        title={"en": "Chistyi"},
        bin="991140999988",
        country="KZ",
        storage_country="KZ",
        base_url="https://chistyi.example",
        protection=Protection.JWE,
        timeout_seconds=timeout_seconds,
    )
    return PurposeMap(
        recipient=recipient,
        purpose=PURPOSE,
        version=MapVersion(hashlib.sha256(b"map").hexdigest()),
        policy_clause="5",
        bases=frozenset(BasisKind),
        retention=Retention(years=1),
        route=Route("POST", "/orders"),
        fields=(),
        project=lambda data, conceal, whose=None, /: Projection(data, (), (), (), {}, (), ()),
    )


def disclosure(
    number: int = 1, *, data: Node = DATA, timeout_seconds: float = 10.0, claim: Claim | None = None
) -> Disclosure:
    return Disclosure(
        permitted=Permitted(admitted(number, claim=claim), purpose_map(timeout_seconds), POLICY_VERSION),
        data=data,
        body=write(data),
        media_type="application/json",
        write=write,
        released=(Released("order.order_id", "string"),),
        withheld=(
            *(Withheld(path, WithheldReason.NOT_IN_MAP) for path in _WITHHELD.split()),
            Withheld("order.note", WithheldReason.NEVER),
        ),
        alarms=("health",),
        findings={"phone": 1},
    )


def refused(number: int = 1) -> Refused:
    """Refused under a map: a required field failed its rule."""
    return Refused(
        admitted=admitted(number),
        reason=RefusedReason.REQUIRED_INVALID,
        map=purpose_map(),
        policy_version=POLICY_VERSION,
        failures=(Failure("order.customer.phone", RefusedReason.REQUIRED_INVALID, "phone"),),
    )


class StillClock:
    """A clock that stands where the test put it."""

    def now(self) -> Instant:
        return NOW

    def monotonic(self) -> float:
        return 500.0


class OpenSecrets:
    """A keyring that keeps nothing secret, so that a test can see what went through it."""

    def log_pseudonym(self, subject: SubjectId) -> LogPseudonym:
        return LogPseudonym(f"pseudonym of {subject}")

    def seal_subject(self, subject: SubjectId, transfer_id: TransferId) -> str:
        return f"{subject} sealed for {transfer_id}"

    def wrap_key(self, key: bytes, transfer_id: TransferId) -> bytes:
        return b"wrapped " + key

    def unwrap_key(self, wrapped: bytes, transfer_id: TransferId) -> bytes:
        return wrapped.removeprefix(b"wrapped ")


@dataclass
class FewClaims:
    """The claims of one key, which may be held."""

    held: Held | None = None
    asked: list[Claim] = field(default_factory=list)

    def find(self, claim: Claim) -> Held | None:
        self.asked.append(claim)
        return self.held


@dataclass
class ListLog:
    """A log that keeps its units in a list, or answers `answer` and keeps none."""

    answer: NotCommitted | None = None
    units: list[Unit] = field(default_factory=list)
    soon: list[Unit] = field(default_factory=list)

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        if self.answer is not None:
            return self.answer
        self.units.append(unit)
        return Receipt(len(self.units) - 1, unit.entry, (), len(self.units), b"checkpoint")

    def commit_soon(self, unit: Unit) -> None:
        self.soon.append(unit)


@dataclass
class StoredLog:
    """The rows of a log, as a store would hand them to the verifier."""

    entries: list[tuple[int, bytes]]
    openings: list[OpeningRow]
    checkpoints: list[tuple[int, bytes]]


def intent(number: int, attempt: int = 1) -> Entry:
    return intent_entry(
        disclosure(number, data={"order_id": f"ORD-{number}"}), ABOUT, at=NOW, attempt=attempt, fields_key=bytes(32)
    )


def outcome(number: int, attempt: int = 1, *, also: Sequence[int] = ()) -> Entry:
    return outcome_entry(
        at=NOW,
        transfer_id=transfer_id(number),
        recipient=RECIPIENT,
        purpose=PURPOSE,
        attempt=attempt,
        outcome=OutcomeCode.DELIVERED,
        status=200,
        envelope_digest="h" * 43,
        also=[transfer_id(other) for other in also],
    )


def crash(number: int) -> Entry:
    return unknown_outcome(at=NOW, transfer_id=transfer_id(number), recipient=RECIPIENT, purpose=PURPOSE, attempt=1)


def refusal(number: int) -> Entry:
    return refusal_entry(refused(number), ABOUT, at=NOW, recipient=RECIPIENT, purpose=PURPOSE)


def mixed_entries(count: int) -> list[Entry]:
    """Intents, their outcomes (delivered and unknown) and refusals, in an order as traffic makes it."""
    makers = (intent, intent, outcome, refusal, crash)
    entries = [makers[at % 5](at - at % 5 + (0, 1, 0, 3, 1)[at % 5]) for at in range(count)]
    assert {entry.leaf for entry in entries}
    return entries


def stored_log(entries: Iterable[Entry], groups: Sequence[int]) -> StoredLog:
    """A log of these entries, committed in groups of the given sizes (the last of them again and again)."""
    entries = list(entries)
    sign = checkpoint_signer(ORIGIN, LOG_KEY)
    frontier, checkpoints, at, turn = EMPTY, [], 0, 0
    while at < len(entries):
        group = entries[at : at + groups[min(turn, len(groups) - 1)]]
        growth = append(frontier, [leaf_hash(entry.leaf) for entry in group])
        frontier = growth.frontier
        checkpoints.append((frontier.size, sign(frontier.size, growth.root)))
        at, turn = at + len(group), turn + 1
    return StoredLog(
        entries=[(index, entry.leaf) for index, entry in enumerate(entries)],
        openings=[
            (index, half, opening)
            for index, entry in enumerate(entries)
            for half, opening in ((Half.PRIVATE, entry.private), (Half.SHARED, entry.shared))
        ],
        checkpoints=checkpoints,
    )


def leaf_kind_count(count: int) -> dict[EntryKind, int]:
    """How many entries of each kind `mixed_entries(count)` holds, for a whole number of fives."""
    return {EntryKind.INTENT: count // 5 * 2, EntryKind.OUTCOME: count // 5 * 2, EntryKind.REFUSAL: count // 5}

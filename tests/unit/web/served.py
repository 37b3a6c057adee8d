"""A gateway for tests of the web: the real path of a transfer over fake ports, and the application over it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.admission.kept_set import Change
from gateway.admission.knock import Trust
from gateway.admission.pulled import Pulled
from gateway.admission.request import Admission, Previewed
from gateway.batch import Asked, Begun
from gateway.canonical import Json, Node
from gateway.clock import Instant
from gateway.delivery import MemoryPending
from gateway.errors import LogUnavailable, UpstreamFailed
from gateway.formats.registry import Read
from gateway.model import (
    Admitted,
    Answer,
    Call,
    Caller,
    CallerId,
    Conceal,
    Declined,
    Disclosure,
    Envelope,
    OutcomeCode,
    Projection,
    Pull,
    PurposeMap,
    RecipientId,
    Recorded,
    Refused,
    RefusedReason,
    Released,
    Repeated,
    Route,
    Sent,
    Snapshot,
    Standing,
    SubjectId,
    TransferId,
    Withheld,
    WithheldReason,
)
from gateway.purpose import kept_sets
from gateway.transfer import House
from gateway.web import create_app
from tests.unit.web.conforming import Conforming
from tests.values import PAIR, FakeClock, digest, purpose_map, receipt, snapshot

TOKEN = "gw_backend_" + "x" * 43
OTHER_TOKEN = "gw_billing_" + "y" * 43
CALLERS = {
    hashlib.sha256(TOKEN.encode()).digest(): Caller(CallerId("backend"), frozenset({PAIR})),
    hashlib.sha256(OTHER_TOKEN.encode()).digest(): Caller(CallerId("billing"), frozenset()),
}
NOTE = b"gateway.example/log\n1\nAAAA\n\n\xe2\x80\x94 gateway.example/log BBBB\n"
HOLDER = TransferId("019a9c3e-7b00-7000-8000-000000000001")
ASKED: dict[str, Any] = {
    "recipient": PAIR[0],
    "purpose": PAIR[1],
    "subject": "usr_0001",
    "basis": {"kind": "consent", "ref": "consent/1", "given_at": "2026-11-01T09:00:00+05:00"},
    "payload": {"ticket": "REQ-1", "phone": "+77000000123", "disability": "2"},
}
OK = Sent(OutcomeCode.DELIVERED, None, 200, Answer(200, {"content-type": "application/json"}, b'{"sum":1.10,"n":-0}'))


def keep_ticket(payload: Node, _conceal: Conceal, _whose: object = None, /) -> Projection:
    """`ticket` leaves, all else is withheld."""
    withheld = (Withheld("~aaaaaaaaaa", WithheldReason.NOT_IN_MAP), Withheld("~b", WithheldReason.SPECIAL_CATEGORY))
    data: Node = {"ticket": payload["ticket"]} if isinstance(payload, dict) else None
    return Projection(data, (Released("ticket", "string"),), withheld, ("disability",), {"phone": 1}, (), ())


class Recorder:
    """Records in memory, or says that it cannot."""

    def __init__(self) -> None:
        self.unavailable = False
        self.refuse: RefusedReason | None = None
        self.refusals: list[Refused] = []
        self.outcomes: list[Sent] = []
        self.outcome_fails: Exception | None = None
        self.standing: Standing | None = None  # of the transfer that holds whatever key comes
        self.kept: list[Answer] = []

    def repeated(self, admitted: Admitted) -> Repeated | None:
        self._require()
        if self.kept and self.standing in {None, Standing.KEPT}:
            return Repeated(admitted, HOLDER, 16, Standing.KEPT, self.kept[-1])
        return None if self.standing is None else Repeated(admitted, HOLDER, 16, self.standing)

    def intent(self, disclosure: Disclosure) -> Recorded | Refused | Repeated:
        self._require()
        if self.refuse is not None:
            return Refused(admitted=disclosure.permitted.admitted, reason=self.refuse)
        key = None if disclosure.permitted.admitted.claim is None else b"a" * 32
        return Recorded(disclosure, 1, replace(receipt(16), checkpoint=NOTE), b"k" * 32, Instant(0), 1_010.0, key)

    def refusal(self, refused: Refused) -> Declined:
        self._require()
        self.refusals.append(refused)
        return Declined(refused, replace(receipt(17), checkpoint=NOTE))

    def outcome(self, recorded: Recorded, sent: Sent, envelope: Envelope | None, answer: Answer | None) -> None:
        if self.outcome_fails is not None:
            raise self.outcome_fails
        self.outcomes.append(sent)
        if answer is not None:
            self.kept.append(answer)

    def _require(self) -> None:
        if self.unavailable:
            raise LogUnavailable("the database is locked: /var/secret/path")


class Wire:
    """Sends nothing, and says what it was told to say."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.says: Sent | Exception = OK

    def send(self, envelope: Envelope) -> Sent:
        self.sent.append(envelope)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@dataclass(frozen=True)
class FakeEntry:
    index: int
    kind: str
    at: Instant
    shared: Mapping[str, Json] | None
    private: Mapping[str, Json] | None


@dataclass(frozen=True)
class FakeRecord:
    caller: CallerId
    entries: Sequence[FakeEntry]


class Store:
    """Callers, transfers, entries."""

    def __init__(self) -> None:
        self.found: dict[str, FakeRecord] = {}
        self.note: bytes | None = NOTE
        self.unavailable = False

    @property
    def callers(self) -> Store:
        return self

    @property
    def transfers(self) -> Store:
        return self

    @property
    def entries(self) -> Store:
        return self

    def lookup(self, token_hash: bytes) -> Caller | None:
        return CALLERS.get(token_hash)

    def find(self, transfer_id: TransferId) -> FakeRecord | None:
        return self.found.get(transfer_id)

    def newest_checkpoint(self) -> bytes | None:
        self.ping()
        return self.note

    def ping(self) -> None:
        if self.unavailable:
            raise LogUnavailable("the database is locked: /var/secret/path")


@dataclass(frozen=True)
class FakeSet:
    values: frozenset[str]
    updated_at: Instant

    @property
    def count(self) -> int:
        return len(self.values)


class Keys:
    """Public keys, or none."""

    def __init__(self) -> None:
        self.keys: list[dict[str, str]] = [{"kty": "EC", "kid": "k1"}]

    def public_jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": self.keys}


@dataclass
class FakeSettings:
    max_body_bytes: int = 4_096
    metrics_token: str | None = "metrics-token"
    tls_terminated: bool = False
    refusals_per_minute: int = 600


def seal(recorded: Recorded) -> Envelope:
    return Envelope(recorded, "application/jose", b"sealed", "digest", Route("POST", "/"), "/")


def nobody_answers(_pull: Pull, _values: Mapping[str, str]) -> Answer:
    raise UpstreamFailed("there is none")


@dataclass
class Served:
    """All of it; change what a test is about before asking for the application."""

    maps: tuple[PurposeMap, ...] = (purpose_map(project=keep_ticket),)
    settings: FakeSettings = field(default_factory=FakeSettings)
    clock: FakeClock = field(default_factory=FakeClock)
    recorder: Recorder = field(default_factory=Recorder)
    wire: Wire = field(default_factory=Wire)
    store: Store = field(default_factory=Store)
    keyring: Keys = field(default_factory=Keys)
    seal: Callable[[Recorded], Envelope] = seal
    lines: io.BytesIO = field(default_factory=io.BytesIO)
    blocked: set[str] = field(default_factory=set)
    sets: dict[tuple[str, str], FakeSet] = field(default_factory=dict)
    observed: list[Disclosure | Refused] = field(default_factory=list)
    observe_troubles: int = 0

    pulled_snapshot: Snapshot | None = None
    pull_secrets: Mapping[str, str] = field(default_factory=dict)
    platform: Callable[[Pull, Mapping[str, str]], Answer] = nobody_answers

    @property
    def pulled(self) -> Pulled:
        found = self.snapshot if self.pulled_snapshot is None else self.pulled_snapshot
        return Pulled(found, self.pull_secrets, Trust(), self.platform, self.clock)

    @property
    def snapshot(self) -> Snapshot:
        return snapshot(*self.maps)

    @property
    def admission(self) -> Admission:
        return Admission(self.store.lookup, lambda: self.snapshot, self.clock, self.settings.max_body_bytes, digest)

    def admit_preview(self, call: Call) -> Previewed:
        return self.admission.admit_preview(call)

    def begin(self, asked: Asked, read: Read, spend: Callable[[], bool]) -> Begun:
        raise LogUnavailable("this gateway of tests has no log of groups")

    def restricted(self, subject: SubjectId) -> bool:
        self.store.ping()
        return subject in self.blocked

    def observe(self, results: Sequence[Disclosure | Refused]) -> int:
        self.observed += results
        return self.observe_troubles

    def kept_set(self, recipient: RecipientId, name: str) -> FakeSet | None:
        self.store.ping()
        return self.sets.get((recipient, name))

    def keep(self, recipient: RecipientId, name: str, change: Change, by: CallerId) -> FakeSet:
        self.store.ping()
        before = self.sets[recipient, name].values if (recipient, name) in self.sets else frozenset()
        values = (before - change.remove) | change.add if change.values is None else change.values
        self.sets[recipient, name] = FakeSet(values, self.clock.now())
        return self.sets[recipient, name]

    def empty_sets(self) -> list[str]:
        self.store.ping()
        return sorted(":".join(one) for one in kept_sets(self.snapshot) if one not in self.sets)

    @property
    def house(self) -> House:
        return House(
            clock=self.clock,
            admit=self.admission.admit,
            maps=lambda: self.snapshot,
            conceal=lambda name: f"~{len(name)}",
            pairwise=lambda recipient, subject: f"{recipient}:{len(subject)}",
            in_set=lambda recipient, name, value: (
                (recipient, name) in self.sets and value in self.sets[recipient, name].values
            ),
            recorder=self.recorder,
            pending=MemoryPending(),
            seal=self.seal,
            send=self.wire.send,
        )

    def ask(self) -> FlaskClient:
        """A browser of the application, without cookies; every answer is held against the API's description."""
        app = create_app(self, diagnostics_to=self.lines)
        app.test_client_class = Conforming
        return app.test_client(use_cookies=False)

    def diagnostics(self) -> list[dict[str, Any]]:
        """What was logged."""
        return [orjson.loads(line) for line in self.lines.getvalue().splitlines()]


def post(served: Served, asked: object = None, **options: Any) -> TestResponse:
    """One transfer, as a caller would ask for it."""
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json", **options.pop("headers", {})}
    body = options.pop("data", None) or orjson.dumps(ASKED if asked is None else asked)
    return served.ask().post("/v1/transfers", data=body, headers=headers, **options)

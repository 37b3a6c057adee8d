from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.canonical import parse_path
from gateway.errors import GatewayError, LogUnavailable
from gateway.minimise import compile_projection
from gateway.model import (
    Admitted,
    Answer,
    Attempted,
    Call,
    Cause,
    Declined,
    Disclosure,
    Envelope,
    OutcomeCode,
    Plan,
    RecipientId,
    Recorded,
    Refused,
    RefusedReason,
    Repeated,
    Route,
    Sent,
    Serves,
    Snapshot,
    Standing,
    TransferId,
)
from gateway.transfer import House, accept, attempt, preview
from tests.rules import LEXICON, rule
from tests.values import (
    CLAIM,
    NOW,
    PAIR,
    FakeClock,
    admitted,
    disclosure,
    purpose_map,
    receipt,
    recorded,
    snapshot,
)

CALL = Call(token="t", content_type="application/json", body=b"{}")


@dataclass
class FakeRecorder:
    """Writes nothing; remembers the order in which it was asked."""

    events: list[str]
    restricted: bool = False
    broken: bool = False
    outcomes: list[tuple[Sent, bool]] = field(default_factory=list)
    holder: Repeated | None = None  # of whatever key comes
    beaten: Repeated | None = None  # who claimed it a moment earlier

    def repeated(self, _admitted: Admitted) -> Repeated | None:
        self.events.append("repeated")
        return self.holder

    def intent(self, value: Disclosure) -> Recorded | Refused | Repeated:
        self.events.append("intent")
        if self.broken:
            raise LogUnavailable("away")
        if self.restricted:
            return Refused(admitted=value.permitted.admitted, reason=RefusedReason.RESTRICTED)
        return self.beaten or recorded(answer_key=b"a" * 32 if value.permitted.admitted.claim else None)

    def refusal(self, refused: Refused) -> Declined:
        self.events.append("refusal")
        return Declined(refused, receipt())

    def outcome(self, _recorded: Recorded, sent: Sent, envelope: Envelope | None, answer: Answer | None) -> None:
        self.events.append("outcome" if answer is None else f"outcome with {answer.body.decode()}")
        self.outcomes.append((sent, envelope is not None))


@dataclass
class FakePending:
    waiting: dict[str, Recorded] = field(default_factory=dict)

    def put(self, value: Recorded) -> None:
        self.waiting[value.disclosure.permitted.admitted.transfer_id] = value

    def take(self, transfer_id: TransferId) -> Recorded:
        return self.waiting.pop(transfer_id)


def _house(maps: Snapshot | None = None, asked: Admitted | None = None, **recorder: Any) -> tuple[House, FakeRecorder]:
    events: list[str] = []
    fake = FakeRecorder(events, **recorder)

    def seal(value: Recorded) -> Envelope:
        events.append("seal")
        return Envelope(value, "application/jose", b"sealed", "digest", Route("POST", "/"), "/")

    def send(_envelope: Envelope) -> Sent:
        events.append("send")
        return Sent(OutcomeCode.DELIVERED, status=200)

    house = House(
        clock=FakeClock(),
        admit=lambda _call: asked or admitted(),
        maps=lambda: maps or snapshot(),
        conceal=lambda _name: "~x",
        pairwise=lambda _recipient, _subject: "p",
        in_set=lambda _recipient, _name, _value: False,
        recorder=fake,
        pending=FakePending(),
        seal=seal,
        send=send,
    )
    return house, fake


def test_a_transfer_is_recorded_before_it_is_sealed_and_sent() -> None:
    """T64: the order of the path."""
    house, fake = _house()

    accepted = accept(CALL, house)
    done = attempt(TransferId("t-1"), house)

    assert isinstance(accepted, Recorded)
    assert fake.events == ["intent", "seal", "send", "outcome"]
    assert done.sent.outcome is OutcomeCode.DELIVERED


def test_nothing_is_sealed_or_sent_when_the_log_cannot_be_written() -> None:
    """Law 3."""
    house, fake = _house(broken=True)

    with pytest.raises(LogUnavailable):
        accept(CALL, house)

    assert fake.events == ["intent"]


def test_a_refusal_is_recorded_and_nothing_waits_to_be_sent() -> None:
    house, fake = _house(asked=admitted(recipient="nobody"))

    result = accept(CALL, house)

    assert isinstance(result, Declined)
    assert result.refused.reason is RefusedReason.UNKNOWN_RECIPIENT
    assert fake.events == ["refusal"]
    with pytest.raises(KeyError):
        attempt(TransferId("t-1"), house)


def test_a_restricted_subject_is_refused_by_the_log_itself() -> None:
    """T76: the block is asked inside the intent's transaction."""
    house, fake = _house(restricted=True)

    result = accept(CALL, house)

    assert isinstance(result, Declined)
    assert result.refused.reason is RefusedReason.RESTRICTED
    assert fake.events == ["intent", "refusal"]


def test_the_stricter_of_then_and_now_wins() -> None:
    """A map that went away between the intent and the attempt: nothing is sealed or sent, and the outcome says so."""
    house, fake = _house(maps=snapshot(purpose_map(purpose="other")))
    house.pending.put(recorded())

    done = attempt(TransferId("t-1"), house)

    assert fake.events == ["outcome"]
    assert (done.sent.outcome, done.sent.cause) == (OutcomeCode.NOT_SENT, Cause.REFUSED)
    assert fake.outcomes[0][1] is False


def test_an_envelope_that_cannot_be_made_is_an_outcome_and_no_mystery() -> None:
    """A key that ended between steps 5 and 6: nothing left, which is known, and so never `unknown`."""
    house, fake = _house()
    accept(CALL, house)

    def no_key(_recorded: Recorded) -> Envelope:
        raise GatewayError("no usable key")

    done = attempt(TransferId("t-1"), replace(house, seal=no_key))

    assert fake.events == ["intent", "outcome"]
    assert (done.sent.outcome, done.sent.cause) == (OutcomeCode.NOT_SENT, Cause.REFUSED)


def test_a_recorded_transfer_is_attempted_once() -> None:
    house, _fake = _house()
    accept(CALL, house)
    attempt(TransferId("t-1"), house)

    with pytest.raises(KeyError):
        attempt(TransferId("t-1"), house)


def test_preview_records_and_sends_nothing() -> None:
    house, fake = _house()

    result = preview(admitted(), house.maps(), NOW, house.conceal, house.pairwise, in_set=house.in_set)

    assert isinstance(result, Disclosure)
    assert result.body == disclosure().body
    assert fake.events == []


def test_what_a_recipient_serves_is_asked_of_the_sets_that_are_kept() -> None:
    """T11: whoever is in no set is refused, and the refusal is recorded."""
    asked: list[tuple[str, str, str]] = []

    def in_set(recipient: RecipientId, name: str, value: str) -> bool:
        asked.append((recipient, name, value))
        return value == "REQ-1"

    plan = Plan((rule("ticket"),), (), LEXICON, {}, (Serves(parse_path("ticket"), None, "tickets"),))
    maps = snapshot(purpose_map(project=compile_projection(plan)))
    results = []
    for ticket in ("REQ-1", "REQ-2"):
        house, _ = _house(maps, admitted({"ticket": ticket}))
        results.append(accept(CALL, replace(house, in_set=in_set)))

    served, refused = results
    assert isinstance(served, Recorded)
    assert isinstance(refused, Declined)
    assert refused.refused.reason is RefusedReason.OUT_OF_SCOPE
    assert asked == [(PAIR[0], "tickets", "REQ-1"), (PAIR[0], "tickets", "REQ-2")]


def test_nothing_is_recorded_where_the_kept_sets_cannot_be_read() -> None:
    """Law 3's like: what cannot be asked is not served."""

    def in_set(_recipient: RecipientId, _name: str, _value: str) -> bool:
        raise LogUnavailable("away")

    plan = Plan((rule("ticket"),), (), LEXICON, {}, (Serves(parse_path("ticket"), None, "tickets"),))
    house, fake = _house(snapshot(purpose_map(project=compile_projection(plan))))

    with pytest.raises(LogUnavailable):
        accept(CALL, replace(house, in_set=in_set))

    assert fake.events == []


HOLDER = Repeated(admitted(claim=CLAIM), TransferId("t-0"), 0, Standing.UNDER_WAY)


def _told(attempted: Attempted) -> Answer:
    return Answer(200, {}, attempted.sent.outcome.encode())


def test_a_request_whose_key_is_held_is_neither_decided_nor_recorded() -> None:
    """T49: not even where it would be refused now."""
    house, fake = _house(asked=admitted(recipient="nobody", claim=CLAIM), holder=HOLDER)

    result = accept(CALL, house)

    assert result is HOLDER
    assert fake.events == ["repeated"]


def test_of_two_who_come_at_once_with_one_key_the_second_sends_nothing() -> None:
    """T49: the key was free when it was looked up, and held in the intent's transaction."""
    house, fake = _house(asked=admitted(claim=CLAIM), beaten=HOLDER)

    result = accept(CALL, house)

    assert result is HOLDER
    assert fake.events == ["repeated", "intent"]
    with pytest.raises(KeyError):
        attempt(TransferId("t-1"), house)


def test_a_refusal_under_a_key_is_recorded_like_any_other() -> None:
    house, fake = _house(asked=admitted(recipient="nobody", claim=CLAIM))

    result = accept(CALL, house)

    assert isinstance(result, Declined)
    assert fake.events == ["repeated", "refusal"]


def test_what_the_caller_is_told_is_kept_with_the_outcome() -> None:
    house, fake = _house(asked=admitted(claim=CLAIM))
    accept(CALL, house)

    attempt(TransferId("t-1"), house, _told)

    assert fake.events == ["repeated", "intent", "seal", "send", "outcome with delivered"]


def test_without_a_key_nothing_is_looked_up_or_kept() -> None:
    house, fake = _house()
    accept(CALL, house)

    attempt(TransferId("t-1"), house, _told)

    assert fake.events == ["intent", "seal", "send", "outcome"]

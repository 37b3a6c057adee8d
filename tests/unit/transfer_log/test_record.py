"""gateway.transfer_log.record: durable first, and only then something that may be sent."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from gateway.clock import MICROSECONDS, Instant
from gateway.errors import LogDiverged, LogUnavailable
from gateway.model import (
    Answer,
    CallerId,
    Claim,
    Declined,
    Direction,
    Envelope,
    Held,
    IntentRow,
    NotCommitted,
    OutcomeCode,
    OutcomeRow,
    Overdue,
    Receipt,
    Recorded,
    Recorder,
    RefusalRow,
    Refused,
    RefusedReason,
    Repeated,
    Route,
    Sent,
    Standing,
    Unit,
)
from gateway.transfer_log.digests import digest_tree, fields_key
from gateway.transfer_log.kept_answer import answer_key, open_answer, seal_answer
from gateway.transfer_log.record import LogRecorder
from tests.unit.transfer_log.samples import (
    DATA,
    NOW,
    PURPOSE,
    RECIPIENT,
    SUBJECT,
    FewClaims,
    ListLog,
    OpenSecrets,
    StillClock,
    admitted,
    disclosure,
    refused,
    transfer_id,
)


class LostLog:
    """A log that cannot be written."""

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        raise LogUnavailable("the transfer log cannot be written")

    def commit_soon(self, unit: Unit) -> None:
        raise LogUnavailable("the transfer log cannot be written")


class AwayLog(ListLog):
    """A log that is away for those who wait, and takes what may come later."""

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        raise LogUnavailable("the transfer log cannot be written")


def _recorder(log: ListLog | LostLog | AwayLog, held: Held | None = None) -> LogRecorder:
    return LogRecorder(log, FewClaims(held), OpenSecrets(), StillClock(), lambda name: f"~{len(name)}")


def _shared(unit: Unit) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(unit.entry.shared.body)
    return body


def _recorded(log: ListLog) -> Recorded:
    recorded = _recorder(log).intent(disclosure())
    assert isinstance(recorded, Recorded)
    return recorded


def test_an_intent_is_committed_with_its_row_and_guarded_by_the_restriction() -> None:
    log = ListLog()

    recorded = _recorded(log)

    (unit,) = log.units
    assert recorded.receipt == Receipt(0, unit.entry, (), 1, b"checkpoint")
    assert unit.unless_restricted == f"pseudonym of {SUBJECT}"
    assert isinstance(unit.row, IntentRow)
    assert (unit.row.transfer_id, unit.row.caller, unit.row.attempt) == (transfer_id(1), CallerId("marketplace"), 1)
    assert recorded.attempt == 1


def test_the_deadline_is_the_recipients_timeout_from_now_on_both_clocks() -> None:
    log = ListLog()

    recorded = _recorder(log).intent(disclosure(timeout_seconds=2.5))

    assert isinstance(recorded, Recorded)
    assert recorded.deadline_at == NOW + 2.5 * MICROSECONDS
    assert recorded.deadline == 502.5
    assert isinstance(log.units[0].row, IntentRow)
    assert log.units[0].row.deadline_at == recorded.deadline_at


def test_the_digests_open_under_the_wrapped_key_only() -> None:
    log = ListLog()

    recorded = _recorded(log)

    assert isinstance(log.units[0].row, IntentRow)
    transfer_key = log.units[0].row.wrapped_key.removeprefix(b"wrapped ")
    assert len(transfer_key) == 32
    assert recorded.fields_key == fields_key(transfer_key)
    assert _shared(log.units[0])["released"] == digest_tree(DATA, recorded.fields_key)


def test_each_transfer_has_a_key_of_its_own() -> None:
    log = ListLog()

    keys = {_recorded(log).fields_key for _ in range(5)}

    assert len(keys) == 5


def test_no_key_shows_in_the_repr_of_what_was_recorded() -> None:
    recorded = _recorded(ListLog())

    assert repr(recorded.fields_key) not in repr(recorded)


def test_a_restricted_subject_is_refused_with_the_account_kept() -> None:
    result = _recorder(ListLog(NotCommitted.RESTRICTED)).intent(disclosure())

    asked = disclosure()
    assert isinstance(result, Refused)
    assert result.reason is RefusedReason.RESTRICTED
    assert result.admitted == asked.permitted.admitted
    assert result.map is not None
    assert result.policy_version == asked.permitted.policy_version
    assert (result.withheld, result.alarms) == (asked.withheld, asked.alarms)


def test_a_second_intent_of_one_attempt_stops_the_process() -> None:
    with pytest.raises(LogDiverged):
        _recorder(ListLog(NotCommitted.CONFLICT)).intent(disclosure())


def test_nothing_is_recorded_where_the_log_cannot_be_written() -> None:
    """T64, law 3: no receipt, so nothing that could be sealed."""
    recorder = _recorder(LostLog())

    with pytest.raises(LogUnavailable):
        recorder.intent(disclosure())
    with pytest.raises(LogUnavailable):
        recorder.refusal(refused())


def test_a_refusal_is_committed_before_it_is_declined() -> None:
    log = ListLog()
    asked = refused()

    declined = _recorder(log).refusal(asked)

    (unit,) = log.units
    assert declined == Declined(asked, Receipt(0, unit.entry, (), 1, b"checkpoint"))
    assert unit.row == RefusalRow(transfer_id(1), CallerId("marketplace"))
    assert unit.unless_restricted is None
    assert (_shared(unit)["recipient"], _shared(unit)["purpose"]) == (RECIPIENT, PURPOSE)


def test_a_second_refusal_of_one_transfer_stops_the_process() -> None:
    with pytest.raises(LogDiverged):
        _recorder(ListLog(NotCommitted.CONFLICT)).refusal(refused())


@pytest.mark.parametrize(
    ("reason", "recipient"),
    [(RefusedReason.UNKNOWN_RECIPIENT, "~12"), (RefusedReason.UNKNOWN_PURPOSE, "+77000000123")],
    ids=["recipient unknown", "recipient known"],
)
def test_a_name_that_no_map_knows_is_stored_concealed(reason: RefusedReason, recipient: str) -> None:
    """Law 4: what stands where a recipient's id should be may be anyone's phone."""
    log = ListLog()
    asked = Refused(admitted=admitted(recipient="+77000000123", purpose="900101100103"), reason=reason)

    _recorder(log).refusal(asked)

    assert (_shared(log.units[0])["recipient"], _shared(log.units[0])["purpose"]) == (recipient, "~12")
    assert b"900101100103" not in log.units[0].entry.shared.body + log.units[0].entry.private.body


def test_an_outcome_is_handed_over_and_not_waited_for() -> None:
    log = ListLog()
    recorded = _recorded(log)
    envelope = Envelope(recorded, "application/jose", b"sealed", "digest-of-the-envelope", Route("POST", "/"), "/")

    _recorder(log).outcome(recorded, Sent(OutcomeCode.REJECTED, None, 422), envelope, None)

    (unit,) = log.soon
    assert len(log.units) == 1
    assert unit.row == OutcomeRow(transfer_id(1), 1)
    assert _shared(unit) == {
        "transfer": transfer_id(1),
        "direction": "request",
        "recipient": RECIPIENT,
        "purpose": PURPOSE,
        "attempt": 1,
        "outcome": "rejected",
        "status": 422,
        "envelope": "digest-of-the-envelope",
    }


def test_an_outcome_without_an_envelope_has_no_digest() -> None:
    log = ListLog()

    _recorder(log).outcome(_recorded(log), Sent(OutcomeCode.NOT_SENT), None, None)

    assert "envelope" not in _shared(log.soon[0])


@pytest.mark.parametrize("answer", [None, NotCommitted.CONFLICT], ids=["first", "beaten by another process"])
def test_an_abandoned_intent_ends_as_unknown_unless_it_ended_before(answer: NotCommitted | None) -> None:
    log = ListLog(answer)

    _recorder(log).unknown(Overdue(transfer_id(1), 1, RECIPIENT, PURPOSE))

    written = [(unit.row, _shared(unit)["outcome"]) for unit in log.units]
    assert written == ([(OutcomeRow(transfer_id(1), 1), "unknown")] if answer is None else [])


def test_what_a_recipient_asked_for_is_an_answer_from_its_intent_to_its_end() -> None:
    """DESIGN 6.5: direction `answer`, in a refusal and in an abandoned intent's `unknown` too."""
    log = ListLog()
    asked = replace(admitted(), direction=Direction.ANSWER)
    one = disclosure()
    recorded = _recorder(log).intent(replace(one, permitted=replace(one.permitted, admitted=asked)))
    assert isinstance(recorded, Recorded)
    _recorder(log).outcome(recorded, Sent(OutcomeCode.DELIVERED, None, 200), None, None)
    _recorder(log).refusal(replace(refused(2), admitted=asked))
    _recorder(log).unknown(Overdue(transfer_id(3), 1, RECIPIENT, PURPOSE, Direction.ANSWER))

    directions = [_shared(unit)["direction"] for unit in (*log.units, *log.soon)]

    assert directions == ["answer"] * 4


def test_the_recorder_is_the_one_that_the_path_asks_for() -> None:
    recorder: Recorder = _recorder(ListLog())

    assert recorder.refusal(refused()).receipt.index == 0


CLAIM = Claim(b"key", b"request", NOW, Instant(NOW + 24 * 3_600 * MICROSECONDS))
ANSWER = Answer(200, {"Content-Type": "application/json"}, b'{"outcome":"delivered"}')
KEPT = seal_answer(ANSWER, answer_key(b"k" * 32), transfer_id(2), CLAIM)
HELD = Held(transfer_id(2), 7, b"request", ended=True, sealed=KEPT, wrapped_key=b"wrapped " + b"k" * 32)


def _claimed(log: ListLog) -> Recorded:
    recorded = _recorder(log).intent(disclosure(claim=CLAIM))
    assert isinstance(recorded, Recorded)
    return recorded


def test_an_intent_claims_its_key_in_its_own_unit() -> None:
    """T49."""
    log = ListLog()

    recorded = _claimed(log)

    (unit,) = log.units
    assert isinstance(unit.row, IntentRow)
    assert unit.claims == CLAIM
    assert recorded.answer_key == answer_key(unit.row.wrapped_key.removeprefix(b"wrapped "))
    assert repr(recorded.answer_key) not in repr(recorded)


def test_without_a_key_there_is_no_claim_and_nothing_is_looked_up() -> None:
    log, claims = ListLog(), FewClaims(HELD)
    recorder = LogRecorder(log, claims, OpenSecrets(), StillClock(), lambda name: name)

    recorded = recorder.intent(disclosure())

    assert isinstance(recorded, Recorded)
    assert (recorded.answer_key, log.units[0].claims) == (None, None)
    assert recorder.repeated(admitted()) is None
    assert claims.asked == []


@pytest.mark.parametrize(
    ("held", "standing", "answer"),
    [
        (HELD, Standing.KEPT, ANSWER),
        (replace(HELD, ended=False, sealed=None), Standing.UNDER_WAY, None),
        (replace(HELD, sealed=None), Standing.UNKNOWN, None),
        (replace(HELD, wrapped_key=None), Standing.ERASED, None),
        (replace(HELD, fingerprint=b"another"), Standing.ANOTHER, None),
        (replace(HELD, fingerprint=b"another", ended=False, sealed=None), Standing.ANOTHER, None),
    ],
    ids=["kept", "under way", "unknown", "erased", "another request", "another request, under way"],
)
def test_how_the_first_transfer_stands_is_read_from_what_was_stored(
    held: Held, standing: Standing, answer: Answer | None
) -> None:
    """T49, T63."""
    asked = admitted(claim=CLAIM)

    found = _recorder(ListLog(), held).repeated(asked)

    assert found == Repeated(asked, transfer_id(2), 7, standing, answer)


def test_a_kept_answer_that_was_changed_is_not_told() -> None:
    """T53's like: who can write the database can make it lie, but not here."""
    with pytest.raises(LogDiverged):
        _recorder(ListLog(), replace(HELD, sealed=KEPT[:-1] + b"x")).repeated(admitted(claim=CLAIM))


def test_a_kept_answer_of_another_caller_is_not_told_though_a_claim_points_at_it() -> None:
    """T49: whoever writes the database points a claim of its own at another's transfer."""
    own = replace(CLAIM, key=b"the key of another caller")

    with pytest.raises(LogDiverged):
        _recorder(ListLog(), HELD).repeated(admitted(claim=own))


def test_whoever_is_beaten_to_a_key_learns_who_holds_it() -> None:
    """T49."""
    result = _recorder(ListLog(NotCommitted.CLAIMED), HELD).intent(disclosure(claim=CLAIM))

    assert isinstance(result, Repeated)
    assert (result.transfer_id, result.standing) == (transfer_id(2), Standing.KEPT)


def test_a_key_that_was_held_until_a_moment_ago_is_for_the_next_try() -> None:
    with pytest.raises(LogUnavailable):
        _recorder(ListLog(NotCommitted.CLAIMED)).intent(disclosure(claim=CLAIM))


@pytest.mark.parametrize("outcome", [OutcomeCode.DELIVERED, OutcomeCode.REJECTED, OutcomeCode.UNKNOWN])
def test_under_a_claim_the_outcome_is_durable_at_once_and_the_answer_with_it(outcome: OutcomeCode) -> None:
    log = ListLog()
    recorded = _claimed(log)

    _recorder(log).outcome(recorded, Sent(outcome), None, ANSWER)

    (_, unit) = log.units
    assert log.soon == []
    assert (unit.row, unit.frees) == (OutcomeRow(transfer_id(1), 1), None)
    assert unit.keeps is not None
    assert unit.keeps.expires_at == CLAIM.expires_at
    assert recorded.answer_key is not None
    assert open_answer(unit.keeps.sealed, recorded.answer_key, transfer_id(1), CLAIM) == ANSWER


def test_where_nothing_has_left_the_key_is_free_again() -> None:
    """A retry after `recipient_busy` must not be told that it was busy for a day."""
    log = ListLog()

    _recorder(log).outcome(_claimed(log), Sent(OutcomeCode.NOT_SENT), None, ANSWER)

    (_, unit) = log.units
    assert (unit.frees, unit.keeps, log.soon) == (CLAIM, None, [])


def test_an_outcome_without_an_answer_leaves_the_key_held() -> None:
    log = ListLog()

    _recorder(log).outcome(_claimed(log), Sent(OutcomeCode.DELIVERED), None, None)

    (_, unit) = log.units
    assert (unit.frees, unit.keeps) == (None, None)


def test_an_outcome_that_cannot_be_written_now_is_not_lost() -> None:
    """T63: it joins a later group, its answer too, and whoever waited is told that it is not known to be kept."""
    log = AwayLog()

    with pytest.raises(LogUnavailable):
        _recorder(log).outcome(_claimed(ListLog()), Sent(OutcomeCode.DELIVERED), None, ANSWER)

    (unit,) = log.soon
    assert unit.keeps is not None


def test_what_comes_after_it_was_given_up_is_not_told_as_if_it_were_kept() -> None:
    """T63: a process that was asleep past its deadline and its grace; the log says `unknown`, and so do all replies."""
    log = ListLog(NotCommitted.CONFLICT)

    with pytest.raises(LogUnavailable):
        _recorder(log).outcome(_claimed(ListLog()), Sent(OutcomeCode.DELIVERED), None, ANSWER)

    assert log.soon == []

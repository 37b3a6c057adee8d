"""gateway.transfer_log.record: durable first, and only then something that may be sent."""

from __future__ import annotations

import orjson
import pytest

from gateway.clock import MICROSECONDS
from gateway.errors import LogDiverged, LogUnavailable
from gateway.model import (
    CallerId,
    Declined,
    Envelope,
    IntentRow,
    NotCommitted,
    OutcomeCode,
    OutcomeRow,
    Overdue,
    Receipt,
    Recorded,
    RefusalRow,
    Refused,
    RefusedReason,
    Route,
    Sent,
    Unit,
)
from gateway.transfer import Recorder
from gateway.transfer_log.digests import digest_tree, fields_key
from gateway.transfer_log.record import LogRecorder
from tests.unit.transfer_log.samples import (
    DATA,
    NOW,
    PURPOSE,
    RECIPIENT,
    SUBJECT,
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


def _recorder(log: ListLog | LostLog) -> LogRecorder:
    return LogRecorder(log, OpenSecrets(), StillClock(), lambda name: f"~{len(name)}")


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

    _recorder(log).outcome(recorded, Sent(OutcomeCode.REJECTED, None, 422), envelope)

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

    _recorder(log).outcome(_recorded(log), Sent(OutcomeCode.NOT_SENT), None)

    assert "envelope" not in _shared(log.soon[0])


@pytest.mark.parametrize("answer", [None, NotCommitted.CONFLICT], ids=["first", "beaten by another process"])
def test_an_abandoned_intent_ends_as_unknown_unless_it_ended_before(answer: NotCommitted | None) -> None:
    log = ListLog(answer)

    _recorder(log).unknown(Overdue(transfer_id(1), 1, RECIPIENT, PURPOSE))

    written = [(unit.row, _shared(unit)["outcome"]) for unit in log.units]
    assert written == ([(OutcomeRow(transfer_id(1), 1), "unknown")] if answer is None else [])


def test_the_recorder_is_the_one_that_the_path_asks_for() -> None:
    recorder: Recorder = _recorder(ListLog())

    assert recorder.refusal(refused()).receipt.index == 0

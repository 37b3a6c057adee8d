"""gateway.transfer_log.record_many: a group durable first, and its outcomes with the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
import pytest

from gateway.errors import LogDiverged, LogUnavailable
from gateway.model import (
    Declined,
    IntentRow,
    NotCommitted,
    OutcomeCode,
    OutcomeRow,
    Receipt,
    Recorded,
    RefusalRow,
    RefusedReason,
    Sent,
    Unit,
)
from gateway.transfer_log.digests import digest_tree, fields_key
from gateway.transfer_log.record_many import Fingerprinted, GroupRecorder
from tests.unit.transfer_log.samples import (
    DATA,
    FewClaims,
    ListLog,
    OpenSecrets,
    StillClock,
    disclosure,
    refused,
    transfer_id,
)

DELIVERED = Sent(OutcomeCode.DELIVERED, status=200)


@dataclass
class GroupLog(ListLog):
    """A log that takes groups, leaves out what it is told to, or is away."""

    left_out: dict[str, NotCommitted] = field(default_factory=dict)
    groups: list[list[str]] = field(default_factory=list)
    away: bool = False

    def commit_all(self, units: Sequence[Unit]) -> Sequence[Receipt | NotCommitted]:
        if self.away:
            raise LogUnavailable("away")
        self.groups.append([type(unit.row).__name__ for unit in units])
        results: list[Receipt | NotCommitted] = []
        for unit in units:
            intent = isinstance(unit.row, IntentRow)
            reason = self.left_out.get(unit.row.transfer_id) if intent else None
            results.append(self.commit(unit) if reason is None else reason)
        return results


def _recorder(log: GroupLog) -> GroupRecorder:
    return GroupRecorder(log, FewClaims(), OpenSecrets(), StillClock(), lambda name: f"~{len(name)}")


def _decided(*numbers: int) -> list[Fingerprinted]:
    return [Fingerprinted(disclosure(number), b"f%d" % number) for number in numbers]


def _recorded(made: Sequence[object]) -> list[Recorded]:
    found = [one for one in made if isinstance(one, Recorded)]
    assert len(found) == len(made)
    return found


def test_a_group_is_one_commit_and_each_has_its_own_receipt_and_key() -> None:
    log = GroupLog()

    made = _recorder(log).record([*_decided(1, 2), Fingerprinted(refused(3), b"f3")])

    assert log.groups == [["IntentRow", "IntentRow", "RefusalRow"]]
    first, second, third = made
    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert isinstance(third, Declined)
    assert [one.receipt.index for one in (first, second, third)] == [0, 1, 2]
    assert first.fields_key != second.fields_key
    released = orjson.loads(first.receipt.entry.shared.body)["released"]
    assert released == digest_tree(DATA, first.fields_key)
    row = log.units[0].row
    assert isinstance(row, IntentRow)
    assert first.fields_key == fields_key(row.wrapped_key.removeprefix(b"wrapped "))


def test_every_row_says_which_record_it_is() -> None:
    log = GroupLog()

    _recorder(log).record([*_decided(1), Fingerprinted(refused(2), b"f2")])

    rows = [unit.row for unit in log.units]
    assert [row.fingerprint for row in rows if isinstance(row, IntentRow | RefusalRow)] == [b"f1", b"f2"]


def test_outcomes_are_durable_with_the_next_group() -> None:
    log = GroupLog()
    recorder = _recorder(log)
    first, second = _recorded(recorder.record(_decided(1, 2)))
    recorder.outcome(first, DELIVERED, None, None)
    recorder.outcome(second, DELIVERED, None, None)
    assert len(log.groups) == 1

    recorder.record(_decided(3))
    recorder.flush()

    assert log.groups[1:] == [["OutcomeRow", "OutcomeRow", "IntentRow"], []]


def test_what_is_flushed_is_durable_at_once() -> None:
    log = GroupLog()
    recorder = _recorder(log)
    recorder.outcome(_recorded(recorder.record(_decided(1)))[0], DELIVERED, None, None)

    recorder.flush()

    assert log.groups[1] == ["OutcomeRow"]


def test_a_blocked_subject_is_a_refusal_of_the_same_group() -> None:
    log = GroupLog(left_out={transfer_id(2): NotCommitted.RESTRICTED})

    made = _recorder(log).record(_decided(1, 2, 3))

    blocked = made[1]
    assert isinstance(blocked, Declined)
    assert blocked.refused.reason is RefusedReason.RESTRICTED
    assert log.groups[1] == ["RefusalRow"]
    assert isinstance(made[2], Recorded)


@pytest.mark.parametrize("why", [NotCommitted.CONFLICT, NotCommitted.UNFIT])
def test_a_record_that_stands_already_is_not_recorded_and_nothing_of_it_can_be_sent(why: NotCommitted) -> None:
    """T47, T64."""
    log = GroupLog(left_out={transfer_id(2): why})

    made = _recorder(log).record(_decided(1, 2))

    assert made[1] is None
    assert isinstance(made[0], Recorded)


def test_any_other_reason_to_leave_a_record_out_stops_the_process() -> None:
    log = GroupLog(left_out={transfer_id(1): NotCommitted.CLAIMED})

    with pytest.raises(LogDiverged):
        _recorder(log).record(_decided(1))


def test_where_the_log_is_away_no_outcome_is_lost() -> None:
    log = GroupLog()
    recorder = _recorder(log)
    recorder.outcome(_recorded(recorder.record(_decided(1)))[0], DELIVERED, None, None)
    log.away = True
    with pytest.raises(LogUnavailable):
        recorder.record(_decided(2))

    with pytest.raises(LogUnavailable):
        recorder.flush()

    assert [type(unit.row) for unit in log.soon] == [OutcomeRow]


def test_one_outcome_is_that_of_all_that_an_envelope_carried() -> None:
    log = GroupLog()
    recorder = _recorder(log)
    recorder.outcome_of_all(_recorded(recorder.record(_decided(1, 2, 3))), DELIVERED, None)
    recorder.flush()

    unit = log.units[-1]

    assert unit.row == OutcomeRow(transfer_id(1), 1, (transfer_id(2), transfer_id(3)))
    body = orjson.loads(unit.entry.shared.body)
    assert (body["transfer"], body["also"], body["outcome"]) == (
        transfer_id(1),
        [transfer_id(2), transfer_id(3)],
        "delivered",
    )

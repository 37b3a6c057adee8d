from __future__ import annotations

import pytest

from gateway.batch import told
from gateway.batch.told import Tally
from gateway.model import CallerId, KnownRecord, OutcomeCode, RefusedReason, TransferId, Withheld, WithheldReason


def _known(outcome: OutcomeCode | None = None, reason: RefusedReason | None = None) -> KnownRecord:
    return KnownRecord(
        transfer_id=TransferId("t-1"),
        caller=CallerId("backend"),
        index=7,
        fingerprint=b"x",
        outcome=outcome,
        reason=reason,
        failures=({"path": "ticket.id", "rule": "string"},) if reason else (),
    )


def test_a_record_that_stands_already_is_told_with_how_it_ended() -> None:
    assert told.already(3, _known(OutcomeCode.DELIVERED), changed=False) == {
        "record": 3,
        "decision": "already",
        "transfer_id": "t-1",
        "outcome": "delivered",
        "log": {"index": 7},
    }


def test_one_that_was_refused_is_told_with_what_to_correct() -> None:
    found = told.already(3, _known(reason=RefusedReason.REQUIRED_MISSING), changed=False)

    assert (found["reason"], found["failures"]) == ("required_missing", [{"path": "ticket.id", "rule": "string"}])
    assert "outcome" not in found


@pytest.mark.parametrize(("changed", "decision"), [(True, "changed"), (False, "already")])
def test_one_that_is_under_way_has_no_outcome_yet(changed: bool, decision: str) -> None:  # noqa: FBT001
    found = told.already(3, _known(), changed=changed)

    assert (found["decision"], found["outcome"]) == (decision, None)


def test_names_that_stayed_home_stand_under_why() -> None:
    withheld = [
        Withheld("iin", WithheldReason.NEVER),
        Withheld("~aaa", WithheldReason.NOT_IN_MAP),
        Withheld("passport", WithheldReason.NEVER),
    ]

    assert told.by_reason(withheld) == {"never": ["iin", "passport"], "not_in_map": ["~aaa"]}


def test_the_last_line_counts_every_end() -> None:
    tally = Tally()
    for verdict in (
        {"record": 1, "decision": "permitted", "outcome": "delivered"},
        {"record": 2, "decision": "permitted", "outcome": "unknown"},
        {"record": 3, "decision": "permitted", "outcome": "delivered"},
        told.unreadable(4, "the line is blank"),
        told.unrecorded(5, TransferId("t-5")),
    ):
        tally.add(verdict)

    assert tally.told("b-1", None) == {
        "batch": "b-1",
        "records": 5,
        "delivered": 2,
        "not_recorded": 1,
        "unknown": 1,
        "unreadable": 1,
        "ended": "whole",
    }
    assert tally.told("b-1", "stopped", "why")["code"] == "stopped"

"""gateway.storage.transfers: finding a transfer, the newest, the overdue."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.canonical import encode
from gateway.clock import Instant
from gateway.model import Direction, LogPseudonym, Opening, Overdue, TransferId, Unit
from gateway.storage.store import Store
from tests.unit.storage.samples import DEADLINE, intent, outcome, refusal


def _erase_openings(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM opening")
    other.close()


def test_a_transfer_is_found_with_its_life_so_far(store: Store) -> None:
    store.log.commit(refusal("other"))
    store.log.commit(intent("t1", media_type="application/json"))
    under_way = store.transfers.find(TransferId("t1"))
    store.log.commit(outcome("t1", outcome="rejected"))
    ended = store.transfers.find(TransferId("t1"))

    assert under_way is not None
    assert ended is not None
    assert (ended.transfer_id, ended.caller) == ("t1", "backend")
    assert [(entry.index, entry.kind) for entry in ended.entries] == [(1, "intent"), (2, "outcome")]
    assert under_way.outcome is None
    assert ended.outcome is not None
    assert ended.outcome["outcome"] == "rejected"


def test_a_refusal_has_a_reason_and_no_outcome(store: Store) -> None:
    store.log.commit(refusal("t1"))

    found = store.transfers.find(TransferId("t1"))

    assert found is not None
    assert found.outcome is None
    assert found.entries[0].shared is not None
    assert found.entries[0].shared["reason"] == "not_granted"


def test_an_unknown_id_is_none(store: Store) -> None:
    assert store.transfers.find(TransferId("t1")) is None


def test_the_newest_transfers_come_first(store: Store) -> None:
    for number in range(5):
        store.log.commit(intent(f"t{number}"))
    store.log.commit(outcome("t1"))

    assert [record.transfer_id for record in store.transfers.recent(3)] == ["t4", "t3", "t2"]
    assert [record.transfer_id for record in store.transfers.recent(100)] == ["t4", "t3", "t2", "t1", "t0"]
    assert [len(record.entries) for record in store.transfers.recent(5)] == [1, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("recipient", "purpose", "expected"),
    [
        ("psp", None, ["t2", "t1"]),
        (None, "payment", ["t2", "t0"]),
        ("psp", "payment", ["t2"]),
        ("nobody", None, []),
    ],
    ids=["recipient", "purpose", "both", "none"],
)
def test_the_newest_of_a_recipient_or_a_purpose(
    store: Store, recipient: str | None, purpose: str | None, expected: list[str]
) -> None:
    store.log.commit(intent("t0", recipient="mc", purpose="payment"))
    store.log.commit(refusal("t1", recipient="psp", purpose="service_request"))
    store.log.commit(intent("t2", recipient="psp", purpose="payment"))

    found = store.transfers.recent(10, recipient, purpose)

    assert [record.transfer_id for record in found] == expected


def test_only_intents_past_their_deadline_and_without_an_outcome_are_overdue(store: Store) -> None:
    store.log.commit(intent("ended", deadline=DEADLINE - 9))
    store.log.commit(outcome("ended"))
    store.log.commit(intent("late", deadline=DEADLINE - 1))
    store.log.commit(intent("later", deadline=DEADLINE - 2, attempt=3, recipient="psp"))
    store.log.commit(intent("in time", deadline=DEADLINE))
    store.log.commit(refusal("refused"))

    assert store.transfers.overdue(DEADLINE) == [
        Overdue(TransferId("later"), 3, "psp", "service_request"),
        Overdue(TransferId("late"), 1, "mc-primer-uk", "service_request"),
    ]
    assert [found.transfer_id for found in store.transfers.overdue(DEADLINE, limit=1)] == ["later"]
    assert store.transfers.overdue(Instant(0)) == []


def test_an_overdue_answer_is_known_as_one(store: Store) -> None:
    """Its `unknown` must not look like a request of ours."""
    store.log.commit(intent("asked", deadline=DEADLINE - 1, direction="answer"))

    (found,) = store.transfers.overdue(DEADLINE)

    assert found.direction is Direction.ANSWER


def test_an_outcome_of_another_attempt_leaves_an_intent_overdue(store: Store) -> None:
    store.log.commit(intent("t1", attempt=2))
    store.log.commit(outcome("t1", attempt=1))

    assert [found.attempt for found in store.transfers.overdue(Instant(DEADLINE + 1))] == [2]


def test_what_was_erased_is_found_by_id_and_says_nothing(store: Store, path: Path) -> None:
    store.log.commit(intent("t1"))
    _erase_openings(path)

    found = store.transfers.find(TransferId("t1"))

    assert found is not None
    assert (found.entries[0].shared, found.entries[0].private) == (None, None)
    assert store.transfers.overdue(Instant(DEADLINE + 1)) == [Overdue(TransferId("t1"), 1, "", "")]
    assert [record.transfer_id for record in store.transfers.recent(5)] == ["t1"]
    assert store.transfers.recent(5, "mc-primer-uk") == []


def test_looking_for_the_overdue_reads_only_what_is_under_way(store: Store, path: Path) -> None:
    """The sweep looks every second, however long the log is."""
    other = sqlite3.connect(path)
    plan = other.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM transfer WHERE deadline_at < 5 ORDER BY deadline_at"
    ).fetchall()
    other.close()

    assert "ix_transfer_deadline_at" in str(plan)


def _about(subject: str, unit: Unit) -> Unit:
    return replace(unit, entry=replace(unit.entry, private=Opening(b"s" * 16, encode({"subject": subject}))))


def test_what_is_under_way_about_a_subject_is_known_until_it_has_ended(store: Store) -> None:
    """T76: whoever blocks a person waits for this."""
    ida, ben = LogPseudonym("ida"), LogPseudonym("ben")
    store.log.commit(_about(ida, intent("t1")))
    store.log.commit(_about(ida, intent("t2", deadline=DEADLINE + 5)))
    store.log.commit(_about(ben, intent("t3", deadline=DEADLINE + 9)))
    both = store.transfers.under_way(ida)
    store.log.commit(outcome("t2"))
    one = store.transfers.under_way(ida)
    store.log.commit(outcome("t1"))

    assert (both, one) == (DEADLINE + 5, DEADLINE)
    assert store.transfers.under_way(ida) is None
    assert store.transfers.under_way(ben) == DEADLINE + 9


def test_an_attempt_whose_opening_was_erased_may_be_about_anyone(store: Store, path: Path) -> None:
    store.log.commit(intent("t1"))
    _erase_openings(path)

    assert store.transfers.under_way(LogPseudonym("ida")) == DEADLINE

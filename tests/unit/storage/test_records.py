from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.canonical import encode
from gateway.model import (
    IntentRow,
    LogPseudonym,
    NotCommitted,
    Opening,
    OutcomeCode,
    OutcomeRow,
    RefusalRow,
    RefusedReason,
    TransferId,
    Unit,
)
from gateway.storage.store import Store
from tests.unit.storage.samples import check_log, intent, opened, outcome, receipt_of, refusal
from tests.values import NOW


def _of_record(unit: Unit, fingerprint: bytes = b"f" * 16) -> Unit:
    assert isinstance(unit.row, IntentRow | RefusalRow)
    return replace(unit, row=replace(unit.row, fingerprint=fingerprint))


def _of_all(first: str, *others: str) -> Unit:
    unit = outcome(first)
    assert isinstance(unit.row, OutcomeRow)
    return replace(unit, row=replace(unit.row, also=tuple(map(TransferId, others))))


def _known(store: Store, *ids: str) -> dict[str, tuple[object, ...]]:
    found = store.records.known([TransferId(one) for one in ids])
    return {key: (one.index, one.fingerprint, one.outcome, one.reason) for key, one in found.items()}


def test_a_record_is_written_once(store: Store) -> None:
    first = store.log.commit_all([_of_record(intent("t-1")), _of_record(intent("t-2"))])
    again = store.log.commit_all([_of_record(intent("t-2")), _of_record(intent("t-3"))])

    assert [receipt_of(one).index for one in first] == [0, 1]
    assert again[0] is NotCommitted.CONFLICT
    assert receipt_of(again[1]).index == 2
    assert check_log(store, [receipt_of(first[0]), receipt_of(again[1])]) == 3


def test_of_two_in_one_group_the_first_is_written(store: Store) -> None:
    results = store.log.commit_all([_of_record(refusal("t-1")), _of_record(intent("t-1"))])

    assert receipt_of(results[0]).index == 0
    assert results[1] is NotCommitted.CONFLICT
    assert check_log(store) == 1


def test_another_process_keeps_it_out_too(path: Path, store: Store) -> None:
    """T47: inside the transaction, whoever brings it."""
    store.log.commit_all([_of_record(intent("t-1"))])

    with opened(path) as other:
        assert other.log.commit_all([_of_record(intent("t-1"))]) == [NotCommitted.CONFLICT]


def test_a_blocked_record_leaves_its_id_to_the_refusal(store: Store) -> None:
    store.restrictions.block(LogPseudonym("p-1"), NOW)
    blocked = store.log.commit_all([_of_record(intent("t-1", subject="p-1"))])
    refused = store.log.commit_all([_of_record(refusal("t-1"))])

    assert blocked == [NotCommitted.RESTRICTED]
    assert receipt_of(refused[0]).index == 0


def test_what_is_known_of_records_is_how_they_stand(store: Store) -> None:
    private = Opening(b"s" * 16, encode({"failures": [{"path": "ticket.id", "rule": "string"}]}))
    unread = _of_record(refusal("t-4"))
    store.log.commit_all(
        [
            _of_record(intent("t-1")),
            _of_record(intent("t-2"), b"g" * 16),
            _of_record(refusal("t-3")),
            replace(unread, entry=replace(unread.entry, private=private)),
            intent("t-5"),
        ]
    )
    store.log.commit(outcome("t-2", outcome="not_sent"))

    assert _known(store, "t-1", "t-2", "t-3", "t-5", "t-6") == {
        "t-1": (0, b"f" * 16, None, None),
        "t-2": (1, b"g" * 16, OutcomeCode.NOT_SENT, None),
        "t-3": (2, b"f" * 16, None, RefusedReason.NOT_GRANTED),
        "t-5": (4, None, None, None),
    }
    found = store.records.known([TransferId("t-4")])[TransferId("t-4")]
    assert found.failures == ({"path": "ticket.id", "rule": "string"},)
    assert _known(store) == {}


def test_one_outcome_may_be_that_of_many(store: Store) -> None:
    store.log.commit_all([_of_record(intent(f"t-{number}")) for number in range(1, 4)])
    store.log.commit(_of_all("t-1", "t-2", "t-3"))

    ends = {key: one[2] for key, one in _known(store, "t-1", "t-2", "t-3").items()}
    late = store.log.commit(outcome("t-3", outcome="unknown"))

    assert ends == dict.fromkeys(("t-1", "t-2", "t-3"), OutcomeCode.DELIVERED)
    assert late is NotCommitted.CONFLICT
    assert check_log(store) == 4


def test_an_outcome_of_many_stays_out_where_one_of_them_has_ended(store: Store) -> None:
    store.log.commit_all([_of_record(intent("t-1")), _of_record(intent("t-2"))])
    store.log.commit(outcome("t-2", outcome="unknown"))

    result = store.log.commit(_of_all("t-1", "t-2"))

    assert result is NotCommitted.CONFLICT


@pytest.mark.parametrize("count", [1, 256, 600])
def test_a_group_of_many_stands_under_one_checkpoint(store: Store, count: int) -> None:
    results = store.log.commit_all([_of_record(intent(f"t-{number}")) for number in range(count)])

    receipts = [receipt_of(one) for one in results]

    assert {one.checkpoint for one in receipts} == {receipts[0].checkpoint}
    assert check_log(store, receipts) == count
    assert len(_known(store, *(f"t-{number}" for number in range(count)))) == count

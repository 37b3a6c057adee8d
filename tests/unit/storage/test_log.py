"""gateway.storage.log: one group in one transaction, its guards, and the head that no one remembers."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.errors import LogDiverged, LogUnavailable
from gateway.model import LogPseudonym, NotCommitted, Unit
from gateway.storage.database import Database, RowRefused
from gateway.storage.log import LogTable, Result, pack, unpack
from gateway.storage.store import Store
from gateway.transfer_log.tree import EMPTY, append
from tests.unit.storage.samples import check_log, database_url, intent, outcome, receipt_of, refusal, sign
from tests.values import NOW


@pytest.fixture
def log(store: Store, path: Path) -> Iterator[LogTable]:
    database = Database(database_url(path))
    yield LogTable(database, sign)
    database.close()


def _group(log: LogTable, *units: Unit) -> Sequence[Result]:
    with log.turn() as append_group:
        return append_group(units)


def test_a_group_gets_dense_indices_proofs_and_one_checkpoint(store: Store, log: LogTable) -> None:
    first = _group(log, intent("t1"), refusal("t2"), intent("t3"))
    second = _group(log, outcome("t1"), outcome("t3"))

    receipts = [receipt_of(result) for result in (*first, *second)]
    assert [receipt.index for receipt in receipts] == [0, 1, 2, 3, 4]
    assert [receipt.size for receipt in receipts] == [3, 3, 3, 5, 5]
    assert len({receipt.checkpoint for receipt in receipts}) == 2
    assert check_log(store, receipts) == 5


def test_what_was_committed_stands_in_the_database_as_it_came(store: Store, log: LogTable, path: Path) -> None:
    unit = intent("t1", deadline=NOW + 5)
    _group(log, unit, refusal("t2"))
    _group(log, outcome("t1"))

    rows = sqlite3.connect(path)
    transfers = rows.execute("SELECT id, caller, entry_index, kind, attempt, deadline_at FROM transfer").fetchall()
    opening = rows.execute("SELECT * FROM opening WHERE entry_index = 0").fetchall()
    assert transfers == [("t1", "backend", 0, "intent", 1, None), ("t2", "backend", 1, "refusal", None, None)]
    shared, private = unit.entry.shared, unit.entry.private
    assert opening == [(0, shared.salt, shared.body, private.salt, private.body)]
    assert rows.execute("SELECT transfer_id, wrapped FROM transfer_key").fetchall() == [("t1", b"wrappedt1")]
    assert rows.execute("SELECT transfer_id, attempt, entry_index FROM outcome").fetchall() == [("t1", 1, 2)]
    rows.close()


def test_a_blocked_subject_stays_out_and_the_group_goes_on(store: Store, log: LogTable) -> None:
    """T76: the guard is asked in the transaction that would record the intent."""
    store.restrictions.block(LogPseudonym("blocked"), NOW)

    results = _group(log, intent("t1", subject="blocked"), intent("t2", subject="free"), intent("t3"))

    assert results[0] is NotCommitted.RESTRICTED
    assert [receipt_of(result).index for result in results[1:]] == [0, 1]
    assert store.transfers.find(intent("t1").row.transfer_id) is None


def test_the_first_outcome_of_an_attempt_wins_within_a_group_and_across_groups(store: Store, log: LogTable) -> None:
    _group(log, intent("t1"), intent("t2"))

    together = _group(log, outcome("t1", outcome="delivered"), outcome("t1", outcome="unknown"), outcome("t2"))
    later = _group(log, outcome("t2", outcome="unknown"))

    assert [type(result) is NotCommitted for result in together] == [False, True, False]
    assert list(later) == [NotCommitted.CONFLICT]
    assert check_log(store) == 4


def test_the_outcome_of_one_attempt_leaves_the_deadline_of_another(store: Store, log: LogTable, path: Path) -> None:
    _group(log, intent("t1", attempt=2), intent("t2"), intent("t3"))
    _group(log, outcome("t1", attempt=1), outcome("t2"))

    rows = sqlite3.connect(path)
    waiting = rows.execute("SELECT id FROM transfer WHERE deadline_at IS NOT NULL").fetchall()
    rows.close()
    assert waiting == [("t1",), ("t3",)]


def test_an_intent_and_its_outcome_may_come_in_one_group(store: Store, log: LogTable) -> None:
    results = _group(log, intent("t1"), outcome("t1"))

    assert [receipt_of(result).index for result in results] == [0, 1]


def test_a_group_of_which_nothing_is_left_writes_nothing(store: Store, log: LogTable) -> None:
    _group(log, intent("t1"), outcome("t1"))
    before = store.entries.head()

    results = _group(log, outcome("t1"))

    assert list(results) == [NotCommitted.CONFLICT]
    assert store.entries.head() == before


def test_a_unit_that_breaks_the_schema_takes_the_group_back(store: Store, log: LogTable) -> None:
    with pytest.raises(RowRefused):
        _group(log, intent("t1"), outcome("no-such-transfer"))

    assert store.entries.head().size == 0
    assert [receipt_of(result).index for result in _group(log, intent("t1"))] == [0]


def test_a_turn_may_append_twice(store: Store, log: LogTable) -> None:
    with log.turn() as append_group:
        append_group([intent("t1")])
        second = append_group([intent("t2")])

    assert receipt_of(second[0]).index == 1
    assert check_log(store) == 2


def test_the_head_is_read_anew_for_every_group(store: Store, log: LogTable) -> None:
    """T60: another process wrote in between."""
    _group(log, intent("t1"))
    store.log.commit(intent("t2"))

    receipts = [receipt_of(result) for result in _group(log, intent("t3"))]

    assert receipts[0].index == 2
    assert check_log(store, receipts) == 3


def test_a_failure_before_the_commit_leaves_no_trace(store: Store, log: LogTable) -> None:
    def stop_before_the_commit() -> None:
        with log.turn() as append_group:
            append_group([intent("t1")])
            raise KeyError

    with pytest.raises(KeyError):
        stop_before_the_commit()

    assert store.entries.head().size == 0
    assert [receipt_of(result).index for result in _group(log, intent("t1"))] == [0]


def test_a_log_that_was_set_back_stops_this_process(store: Store, log: LogTable, path: Path) -> None:
    """T54, as far as one process can see it: yesterday's backup put in place of today's log."""
    _group(log, intent("t1"))
    store.close()
    backup = shutil.copy(path, path.with_name("backup.db"))
    log._database.close()
    _group(log, intent("t2"))
    log._database.close()
    shutil.move(backup, path)

    with pytest.raises(LogDiverged, match="set back"):
        _group(log, intent("t3"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("UPDATE log_head SET size = 3", LogDiverged),
        ("UPDATE log_head SET frontier = x'00'", LogDiverged),
        ("DELETE FROM log_head", LogDiverged),
        ("DROP TABLE log_head", LogUnavailable),
    ],
    ids=["another size", "half a hash", "no head", "no table"],
)
def test_a_head_that_contradicts_itself_takes_no_entry(
    store: Store, log: LogTable, path: Path, change: str, error: type[Exception]
) -> None:
    _group(log, intent("t1"))
    other = sqlite3.connect(path)
    other.execute(change)
    other.commit()
    other.close()

    with pytest.raises(error):
        _group(log, intent("t2"))


def test_a_frontier_is_packed_and_unpacked_to_the_same() -> None:
    frontier = append(EMPTY, [bytes([n]) * 32 for n in range(7)]).frontier

    assert unpack(frontier.size, pack(frontier)) == frontier

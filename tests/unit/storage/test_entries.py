"""gateway.storage.entries: the head, single entries, and the whole log in one consistent state."""

from __future__ import annotations

import sqlite3
import tracemalloc
from pathlib import Path

import pytest

from gateway.model import Opening
from gateway.storage.entries import Head, OpenedEntry
from gateway.storage.store import Store
from gateway.transfer_log.tree import EMPTY, root
from tests.unit.storage.samples import ORIGIN, check_log, intent, outcome, receipt_of, refusal, root_in
from tests.values import NOW


def test_an_empty_log_has_a_head_and_no_checkpoint(store: Store) -> None:
    assert store.entries.head() == Head(ORIGIN, 0, b"")
    assert store.entries.newest_checkpoint() is None
    assert store.entries.newest(10) == []
    with store.entries.reading() as reading:
        assert list(reading.leaves()) == []
    assert root(EMPTY).hex().startswith("e3b0c442")


def test_the_head_moves_with_the_log(store: Store) -> None:
    store.log.commit(intent("t1"))
    receipt = receipt_of(store.log.commit(refusal("t2")))

    assert store.entries.head() == Head(ORIGIN, 2, receipt.checkpoint)
    assert store.entries.newest_checkpoint() == receipt.checkpoint


def test_an_entry_is_found_by_its_index_with_what_its_openings_say(store: Store) -> None:
    store.log.commit(intent("t1", media_type="application/json"))

    entry = store.entries.entry(0)

    assert isinstance(entry, OpenedEntry)
    assert (entry.index, entry.kind, entry.at) == (0, "intent", NOW)
    assert entry.shared is not None
    assert entry.shared["media_type"] == "application/json"
    assert entry.private == {"caller": "backend"}
    assert store.entries.entry(1) is None


def test_an_entry_without_openings_is_still_an_entry(store: Store, path: Path) -> None:
    """T58: openings can be erased without touching an entry."""
    store.log.commit(intent("t1"))
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM opening")
        other.execute("DELETE FROM transfer_key")
    other.close()

    entry = store.entries.entry(0)

    assert entry == OpenedEntry(0, "intent", NOW, None, None)
    assert check_log(store) == 1


@pytest.mark.parametrize("half", ["shared", "private"])
def test_one_half_can_be_erased_without_the_other(store: Store, path: Path, half: str) -> None:
    """T58: what names a person goes; what the recipient holds may stay."""
    unit = refusal("t1")
    store.log.commit(unit)
    with sqlite3.connect(path) as other:
        other.execute(f"UPDATE opening SET {half}_salt = null, {half}_body = null")
    other.close()

    with store.entries.reading() as reading:
        left = list(reading.openings())

    openings = {"shared": unit.entry.shared, "private": unit.entry.private}
    assert left == [(0, name, opening) for name, opening in openings.items() if name != half]
    entry = store.entries.entry(0)
    assert entry is not None
    assert getattr(entry, half) is None


def test_the_newest_come_last(store: Store) -> None:
    for number in range(5):
        store.log.commit(refusal(f"t{number}"))

    assert [entry.index for entry in store.entries.newest(3)] == [2, 3, 4]


def test_a_reading_is_one_state_although_the_log_grows(store: Store) -> None:
    store.log.commit(intent("t1"))

    with store.entries.reading() as reading:
        store.log.commit(outcome("t1"))
        indices = [index for index, _leaf in reading.leaves()]
        sizes = [size for size, _note in reading.checkpoints()]

    assert (reading.size, indices, sizes) == (1, [0], [1])
    assert store.entries.head().size == 2


def test_a_reading_gives_rows_in_order_side_by_side(store: Store) -> None:
    units = [intent("t1"), refusal("t2")]
    for unit in units:
        store.log.commit(unit)

    with store.entries.reading() as reading:
        leaves, openings, checkpoints = reading.leaves(), reading.openings(), reading.checkpoints()
        first = next(leaves), next(openings), next(openings), next(checkpoints)
        rest = [*leaves], [*openings], [*checkpoints]

    assert first[0] == (0, units[0].entry.leaf)
    assert first[1:3] == ((0, "shared", units[0].entry.shared), (0, "private", units[0].entry.private))
    assert first[3][0] == 1
    assert rest[0] == [(1, units[1].entry.leaf)]
    assert rest[1] == [(1, "shared", units[1].entry.shared), (1, "private", units[1].entry.private)]
    assert len(root_in(rest[2][0][1])) == 32


def test_the_whole_log_is_read_in_constant_memory(store: Store, path: Path) -> None:
    with sqlite3.connect(path) as other:
        leaf, body = b"x" * 200, b"y" * 600
        rows = range(8_000)
        other.executemany("INSERT INTO entry VALUES (?, ?)", [(index, leaf) for index in rows])
        other.executemany("INSERT INTO opening VALUES (?, x'00', ?, null, null)", [(index, body) for index in rows])
    other.close()

    tracemalloc.start()
    with store.entries.reading() as reading:
        count = sum(1 for _ in zip(reading.leaves(), reading.openings(), strict=True))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 8_000
    assert peak < 2_500_000, "all rows together are 6.4 MB"


def test_openings_come_as_values(store: Store) -> None:
    store.log.commit(refusal("t1"))

    with store.entries.reading() as reading:
        kinds = {type(opening) for _index, _half, opening in reading.openings()}

    assert kinds == {Opening}

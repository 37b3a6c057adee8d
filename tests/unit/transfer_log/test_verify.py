"""gateway.transfer_log.verify: whatever is changed in a stored log, the verifier sees it and says where."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.canonical import encode
from gateway.model import Opening
from gateway.transfer_log.checkpoint import Checkpoint, sign_checkpoint
from gateway.transfer_log.tree import EMPTY, append, leaf_hash, root
from gateway.transfer_log.verify import Check, Half, Report, verify
from tests.unit.transfer_log.samples import (
    LOG_KEY,
    NOW,
    ORIGIN,
    StoredLog,
    intent,
    leaf_kind_count,
    mixed_entries,
    outcome,
    stored_log,
)

GROUPS = (1, 3, 8, 40)
ENTRIES = mixed_entries(200)
LOG = stored_log(ENTRIES, GROUPS)
SMALL = stored_log(ENTRIES[:40], GROUPS)


def _verify(log: StoredLog, progress: Callable[[int], None] | None = None) -> Report:
    return verify(
        log.entries, log.openings, log.checkpoints, origin=ORIGIN, key=LOG_KEY.public_key(), progress=progress
    )


def _found(report: Report) -> list[tuple[int, int, Check]]:
    return [(problem.first, problem.last, problem.check) for problem in report.problems]


def test_a_log_that_no_one_touched_verifies() -> None:
    report = _verify(LOG)

    assert report.ok
    assert (report.entries, report.checkpoints, report.proven) == (200, len(LOG.checkpoints), 200)
    assert report.kinds == leaf_kind_count(200)
    assert report.root == append(EMPTY, [leaf_hash(leaf) for _, leaf in LOG.entries]).root
    assert report.without_outcome == ()


def test_an_empty_log_verifies() -> None:
    report = _verify(StoredLog([], [], []))

    assert (report.ok, report.entries, report.root) == (True, 0, root(EMPTY))


def test_a_checkpoint_of_the_empty_tree_is_one() -> None:
    first = sign_checkpoint(Checkpoint(ORIGIN, 0, root(EMPTY)), LOG_KEY)

    report = _verify(StoredLog(LOG.entries, LOG.openings, [(0, first), *LOG.checkpoints]))

    assert report.ok


def test_intents_that_wait_for_their_outcome_are_named() -> None:
    report = _verify(stored_log([intent(1), intent(2), outcome(1)], [3]))

    assert (report.ok, report.without_outcome) == (True, (1,))


def test_progress_is_told_on_the_way_and_at_the_end() -> None:
    told: list[int] = []
    entries = [intent(number) for number in range(1_100)]

    _verify(stored_log(entries, [1_100]), told.append)

    assert told == [1_024, 1_100]


# ── T53: each row × each column × {flip, swap, drop, duplicate} ──────────────────────────────────────────────────────

Rows = list[tuple[Any, ...]]
COLUMNS = {"entries": ("index", "leaf"), "openings": ("index", "half", "salt", "body"), "checkpoints": ("size", "note")}


def _tables(log: StoredLog) -> dict[str, Rows]:
    return {
        "entries": [*log.entries],
        "openings": [(index, str(half), opening.salt, opening.body) for index, half, opening in log.openings],
        "checkpoints": [*log.checkpoints],
    }


def _as_log(tables: dict[str, Rows]) -> StoredLog:
    """The rows as a store would give them: by their number, whatever it says now."""
    return StoredLog(
        sorted(tables["entries"], key=lambda row: int(row[0])),
        [
            (index, half, Opening(salt, body))
            for index, half, salt, body in sorted(tables["openings"], key=lambda row: (int(row[0]), str(row[1])))
        ],
        sorted(tables["checkpoints"], key=lambda row: int(row[0])),
    )


def _flipped(value: Any) -> Any:
    if isinstance(value, bytes):
        at = len(value) // 2
        return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] if value else b"\x01"
    return value ^ 1 if isinstance(value, int) else value.swapcase()


def _with(row: tuple[Any, ...], column: int, value: Any) -> tuple[Any, ...]:
    return (*row[:column], value, *row[column + 1 :])


def _flip(rows: Rows, at: int, column: int) -> None:
    rows[at] = _with(rows[at], column, _flipped(rows[at][column]))


def _empty(rows: Rows, at: int, column: int) -> None:
    rows[at] = _with(rows[at], column, type(rows[at][column])())


def _swap(rows: Rows, at: int, column: int) -> None:
    """With the next row, around the end, that holds something else."""
    mine = rows[at][column]
    other = next(place for step in count(1) if rows[place := (at + step) % len(rows)][column] != mine)
    rows[at], rows[other] = _with(rows[at], column, rows[other][column]), _with(rows[other], column, mine)


def _drop(rows: Rows, at: int, column: int) -> None:
    del rows[at]


def _duplicate(rows: Rows, at: int, column: int) -> None:
    rows.append(rows[at])


MUTATIONS = [
    pytest.param(table, column, mutate, id=f"{mutate.__name__.strip('_')} {table}.{COLUMNS[table][column]}")
    for table in COLUMNS
    for column in range(len(COLUMNS[table]))
    for mutate in (_flip, _empty, _swap)
] + [
    pytest.param(table, 0, mutate, id=f"{mutate.__name__.strip('_')} a row of {table}")
    for table in COLUMNS
    for mutate in (_drop, _duplicate)
]


def _mutated(log: StoredLog, table: str, at: int, column: int, mutate: Callable[[Rows, int, int], None]) -> StoredLog:
    tables = _tables(log)
    mutate(tables[table], at, column)
    return _as_log(tables)


@pytest.mark.parametrize(
    ("log", "stride"), [(SMALL, 1), (LOG, 19)], ids=["every row of 40", "every nineteenth row of 200"]
)
@pytest.mark.parametrize(("table", "column", "mutate"), MUTATIONS)
def test_every_change_of_a_stored_log_is_found(
    table: str, column: int, mutate: Callable[[Rows, int, int], None], log: StoredLog, stride: int
) -> None:
    """T53: each row, each column; detected, and located where the changed row stood."""
    rows = _tables(log)[table]
    # A checkpoint that is not the last proves nothing that a later one does not: its loss changes no record.
    first = len(rows) - 1 if (table, mutate) == ("checkpoints", _drop) else 0

    missed = []
    for at in range(first, len(rows), stride):
        if rows[at][column] == type(rows[at][column])() and mutate is _empty:
            continue  # it is 0 already
        place = rows[at][0] - (table == "checkpoints")
        problems = _verify(_mutated(log, table, at, column, mutate)).problems
        if not any(problem.first - 1 <= place <= problem.last + 1 for problem in problems):
            missed.append(at)

    assert missed == []


# ── what an edit with care looks like ────────────────────────────────────────────────────────────────────────────────


def test_an_entry_rewritten_with_its_openings_shows_in_its_interval() -> None:
    """The leaf agrees with its openings and its life is whole; only the tree remembers."""
    tables = stored_log([*ENTRIES[:20], intent(20), *ENTRIES[21:]], GROUPS)

    report = _verify(StoredLog(tables.entries, tables.openings, LOG.checkpoints))

    assert _found(report) == [(12, 51, Check.ROOT)]
    assert report.proven == 12


def test_two_whole_rows_that_changed_places_show_in_their_interval() -> None:
    entries = list(ENTRIES)
    entries[13], entries[14] = entries[14], entries[13]
    swapped = stored_log(entries, GROUPS)

    report = _verify(StoredLog(swapped.entries, swapped.openings, LOG.checkpoints))

    assert (12, 51, Check.ROOT) in _found(report)


def test_only_the_first_of_the_roots_that_disagree_is_reported() -> None:
    forged = stored_log([intent(999), *ENTRIES[1:]], GROUPS)

    report = _verify(StoredLog(forged.entries, forged.openings, LOG.checkpoints))

    assert [check for _, _, check in _found(report)].count(Check.ROOT) == 1
    assert (0, 0, Check.ROOT) in _found(report)


def test_the_instant_of_a_leaf_cannot_be_changed() -> None:
    tables = _tables(LOG)
    index, leaf = tables["entries"][30]
    tables["entries"][30] = (index, leaf.replace(str(NOW).encode(), str(NOW + 1).encode()))

    assert _found(_verify(_as_log(tables))) == [(12, 51, Check.ROOT)]


def test_the_kind_of_a_leaf_cannot_be_changed() -> None:
    tables = _tables(LOG)
    index, leaf = tables["entries"][30]
    tables["entries"][30] = (index, leaf.replace(b'"intent"', b'"refusal"'))

    assert (30, 30, Check.BODY) in _found(_verify(_as_log(tables)))


def test_an_index_that_stands_twice_is_one_problem_and_the_rest_is_proven() -> None:
    tables = _tables(LOG)
    tables["entries"].append(tables["entries"][30])

    report = _verify(_as_log(tables))

    assert _found(report) == [(30, 30, Check.INDEX)]
    assert (report.entries, report.proven) == (200, 200)


def test_a_leaf_spelled_another_way_is_found_where_it_stands() -> None:
    tables = _tables(LOG)
    tables["entries"][30] = (30, tables["entries"][30][1] + b" ")

    assert (30, 30, Check.LEAF) in _found(_verify(_as_log(tables)))


@pytest.mark.parametrize("kept", [0, 1, 150, 199])
def test_a_tail_cut_off_under_a_checkpoint_is_found(kept: int) -> None:
    cut = StoredLog(LOG.entries[:kept], [row for row in LOG.openings if row[0] < kept], LOG.checkpoints)

    report = _verify(cut)

    assert (kept, 199, Check.COVERAGE) in _found(report)


def test_entries_that_no_checkpoint_covers_are_found() -> None:
    report = _verify(StoredLog(LOG.entries, LOG.openings, LOG.checkpoints[:-1]))

    assert _found(report) == [(172, 199, Check.COVERAGE)]


def test_a_log_rolled_back_whole_is_found_by_a_checkpoint_kept_outside() -> None:
    """T54, T55: everything inside agrees; a recipient remembers more."""
    kept_outside = LOG.checkpoints[-1]
    rolled_back = stored_log(ENTRIES[:12], GROUPS)

    inside = _verify(rolled_back)
    report = _verify(StoredLog(rolled_back.entries, rolled_back.openings, [*rolled_back.checkpoints, kept_outside]))

    assert inside.ok
    assert _found(report) == [(12, 199, Check.COVERAGE)]


def test_a_log_signed_with_another_key_is_found() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()

    report = verify(LOG.entries, LOG.openings, LOG.checkpoints, origin=ORIGIN, key=other)

    assert {check for _, _, check in _found(report)} == {Check.CHECKPOINT}
    assert report.proven == 0


def test_the_checkpoints_of_another_log_are_found() -> None:
    report = verify(LOG.entries, LOG.openings, LOG.checkpoints, origin="other.example", key=LOG_KEY.public_key())

    assert {check for _, _, check in _found(report)} == {Check.CHECKPOINT}


def test_a_body_shifted_into_its_salt_is_found() -> None:
    """Salt and body hash to the same as before, and are not what was committed to."""
    tables = _tables(LOG)
    index, half, salt, body = tables["openings"][60]
    tables["openings"][60] = (index, half, salt + body[:1], body[1:])

    assert (30, 30, Check.COMMITMENT) in _found(_verify(_as_log(tables)))


def test_an_opening_that_is_gone_is_tampering() -> None:
    """Law 4: no entry of an erasure, no erasure."""
    tables = _tables(LOG)
    del tables["openings"][60]

    assert _found(_verify(_as_log(tables))) == [(30, 30, Check.OPENING)]


def test_an_opening_of_no_entry_is_found() -> None:
    stray = deepcopy(LOG.openings[0][2])

    report = _verify(StoredLog(LOG.entries, [*LOG.openings, (200, Half.SHARED, stray)], LOG.checkpoints))

    assert _found(report) == [(200, 200, Check.OPENING)]


def test_a_life_that_is_broken_in_a_log_that_is_whole_is_found() -> None:
    report = _verify(stored_log([intent(1), outcome(1), outcome(1), outcome(2)], [4]))

    assert _found(report) == [(2, 2, Check.OUTCOME), (3, 3, Check.OUTCOME)]


def test_no_problem_tells_what_an_opening_says() -> None:
    """T86: the report of a broken log may be shown to anyone."""
    canary = encode({"transfer": "CANARY", "attempt": 1, "released": {}})
    tables = _tables(LOG)
    for at in range(60, 70):
        index, half, salt, _ = tables["openings"][at]
        tables["openings"][at] = (index, half, salt, canary)
        tables["entries"][at] = (at, canary)

    report = _verify(_as_log(tables))

    assert not report.ok
    assert "CANARY" not in "".join(map(str, report.problems))

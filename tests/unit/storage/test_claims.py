"""gateway.storage.claims: one transfer per key, whoever comes with it and whenever; what is over leaves no trace."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import MICROSECONDS, Instant
from gateway.model import Claim, Held, LogPseudonym, NotCommitted, Receipt, SealedAnswer, TransferId, Unit
from gateway.storage import claims as claims_module
from gateway.storage.database import Cursor, Database
from gateway.storage.log import LogTable, PathStatements, Result
from gateway.storage.store import Store
from tests.unit.storage.samples import check_log, database_url, intent, outcome, refusal, sign
from tests.values import NOW

DAY = 24 * 3_600 * MICROSECONDS
SEALED = b"sealed-canary-" * 1_000


def claim(key: str = "k", fingerprint: bytes = b"request", at: int = NOW) -> Claim:
    return Claim(key.encode(), fingerprint, Instant(at), Instant(at + DAY))


def claiming(transfer: str, key: str = "k", *, subject: str | None = None, at: int = NOW) -> Unit:
    return replace(intent(transfer, subject=subject), claims=claim(key, at=at))


def kept(transfer: str, expires_at: int = NOW + DAY) -> Unit:
    return replace(outcome(transfer), keeps=SealedAnswer(SEALED, Instant(expires_at)))


@pytest.fixture
def log(store: Store, path: Path) -> Iterator[LogTable]:
    database = Database(database_url(path))
    yield LogTable(database, sign)
    database.close()


def _group(log: LogTable, *units: Unit) -> Sequence[Result]:
    with log.turn() as append_group:
        return append_group(units)


def _count(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(count)


def _recorded(results: Sequence[Result]) -> list[bool]:
    assert {result for result in results if not isinstance(result, Receipt)} <= {NotCommitted.CLAIMED}
    return [isinstance(result, Receipt) for result in results]


def test_of_all_who_claim_a_key_in_one_group_the_first_goes_in_and_no_other(store: Store, log: LogTable) -> None:
    """T49."""
    results = _group(log, claiming("t1"), claiming("t2"), claiming("t3", "other"), claiming("t4"), intent("t5"))

    assert _recorded(results) == [True, False, True, False, True]
    held = store.claims.find(claim())
    assert held is not None
    assert held.transfer_id == "t1"
    assert check_log(store) == 3


def test_a_key_that_is_held_keeps_out_later_groups_and_other_processes(store: Store, log: LogTable, path: Path) -> None:
    """T49, T60."""
    _group(log, claiming("t1"))
    database = Database(database_url(path))

    later = [*_group(log, claiming("t2")), *_group(LogTable(database, sign), claiming("t3"), refusal("t4"))]
    database.close()

    assert _recorded(later) == [False, False, True]
    assert check_log(store) == 2


def test_of_many_threads_with_one_key_one_is_recorded(store: Store) -> None:
    """T49."""
    results: list[Result] = []
    start = threading.Barrier(16)

    def ask(number: int) -> None:
        start.wait()
        results.append(store.log.commit(claiming(f"t{number}")))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(_recorded(results)) == [False] * 15 + [True]


def test_what_is_known_of_a_claim_follows_its_transfer(store: Store, log: LogTable) -> None:
    before = store.claims.find(claim())
    _group(log, refusal("t0"), claiming("t1"))
    under_way = store.claims.find(claim())
    _group(log, kept("t1"))
    ended = store.claims.find(claim())

    told = Held(TransferId("t1"), 1, b"request", ended=False, sealed=None, wrapped_key=b"wrappedt1")
    assert before is None
    assert under_way == told
    assert ended == replace(told, ended=True, sealed=SEALED)


def test_an_outcome_without_an_answer_ends_the_transfer_and_the_key_stays_held(store: Store, log: LogTable) -> None:
    """T63: `unknown`, written by the sweep, is no reason to send again."""
    _group(log, claiming("t1"))
    _group(log, outcome("t1", outcome="unknown"))

    held = store.claims.find(claim())

    assert held is not None
    assert (held.ended, held.sealed) == (True, None)
    assert _recorded(_group(log, claiming("t2"))) == [False]


def test_a_second_outcome_keeps_no_answer_and_frees_no_key(store: Store, log: LogTable, path: Path) -> None:
    """T63: the first outcome wins, with all that stands beside it."""
    _group(log, claiming("t1"))
    _group(log, outcome("t1", outcome="unknown"))

    late = [*_group(log, kept("t1")), *_group(log, replace(outcome("t1"), frees=claim()))]

    assert late == [NotCommitted.CONFLICT] * 2
    assert _count(path, "kept_answer") == 0
    assert _recorded(_group(log, claiming("t2"))) == [False]


def test_an_outcome_that_frees_its_key_lets_the_next_one_in(store: Store, log: LogTable) -> None:
    _group(log, claiming("t1"))
    _group(log, replace(outcome("t1", outcome="not_sent"), frees=claim()))

    results = _group(log, claiming("t2"), claiming("t3"))

    assert _recorded(results) == [True, False]


def test_no_one_frees_the_key_of_another_transfer(store: Store, log: LogTable) -> None:
    _group(log, claiming("t1"), intent("t2"))

    _group(log, replace(outcome("t2", outcome="not_sent"), frees=claim()))

    assert _recorded(_group(log, claiming("t3"))) == [False]


def test_a_unit_that_stays_out_for_another_reason_holds_no_key(store: Store, log: LogTable) -> None:
    """A refusal claims nothing: who comes next with this key is decided anew."""
    store.restrictions.block(LogPseudonym("blocked"), NOW)

    results = _group(log, claiming("t1", subject="blocked"), claiming("t2", subject="free"))

    assert results[0] is NotCommitted.RESTRICTED
    assert isinstance(results[1], Receipt)


def test_that_the_key_is_held_counts_before_that_the_subject_is_blocked(store: Store, log: LogTable) -> None:
    """Whoever repeats learns how the first transfer ended, whatever became of the person since."""
    _group(log, claiming("t1"))
    store.restrictions.block(LogPseudonym("blocked"), NOW)

    assert list(_group(log, claiming("t2", subject="blocked"))) == [NotCommitted.CLAIMED]


@pytest.mark.parametrize(("later", "new"), [(DAY - 1, False), (DAY, True)], ids=["a moment before", "then"])
def test_after_a_day_the_same_key_is_new(store: Store, log: LogTable, later: int, *, new: bool) -> None:
    _group(log, claiming("t1"))
    _group(log, kept("t1"))

    found = store.claims.find(claim(at=NOW + later))
    results = _group(log, claiming("t2", at=NOW + later))

    assert (found is None) is new
    assert _recorded(results) == [new]
    again = store.claims.find(claim(at=NOW + later))
    assert again is not None
    assert again.transfer_id == ("t2" if new else "t1")


def test_what_is_over_is_destroyed_and_what_is_not_stays(store: Store, log: LogTable, path: Path) -> None:
    """T89: not in the file, not in its free pages, not in the write-ahead log."""
    _group(log, claiming("t1"), claiming("t2", "younger", at=NOW + 1))
    _group(log, kept("t1"), replace(outcome("t2"), keeps=SealedAnswer(b"younger", Instant(NOW + 1 + DAY))))
    files = [path, path.with_name(f"{path.name}-wal")]
    before = any(SEALED[:60] in file.read_bytes() for file in files)

    counts = [store.claims.destroy(Instant(NOW + DAY - 1)), store.claims.destroy(Instant(NOW + DAY))]

    assert before
    assert counts == [0, 1]
    assert not any(SEALED[:14] in file.read_bytes() for file in files)
    assert (_count(path, "claim"), _count(path, "kept_answer")) == (1, 1)
    assert store.claims.find(claim("younger", at=NOW + 2)) is not None
    assert check_log(store) == 4


def test_where_someone_reads_the_next_look_lets_the_journal_forget(store: Store, log: LogTable, path: Path) -> None:
    """T89: whoever reads is not waited for, and does not keep it for ever."""
    _group(log, claiming("t1"))
    _group(log, kept("t1"))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM kept_answer").fetchone()
    store.claims.destroy(Instant(NOW + DAY))
    reader.close()

    destroyed = store.claims.destroy(Instant(NOW + DAY))

    assert destroyed == 0
    assert SEALED[:14] not in path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()


def test_a_great_many_are_destroyed_in_parts(store: Store, log: LogTable, path: Path) -> None:
    many = claims_module.AT_ONCE + 50
    _group(log, *(claiming(f"t{number}", f"k{number}") for number in range(many)))
    _group(log, *(replace(outcome(f"t{n}"), keeps=SealedAnswer(b"s", Instant(NOW + DAY))) for n in range(many)))

    assert store.claims.destroy(Instant(NOW + DAY)) == many
    assert (_count(path, "claim"), _count(path, "kept_answer")) == (0, 0)


class Listening:
    """A cursor that remembers what it ran."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.ran: list[str] = []

    def execute(self, statement: str, parameters: tuple[object, ...] = (), /) -> object:
        self.ran.append(statement)
        return self._cursor.execute(statement, parameters)

    def executemany(self, statement: str, rows: Sequence[tuple[object, ...]], /) -> object:
        self.ran.append(statement)
        return self._cursor.executemany(statement, rows)

    def fetchall(self) -> Sequence[Any]:
        return self._cursor.fetchall()


@pytest.mark.parametrize("claims", [False, True], ids=["without a claim", "with one"])
def test_a_group_without_a_claim_runs_no_statement_about_claims(store: Store, path: Path, *, claims: bool) -> None:
    """The path of a request without a key costs what it cost."""
    database = Database(database_url(path))
    units = [claiming("t1") if claims else intent("t1"), refusal("t2")]
    with database.write_on_path() as cursor:
        listening = Listening(cursor)
        statements = PathStatements(database.dialect)
        statements.refused(listening, units)
        statements.insert(listening, 0, units)
    database.close()

    about_claims = [one for one in listening.ran if "claim" in one or "kept_answer" in one]
    assert len(listening.ran) >= 4
    assert len(about_claims) == (3 if claims else 0)

"""gateway.storage.group: leaders, followers, the late ones, and what a failure tells to whom."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from gateway.errors import LogDiverged, LogError, LogUnavailable
from gateway.model import Entry, NotCommitted, Opening, OutcomeRow, TransferId, Unit
from gateway.storage import group as group_module
from gateway.storage.database import RowRefused
from gateway.storage.group import GroupCommit
from gateway.storage.log import Append, Result

HALF = Opening(b"s" * 16, b"{}")
DONE = NotCommitted.CONFLICT  # a result that is easy to make: what the log says of a unit does not matter here


def _unit(name: str) -> Unit:
    return Unit(Entry(b"{}", HALF, HALF), OutcomeRow(TransferId(name), 1))


class FakeLog:
    """Gives out turns; slow, failing or refusing as told."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.failures: list[Exception] = []
        self.poison: set[str] = set()
        self.turns = 0
        self.leaders: list[str] = []

    @contextmanager
    def turn(self) -> Iterator[Append]:
        self.turns += 1
        assert self.gate.wait(10)
        if self.failures:
            raise self.failures.pop(0)
        names: list[str] = []

        def append(units: Sequence[Unit]) -> list[Result]:
            names.extend(unit.row.transfer_id for unit in units)
            if self.poison & set(names):
                raise RowRefused
            return [DONE for _ in units]

        yield append
        self.groups.append(names)
        self.leaders.append(threading.current_thread().name)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def group(log: FakeLog) -> Iterator[GroupCommit]:
    made = GroupCommit(log.turn, late=0.02, patience=5)
    yield made
    log.gate.set()
    made.close()


class _Thread(threading.Thread):
    """A thread that keeps what its work gave or raised."""

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.result: Result | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work()
        except (LogError, KeyError) as error:
            self.error = error


def _commit(group: GroupCommit, name: str) -> _Thread:
    return _Thread(lambda: group.commit(_unit(name)))


def _until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.001)


def _leader_and_followers(group: GroupCommit, log: FakeLog, *names: str) -> list[_Thread]:
    """The first one leads and stands at the gate; the others wait behind it."""
    log.gate.clear()
    turns = log.turns
    threads = [_commit(group, names[0])]
    _until(lambda: log.turns > turns)
    for place, name in enumerate(names[1:], 2):
        threads.append(_commit(group, name))
        _until(lambda place=place: len(group._waiting) == place)  # type: ignore[misc]
    return threads


def _join(threads: Sequence[_Thread]) -> None:
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_one_alone_is_a_group_of_one(group: GroupCommit, log: FakeLog) -> None:
    assert group.commit(_unit("a")) is DONE
    assert log.groups == [["a"]]


def test_the_leader_takes_along_all_that_came_while_it_waited(group: GroupCommit, log: FakeLog) -> None:
    threads = _leader_and_followers(group, log, "a", "b", "c")

    log.gate.set()
    _join(threads)

    assert log.groups == [["a", "b", "c"]]
    assert [thread.result for thread in threads] == [DONE, DONE, DONE]


def test_the_lead_goes_to_one_who_came_during_the_commit(group: GroupCommit, log: FakeLog) -> None:
    """So that no thread serves the others for ever."""
    late: list[_Thread] = []
    original = log.turn

    @contextmanager
    def turn() -> Iterator[Append]:
        with original() as append:
            yield append
            if not late:
                late.append(_commit(group, "second"))
                _until(lambda: len(group._waiting) == 1)

    group._turn = turn
    group.commit(_unit("first"))
    _join(late)

    assert log.groups == [["first"], ["second"]]
    assert log.leaders[0] != log.leaders[1]
    assert group._led is False


@pytest.mark.parametrize("failure", [LogUnavailable("away"), LogDiverged("set back")], ids=["unavailable", "diverged"])
def test_a_failed_turn_fails_everyone_who_waited_and_no_one_after(
    group: GroupCommit, log: FakeLog, failure: LogError
) -> None:
    threads = _leader_and_followers(group, log, "a", "b", "c")

    log.failures.append(failure)
    log.gate.set()
    _join(threads)

    assert [(type(thread.error), str(thread.error)) for thread in threads] == [(type(failure), str(failure))] * 3
    assert len({id(thread.error) for thread in threads}) == 3
    assert group.commit(_unit("d")) is DONE
    assert log.groups == [["d"]]


def test_an_unexpected_failure_reaches_the_leader_and_frees_the_followers(group: GroupCommit, log: FakeLog) -> None:
    threads = _leader_and_followers(group, log, "a", "b")

    log.failures.append(KeyError("a bug"))
    log.gate.set()
    _join(threads)

    assert [type(thread.error) for thread in threads] == [KeyError, LogUnavailable]
    assert group.commit(_unit("c")) is DONE


def test_a_unit_that_breaks_the_schema_fails_alone(group: GroupCommit, log: FakeLog) -> None:
    log.poison = {"b"}
    threads = _leader_and_followers(group, log, "a", "b", "c")

    log.gate.set()
    _join(threads)

    assert [type(thread.error) for thread in threads] == [type(None), LogUnavailable, type(None)]
    assert log.groups == [["a"], ["c"]]


def test_many_units_stand_in_one_group_and_each_gets_its_result(group: GroupCommit, log: FakeLog) -> None:
    assert list(group.commit_all([_unit("a"), _unit("b"), _unit("c")])) == [DONE, DONE, DONE]
    assert log.groups == [["a", "b", "c"]]
    assert group.commit_all([]) == ()


def test_many_units_wait_beside_others_and_no_result_is_mixed_up(group: GroupCommit, log: FakeLog) -> None:
    log.gate.clear()
    leader = _commit(group, "leader")
    _until(lambda: log.turns == 1)
    results: list[Sequence[Result]] = []
    many = threading.Thread(target=lambda: results.append(group.commit_all([_unit("a"), _unit("b")])))
    many.start()
    _until(lambda: len(group._waiting) == 2)
    log.gate.set()
    _join([leader])
    many.join(10)

    assert log.groups == [["leader", "a", "b"]]
    assert [len(one) for one in results] == [2]


def test_of_many_units_the_one_that_breaks_the_schema_is_told(group: GroupCommit, log: FakeLog) -> None:
    log.poison = {"b"}

    results = group.commit_all([_unit("a"), _unit("b"), _unit("c")])

    assert list(results) == [DONE, NotCommitted.UNFIT, DONE]
    assert log.groups == [["a"], ["c"]]


def test_where_the_log_is_away_none_of_many_is_recorded(group: GroupCommit, log: FakeLog) -> None:
    log.failures = [LogUnavailable("away")]

    with pytest.raises(LogUnavailable):
        group.commit_all([_unit("a"), _unit("b")])

    assert log.groups == []


def test_who_waits_too_long_gets_log_unavailable_and_is_not_written_later(log: FakeLog) -> None:
    group = GroupCommit(log.turn, late=0.02, patience=0.05)
    threads = _leader_and_followers(group, log, "a", "b")

    threads[1].join(5)
    log.gate.set()
    _join(threads)
    group.close()

    assert isinstance(threads[1].error, LogUnavailable)
    assert log.groups == [["a"]]


def test_a_late_unit_is_pushed_by_itself(group: GroupCommit, log: FakeLog) -> None:
    started = time.monotonic()
    group.commit_soon(_unit("a"))
    _until(lambda: log.groups == [["a"]])

    assert 0.02 <= time.monotonic() - started < 1


def test_late_units_join_the_next_group(log: FakeLog) -> None:
    group = GroupCommit(log.turn, late=60)
    group.commit_soon(_unit("late"))
    group.commit_soon(_unit("later"))

    group.commit(_unit("now"))
    group.close()

    assert log.groups == [["late", "later", "now"]]


def test_what_is_late_is_tried_again_until_it_is_written(
    group: GroupCommit, log: FakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_module, "RETRY_SECONDS", (0.005,))
    log.failures += [LogUnavailable("away"), KeyError("a bug"), LogUnavailable("away")]

    group.commit_soon(_unit("a"))
    _until(lambda: bool(log.groups))

    assert log.groups == [["a"]]
    assert log.turns == 4


def test_a_failed_group_keeps_its_late_units_for_the_next(log: FakeLog) -> None:
    group = GroupCommit(log.turn, late=60)
    group.commit_soon(_unit("late"))
    log.failures.append(LogUnavailable("away"))

    with pytest.raises(LogUnavailable):
        group.commit(_unit("a"))
    group.commit(_unit("b"))
    group.close()

    assert log.groups == [["late", "b"]]


def test_a_late_unit_that_breaks_the_schema_is_reported_and_dropped(
    group: GroupCommit, log: FakeLog, caplog: pytest.LogCaptureFixture
) -> None:
    log.poison = {"bad"}

    group.commit_soon(_unit("bad"))
    _until(lambda: log.turns == 2)
    group.commit(_unit("good"))

    assert log.groups == [["good"]]
    assert "entry_refused_by_schema" in caplog.text


def test_a_backlog_has_a_bound_and_says_what_it_drops(
    log: FakeLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(group_module, "BACKLOG", 2)
    group = GroupCommit(log.turn, late=60)

    for name in ("a", "b", "c"):
        group.commit_soon(_unit(name))
    group.close()

    said = caplog.text
    assert log.groups == [["a", "b"]]
    assert "outcome_dropped" in said
    assert "transfer_id" not in said


def test_closing_writes_what_is_late_and_takes_nothing_more(log: FakeLog) -> None:
    group = GroupCommit(log.turn, late=60)
    group.commit_soon(_unit("late"))

    group.close()

    assert log.groups == [["late"]]
    with pytest.raises(LogUnavailable, match="stopping"):
        group.commit(_unit("too late"))


def test_closing_gives_up_in_the_end_and_says_so(log: FakeLog, caplog: pytest.LogCaptureFixture) -> None:
    group = GroupCommit(log.turn, late=60, patience=0.1)
    log.failures += [LogUnavailable("away")] * 100
    group.commit_soon(_unit("late"))

    group.close()

    assert log.groups == []
    assert "outcome_dropped" in caplog.text


def test_a_forked_child_starts_empty_and_works(group: GroupCommit, log: FakeLog) -> None:
    """T75: the parent's leader, its lock and what waits for it are the parent's."""
    threads = _leader_and_followers(group, log, "a", "b")

    child = os.fork()
    if child == 0:
        status = 1
        try:
            log.gate.set()
            status = 0 if group.commit(_unit("child")) is DONE and log.groups == [["child"]] else 2
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    log.gate.set()
    _join(threads)

    assert status == 0
    assert log.groups == [["a", "b"]]


def test_many_threads_all_get_their_answer(group: GroupCommit, log: FakeLog) -> None:
    threads = [_commit(group, f"{number}") for number in range(64)]
    _join(threads)

    assert [thread.result for thread in threads] == [DONE] * 64
    assert sorted(name for names in log.groups for name in names) == sorted(f"{number}" for number in range(64))

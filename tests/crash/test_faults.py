"""Faults at each write of accept and attempt (T63, T64, T67): what the caller hears, what left, and that it recovers.

The faults are put into the driver's connection, so everything of ours is real, above a real file. `lost`: the call
fails and did nothing; `done`: it fails although it was done, as when a disk dies between the write and its report.
"""

from __future__ import annotations

import io
import itertools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import orjson
import pytest

from gateway.bootstrap import Gateway, build
from gateway.clock import MICROSECONDS, Instant, SystemClock
from gateway.storage import engine
from gateway.web import create_app
from tests.crash.witness import Openings, Stored, Told, disagreements, index_of, verified
from tests.deployment import SERVICE_REQUEST, Deployment, new_deployment, transfer_body
from tests.recipients import Authority, Received, RecordingRecipient, Reply

RECIPIENT = "mc-primer-uk"
LOST, DONE = "lost", "done"
PATIENCE_SECONDS = 0.5  # of the log with a group at the end of a process; ten in production
CALLS = 200  # more than a transfer makes

Step = Callable[[], Any]


@dataclass
class Faults:
    """Which calls of the driver fail from now on: commits by a plan, or the n-th call of any kind."""

    commits: list[str | None] = field(default_factory=list)
    every_commit: str | None = None  # once the plan is over
    nth: int = 0
    how: str = LOST
    sticky: bool = False
    calls: int = 0

    def call(self, step: Step) -> Any:
        """One call of the driver."""
        self.calls += 1
        if not self.nth or self.calls < self.nth or (self.calls > self.nth and not self.sticky):
            return step()
        return _fail(self.how, step, lambda: None)

    def commit(self, step: Step, undo: Step) -> Any:
        """The commit of a transaction that writes."""
        how = self.commits.pop(0) if self.commits else self.every_commit
        return step() if how is None else _fail(how, step, undo)


def _fail(how: str, step: Step, undo: Step) -> Any:
    step() if how == DONE else undo()
    error = sqlite3.OperationalError("invented")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    raise error


class FaultyCursor(sqlite3.Cursor):
    """A cursor whose calls may fail."""

    def execute(self, statement: str, parameters: Any = (), /) -> Self:
        owner: Any = self.connection
        if statement.startswith("BEGIN"):
            owner.writes = statement == "BEGIN IMMEDIATE"
        FaultyConnection.faults.call(partial(super().execute, statement, parameters))
        return self

    def executemany(self, statement: str, rows: Any, /) -> Self:
        FaultyConnection.faults.call(partial(super().executemany, statement, rows))
        return self


class FaultyConnection(engine.FileConnection):
    """A connection whose calls may fail."""

    faults: ClassVar[Faults]
    writes = False

    def cursor(self, _factory: Any = None) -> Any:
        return super().cursor(FaultyCursor)

    def commit(self) -> None:
        step = super().commit
        undo = super().rollback
        if self.writes:
            self.faults.call(lambda: self.faults.commit(step, undo))
        else:
            step()


class LaterClock(SystemClock):
    """A clock that is a minute ahead: every deadline and its grace are over."""

    def now(self) -> Instant:
        return Instant(super().now() + 60 * MICROSECONDS)


@dataclass
class Scene:
    """A gateway behind its web application, one recipient, and what both saw."""

    deployment: Deployment
    gateway: Gateway
    arrived: list[tuple[bytes, int | None]]
    answering: list[Step]  # what happens while the recipient answers
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.web = create_app(self.gateway, diagnostics_to=io.BytesIO()).test_client()

    @property
    def faults(self) -> Faults:
        return FaultyConnection.faults

    def ask(self, payload: dict[str, Any] = SERVICE_REQUEST) -> tuple[int, str]:
        """One transfer by HTTP: the status, and the problem's code or the outcome."""
        body = orjson.dumps(transfer_body(RECIPIENT, "service_request", payload))
        headers = {"Gateway-Token": self.deployment.token, "Content-Type": "application/json"}
        answer = self.web.post("/v1/transfers", data=body, headers=headers)
        said = orjson.loads(answer.data)
        if "outcome" in said:
            self.told.append(Told(said["transfer_id"], said["log"]["index"], said["outcome"]))
        return answer.status_code, said.get("code") or said["outcome"]

    def ended(self) -> dict[str, str]:
        """How each transfer ended, as far as the log knows now."""
        return {name: ends[0]["outcome"] for name, ends in Stored.read(self.deployment.database).outcomes.items()}

    def wait_until_ended(self, seconds: float = 10) -> bool:
        """Whether the log came to hold the outcome of everything that callers were told of."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if {one.transfer_id for one in self.told} <= self.ended().keys():
                return True
            time.sleep(0.005)
        return False

    def end(self) -> list[str]:
        """End the process, let a later one sweep, and say what does not agree."""
        self.gateway.close()
        FaultyConnection.faults = Faults()
        successor = build(self.deployment.settings, LaterClock())
        while successor.sweep.once():
            pass
        successor.close()
        openings = Openings(self.deployment, RECIPIENT)
        arrivals = [openings.open(*one) for one in self.arrived]
        return disagreements(Stored.read(self.deployment.database), verified(self.deployment), arrivals, self.told)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(engine, "FileConnection", FaultyConnection)
    FaultyConnection.faults = Faults()
    deployment = new_deployment(tmp_path)
    for other in set((deployment.maps / "recipients").iterdir()) - {
        deployment.maps / "recipients" / f"{RECIPIENT}.yaml"
    }:
        other.unlink()
    authority = Authority(tmp_path)
    arrived: list[tuple[bytes, int | None]] = []
    answering: list[Step] = []

    def answer(received: Received) -> Reply:
        arrived.append((received.body, index_of(deployment.database, received.header("Idempotency-Key"))))
        for step in answering:
            step()
        return Reply()

    with RecordingRecipient(authority, answer) as recipient:
        deployment.point(RECIPIENT, recipient.base_url, authority.ca_file)
        deployment.make()
        gateway = deployment.build()
        gateway.store.log._patience = PATIENCE_SECONDS
        made = Scene(deployment, gateway, arrived, answering)
        assert made.ask() == (200, "delivered")
        assert made.wait_until_ended()
        yield made
        made.gateway.close()
    FaultyConnection.faults = Faults()


@dataclass(frozen=True)
class Case:
    """Commits that fail, and what must follow."""

    commits: tuple[str | None, ...]
    reply: tuple[int, str]
    arrivals: int
    intents: int
    outcome: str | None  # while this process lives
    at_last: str | None  # after its successor's sweep
    every_commit: str | None = None
    payload: dict[str, Any] = field(default_factory=lambda: SERVICE_REQUEST)


AWAY = (503, "log_unavailable")
FINE = (200, "delivered")
CASES = {
    "the intent's commit fails and is lost": Case((LOST,), AWAY, 0, 0, None, None),
    "the intent's commit fails and was done": Case((DONE,), AWAY, 0, 1, None, "unknown"),
    "the refusal's commit fails and is lost": Case((LOST,), AWAY, 0, 0, None, None, payload={}),
    "the outcome's commit fails once": Case((None, LOST), FINE, 1, 1, "delivered", "delivered"),
    "the outcome's commit fails three times": Case((None, LOST, LOST, LOST), FINE, 1, 1, "delivered", "delivered"),
    "the outcome's commit fails and was done": Case((None, DONE), FINE, 1, 1, "delivered", "delivered"),
    "the outcome's commit fails until the end": Case((None,), FINE, 1, 1, None, "unknown", every_commit=LOST),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_commit_fails(scene: Scene, case: Case) -> None:
    """T63, T64, T67."""
    before = Stored.read(scene.deployment.database)
    scene.faults.commits, scene.faults.every_commit = list(case.commits), case.every_commit

    reply = scene.ask(case.payload)
    if case.outcome is not None:
        assert scene.wait_until_ended()
    came = len(scene.arrived) - 1
    stored = Stored.read(scene.deployment.database)
    fresh = stored.intents.keys() - before.intents.keys()
    if case.every_commit is None:
        assert scene.ask() == FINE, "the same process works again, without a restart"
    found = scene.end()

    assert reply == case.reply
    assert (came, len(fresh)) == (case.arrivals, case.intents)
    assert {stored.outcomes[name][0]["outcome"] for name in fresh if name in stored.outcomes} == _only(case.outcome)
    assert {scene.ended()[name] for name in fresh} == _only(case.at_last)
    assert found == []


def _only(outcome: str | None) -> set[str]:
    return set() if outcome is None else {outcome}


@pytest.mark.parametrize("lasting", ["once", "from then on"])
@pytest.mark.parametrize("how", [LOST, DONE])
def test_each_call_of_the_database_fails_in_turn(scene: Scene, how: str, lasting: str) -> None:
    """T67: for n = 1, 2, … until a transfer makes fewer calls than that; one process lives through all of it."""
    scene.gateway.store.log._late_seconds = 0.001
    sticky = lasting != "once"
    replies: list[tuple[int, str]] = []
    for nth in itertools.count(1):
        came = len(scene.arrived)
        FaultyConnection.faults = faults = Faults(nth=nth, how=how, sticky=sticky)
        replies.append(scene.ask())
        if sticky:
            time.sleep(0.02)  # for the outcome to meet the fault too
            FaultyConnection.faults = Faults()
        assert scene.wait_until_ended()
        assert replies[-1] in {AWAY, FINE}, nth
        assert len(scene.arrived) - came == (replies[-1] == FINE), f"call {nth}: nothing leaves when it fails"
        if faults.calls < nth:
            break
        assert nth < CALLS
    FaultyConnection.faults = Faults()

    print(f"\n{len(replies)} places, {replies.count(AWAY)} of them told the caller")
    assert replies[-1] == FINE
    assert replies.count(AWAY) >= 5
    assert replies.count(FINE) >= 5
    assert scene.end() == []


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _gone(database: Path) -> Iterator[None]:
    files = [
        path for path in database.parent.iterdir() if path.name in {"gateway.db", "gateway.db-wal", "gateway.db-shm"}
    ]
    for path in files:
        path.rename(path.with_name(f"away-{path.name}"))
    yield
    for path in files:
        path.with_name(f"away-{path.name}").rename(path)


Trouble = Callable[[Path], AbstractContextManager[None]]
TROUBLES: dict[str, tuple[Trouble, float, str]] = {
    "locked by another program": (_locked, engine.BUSY_SECONDS + 0.3, "log_locked"),
    "gone": (_gone, 0.2, "log_gone"),
}
each_trouble = pytest.mark.parametrize(("trouble", "seconds", "code"), TROUBLES.values(), ids=TROUBLES)


@each_trouble
def test_the_database_is_in_trouble_when_the_intent_comes(
    scene: Scene, trouble: Trouble, seconds: float, code: str
) -> None:
    """T67: nothing leaves, the caller hears it, and the next transfer finds the database well."""
    with trouble(scene.deployment.database):
        reply = scene.ask()

    assert reply == (503, code)
    assert len(scene.arrived) == 1
    assert scene.ask() == FINE
    assert scene.end() == []


@each_trouble
def test_the_database_is_in_trouble_when_the_outcome_comes(
    scene: Scene, trouble: Trouble, seconds: float, code: str
) -> None:
    """T67: the caller has its answer; the outcome waits until the database is well."""
    begun, over = threading.Event(), threading.Event()

    def make_trouble() -> None:
        with trouble(scene.deployment.database):
            begun.set()
            time.sleep(seconds)
        over.set()

    def start() -> None:
        threading.Thread(target=make_trouble).start()
        begun.wait(5)

    scene.answering.append(start)

    reply = scene.ask()
    was_over = over.is_set()
    scene.answering.clear()
    over.wait(10)

    assert (reply, was_over) == (FINE, False)
    assert scene.wait_until_ended()
    assert set(scene.ended().values()) == {"delivered"}
    assert scene.end() == []

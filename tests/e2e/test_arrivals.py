"""Each arrival at a recipient, checked from a second process at that moment: its entry is already in the log, and the
proof in the envelope verifies against the log (T64). And what an operator's word does to what is under way (T76)."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.errors import EnvelopeRejected
from gateway.model import RecipientId, SubjectId
from tests.crash.witness import Arrival, Openings, Stored, Told, disagreements, index_of, not_yet_there, verified
from tests.deployment import PAIRS, ROOT, SERVICE_REQUEST, Deployment, Served, new_deployment, serving, transfer_body
from tests.recipients import Authority, Received, RecordingRecipient, Reply

RECIPIENT, PURPOSE = "mc-primer-uk", "service_request"
TRANSFERS = int(os.environ.get("GATEWAY_TEST_ARRIVALS", "200"))
CALLERS = 16
COUNTS_WITHIN_SECONDS = 2.0  # a revocation, DESIGN 6.3

Call = Callable[[], None]


@dataclass
class Watch:
    """What a recipient saw, and what was missing in the log when it saw it."""

    deployment: Deployment
    slowness_seconds: float = 0.0
    arrivals: list[tuple[float, Arrival]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def answer(self, received: Received) -> Reply:
        """Open it, look into the log, and only then answer."""
        at = time.monotonic()
        try:
            seen_at = index_of(self.deployment.database, received.header("Idempotency-Key"))
            arrival = self.openings.open(received.body, seen_at)
        except EnvelopeRejected as error:
            self.missing.append(f"not proven: {error.check}")
        else:
            self.arrivals.append((at, arrival))
            self.missing += not_yet_there(arrival, self.deployment.database)
        time.sleep(self.slowness_seconds)
        return Reply()

    def start(self) -> None:
        """Know the keys; the deployment has them by now."""
        self.openings = Openings(self.deployment, RECIPIENT)

    def about(self, subject: str) -> list[float]:
        """When something arrived about that person."""
        pseudonym = self.deployment.keyring.pairwise(RecipientId(RECIPIENT), SubjectId(subject))
        return [at for at, arrival in self.arrivals if arrival.subject == pseudonym]


@contextmanager
def _watching(folder: Path, **changes: Any) -> Iterator[Watch]:
    """A deployment whose one recipient is this process."""
    deployment = new_deployment(folder)
    watch = Watch(deployment)
    authority = Authority(folder)
    with RecordingRecipient(authority, watch.answer) as recipient:
        deployment.point(RECIPIENT, recipient.base_url, authority.ca_file, **changes)
        deployment.make()
        watch.start()
        yield watch


def _gateway(deployment: Deployment, *words: str) -> dict[str, Any]:
    """One command of the command line, as a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environ = {**kept, "GATEWAY_HOME": str(deployment.home)}
    command = [sys.executable, "-m", "gateway.cli", *words, "--json"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, check=True)
    said: dict[str, Any] = orjson.loads(done.stdout)
    return said


@contextmanager
def _flow(calls: Sequence[Call]) -> Iterator[None]:
    """Each call again and again, in a thread of its own, until the block ends."""
    stop = threading.Event()

    def repeat(call: Call) -> None:
        while not stop.is_set():
            call()

    threads = [threading.Thread(target=repeat, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_each_arrival_is_in_the_log_already_and_its_proof_verifies(tmp_path: Path) -> None:
    """T64: two processes of `gateway serve`, sixteen callers at once; the recipient looks before it answers."""
    body = transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST)
    with _watching(tmp_path) as watch:
        with serving(watch.deployment, workers=2, threads=CALLERS) as served, ThreadPoolExecutor(CALLERS) as callers:
            began = time.monotonic()
            replies = list(callers.map(lambda _: served.transfer(body), range(TRANSFERS)))
            seconds = time.monotonic() - began
        said = _gateway(watch.deployment, "log", "verify")
    arrivals = [arrival for _at, arrival in watch.arrivals]
    told = [Told(reply["transfer_id"], reply["log"]["index"], reply["outcome"]) for _status, reply in replies]
    stored = Stored.read(watch.deployment.database)
    print(f"\narrivals: {len(arrivals)} of {TRANSFERS} transfers in {seconds:.1f} s, {len(watch.missing)} missing")
    print(f"{1000 * len(stored.notes) / TRANSFERS:.0f} commits per 1,000 transfers, outcomes included")

    assert {status for status, _reply in replies} == {http.client.OK}
    assert watch.missing == []
    assert sorted(one.transfer_id for one in arrivals) == sorted(one.transfer_id for one in told)
    assert disagreements(stored, verified(watch.deployment), arrivals, told) == []
    assert list(stored.leaves) == list(range(2 * TRANSFERS))
    assert (said["verified"], said["entries"], said["intents_without_outcome"]) == (True, 2 * TRANSFERS, 0)


def test_nothing_about_a_subject_arrives_once_its_block_was_confirmed(tmp_path: Path) -> None:
    """T76: by the command line, while transfers about the person flow through both processes."""
    statuses: dict[str, list[int]] = {"usr_blocked": [], "usr_other": []}

    def about(served: Served, subject: str) -> Call:
        body = transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST, subject)
        return lambda: statuses[subject].append(served.transfer(body)[0])

    with (
        _watching(tmp_path) as watch,
        serving(watch.deployment, workers=2) as served,
        _flow([about(served, subject) for subject in statuses for _ in range(4)]),
    ):
        time.sleep(0.3)
        changed = _gateway(watch.deployment, "subject", "block", "usr_blocked")
        confirmed_at = time.monotonic()
        time.sleep(0.7)
    after = {subject: sum(at > confirmed_at for at in watch.about(subject)) for subject in statuses}
    before = len(watch.about("usr_blocked"))
    print(f"\nblock: {before} arrivals about the subject before it was confirmed, {after} after")

    assert changed == {"blocked": True, "changed": True}
    assert before > 0
    assert after["usr_blocked"] == 0
    assert after["usr_other"] > 0
    assert set(statuses["usr_blocked"]) == {http.client.OK, http.client.FORBIDDEN}
    assert watch.missing == []


def test_a_block_is_confirmed_when_what_was_under_way_has_ended(tmp_path: Path) -> None:
    """T76: intents about the person stand in a queue before a slow recipient when the block comes."""
    body = transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST, "usr_blocked")
    with _watching(tmp_path, in_flight=1) as watch, serving(watch.deployment) as served:
        watch.slowness_seconds = 0.3
        with ThreadPoolExecutor(8) as callers:
            asked = [callers.submit(served.transfer, body) for _ in range(8)]
            while not watch.arrivals:
                time.sleep(0.01)
            _gateway(watch.deployment, "subject", "block", "usr_blocked")
            confirmed_at = time.monotonic()
        statuses = {call.result()[0] for call in asked}
    late = [at - confirmed_at for at in watch.about("usr_blocked") if at > confirmed_at]

    assert statuses <= {http.client.OK, http.client.FORBIDDEN}
    assert late == []


def test_a_revoked_caller_is_refused_by_every_process_within_two_seconds(tmp_path: Path) -> None:
    body = transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST)
    asked: list[tuple[float, int]] = []
    with _watching(tmp_path) as watch:
        token = watch.deployment.add_caller("billing", PAIRS)
        with serving(watch.deployment, workers=2) as served:

            def call() -> None:
                began = time.monotonic()
                asked.append((began, served.transfer(body, headers={"Gateway-Token": token})[0]))

            with _flow([call] * 4):
                time.sleep(0.3)
                _gateway(watch.deployment, "caller", "revoke", "billing")
                confirmed_at = time.monotonic()
                time.sleep(COUNTS_WITHIN_SECONDS + 0.5)
            others = served.transfer(body)[0]
    accepted = [began - confirmed_at for began, status in asked if status == http.client.OK]
    refused = [began - confirmed_at for began, status in asked if status == http.client.UNAUTHORIZED]
    print(f"\nrevocation: the last accepted call began {max(accepted):+.2f} s after it was confirmed")

    assert {status for _began, status in asked} == {http.client.OK, http.client.UNAUTHORIZED}
    assert max(accepted) <= COUNTS_WITHIN_SECONDS
    assert max(refused) > COUNTS_WITHIN_SECONDS
    assert others == http.client.OK

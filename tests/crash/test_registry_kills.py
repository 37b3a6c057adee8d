"""Kill −9 in the middle of a registry, again and again, and go on each time (T47, T63, T64): every record is delivered
or unknown in the end, none arrives twice, and what left was written down first.

The recipient counts by record what it can open and prove. It is slow at times, unwilling at others, and hangs up now
and then. `GATEWAY_TEST_KILLS` and `GATEWAY_TEST_SEED` ask for more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.bootstrap import build
from gateway.clock import MICROSECONDS, Instant, SystemClock
from tests import registries
from tests.deployment import ROOT, Deployment
from tests.recipients import Received, Reply
from tests.registries import RECIPIENT, WORDS, lines, record, refusable, verified

KILLS = max(3, int(os.environ.get("GATEWAY_TEST_KILLS", "0")) // 20)
SEED = int(os.environ.get("GATEWAY_TEST_SEED", "20261123"))
RECORDS = 120 * KILLS
REFUSED_EVERY = 29
START_SECONDS = 30


class LaterClock(SystemClock):
    """A clock that is a minute ahead: every deadline and its grace are over."""

    def now(self) -> Instant:
        return Instant(super().now() + 60 * MICROSECONDS)


class Arrivals:
    """The recipient: mostly it takes what comes; by record, how often it did."""

    def __init__(self, randomness: random.Random) -> None:
        self._random = randomness
        self.bodies: list[bytes] = []

    def reply(self, received: Received) -> Reply:
        self.bodies.append(received.body)
        mood = self._random.random()
        if mood < 0.05:
            time.sleep(self._random.uniform(0, 0.02))
        elif mood < 0.06:
            raise ConnectionAbortedError
        return Reply(status=503 if mood > 0.98 else 200)

    def by_record(self, deployment: Deployment) -> Counter[str]:
        """How often each record arrived, by what can be opened and proven."""
        receiver, found = deployment.receiver(RECIPIENT), Counter[str]()
        for body in self.bodies:
            for one in receiver.open_all(body, now=SystemClock().now(), newest=None):
                found[one.transfer_id] += 1
        return found


def _command(deployment: Deployment, path: Path) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environ |= {"GATEWAY_HOME": str(deployment.home), "GATEWAY_TOKEN": deployment.token}
    words = [*WORDS, "--file", str(path), "--batch-id", "b-1", "--json"]
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", *words], env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=-1
    )


def _kill_at_work(process: subprocess.Popen[bytes], arrivals: Arrivals, wait: int, seconds: float) -> None:
    """SIGKILL a moment after so many more have arrived, or when it has ended by itself."""
    before, deadline = len(arrivals.bodies), time.monotonic() + START_SECONDS
    while len(arrivals.bodies) < before + wait and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("together", [1, 7], ids=["own envelopes", "shared envelopes"])
@pytest.mark.timeout(600)
def test_killed_and_started_again_no_record_goes_twice(tmp_path: Path, together: int) -> None:
    randomness = random.Random(f"{SEED}-{together}")
    print(f"seed {SEED}, {KILLS} kills, {RECORDS} records")
    arrivals, path = Arrivals(randomness), tmp_path / "register.ndjson"
    rows = [refusable(n) if n % REFUSED_EVERY == 0 else record(n) for n in range(1, RECORDS + 1)]
    path.write_bytes(lines(*rows))
    with registries.deployed(tmp_path, reply=arrivals.reply, together=together, timeout_seconds=1, in_flight=4) as (
        deployment,
        _,
    ):
        for _ in range(KILLS):
            wait = max(1, randomness.randint(5, 60) // together)
            _kill_at_work(_command(deployment, path), arrivals, wait, randomness.uniform(0, 0.01))
        _, stderr = _command(deployment, path).communicate()
        gateway = build(deployment.settings, LaterClock())
        while gateway.sweep.once():  # what the killed ones left under way
            pass
        entries, problems = verified(gateway)
        gateway.close()
        out, _ = _command(deployment, path).communicate()
        told = [orjson.loads(line) for line in out.splitlines()]
        arrived = arrivals.by_record(deployment)

    assert b"Traceback" not in stderr
    assert problems == []
    assert entries > RECORDS
    _check(
        told, arrived, [orjson.loads(line) for line in (tmp_path / "register.refused.ndjson").read_bytes().splitlines()]
    )


def _check(told: list[dict[str, Any]], arrived: Counter[str], refused: list[dict[str, Any]]) -> None:
    *each, summary = told
    assert summary["records"] == RECORDS
    assert [one["record"] for one in each] == list(range(1, RECORDS + 1))
    assert {one["decision"] for one in each} == {"already"}
    assert max(arrived.values()) == 1, "a record arrived twice"
    ends = {one["transfer_id"]: one.get("outcome") or one.get("reason") for one in each}
    assert set(ends.values()) <= {"delivered", "rejected", "unknown", "required_missing"}
    assert arrived.keys() <= ends.keys(), "something arrived that no verdict tells of"
    came = {one for one, end in ends.items() if end in {"delivered", "rejected"}}
    assert came <= arrived.keys()
    assert all(ends[one] != "required_missing" for one in arrived)
    missed = [one["record"] for one in each if one.get("outcome") != "delivered"]
    assert [one["record"] for one in refused] == missed
    assert [one["record"] for one in refused if one.get("reason")] == [
        *range(REFUSED_EVERY, RECORDS + 1, REFUSED_EVERY)
    ]

"""A mirrored week, end to end: `gateway serve`, two processes, previews with `Gateway-Observe: 1`, `map advise`.

Random maps, random payloads with a token in every leaf, and tokens in keys. Afterwards no token, in no form and no
hash, stands in the database with its WAL, in diagnostics, metrics, or what `map advise` says; and no count is missing.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.minimise.observed import FactKind
from tests.deployment import ROOT, SERVICE_REQUEST, Deployment, Served, new_deployment, serving, transfer_body
from tests.e2e.invention import random_maps, random_payload
from tests.e2e.oracle import Tokens, hashed_in, hashes_of, tokens_in

COUNT = int(os.environ.get("GATEWAY_TEST_OBSERVED", "120"))
SEED = int(os.environ.get("GATEWAY_TEST_SEED", "20261123"))
OBSERVE = {"Gateway-Observe": "1"}


@dataclass
class Mirrored:
    """What came of a run."""

    tokens: set[str] = field(default_factory=set)
    sinks: dict[str, bytes] = field(default_factory=dict)
    advice: dict[str, Any] = field(default_factory=dict)


def run(deployment: Deployment, *words: str) -> bytes:
    """A command, as an operator gives it."""
    environ = {**os.environ, "GATEWAY_HOME": str(deployment.home)}
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", *words], cwd=ROOT, env=environ, capture_output=True, check=True
    )
    return done.stdout + done.stderr


def database(deployment: Deployment) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(deployment.home.glob("gateway.db*")))


def with_odd_keys(payload: Any, tokens: Tokens) -> Any:
    """The payload, with keys that are someone's at two places."""
    odd = {tokens.word(): tokens.word(), tokens.number(): {tokens.word(): [tokens.word()]}}
    return payload | odd if isinstance(payload, dict) else odd


def told(tree: Any) -> Iterator[str]:
    """Every key and leaf."""
    if isinstance(tree, dict):
        for key, child in tree.items():
            yield key
            yield from told(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from told(child)
    else:
        yield str(tree)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Mirrored:
    found = Mirrored()
    randomness = random.Random(SEED)
    tokens = Tokens(randomness)
    deployment = new_deployment(tmp_path_factory.mktemp("observed"))
    maps = random_maps(deployment.maps, randomness)
    deployment.make()
    bodies = []
    for _ in range(COUNT):
        made = random_payload(maps, randomness, tokens)
        payload = with_odd_keys(made.payload, tokens)
        bodies.append(transfer_body(made.recipient, made.purpose, payload, "subj_" + tokens.word()))
        found.tokens |= set().union(*(tokens_in(text.encode()) for text in told(bodies[-1])))
    with serving(deployment, workers=2) as served:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda body: served.call("POST", "/v1/preview", body, OBSERVE), bodies))
        assert {status for status, _, _ in answers} == {200}
        found.sinks["metrics"] = served.call("GET", "/metrics")[2]
        found.sinks["database, under way"] = database(deployment)
    found.sinks["diagnostics"] = served.diagnostics.read_bytes()
    found.sinks["database"] = database(deployment)
    found.sinks["advice"] = run(deployment, "map", "advise")
    found.sinks["advice, whole"] = run(deployment, "map", "advise", "--json")
    found.advice = orjson.loads(found.sinks["advice, whole"])
    print(
        f"\nobserved: seed {SEED}, {COUNT} previews, {len(found.tokens)} tokens, {len(found.sinks['database'])} bytes"
    )
    return found


def test_no_token_of_a_value_or_a_key_is_in_any_sink(mirrored: Mirrored) -> None:
    """Laws 4 and 5; T58."""
    leaks = {name: tokens_in(sink) & mirrored.tokens for name, sink in mirrored.sinks.items()}

    assert len(mirrored.tokens) > COUNT
    assert {name: found for name, found in leaks.items() if found} == {}


def test_no_hash_of_a_token_is_in_any_sink(mirrored: Mirrored) -> None:
    hashes = hashes_of(mirrored.tokens)
    leaks = {name: hashed_in(sink, hashes) for name, sink in mirrored.sinks.items()}

    assert {name: found for name, found in leaks.items() if found} == {}


def test_two_processes_lose_no_count(mirrored: Mirrored) -> None:
    """Also what was still in memory when the server ended."""
    callers = [caller for one in mirrored.advice["recipients"] for caller in one["callers"]]

    assert mirrored.advice["previews"] == COUNT
    assert sum(caller["previews"] for caller in callers) == COUNT
    assert any(caller["in_vain"] for caller in callers)


def test_the_oracle_finds_a_token_that_was_kept(mirrored: Mirrored) -> None:
    """A search that finds nothing proves nothing, unless it would have found something."""
    token = min(mirrored.tokens)

    assert tokens_in(mirrored.sinks["database"] + b"\0" + token.encode()) & mirrored.tokens == {token}


def wait_for(deployment: Deployment, kind: FactKind, count: int) -> int:
    deadline, found = time.monotonic() + 20, 0
    while found < count and time.monotonic() < deadline:
        time.sleep(0.1)
        with sqlite3.connect(f"file:{deployment.database}?mode=ro", uri=True) as connection:
            query = "SELECT COALESCE(SUM(times), 0) FROM observation WHERE fact = ?"
            found = connection.execute(query, (kind.value,)).fetchone()[0]
        connection.close()
    return found


@pytest.fixture
def serving_one(tmp_path: Path) -> Iterator[tuple[Deployment, Served]]:
    deployment = new_deployment(tmp_path)
    deployment.make()
    with serving(deployment) as served:
        yield deployment, served


def test_a_database_that_cannot_be_written_fails_no_preview_and_loses_no_count(
    serving_one: tuple[Deployment, Served],
) -> None:
    deployment, served = serving_one
    body = transfer_body("mc-primer-uk", "service_request", SERVICE_REQUEST)
    assert served.call("POST", "/v1/preview", body, OBSERVE)[0] == 200
    wait_for(deployment, FactKind.PREVIEW, 1)

    other = sqlite3.connect(deployment.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    statuses = []
    for _ in range(16):
        statuses.append(served.call("POST", "/v1/preview", body, OBSERVE)[0])
        time.sleep(0.5)
    other.execute("ROLLBACK")
    other.close()

    assert statuses == [200] * 16
    assert wait_for(deployment, FactKind.PREVIEW, 17) == 17
    assert b"observations_wait log_locked" in served.diagnostics.read_bytes()


def test_previews_without_the_header_are_not_observed(serving_one: tuple[Deployment, Served]) -> None:
    """T51."""
    deployment, served = serving_one
    body = transfer_body("mc-primer-uk", "service_request", SERVICE_REQUEST)

    for more in ({}, OBSERVE, {}):
        served.call("POST", "/v1/preview", body, more)

    assert wait_for(deployment, FactKind.PREVIEW, 1) == 1

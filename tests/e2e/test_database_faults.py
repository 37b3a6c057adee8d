"""Faults of the database: 503, nothing sent, and it recovers by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest

from tests.deployment import (
    new_deployment,
)
from tests.e2e.answers import (
    ask,
    expect_delivered,
    expect_problem,
    life,
    verified,
)
from tests.e2e.faulty import CODES, FAULTS, SAID, Faulty, bound_by_modes, running_faulty


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    with running_faulty(tmp_path_factory.mktemp("faults")) as found:
        yield found


@pytest.mark.parametrize("name", FAULTS)
def test_a_database_that_is(faulty: Faulty, name: str) -> None:
    """Law 3, T62: neither an intent nor a refusal can be written, so nothing is sent and both are told 503."""
    before = _settled(faulty)

    with FAULTS[name](faulty), ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: ask(faulty.served, one), ("mc-primer-uk", "mc-nobody")))
        alive = faulty.served.call("GET", "/healthz")[0]
        for _ in range(3):  # what reads meanwhile must not keep those who write afterwards from it
            faulty.served.call("GET", "/v1/transfers/01a204e1-34ab-764d-b516-1b31c03ed455")
    first_after = ask(faulty.served)

    for answer in answers:
        document = expect_problem(answer, 503, CODES[name])
        assert "transfer_id" not in document
        assert answer[1]["retry-after"] == "1"
    assert alive == 200
    transfer_id = expect_delivered(first_after)["transfer_id"]
    assert len(life(faulty.served, transfer_id, 2)) == 2
    assert (faulty.entries(), len(faulty.good.received)) == (before[0] + 2, before[1] + 1)
    assert [str(problem) for problem in verified(faulty.deployment).problems] == []


@pytest.mark.parametrize("name", SAID)
def test_a_gateway_is_not_ready_while_its_database_is(faulty: Faulty, name: str) -> None:
    """A failing disk is not among them: it shows only where bytes are written."""
    _settled(faulty)
    before = faulty.served.diagnostics.stat().st_size

    with FAULTS[name](faulty):
        answer = faulty.served.call("GET", "/readyz")

    assert SAID[name].encode() in faulty.served.diagnostics.read_bytes()[before:]
    document = expect_problem(answer, 503, "not_ready")
    assert document["checks"]["database"] == "failed"
    assert faulty.served.call("GET", "/readyz")[0] == 200


@pytest.mark.parametrize("name", ["read_only", "failing", "gone"])
def test_a_fault_that_lasts_leaves_no_file_open(faulty: Faulty, name: str) -> None:
    """A connection that saw the fault and lives on would hold the database as it was, and others to that."""
    _settled(faulty)

    with FAULTS[name](faulty):
        statuses = {ask(faulty.served)[0] for _ in range(20)}
    _settled(faulty)
    opened = [file for file in faulty.worker.open_files() if faulty.database.name in file.path]

    assert statuses == {503}
    assert len(opened) < 12


@pytest.mark.parametrize("name", SAID)
def test_the_diagnostics_say_to_the_operator_what_is_wrong_with_the_database(faulty: Faulty, name: str) -> None:
    """The caller is told no more than the code; a line stays JSON whoever wrote it."""
    _settled(faulty)
    before = faulty.served.diagnostics.stat().st_size

    with FAULTS[name](faulty):
        answer = ask(faulty.served)

    expect_problem(answer, 503, CODES[name])
    told = [orjson.loads(line) for line in faulty.served.diagnostics.read_bytes()[before:].splitlines()]
    assert f"the transfer log is not available: {SAID[name]}" in [line["event"] for line in told]
    assert SAID[name].encode() not in answer[2]


@pytest.mark.parametrize("name", FAULTS)
def test_an_outcome_that_cannot_be_written_waits_until_it_can(faulty: Faulty, name: str) -> None:
    """The database fails when the recipient already has it: the caller is answered, and the outcome is not lost."""
    _settled(faulty)
    with ExitStack() as fault:
        faulty.on_arrival.append(lambda: fault.enter_context(FAULTS[name](faulty)))
        transfer_id = expect_delivered(ask(faulty.served))["transfer_id"]
        time.sleep(0.3)

    entries = life(faulty.served, transfer_id, 2)

    assert [(entry["kind"], entry.get("outcome")) for entry in entries] == [("intent", None), ("outcome", "delivered")]


def _settled(faulty: Faulty) -> tuple[int, int]:
    """Entries and arrivals, after a transfer whose outcome is written."""
    transfer_id = expect_delivered(ask(faulty.served))["transfer_id"]
    life(faulty.served, transfer_id, 2)
    return faulty.entries(), len(faulty.good.received)


def test_a_database_that_is_read_only_at_the_start_stops_it(tmp_path: Path) -> None:
    """Law 10."""
    deployment = new_deployment(tmp_path)
    deployment.make()
    deployment.database.chmod(0o444)

    ran = subprocess.run(
        [*bound_by_modes(), sys.executable, "-m", "gateway.cli", "serve", "--port", "1"],
        env={**os.environ, "GATEWAY_HOME": str(deployment.home)},
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert ran.returncode == 1
    assert "the database file cannot be made or opened there" in ran.stderr.decode()

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gateway.model import (
    Attempted,
    Declined,
    OutcomeCode,
    Refused,
    RefusedReason,
    Repeated,
    Sent,
    Standing,
    TransferId,
)
from gateway.web.metrics import Metrics
from tests.unit.web.served import ASKED, Served, post
from tests.values import admitted, receipt, recorded, snapshot


def exposition_of(served: Served) -> str:
    return served.ask().get("/metrics").get_data(as_text=True)


def test_a_transfer_is_counted_by_caller_recipient_purpose_and_outcome() -> None:
    metrics = Metrics(snapshot())

    metrics.attempted(Attempted(recorded(), Sent(OutcomeCode.DELIVERED)), 0.03)

    told = metrics.exposition().decode()
    labels = 'caller="backend",outcome="delivered",purpose="service_request",recipient="mc-primer-uk"'
    assert f"gateway_transfers_total{{{labels}}} 1.0" in told
    assert 'gateway_transfer_seconds_bucket{le="0.05",purpose="service_request",recipient="mc-primer-uk"} 1.0' in told


def test_a_name_that_no_map_knows_is_counted_as_other() -> None:
    """T87."""
    metrics = Metrics(snapshot())
    refused = Refused(
        admitted=admitted(recipient="87000000123", purpose="canary"),
        reason=RefusedReason.UNKNOWN_RECIPIENT,
        alarms=("disability",),
    )

    metrics.declined(Declined(refused, receipt()))

    told = metrics.exposition().decode()
    labels = 'caller="backend",purpose="other",reason="unknown_recipient",recipient="other"'
    assert f"gateway_refusals_total{{{labels}}} 1.0" in told
    assert 'gateway_alarms_total{caller="backend",group="disability"} 1.0' in told
    assert "87000000123" not in told


def test_a_repeat_is_counted_by_how_its_transfer_stands() -> None:
    metrics = Metrics(snapshot())

    metrics.repeated(Repeated(admitted(), TransferId("t-1"), 0, Standing.UNDER_WAY))

    assert 'gateway_repeats_total{caller="backend",standing="under_way"} 1.0' in metrics.exposition().decode()


def test_a_request_that_never_became_a_transfer_is_counted_by_its_code() -> None:
    served = Served()
    client = served.ask()

    client.post("/v1/transfers", data=b"{}", headers={"Gateway-Token": "wrong"})
    client.get("/nowhere")

    told = client.get("/metrics").get_data(as_text=True)
    assert 'gateway_admission_errors_total{code="unauthenticated"} 1.0' in told
    assert "nowhere" not in told


def test_the_processes_of_one_server_are_scraped_as_one(tmp_path: Path) -> None:
    """The library decides when it is imported, so the folder must stand in the environment of new processes."""
    count = (
        "import os, sys; from gateway.web.metrics import Metrics; from tests.values import snapshot\n"
        "child = os.fork(); metrics = Metrics(snapshot()); metrics.admission_error('unauthenticated')\n"
        "child or os._exit(0); os.waitpid(child, 0); sys.stdout.buffer.write(metrics.exposition())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}

    told = subprocess.run([sys.executable, "-c", count], env=environment, capture_output=True, check=True).stdout

    assert b'gateway_admission_errors_total{code="unauthenticated"} 2.0' in told


def test_every_series_is_named_for_the_gateway() -> None:
    served = Served()
    post(served, {**ASKED, "recipient": "nobody"})

    names = [line.split()[2] for line in exposition_of(served).splitlines() if line.startswith("# TYPE")]

    assert names
    assert all(name.startswith("gateway_") for name in names)

"""A disk without room: ENOSPC itself, told as such, and it recovers by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from tests.deployment import (
    ROOT,
    Deployment,
    Served,
    new_deployment,
    serving,
)
from tests.e2e.answers import (
    Answer,
    ask,
    expect_delivered,
    expect_problem,
    life,
)
from tests.e2e.faulty import FAULTS
from tests.recipients import Authority, RecordingRecipient

GRANT = "mc-primer-uk:service_request"


def test_a_disk_without_room(tmp_path: Path) -> None:
    """ENOSPC itself, on a disk of the server's own; where none may be mounted, the tests of storage stand alone."""
    disk = tmp_path / "disk"
    disk.mkdir()
    small = ("unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size=2m none "{disk}" && exec "$@"', "sh")
    if subprocess.run([*small, "true"], capture_output=True, check=False).returncode != 0:
        print("no disk may be mounted here: storage's test of a full database and `failing` above stand in")
        assert "failing" in FAULTS
        return
    authority = Authority(tmp_path)
    deployment = new_deployment(tmp_path / "d", GATEWAY_DATABASE_URL=f"sqlite:///{disk}/gateway.db")
    with RecordingRecipient(authority) as good:
        deployment.point("mc-primer-uk", good.base_url, authority.ca_file)
        deployment.make()
        (disk / "gateway.db").unlink()
        with serving(deployment, under=small) as served:
            there = ("nsenter", "--mount", "--target", str(served.process.pid))
            served.token = str(_gateway(deployment, "caller", "add", "one", "--grant", GRANT, under=there)["token"])
            transfer_id = expect_delivered(_when_known(served))["transfer_id"]
            life(served, transfer_id, 2)
            filler = Path(f"/proc/{served.process.pid}/root{disk}/filler")

            _fill(filler)
            during = ask(served)
            filler.unlink()
            after = ask(served)

            expect_problem(during, 503, "log_full")
            assert b"the database or its disk is full" in served.diagnostics.read_bytes()
            life(served, expect_delivered(after)["transfer_id"], 2)
            assert len(good.received) == 2
            assert _gateway(deployment, "log", "verify", under=there)["verified"] is True


def _gateway(deployment: Deployment, *words: str, under: Sequence[str] = ()) -> dict[str, object]:
    ran = subprocess.run(
        [*under, sys.executable, "-m", "gateway.cli", *words, "--json"],
        env={**os.environ, **deployment.environ, "GATEWAY_HOME": str(deployment.home)},
        capture_output=True,
        check=True,
        timeout=30,
        cwd=ROOT,
    )
    told: dict[str, object] = orjson.loads(ran.stdout)
    return told


def _when_known(served: Served) -> Answer:
    deadline = time.monotonic() + 3
    while (answer := ask(served))[0] == 401 and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        for size in (65_536, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))

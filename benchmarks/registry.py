"""What a record of a registry costs against a single transfer: in an envelope of its own, and in shared ones.

One gateway under its real server, one recipient over TLS, the standard payload. Rounds take turns: single transfers to
`/v1/transfers` over 32 connections, and registries to `/v1/batches`; CPU of the gateway's whole process tree, and the
median of the rounds' own ratios. What arrived is counted, and every verdict must say delivered. Ends with 1 where a
record costs more than is demanded, and on anything that went wrong.

    python -m benchmarks.registry
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from benchmarks import payload
from benchmarks.load import Figures as LoadFigures
from benchmarks.ours import WORKERS, make_home
from benchmarks.processes import (
    StartFailed,
    cpu_seconds,
    environment,
    finished,
    free_port,
    python,
    read_line,
    started,
    wait_for_port,
)
from benchmarks.setting import CheckFailed, Setting, setting

OWN_LIMIT, SHARED_LIMIT = 0.35, 0.12
TOGETHER = 100
SHARED = "bench-shared-test"
_CONNECTIONS, _THREADS, _WARMUP, _SETTLE_SECONDS = 32, 16, 64, 0.3
_COMMAND = ("-m", "gateway.cli")


@dataclass(frozen=True, slots=True)
class Running:
    """The gateway of a run."""

    where: Setting
    pid: int
    port: int
    token: str


@contextlib.contextmanager
def running(where: Setting) -> Iterator[Running]:
    """A gateway whose one recipient takes records one by one, and whose other takes many in an envelope."""
    home, token = make_home(where)
    recipients = where.folder / "purpose_maps" / "recipients"
    shared = orjson.loads((recipients / f"{payload.RECIPIENT}.yaml").read_bytes()) | {"id": SHARED}
    shared["purposes"][payload.PURPOSE]["records_per_envelope"] = TOGETHER
    (recipients / f"{SHARED}.yaml").write_bytes(orjson.dumps(shared))
    grant = python(*_COMMAND, "caller", "grant", "orders", f"{SHARED}:{payload.PURPOSE}")
    finished(grant, env=environment(GATEWAY_HOME=str(home)))
    log, port = where.folder / "gateway.log", free_port()
    words = ("serve", "--port", str(port), "--workers", str(WORKERS), "--threads", str(_THREADS))
    with started(python(*_COMMAND, *words), log, env=environment(GATEWAY_HOME=str(home))) as process:
        wait_for_port(port, process, log)
        yield Running(where, process.pid, port, token)


def register(records: int) -> bytes:
    """The standard payload, so many times, each about someone else."""
    line = orjson.dumps({"resident": f"usr_{payload.NUMBER}", **payload.PAYLOAD}) + b"\n"
    return b"".join(line.replace(payload.NUMBER.encode(), b"%06d" % number) for number in range(records))


def singles(gateway: Running, requests: int) -> float:
    """CPU µs of one single transfer."""
    request_file, log = gateway.where.folder / "single.http", gateway.where.folder / "load.log"
    request_file.write_bytes(payload.transfer(gateway.token).on_the_wire(gateway.port))
    command = python("-m", "benchmarks.load", str(gateway.port), str(request_file))
    command += ["--connections", str(_CONNECTIONS), "--warmup", str(_WARMUP), "--requests", str(requests)]
    with started([*command, "--first", "1"], log, piped=True) as process:
        read_line(process, log)
        time.sleep(_SETTLE_SECONDS)
        before = cpu_seconds(gateway.pid)
        if process.stdin is not None:
            process.stdin.write("go\n")
            process.stdin.flush()
        LoadFigures(**orjson.loads(read_line(process, log)))
    time.sleep(_SETTLE_SECONDS)
    return 1e6 * (cpu_seconds(gateway.pid) - before) / requests


def records(gateway: Running, recipient: str, body: bytes, count: int, batch: str) -> float:
    """CPU µs of one record of a registry. Raises CheckFailed unless every one was delivered."""
    headers = {
        "Gateway-Token": gateway.token,
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": batch,
        "Gateway-Recipient": recipient,
        "Gateway-Purpose": payload.PURPOSE,
        "Gateway-Subject-Field": "resident",
        "Gateway-Basis": "; ".join(f"{name}={text}" for name, text in payload.BASIS.items()),
    }
    arrived = gateway.where.counts().requests
    before = cpu_seconds(gateway.pid)
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=120)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/batches", body, headers)
        *_, last = connection.getresponse().read().splitlines()
    time.sleep(_SETTLE_SECONDS)
    cpu = cpu_seconds(gateway.pid) - before
    arrived = gateway.where.counts().requests - arrived
    told = orjson.loads(last)
    if told.get("delivered") != count or told.get("ended") != "whole":
        raise CheckFailed(f"{recipient}: {last.decode()}")
    if not count // TOGETHER <= arrived <= (count if recipient != SHARED else count // 4):
        raise CheckFailed(f"{recipient}: {arrived} requests for {count} records")
    return 1e6 * cpu / count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=3_000)
    asked = parser.parse_args()
    body = register(asked.records)
    costs: dict[str, list[float]] = {"single": [], payload.RECIPIENT: [], SHARED: []}
    try:
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-registry-")))
            gateway = stack.enter_context(running(stack.enter_context(setting(folder))))
            for number in range(asked.rounds):
                costs["single"].append(singles(gateway, asked.records // 2))
                for recipient in (payload.RECIPIENT, SHARED):
                    costs[recipient].append(records(gateway, recipient, body, asked.records, f"round-{number}"))
                print(" ".join(f"{one} {told[-1]:,.0f} µs" for one, told in costs.items()), file=sys.stderr)
    except (CheckFailed, StartFailed) as error:
        print(f"bench failed: {error}", file=sys.stderr)
        return 1
    return _report(costs)


def _report(costs: dict[str, list[float]]) -> int:
    print(f"single transfer {statistics.median(costs['single']):,.0f} µs of CPU; load {os.getloadavg()[0]:.1f}")
    held = []
    for recipient, title, limit in (
        (payload.RECIPIENT, "a record in an envelope of its own", OWN_LIMIT),
        (SHARED, f"a record in an envelope of {TOGETHER}", SHARED_LIMIT),
    ):
        ratio = statistics.median(one / single for one, single in zip(costs[recipient], costs["single"], strict=True))
        held.append(ratio <= limit)
        cost = statistics.median(costs[recipient])
        print(f"{'holds' if held[-1] else 'FAILS'}  {title}: {cost:,.0f} µs, {ratio:.2f} of it (at most {limit})")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

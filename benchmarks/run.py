"""`make bench`: our gateway and a naive one, side by side in one run, the same work, and what must hold.

Starts a recipient and both gateways on the loopback, checks that exactly the expected fields arrive, then measures in
rounds that take turns (naive, ours, naive, ours ...). Ends with 1 on a failed demand, on any answer that is not 2xx,
and on anything else that went wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import TypeAlias

import orjson

from benchmarks import payload
from benchmarks.figures import Figures, Sample, demands, figures, proxy_demands, ratios, table
from benchmarks.load import Figures as LoadFigures
from benchmarks.ours import ours
from benchmarks.processes import StartFailed, cpu_seconds, python, read_line, started
from benchmarks.setting import CheckFailed, Gateway, Setting, check, check_newest, setting
from benchmarks.theirs import naive

CONNECTIONS = 32
_LIMIT_SECONDS = 600
Maker: TypeAlias = Callable[[Setting], AbstractContextManager[tuple[Gateway, ...]]]
_SETTLE_SECONDS = 0.2  # the last outcomes join a group within 50 ms; their cost belongs to the transfers measured


@dataclass(frozen=True, slots=True)
class Asked:
    """How much to run."""

    rounds: int
    requests: int
    singles: int
    warmup: int


class Run:
    """One run over a setting: measures gateways, and says on standard error what it does."""

    def __init__(self, where: Setting, asked: Asked) -> None:
        self._where = where
        self._asked = asked
        self._number = 1

    def sample(self, gateway: Gateway) -> Sample:
        """One round of one gateway."""
        request_file = self._where.folder / f"{gateway.name}.http"
        request_file.write_bytes(gateway.asked.on_the_wire(gateway.port))
        before = self._where.counts()
        commits = cpu = 0.0

        def begin() -> None:
            nonlocal commits, cpu
            time.sleep(_SETTLE_SECONDS)
            commits, cpu = gateway.commits(), cpu_seconds(gateway.pid)

        loaded = self._load(request_file, gateway.port, CONNECTIONS, self._asked.requests, begin=begin)
        time.sleep(_SETTLE_SECONDS)
        cpu, commits = cpu_seconds(gateway.pid) - cpu, gateway.commits() - commits
        after = self._where.counts()
        sent = after.requests - before.requests
        if sent != self._asked.requests + self._asked.warmup:
            raise CheckFailed(f"{gateway.name}: {sent} requests reached the recipient, not one for each transfer")
        check_newest(gateway, self._where)
        single = self._load(request_file, gateway.port, 1, self._asked.singles)
        return Sample(
            transfers=loaded.requests,
            sent=sent,
            cpu_seconds=cpu,
            seconds=loaded.seconds,
            p50_ms=loaded.p50_ms,
            p99_ms=loaded.p99_ms,
            commits=int(commits),
            handshakes=after.handshakes - before.handshakes,
            single_p50_ms=single.p50_ms,
            single_p99_ms=single.p99_ms,
        )

    def direct(self) -> tuple[float, float]:
        """p50 and p99, in ms, of calls straight to the recipient on one connection."""
        request_file = self._where.folder / "direct.http"
        request_file.write_bytes(payload.direct().on_the_wire(self._where.port))
        loaded = self._load(request_file, self._where.port, 1, self._asked.singles, ca_file=self._where.ca_file)
        return loaded.p50_ms, loaded.p99_ms

    def _load(
        self,
        request_file: pathlib.Path,
        port: int,
        connections: int,
        requests: int,
        *,
        begin: Callable[[], None] | None = None,
        ca_file: pathlib.Path | None = None,
    ) -> LoadFigures:
        warmup = self._asked.warmup if connections > 1 else 10
        log = self._where.folder / "load.log"
        command = python("-m", "benchmarks.load", str(port), str(request_file), "--connections", str(connections))
        command += ["--warmup", str(warmup), "--requests", str(requests), "--first", str(self._number)]
        command += ["--ca", str(ca_file)] if ca_file else []
        self._number += warmup + requests
        with started(command, log, piped=True) as process:
            read_line(process, log)
            if begin is not None:
                begin()
            if process.stdin is not None:
                process.stdin.write("go\n")
                process.stdin.flush()
            return LoadFigures(**orjson.loads(read_line(process, log)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000, help="per gateway and round")
    parser.add_argument("--threads", type=int, default=16, help="of our gateway, per process")
    parser.add_argument("--quick", action="store_true", help="one short round, for the tests")
    parser.add_argument("--only", choices=["naive", "ours"], help="measure one gateway; no ratios, no demands")
    parser.add_argument(
        "--naive-commits", type=int, choices=[1, 2], default=1, help="2: it records outcomes too, as we do"
    )
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    asked = Asked(1, 300, 20, 64) if options.quick else Asked(options.rounds, options.requests, 200, 128)
    makers: dict[str, Maker] = {
        "naive": lambda where: naive(where, record_outcomes=options.naive_commits == 2),  # noqa: PLR2004
        "ours": lambda where: ours(where, threads=options.threads),
    }
    if options.only:
        makers = {options.only: makers[options.only]}
    for sign in (signal.SIGTERM, signal.SIGALRM):  # end like any failure, so that every process of the run is ended
        signal.signal(sign, lambda *_: sys.exit("bench failed: stopped from outside, or over its time"))
    signal.alarm(_LIMIT_SECONDS)
    try:
        return _measure(makers, asked, as_json=options.as_json)
    except (CheckFailed, StartFailed) as error:
        print(f"bench failed: {error}", file=sys.stderr)
        return 1


def _measure(makers: dict[str, Maker], asked: Asked, *, as_json: bool) -> int:
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-bench-")))
        where = stack.enter_context(setting(folder))
        gateways = [gateway for make in makers.values() for gateway in stack.enter_context(make(where))]
        for gateway in gateways:
            _say(f"{gateway.name}: opens, holds exactly what it should ({check(gateway, where)} bytes on the wire)")
        run = Run(where, asked)
        samples: dict[str, list[Sample]] = {gateway.name: [] for gateway in gateways}
        direct: list[tuple[float, float]] = []
        for number in range(asked.rounds):
            direct.append(run.direct())
            for gateway in gateways:
                sample = run.sample(gateway)
                samples[gateway.name].append(sample)
                cpu = 1e6 * sample.cpu_seconds / sample.transfers
                _say(f"round {number + 1}: {gateway.name} {cpu:,.0f} µs, {sample.transfers / sample.seconds:,.0f}/s")
        threads = {gateway.name: gateway.threads for gateway in gateways}
    return _report(samples, direct, threads, as_json=as_json)


def _report(
    samples: dict[str, list[Sample]], direct: list[tuple[float, float]], threads: dict[str, int], *, as_json: bool
) -> int:
    of: dict[str, Figures] = {name: figures(taken, direct) for name, taken in samples.items()}
    both = {"ours", "naive"} <= samples.keys()
    ratio = ratios(samples["ours"], samples["naive"]) if both else {}
    held = demands(of["ours"], ratio, threads["ours"]) if both else []
    held += proxy_demands(ratios(samples["proxy"], samples["ours"])) if "proxy" in samples else []
    if as_json:
        document = {
            "figures": {name: asdict(value) for name, value in of.items()},
            "ratios": ratio,
            "demands": [{**asdict(demand), "holds": demand.holds} for demand in held],
            "direct_ms": direct,
            "threads": threads,
            "rounds": {name: [asdict(sample) for sample in taken] for name, taken in samples.items()},
        }
        print(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        print(table(of, ratio, held))
    return 0 if all(demand.holds for demand in held) else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`make bulk N=1000000 SEED=7`: a registry of so many residents, made as it is read, through the whole path.

Prints progress, rate and how much the process grew; says at the start which seed and bound it runs with. Ends with 1
where a record was lost or came twice, where memory grew with the registry, or where the log does not verify.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from tests import registries
from tests.recipients import ScriptedRecipient, Visit
from tests.registries import lines, record, refusable, verified

GROWTH_MIB = 96
BAD_IN_A_HUNDRED = 2
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
_STEP = 20_000


def _rss() -> float:
    return float(psutil.Process().memory_info().rss) / (1 << 20)


def _register(count: int, randomness: random.Random, bad: Counter[str]) -> Callable[[int], bytes]:
    """A stream of so many records, a few of them bad, made as they are read."""

    def pieces() -> Iterator[bytes]:
        for number in range(1, count + 1):
            mood = randomness.random() * 100
            if mood < BAD_IN_A_HUNDRED / 2:
                bad["unreadable"] += 1
                yield b"{\n"
            elif mood < BAD_IN_A_HUNDRED:
                bad["refused"] += 1
                yield lines(refusable(number))
            else:
                yield lines(record(number))

    made = pieces()
    return lambda _: next(made, b"")


def _quietly(visit: Visit) -> None:
    """Take what comes and keep none of it."""
    while visit.read_request() is not None:
        visit.send(_OK)


def run(count: int, seed: int, together: int) -> list[str]:
    """What went wrong, nothing where all is well."""
    bad: Counter[str] = Counter()
    problems: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="gateway-bulk-") as name,
        registries.setting(
            Path(name), together=together, recipient_of=lambda context: ScriptedRecipient(_quietly, context)
        ) as made,
    ):
        made.quota = 600
        begun = made.begin(_register(count, random.Random(seed), bad))
        began, before, last = time.monotonic(), _rss(), 0
        for verdict in begun.run.verdicts(begun.rows):
            if verdict["record"] != last + 1:
                problems.append(f"record {verdict['record']} came after {last}")
            last = verdict["record"]
            if last == _STEP // 4:
                before = _rss()  # what is kept for good has been made
            if last % _STEP == 0:
                rate = last / (time.monotonic() - began)
                left = (count - last) / rate
                print(f"{last:,} records, {rate:,.0f}/s, {left:,.0f} s left, {_rss():,.0f} MiB", flush=True)
        grown, summary = _rss() - before, begun.run.summary()
        print(f"{summary}, grown by {grown:.0f} MiB")
        expected = {"refused": bad["refused"], "unreadable": bad["unreadable"]}
        expected["delivered"] = count - sum(expected.values())
        problems += [
            f"{word}: {summary.get(word, 0)}, not {n}" for word, n in expected.items() if summary.get(word, 0) != n
        ]
        if grown > GROWTH_MIB:
            problems.append(f"memory grew by {grown:.0f} MiB")
        problems += verified(made.gateway)[1]
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--together", type=int, default=100)
    asked = parser.parse_args()
    print(
        f"seed {asked.seed}, {asked.count:,} records, {asked.together} in an envelope; bound {GROWTH_MIB} MiB", end="; "
    )
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    problems = run(asked.count, asked.seed, asked.together)
    print("\n".join(problems) or "every record once, each in the log, memory constant")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

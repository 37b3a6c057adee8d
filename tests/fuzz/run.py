"""Cases by the thousand: `python -m tests.fuzz.run --count 1000000 --seed 7`, over all cores.

Each world is a gateway of its own with random maps; a process takes one world after another. What it prints of a find
is enough to see it again: `--seed` and the name of the case.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.fuzz.cases import PREVIEW, make_case
from tests.fuzz.trials import world
from tests.fuzz.verdict import faults, leaks, sunk

CASES_PER_WORLD = 2_000
WORLDS_PER_PROCESS = 8
SHOWN_MOST = 20
LOOKED_BACK = 10  # of so many cases, the life of one is asked for


@dataclass
class Harvest:
    """What so many cases came to."""

    count: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    arrived: int = 0  # requests that reached a recipient
    leaves: int = 0  # released values that were compared
    faults: list[str] = field(default_factory=list)

    def add(self, other: Harvest) -> None:
        """Take another harvest in."""
        self.count += other.count
        self.arrived += other.arrived
        self.leaves += other.leaves
        self.ended += other.ended
        self.ways += other.ways
        self.faults += other.faults

    def __str__(self) -> str:
        ends = ", ".join(f"{code} {number}" for code, number in self.ended.most_common())
        return f"{self.count} cases, {self.arrived} requests arrived, {self.leaves} released values compared ({ends})"

    def bound(self) -> str:
        """What the count allows to say: the rule of three."""
        if self.faults:
            return f"{len(self.faults)} faults in {self.count} cases"
        share = 3 / max(1, self.count)
        return f"0 withheld canaries, 0 released values altered: fewer than {share:.3g} of cases leak or alter (95 %)"


def harvest(seed: str, count: int, first: int = 0) -> Harvest:
    """The cases of one world."""
    found = Harvest()
    with world(seed) as made:
        for number in range(first, first + count):
            case = make_case(made.services, seed, number, made.deployment.token)
            happened = made.happen(case)
            found.faults += [f"{case!r}: {fault}" for fault in faults(case, happened, made.private_key)]
            if number % LOOKED_BACK == 0:
                found.faults += [f"{case!r}: in its life: {leak}" for leak in leaks(made.life(happened))]
            found.count += 1
            found.arrived += len(happened.arrived)
            found.leaves += sum(map(len, case.wanted.values())) if happened.arrived or case.way_in == PREVIEW else 0
            found.ended[case.code or "sent"] += 1
            found.ways[f"{case.service.design} by {case.way_in}"] += 1
        made.close()
        found.faults += [f"world {seed}: {fault}" for fault in sunk(made.sinks)]
    return found


def harvests(seed: int, count: int, processes: int) -> Iterator[Harvest]:
    """The harvests of as many worlds as so many cases need, as they come."""
    sizes = [min(CASES_PER_WORLD, count - done) for done in range(0, count, CASES_PER_WORLD)]
    worlds = [(f"{seed}.{number}", size) for number, size in enumerate(sizes)]
    # Not an executor: one that renews its processes can stop for ever (CPython gh-115634).
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=WORLDS_PER_PROCESS) as pool:
        yield from pool.imap_unordered(_harvest, worlds)


def _harvest(asked: tuple[str, int]) -> Harvest:
    return harvest(*asked)


def main() -> int:
    """Run, tell of the progress, and end with 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--case", help="one case again, as a find names it: WORLD NUMBER", nargs=2)
    asked = parser.parse_args()
    total, began = Harvest(), time.monotonic()
    if asked.case:
        total = harvest(asked.case[0], 1, int(asked.case[1]))
        print(*total.faults or ["nothing was found"], sep="\n")
        return bool(total.faults)
    for one in harvests(asked.seed, asked.count, asked.processes):
        total.add(one)
        seconds = time.monotonic() - began
        print(
            f"{total.count:>9} of {asked.count}  {total.count / seconds:5.0f} cases/s  {len(total.faults)} faults",
            flush=True,
        )
        print(*one.faults[:SHOWN_MOST], sep="\n", end="\n" * bool(one.faults), flush=True)
    print(f"seed {asked.seed}: {total}", f"bound: {total.bound()}", sep="\n")
    return bool(total.faults)


if __name__ == "__main__":
    sys.exit(main())

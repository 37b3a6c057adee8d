"""The benchmarks run, and what does not depend on the machine's mood holds in their shortest run."""

from __future__ import annotations

import subprocess
import sys

import orjson

from benchmarks import shape
from tests.deployment import ROOT


def test_the_short_run_measures_both_gateways_and_both_routes() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        timeout=300,
        check=False,
    )

    told = orjson.loads(ran.stdout)
    demands = {one["name"]: one for one in told["demands"]}
    assert told["figures"].keys() == {"naive", "ours", "proxy"}
    assert all(one["transfers"] == 300 and one["cpu_us"] > 0 for one in told["figures"].values())
    assert demands["commits per 1,000 transfers"]["holds"]
    assert demands["handshakes per 1,000 transfers"]["holds"]
    assert len(demands) == 4
    assert ran.returncode == (0 if all(one["holds"] for one in demands.values()) else 1)


def test_a_shape_that_releases_the_same_is_what_is_measured() -> None:
    maps, payloads = shape.compiled(), shape.bodies()

    best = shape.measure(maps, payloads, passes=2, times=20)

    assert shape.same_released(maps, payloads)
    assert all(0 < one < 10_000 for one in best.values())

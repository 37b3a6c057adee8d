"""The compiled maps mean what the design says: random maps, each with a payload in one of the content types.

T4, T9, T11, T12, T16, T17, T18: a slow, independent reading of the design (`meaning`) says what may leave and why the
rest stays. The payload goes in as bytes; what leaves is read back with the standard library.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Any

import pytest

from gateway.formats import read
from gateway.minimise import compile_projection
from gateway.model import Projection, SubjectId, Whose
from tests.properties.bodies import comma_columns, read_back, respelled, spelled
from tests.properties.meaning import Reading
from tests.properties.random_maps import SUBJECT
from tests.properties.random_payloads import random_case

SEED = os.environ.get("GATEWAY_TEST_SEED", "1")
MAPS = int(os.environ.get("GATEWAY_TEST_MAPS", "20000"))
SHARES = 8  # of the maps, so that two processes have something to do
WHOSE = Whose(SubjectId(SUBJECT), lambda: "prs-1")


def conceal(name: str) -> str:
    return f"~{name.encode().hex()}"


def kinds(node: Any) -> Any:
    """A tree in which a number is another thing than its digits."""
    if isinstance(node, dict):
        return {key: kinds(child) for key, child in node.items()}
    if isinstance(node, list):
        return [kinds(child) for child in node]
    return (type(node).__name__, node)


def order(node: Any) -> Any:
    """The keys of a tree as they stand."""
    if isinstance(node, dict):
        return [(key, order(child)) for key, child in node.items()]
    return [order(child) for child in node] if isinstance(node, list) else None


def compiled(made: Projection) -> dict[str, Any]:
    """What the gateway made, in the words of a `Reading`."""
    assert len({one.path for one in made.released}) == len(made.released)
    assert len(set(made.withheld)) == len(made.withheld)
    return {
        "data": kinds(made.data),
        "order": order(made.data),
        "released": {(one.path, one.rule) for one in made.released},
        "withheld": {(one.path, one.reason) for one in made.withheld},
        "failures": {(one.path, one.reason) for one in made.failures},
        "out_of_scope": made.out_of_scope,
        "alarms": set(made.alarms),
        "forbidden": set(made.forbidden),
    }


def as_read(reading: Reading) -> dict[str, Any]:
    names = ("released", "withheld", "failures", "out_of_scope", "alarms", "forbidden")
    whole = {"data": kinds(reading.data), "order": order(reading.data)}
    return whole | {name: getattr(reading, name) for name in names}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", range(SHARES))
def test_the_compiled_map_and_a_slow_reading_of_the_design_agree(share: int) -> None:
    seen: Counter[str] = Counter()
    for number in range(share, MAPS, SHARES):
        case = random_case(random.Random(f"{SEED}-{number}"))
        body = spelled(case.content_type, case.payload)
        commas = comma_columns(case.content_type, case.payload)
        payload = respelled(case.payload, commas, ",", ".")
        expected = Reading(case.plan, payload, conceal, WHOSE)

        document = read(case.content_type, body)
        made = compile_projection(case.plan)(document.tree, conceal, WHOSE)
        arrived = read_back(document.media_type, document.write(made.data)) if made.data else {}

        told = f"\nGATEWAY_TEST_SEED={SEED}, case {number} of {case.content_type}\n{case}\n"
        assert kinds(document.tree) == kinds(payload), told
        assert compiled(made) == as_read(expected), f"{told}read: {as_read(expected)}\nmade: {compiled(made)}"
        leaves = respelled(expected.data, commas, ".", ",") if expected.data else {}
        assert kinds(arrived) == kinds(leaves), f"{told}arrived: {arrived}\nread: {expected.data}"
        seen.update([case.content_type.partition(";")[0], *(f"as {one.rule}" for one in made.released)])
        seen.update(str(one.reason) for one in made.withheld)
        seen.update(str(one.reason) for one in made.failures)
        seen["out_of_scope"] += made.out_of_scope
    print(f"GATEWAY_TEST_SEED={SEED}, share {share + 1} of {SHARES} of {MAPS} maps: {dict(sorted(seen.items()))}")

"""The canary oracle over every content type, location, way in, answer and error path (T22, T23, T33, T45, T58)."""

from __future__ import annotations

import os

import pytest

from tests.e2e.oracle import hashed_in, hashes_of
from tests.fuzz.cases import PREVIEW, make_case
from tests.fuzz.run import harvest
from tests.fuzz.trials import world
from tests.fuzz.worlds import DESIGNS

COUNT = int(os.environ.get("GATEWAY_TEST_CASES", "2000"))
SEED = int(os.environ.get("GATEWAY_TEST_SEED", "20261122"))
WORLDS = 4


@pytest.mark.parametrize("number", range(WORLDS))
def test_what_no_map_names_is_nowhere_and_what_is_released_arrives_as_it_was(number: int) -> None:
    """T22, T23, T33: a find names its case, and `python -m tests.fuzz.run --case WORLD NUMBER` shows it again."""
    found = harvest(f"{SEED}.{number}", COUNT // WORLDS)
    print(f"\nseed {SEED}, world {number + 1} of {WORLDS}: {found}")
    print(f"bound: with 0 faults in all {COUNT} cases, fewer than {3 / COUNT:.2%} leak or alter (95 %)")
    ways = {(design, way) for design, _, way in (key.partition(" by ") for key in found.ways)}

    assert found.faults == []
    # A gateway that refuses everything would pass that; so would one that is asked in one way only.
    assert found.count == COUNT // WORLDS
    assert found.arrived >= found.count // 3
    assert found.leaves >= 3 * found.count
    assert {design for design, _ in ways} == set(DESIGNS)
    assert {way for _, way in ways} == {"proxy", "stated", PREVIEW}
    assert found.ended.keys() >= {"sent", "required_missing", "required_invalid", "malformed_request"}


def test_no_hash_of_a_value_is_left_behind() -> None:
    """T58: a hash of a phone number is still personal. The database and the diagnostics, of a small world."""
    came: set[str] = set()
    with world(f"{SEED}.hashes") as made:
        for number in range(60):
            case = make_case(made.services, f"{SEED}.hashes", number, made.deployment.token)
            made.happen(case)
            came |= case.came()
        made.close()
    hashes = hashes_of(came)

    assert {name: hashed_in(sink, hashes) for name, sink in made.sinks.items() if name != "database"} == {
        "database, closed": set(),
        "diagnostics": set(),
        "metrics": set(),
    }


def test_a_case_follows_from_its_seed_and_number() -> None:
    with world("again") as one, world("again") as other:
        first = make_case(one.services, "again", 7, "token")
        second = make_case(other.services, "again", 7, "token")

        happened = one.happen(first)

    assert (first.path, first.query, first.headers, first.body) == (
        second.path,
        second.query,
        second.headers,
        second.body,
    )
    assert first.answer == second.answer
    assert happened.status == 401  # its token is none
    assert happened.arrived == []

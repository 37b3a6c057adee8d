"""Random Unicode against the scrub, shortly; `make fuzz-text N=100000 SEED=7` does it at length (T13)."""

from __future__ import annotations

import os

import pytest

from gateway.minimise.text import Scrubbed
from tests.text.fuzz import Growth, fault, faults, growths, keywords, string
from tests.text.measure import Judge

COUNT = int(os.environ.get("GATEWAY_TEST_STRINGS", "4000"))
SEED = int(os.environ.get("GATEWAY_TEST_SEED", "20261123"))


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def test_no_string_crashes_the_scrub_and_nothing_outside_findings_is_altered(judge: Judge) -> None:
    print(f"\nseed {SEED}: {COUNT} strings")

    assert list(faults(judge, SEED, COUNT)) == []


def test_time_is_linear_in_the_length_of_what_takes_longest(judge: Judge) -> None:
    grown = list(growths(judge, SEED, count=60, slowest=3))
    print(f"\nseed {SEED}: longest {max(grown, key=lambda growth: growth.seconds[-1])}")

    assert [str(growth) for growth in grown if not growth.linear] == []
    assert len({growth.recogniser for growth in grown}) == len(judge.recognisers) + 2


def test_a_scrub_that_alters_or_falls_is_seen() -> None:
    judge = Judge()
    outcomes = []
    for broken in (str.upper, str.strip, lambda text: text[:-1] + "ё"):
        judge.scrub = lambda text, broken=broken: Scrubbed(broken(text), ())  # type: ignore[misc]
        outcomes.append(fault(judge, "дом [ИИН] "))
    judge.scrub = lambda text: Scrubbed(text[99], ())

    assert all(outcome is not None and "altered" in outcome for outcome in outcomes)
    assert str(fault(judge, "дом")).startswith("IndexError")


def test_growth_that_is_not_linear_is_seen() -> None:
    assert Growth("x", "1", (0.01, 0.02, 0.04, 0.08)).linear
    assert not Growth("x", "1", (0.01, 0.04, 0.16, 0.64)).linear


def test_a_string_follows_from_its_seed_and_number_and_keywords_are_many() -> None:
    assert string(3, 4) == string(3, 4)
    assert len(keywords()) > 300

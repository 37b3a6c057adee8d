"""Every text of the public JSON suite gets the verdict that the table declares, and never another exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import MalformedRequest
from gateway.formats.strict_json import parse
from tests.integration.json_suite_verdicts import EXCEPTIONS, Verdict, verdict
from tests.integration.json_vectors import VECTORS

SUITE = Path(__file__).parents[3] / "shared" / "vectors" / "JSONTestSuite" / "test_parsing"
FILES = {path.name: path for path in sorted(SUITE.glob("*.json"))}
SUITE_SIZE = 318


def verdict_of_the_parser(body: bytes) -> Verdict:
    try:
        parse(body)
    except MalformedRequest:
        return "refuse"
    return "accept"


@pytest.mark.parametrize("name", FILES or ["(suite not at hand: own vectors only)"])
def test_each_file_of_the_suite_gets_the_verdict_of_the_table(name: str) -> None:
    """T4, T5, T6, T8."""
    if name not in FILES:
        print(f"the suite is not at hand; {len(VECTORS)} own vectors stand for it")
        assert VECTORS
        return
    body = FILES[name].read_bytes()

    actual = verdict_of_the_parser(body)

    assert verdict(name) == actual


@pytest.mark.parametrize("name", VECTORS)
def test_each_of_our_own_vectors_gets_the_verdict_of_its_prefix(name: str) -> None:
    actual = verdict_of_the_parser(VECTORS[name])

    assert verdict(name) == actual


def test_the_table_names_only_files_that_exist_and_gives_each_a_reason() -> None:
    reasons = [reason for _, reason in EXCEPTIONS.values()]

    assert all(reasons)
    if FILES:
        assert len(FILES) == SUITE_SIZE
        assert set() == set(EXCEPTIONS) - set(FILES)


def test_a_verdict_of_the_table_differs_from_the_prefix() -> None:
    for name, (declared, _) in EXCEPTIONS.items():
        if not name.startswith("i_"):
            assert declared == {"y": "refuse", "n": "accept"}[name[0]]

"""gateway.transfer_log.attempts: one intent, at most one outcome, nothing after a refusal."""

from __future__ import annotations

import pytest

from gateway.model import Entry
from gateway.transfer_log.attempts import Attempts
from gateway.transfer_log.entry import read_leaf
from gateway.transfer_log.report import Check, Problems
from tests.unit.transfer_log.samples import crash, intent, outcome, refusal


def _see(*entries: Entry | None) -> tuple[list[tuple[int, Check]], tuple[int, ...]]:
    """Problems, and intents without an outcome; None stands for an entry that cannot be read."""
    problems = Problems()
    attempts = Attempts(problems)
    for index, entry in enumerate(entries):
        if entry is None:
            attempts.see(index, None, None)
        else:
            attempts.see(index, read_leaf(entry.leaf), entry.shared.body)
    return [(problem.first, problem.check) for problem in problems.shown], attempts.without_outcome()


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param((intent(1), outcome(1)), id="delivered"),
        pytest.param((intent(1), crash(1)), id="unknown"),
        pytest.param((refusal(1),), id="refused"),
        pytest.param((intent(1), intent(2), outcome(2), outcome(1)), id="two at a time"),
        pytest.param((intent(1), outcome(1), outcome(1, 2)), id="two attempts under one intent"),
        pytest.param((intent(1), outcome(1), intent(1, 2), outcome(1, 2)), id="an intent for each attempt"),
        pytest.param((intent(1), intent(2), outcome(1, also=(2,))), id="one outcome of an envelope of two"),
    ],
)
def test_a_life_as_it_should_be_gives_no_problem(entries: tuple[Entry, ...]) -> None:
    assert _see(*entries) == ([], ())


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        pytest.param((outcome(1),), (0, Check.OUTCOME), id="an outcome without an intent"),
        pytest.param((outcome(1), intent(1)), (0, Check.OUTCOME), id="an outcome before its intent"),
        pytest.param((intent(1), outcome(1), outcome(1)), (2, Check.OUTCOME), id="two outcomes"),
        pytest.param((intent(1), outcome(1), crash(1)), (2, Check.OUTCOME), id="unknown after delivered"),
        pytest.param((intent(1), intent(1)), (1, Check.INTENT), id="two intents of one attempt"),
        pytest.param((refusal(1), intent(1)), (1, Check.INTENT), id="an intent after a refusal"),
        pytest.param((intent(1), refusal(1)), (1, Check.INTENT), id="a refusal after an intent"),
        pytest.param((refusal(1), outcome(1)), (1, Check.OUTCOME), id="an outcome of a refused transfer"),
        pytest.param((refusal(1), outcome(1, 2)), (1, Check.OUTCOME), id="a later attempt of a refused transfer"),
        pytest.param((intent(1), outcome(2)), (1, Check.OUTCOME), id="an outcome of another transfer"),
        pytest.param((intent(1), outcome(1, also=(2,))), (1, Check.OUTCOME), id="an outcome of one that was not begun"),
        pytest.param((intent(1), intent(2), outcome(2), outcome(1, also=(2,))), (3, Check.OUTCOME), id="ended before"),
    ],
)
def test_what_breaks_a_life_is_a_problem_where_it_stands(
    entries: tuple[Entry, ...], problem: tuple[int, Check]
) -> None:
    problems, _ = _see(*entries)

    assert problems[0] == problem


def test_intents_without_an_outcome_are_named_by_index() -> None:
    _, waiting = _see(intent(1), intent(2), outcome(1), intent(3))

    assert waiting == (1, 3)


def test_an_intent_that_cannot_be_read_is_not_reported_again_at_its_outcome() -> None:
    problems, _ = _see(None, outcome(1), outcome(2))

    assert problems == [(2, Check.OUTCOME)]


def test_an_entry_that_is_missing_may_have_been_the_intent() -> None:
    problems = Problems()
    attempts = Attempts(problems)
    attempts.skip(1)

    attempts.see(1, read_leaf(outcome(1).leaf), outcome(1).shared.body)

    assert problems.shown == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"transfer":"t","attempt":1}', b'{"transfer":1,"attempt":1,"released":{}}',
     b'{"transfer":"t","attempt":true,"released":{}}', b'{"transfer":"t","attempt":1,"outcome":"delivered"}'],
    ids=["nothing", "list", "empty", "no fields", "transfer no text", "attempt no number", "of another kind"],
)  # fmt: skip
def test_a_body_that_is_not_of_its_leafs_kind_is_a_problem(body: bytes) -> None:
    problems = Problems()

    Attempts(problems).see(0, read_leaf(intent(1).leaf), body)

    assert [problem.check for problem in problems.shown] == [Check.BODY]

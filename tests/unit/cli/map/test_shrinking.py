from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from gateway.canonical import Node, Number
from gateway.cli.map.shrinking import SampleRefused, Shrinking, Spent, Unsteady, fields_of, with_fields

FIELDS = [f"{top}.{leaf}" for top in "abcdef" for leaf in ("one", "two", "three", "four", "five")]


def needs(*required: str) -> Callable[[frozenset[str]], bool]:
    return lambda fields: set(required) <= fields


def run(ask: Callable[[frozenset[str]], bool], budget: int = 500, *groups: list[str]) -> Shrinking:
    made = Shrinking(groups or [FIELDS], ask, budget)
    made.run()
    return made


@pytest.mark.parametrize("seed", range(40))
def test_exactly_what_is_needed_is_found(seed: int) -> None:
    randomness = random.Random(seed)
    required = set(randomness.sample(FIELDS, randomness.randint(0, len(FIELDS))))

    found = run(needs(*required)).found

    assert set(found.accepts) == required
    assert set(found.never_needed) == set(FIELDS) - required
    assert (found.undecided, found.complete, found.steady) == ((), True, True)


def test_a_whole_branch_goes_with_one_question() -> None:
    asked: list[frozenset[str]] = []

    def ask(fields: frozenset[str]) -> bool:
        asked.append(fields)
        return {"a.one"} <= fields

    run(ask)

    assert len(asked) < 15


def test_a_field_that_is_needed_only_beside_another_goes_with_it() -> None:
    """Not every API is monotonous: a house without its street is refused, and neither is needed."""

    def ask(fields: frozenset[str]) -> bool:
        return "a.one" in fields and ("b.one" in fields or "b.two" not in fields)

    found = run(ask, 500, ["a.one", "b.one", "b.two"]).found

    assert (found.accepts, set(found.never_needed)) == (("a.one",), {"b.one", "b.two"})


def test_one_of_two_is_enough() -> None:
    def ask(fields: frozenset[str]) -> bool:
        return bool({"a.one", "a.two"} & fields)

    found = run(ask).found

    assert len(found.accepts) == 1
    assert len(found.never_needed) == len(FIELDS) - 1


def test_the_budget_is_kept_and_what_is_known_is_told() -> None:
    required = {"a.one", "c.two", "f.five"}
    for budget in range(1, 60):
        asked = [0]

        def ask(fields: frozenset[str], asked: list[int] = asked) -> bool:
            asked[0] += 1
            return required <= fields

        made = Shrinking([FIELDS], ask, budget)
        try:
            made.run()
        except Spent:
            assert not made.found.complete
        found = made.found

        assert asked[0] <= budget
        assert set(found.accepts) <= required
        assert set(found.never_needed).isdisjoint(required)
        assert {*found.accepts, *found.never_needed, *found.undecided} == set(FIELDS)


def test_where_the_budget_ends_while_asking_again_all_is_settled_and_not_steady() -> None:
    whole = run(needs("a.one", "b.one"))
    short = run(needs("a.one", "b.one"), whole.found.asked - 1)

    assert (short.found.complete, short.found.steady) == (True, False)
    assert short.found.accepts == ("a.one", "b.one")


def test_a_sample_that_is_refused_teaches_nothing() -> None:
    with pytest.raises(SampleRefused):
        run(lambda _: False)


def test_an_answer_that_was_luck_is_asked_for_again() -> None:
    calls: dict[frozenset[str], int] = {}

    def ask(fields: frozenset[str]) -> bool:
        calls[fields] = calls.get(fields, 0) + 1
        lucky = fields == frozenset({"a.one"}) and calls[fields] == 2
        return "a.one" in fields and not lucky

    found = run(ask).found

    assert (found.accepts, found.complete, found.steady) == (("a.one",), True, False)


def test_an_api_that_changes_its_mind_for_good_is_built_on_no_more() -> None:
    calls, last = [0], run(needs("a.one")).found.asked  # the last two ask again: the smallest body, and without a.one

    def ask(fields: frozenset[str]) -> bool:
        calls[0] += 1
        return "a.one" in fields and calls[0] < last - 1

    made = Shrinking([FIELDS], ask, 500)
    with pytest.raises(Unsteady):
        made.run()

    assert (made.found.accepts, made.found.complete) == ((), False)


PAYLOAD: Node = {
    "a": {"b": "x", "c": None},
    "items": [{"n": Number("1"), "m": "x"}, {"n": Number("2")}],
    "tags": ["x", "y"],
    "odd.key": True,
}


def test_fields_are_the_leaves_each_once() -> None:
    assert fields_of(PAYLOAD) == ["a.b", "items[].n", "items[].m", "tags[]", '"odd.key"']


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"a.b"}, {"a": {"b": "x"}}),
        ({"items[].m"}, {"items": [{"m": "x"}]}),
        ({"items[].n", "tags[]"}, {"items": [{"n": "1"}, {"n": "2"}], "tags": ["x", "y"]}),
        (set(), None),
        ({'"odd.key"'}, {"odd.key": True}),
    ],
    ids=["one", "in items", "in two arrays", "none", "an odd key"],
)
def test_a_body_has_these_fields_alone(fields: set[str], expected: Node) -> None:
    assert with_fields(PAYLOAD, frozenset(fields)) == expected

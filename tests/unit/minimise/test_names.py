"""Key names that no map lets through, and names that say something of a person (T3, law 4)."""

from __future__ import annotations

from functools import partial

import pytest

from gateway.minimise.names import Spellings, compile_classify, looks_programmed
from gateway.model import WithheldReason
from tests.rules import LEXICON

classify = compile_classify(LEXICON)


@pytest.mark.parametrize(
    "key", ["iin", "IIN", "ownerIin", "owner_iin", "iin-number", "iin 900101100103", "door.code", "ıp ip"]
)
def test_a_forbidden_name_is_known_by_its_words(key: str) -> None:
    hit = classify(key)

    assert hit is not None
    assert hit.reason is WithheldReason.NEVER
    assert hit.groups == ()


@pytest.mark.parametrize("key", ["benefit_category", "benefitCategory", "BENEFIT-CATEGORY", "main_diagnosis_code"])
def test_a_special_category_is_known_by_its_words(key: str) -> None:
    hit = classify(key)

    assert hit is not None
    assert hit.reason is WithheldReason.SPECIAL_CATEGORY
    assert hit.groups == ("health",)


@pytest.mark.parametrize(
    "key", ["id", "ship", "tip", "category", "benefit", "code", "door", "nationalityy", "", "87000000125"]
)
def test_other_names_are_free(key: str) -> None:
    assert classify(key) is None


@pytest.mark.parametrize(
    ("key", "listed"),
    [
        ("iin", True),
        ("IIN", True),
        ("doorCode", True),
        ("door_code", True),
        ("iin 900101", False),
        ("owner_iin", False),
    ],
)
def test_only_a_name_that_is_the_listed_one_and_nothing_else_may_be_shown(key: str, listed: bool) -> None:  # noqa: FBT001
    hit = classify(key)

    assert hit is not None
    assert hit.listed is listed


def test_a_verdict_is_the_same_when_it_is_remembered() -> None:
    assert [classify("iin"), classify("other")] == [classify("iin"), classify("other")]


@pytest.mark.parametrize(
    ("key", "expected"),
    [("last_name", True), ("phone2", True), ("87000000125", False), ("Иванов", False), ("a" * 49, False)],
)
def test_only_names_of_programs_are_remembered(key: str, expected: bool) -> None:  # noqa: FBT001
    assert looks_programmed(key) is expected


def test_spellings_remember_names_of_programs_and_no_others() -> None:
    spelled = Spellings().under(lambda name: f"~{len(name)}")

    texts = [spelled["abc"], spelled["87000000125"]]

    assert texts == ["~3", "~11"]
    assert list(spelled) == ["abc"]


def test_names_that_are_shown_are_quoted_where_they_must_be_and_concealed_ones_are_not() -> None:
    spelled = Spellings().under(lambda name: name)

    assert [spelled["abc"], spelled["a b"], spelled["~a.b"], spelled["~abc_-9"]] == [
        "abc",
        '"a b"',
        '"~a.b"',
        "~abc_-9",
    ]


def test_each_way_to_conceal_has_its_own_spellings() -> None:
    spellings = Spellings()

    for number in range(10):
        assert spellings.under(partial("~{}{}".format, number))["abc"] == f"~{number}abc"
    assert len(spellings._by_conceal) <= 4

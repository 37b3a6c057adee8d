"""Whether words beside each other are a name: one rule at a time."""

from __future__ import annotations

import pytest

from gateway.minimise.text.evidence import Word, by_ending, decide, goes_on, is_honorific, is_part
from gateway.minimise.text.findings import Finding
from gateway.minimise.text.name_forms import BESIDE, GIVEN, INITIAL, NEVER, PATRONYMIC, PLACE_BEFORE, SURNAME, plain


def words(text: str, *marks: int) -> list[Word]:
    """The words of a text that one blank parts, with what is known of each."""
    made: list[Word] = []
    at = 0
    for written, mark in zip(text.split(" "), marks, strict=True):
        bare = written.strip(".,")
        shape = "L" if bare.islower() else "T" if bare[1:].islower() else "U"
        made.append(Word(at, at + len(bare), plain(bare), mark, shape))
        at += len(written) + 1
    return made


def test_a_given_name_is_a_name() -> None:
    assert decide("Тест дома", words("Тест дома", GIVEN, 0), 0, 1) == Finding(0, 4, "person")


def test_a_word_that_begins_a_sentence_is_none() -> None:
    assert decide("Тест дома", words("Тест дома", 0, 0), 0, 1) is None


def test_the_first_word_of_a_sentence_does_not_join_a_name() -> None:
    text = "Позвоните Тесту"

    assert decide(text, words(text, 0, GIVEN), 0, 2) == Finding(10, 15, "person")


def test_the_dot_of_an_initial_is_of_the_name() -> None:
    text = "пришёл Примеров Т."

    assert decide(text, words(text, 0, SURNAME, INITIAL), 1, 3) == Finding(7, 18, "person")


@pytest.mark.parametrize(("mark", "expected"), [(BESIDE | NEVER, True), (PLACE_BEFORE | NEVER, False), (0, False)])
def test_the_word_before_says_that_a_name_follows(mark: int, expected: bool) -> None:  # noqa: FBT001 -- of a table
    text = "слово Тест"

    assert (decide(text, words(text, mark, 0), 1, 2) is not None) is expected


@pytest.mark.parametrize(("mark", "expected"), [(PATRONYMIC, True), (SURNAME, False), (GIVEN, False)])
def test_a_place_bears_a_name_but_no_patronymic(mark: int, expected: bool) -> None:  # noqa: FBT001 -- of a table
    text = "улица Тест"

    assert (decide(text, words(text, PLACE_BEFORE | NEVER, mark), 1, 2) is not None) is expected


def test_a_name_goes_on_over_a_blank_and_not_over_a_comma() -> None:
    assert goes_on("Тест Проба", words("Тест Проба", GIVEN, GIVEN), 0, 1)
    assert not goes_on("Тест, Проба", words("Тест, Проба", GIVEN, GIVEN), 0, 1)


def test_a_word_in_lower_case_is_no_part_of_a_name_unless_something_says_so() -> None:
    assert not is_part("кран", words("кран", 0), 0)
    assert is_part("тесту", words("тесту", GIVEN), 0)
    assert is_part("мама Тест", words("мама Тест", BESIDE | NEVER, 0), 1)
    assert not is_part("мама", words("мама", BESIDE | NEVER), 0)


@pytest.mark.parametrize(
    ("word", "expected"), [("образцович", PATRONYMIC), ("примеров", SURNAME), ("тестбек", GIVEN), ("кран", 0)]
)
def test_a_word_that_no_list_holds_is_known_by_its_end(word: str, expected: int) -> None:
    assert by_ending(word) == expected


def test_what_stands_behind_a_name_to_honour_is_known() -> None:
    assert is_honorific("апаи")
    assert not is_honorific("кран")


def test_nothing_is_known_of_an_unknown_word() -> None:
    assert words("Тест", 0)[0].is_unknown
    assert not words("Тест", GIVEN)[0].is_unknown

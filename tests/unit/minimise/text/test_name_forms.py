"""The forms that names have in sentences."""

from __future__ import annotations

import pytest

from gateway.minimise.text.name_forms import (
    BY_ENDING,
    COMMON,
    GIVEN,
    JOINED,
    KNOWN,
    NEVER,
    PATRONYMIC_TAILS,
    SURNAME,
    WEAK,
    cases,
    family,
    kazakh,
    known_words,
    latin,
    plain,
)


@pytest.mark.parametrize("text", ["Ёлка Йод", "İstanbul", "ǅ", "ΑΣ", "Ștefan", ""])
def test_plain_text_is_as_long_as_the_text(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_plain_text_has_no_capitals_and_no_letters_with_marks() -> None:
    assert plain("Ёж, ЙОД") == "еж, иод"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("анна", {"анна", "анны", "анне", "анну", "аннои"}),
        ("мария", {"марии", "марию", "мариеи"}),
        ("сергей", {"сергеи", "сергея", "сергею", "сергеем"}),
        ("игорь", {"игоря", "игорю", "игорем"}),
        ("павел", {"павла", "павлу"}),
        ("иван", {"ивана", "ивану", "иваном", "иване"}),
    ],
)
def test_russian_names_have_their_cases(name: str, expected: set[str]) -> None:
    assert expected <= set(cases(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ерлан", {"ерланға", "ерланның", "ерланнан", "ерланмен", "ерланга"}),
        ("айгүл", {"аигүлге", "аигүлдің", "аигуль", "аигульге", "аигул"}),
        ("қайрат", {"қаиратқа", "каират", "каирату", "каиратқа"}),
    ],
)
def test_kazakh_names_have_the_endings_of_both_languages_and_russian_spellings(name: str, expected: set[str]) -> None:
    assert expected <= set(kazakh(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ерлан", {"erlan", "yerlan"}), ("жанар", {"zhanar", "janar"}), ("қайрат", {"kairat", "qairat", "kayrat"})],
)
def test_names_are_spelled_in_latin_letters_in_several_ways(name: str, expected: set[str]) -> None:
    assert expected <= set(latin(name))


def test_a_surname_is_known_of_men_women_and_families() -> None:
    assert {"иванов", "иванову", "ивановои", "ивановых", "ивановқа", "ивановаға"} <= set(family("иванов"))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("наташе", GIVEN),
        ("aigul", GIVEN),
        ("роза", WEAK | COMMON),
        ("алиса", WEAK),
        ("оспанова", SURNAME | KNOWN),
        ("мая", NEVER),
        ("стояк", NEVER),
        ("кран", 0),
    ],
)
def test_one_look_up_tells_what_a_word_is(word: str, expected: int) -> None:
    assert known_words().get(word, 0) == expected


def test_words_that_bring_names_in_are_no_names_themselves() -> None:
    assert not known_words()["жене"] & (GIVEN | WEAK)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("образцович", "patronymic"),
        ("петровнои", "patronymic"),
        ("мысалұлының", "patronymic"),
        ("үлгіқызына", "patronymic"),
        ("турсынбаеву", "known"),
        ("садовои", "oblique"),
        ("примерова", "surname"),
        ("подъезд", None),
    ],
)
def test_words_that_no_list_holds_are_known_by_their_ends(word: str, expected: str | None) -> None:
    met = BY_ENDING.fullmatch(word)

    assert (met and met.lastgroup) == expected


def test_names_that_are_joined_of_two_are_known_by_the_second() -> None:
    assert JOINED.fullmatch("тестбек") is not None
    assert JOINED.fullmatch("стояк") is None


@pytest.mark.parametrize("word", ["петрович", "петровичу", "петровной", "петровне", "мысалұлы", "мысалқызы"])
def test_every_patronymic_is_asked_for_by_its_last_letters(word: str) -> None:
    assert plain(word)[-3:] in PATRONYMIC_TAILS

"""Numbers said in words in Russian, Kazakh and English (T13, T14), and words of numbers that are no one's number."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text import spoken
from gateway.minimise.text.spoken import SpokenNumbers


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind) for start, end, kind in SpokenNumbers().find(text)]


@pytest.mark.parametrize(
    ("before", "said", "behind"),
    [
        ("", "восемь семьсот семь сто двадцать три сорок пять шестьдесят семь", ", жду"),
        ("Звоните ", "плюс семь семьсот ноль ноль ноль ноль один двадцать три", " после шести"),
        ("", "восемь, семьсот, три нуля, ноль один, двадцать три", ""),
        ("тел ", "8 семьсот 000 01 23", " звоните"),
        ("", "Восемь\nсемьсот\nноль ноль ноль\nноль один\nдвадцать три", " жду"),
        ("", "сегіз жеті жүз жеті жүз жиырма үш қырық бес алпыс жеті", ""),
        ("нөмірім: ", "жеті жүз нөл нөл нөл нөл бір жиырма үш", " болады"),
        ("", "eight seven oh oh zero zero zero zero one two three", " please"),
        ("", "сегіз жеті жүз сегіз жүз екі жүз он бір жиырма", ""),
        ("", "восемь семьсот три нуля сорок пять шестьдесят семь", " да"),
        ("", "восемь семьсот семь три нуля четыре нуля", ""),
        ("", "восемь сто одиннадцать двести двадцать два тридцать три сорок четыре", ""),
        ("телефон ", "пятьдесят пять двенадцать тридцать четыре", ""),
        ("набери ", "восемь семьсот семь сто двадцать четыре сорок пять шестьдесят девять", " и спроси"),
    ],
)
def test_a_phone_in_words_is_found_whole(before: str, said: str, behind: str) -> None:
    assert found(before + said + behind) == [(said, "phone")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("девять ноль ноль один ноль один один ноль ноль один ноль три", "iin"),
        ("четыре тысячи", None),
        ("сорок один одиннадцать одиннадцать одиннадцать одиннадцать одиннадцать одиннадцать одиннадцать", "card"),
    ],
)
def test_an_iin_or_a_card_in_words_is_found(text: str, kind: str | None) -> None:
    assert found(text) == ([] if kind is None else [(text, kind)])


@pytest.mark.parametrize(
    "text",
    [
        "сто двадцать три тысячи сорок пять тенге",
        "показания двадцать три сорок пять шестьдесят",
        "два раза в день три недели",
        "пять шесть семь восемь девять десять",
        "раз два три четыре пять вышел зайчик",
        "жеті жүз елу теңге",
        "one two three, testing",
        "8 700 000 01 23",
        "телефон не работает два дня",
    ],
)
def test_other_words_of_numbers_stay(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("восемь семьсот семь сто двадцать три сорок пять шестьдесят семь", "87071234567"),
        ("восемь семьсот три нуля ноль один двадцать три", "87000000123"),
        ("сегіз жеті жүз сегіз жүз екі жүз он бір жиырма", "870080021120"),
        ("жеті жүз жиырма үш нөл", "7230"),
        ("сто один двенадцать девятнадцать двадцать", "101121920"),
        ("двадцать три, четыре", "234"),
        ("двадцать, три, ноль", "2030"),
        ("seven hundred five twenty one", "70521"),
        ("плюс семь 700 две двойки", "770022"),
    ],
)
def test_words_are_read_as_people_dictate_them(said: str, digits: str) -> None:
    (row,) = spoken._rows(said)

    assert list(spoken._readings(row))[-1] == (len(row), digits)


@pytest.mark.parametrize("piece", ["семь ", "сто двадцать ", "два нуля ", "жүз ", "8 семь ", "телефон пять "])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert isinstance(found(text), list)
    assert time.perf_counter() - began < 1.5

"""Flats in sentences (T13), and what only looks like one."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text.flats import Flats


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _kind in Flats().find(text)]


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("Течёт стояк, кв. 45. Жду", "кв. 45"),
        ("Ленина 10 кв 45", "кв 45"),
        ("кв45", "кв45"),
        ("Квартира № 45а, 2 подъезд", "Квартира № 45а"),
        ("в квартире 45", "квартире 45"),
        ("кв. 45 и 46", "кв. 45 и 46"),
        ("из 45-й квартиры течёт", "45-й квартиры"),
        ("45 квартира", "45 квартира"),
        ("Пәтер 46, домофон", "Пәтер 46"),
        ("45-пәтер", "45-пәтер"),
        ("45 пәтерде су жоқ", "45 пәтерде"),
        ("45-ші пәтерден", "45-ші пәтерден"),
        ("apt. 45", "apt. 45"),
        ("I live in flat 12b now", "flat 12b"),
        ("Apartment #7", "Apartment #7"),
    ],
)
def test_a_flat_is_found_with_its_word(text: str, flat: str) -> None:
    assert found(text) == [flat]


@pytest.mark.parametrize(
    "text",
    [
        "площадь 45 кв. м",
        "45 кв.м",
        "за 3 кв. 2026 г.",
        "в IV квартале 2026",
        "в 3 квартирах нет воды",
        "2-комнатная квартира",
        "5 пәтерлер",
        "квартира, этаж 5",
        "кв. 45 м2",
        "a flat roof 2 m",
        "квитанция 45",
        "дом 10/1, подъезд 2",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("piece", ["кв ", "кв. 45 и ", "45-", "1 ", "пәтер "])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert isinstance(found(text), list)
    assert time.perf_counter() - began < 1.0

"""Number plates in Latin and Cyrillic (T13, T14), and sums, units and articles that look like them."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text.plates import Plates


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _kind in Plates().find(text)]


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("Машина 001AAA14 мешает", "001AAA14"),
        ("123 ABC 14", "123 ABC 14"),
        ("123-ABC-14.", "123-ABC-14"),
        ("123АВС14", "123АВС14"),
        ("123ABС14 (С по-русски)", "123ABС14"),
        ("001аа14 во дворе", "001аа14"),
        ("машина 123 авс 14", "123 авс 14"),
        ("у ворот стоит 777 ООО 14", "777 ООО 14"),
        ("көлік 123 ABC 16", "123 ABC 16"),
        ("госномер A123BCD", "A123BCD"),
        ("Toyota S 123 ABC", "S 123 ABC"),
        ("машина А 123 ВС 77 во дворе", "А 123 ВС 77"),
        ("car 123AB02", "123AB02"),
    ],
)
def test_a_plate_is_found(text: str, plate: str) -> None:
    assert found(text) == [plate]


@pytest.mark.parametrize(
    "text",
    [
        "123ABC99",
        "123ABC21",
        "000ABC14",
        "артикул 123ABC14",
        "заказ № 123ABC14",
        "REQ-123ABC14",
        "123ABC14-7",
        "1123ABC14",
        "100 КВТ 14 часов",
        "насос 100квт14",
        "100 мм 12 штук",
        "насос 250 вт 10 штук",
        "ул. Ленина 123 КВ 14",
        "дом 105 МКР 12",
        "филиал 123 ТОО 14",
        "клапан A123BC",
        "123 abc 14",
        "201 год 12 месяцев",
    ],
)
def test_what_only_looks_like_a_plate_stays(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("piece", ["123 ABC ", "123", "A123", "А 123 ВС ", "машина "])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert isinstance(found(text), list)
    assert time.perf_counter() - began < 1.0

"""Numbers of people in sentences (T13): every way to write them is found, other numbers are left alone."""

from __future__ import annotations

import random
import time

import pytest

from gateway.minimise.text.numbers import Numbers


def found(text: str) -> set[tuple[str, str]]:
    return {(text[start:end], kind) for start, end, kind in Numbers().find(text)}


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("ИИН 900101100103, паспорт", "900101100103", "iin"),
        ("ИИН 9001 0110 0103.", "9001 0110 0103", "iin"),
        ("ИИН 900101-100103", "900101-100103", "iin"),
        ("кв 5 900101 1 00103 да", "900101 1 00103", "iin"),
        ("9 0 0 1 0 1 1 0 0 1 0 3", "9 0 0 1 0 1 1 0 0 1 0 3", "iin"),
        ("123456 3456 900101 100103", "900101 100103", "iin"),
        ("БИН 991240999991", "991240999991", "bin"),
        ("карта 4111 1111 1111 1111 срок", "4111 1111 1111 1111", "card"),
        ("карта 4111-1111-1111-1111", "4111-1111-1111-1111", "card"),
        ("amex 3782 822463 10005", "3782 822463 10005", "card"),
        ("x4111111111111111x", "4111111111111111", "card"),
        ("Звоните 8 700 000 01 23 или", "8 700 000 01 23", "phone"),
        ("8-700-000-01-24,", "8-700-000-01-24", "phone"),
        ("+7 (700) 000-01-26.", "+7 (700) 000-01-26", "phone"),
        ("тел 8(700)0000123", "8(700)0000123", "phone"),
        ("тел.87000000123", "87000000123", "phone"),
        ("(87000000123)", "87000000123", "phone"),
        ("8 (7182) 55-00-02 касса", "8 (7182) 55-00-02", "phone"),
        ("(7182) 55-00-02", "(7182) 55-00-02", "phone"),
        ("700 000 01 23", "700 000 01 23", "phone"),
        ("квартира 5 8 700 000 01 23 5", "8 700 000 01 23", "phone"),
        ("8 70 00 00 01 23", "8 70 00 00 01 23", "phone"),
        ("Berlin +49 30 901820", "+49 30 901820", "phone"),
        ("8.700.000.01.23", "8.700.000.01.23", "phone"),
        ("8/700/000/01/23", "8/700/000/01/23", "phone"),
        ("8_700_000_01_23", "8_700_000_01_23", "phone"),
        ("8,700,000,01,23", "8,700,000,01,23", "phone"),
        ("8 -- 700 -- 000 -- 01 -- 23", "8 -- 700 -- 000 -- 01 -- 23", "phone"),
        ("8    700    000    01    23", "8    700    000    01    23", "phone"),
        ("8:700:000:01:23", "8:700:000:01:23", "phone"),
        ("+7 700\n000 01 23", "+7 700\n000 01 23", "phone"),
        ("8 10 7 700 000 01 23", "8 10 7 700 000 01 23", "phone"),
        ("00 7 700 000 01 23", "00 7 700 000 01 23", "phone"),
        ("0077000000123", "0077000000123", "phone"),
        ("8107000000123", "8107000000123", "phone"),
        ("900101/100103", "900101/100103", "iin"),
        ("900101\n100103", "900101\n100103", "iin"),
        ("4111/1111/1111/1111", "4111/1111/1111/1111", "card"),
        ("8 – 700 – 000 – 01 – 23", "8 – 700 – 000 – 01 – 23", "phone"),
        ("тел 8 7OO ООО O1 23 жду", "8 7OO ООО O1 23", "phone"),
        ("ИИН 9ОО1О11ОО1О3", "9ОО1О11ОО1О3", "iin"),
        ("ИИН 90010110010З", "90010110010З", "iin"),
        ("карта 41ll 1111 I111 1111", "41ll 1111 I111 1111", "card"),
        ("998 90 123 45 67", "998 90 123 45 67", "phone"),
        ("00 996 555 123 456", "00 996 555 123 456", "phone"),
        ("+996 555 123 456", "+996 555 123 456", "phone"),
        ("8 912 345 67 89", "8 912 345 67 89", "phone"),
    ],
)
def test_a_number_of_a_person_is_found_as_it_is_written(text: str, number: str, kind: str) -> None:
    assert (number, kind) in found(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("8 700 000 01 23", "phone"),
        ("+7 (700) 000-01-26", "phone"),
        ("8/700/000/01/23", "phone"),
        ("4111 1111 1111 1111", "card"),
        ("900101 100103", "iin"),
    ],
)
def test_nothing_is_found_inside_a_number_that_is_found(text: str, kind: str) -> None:
    """Neither the same digits without their first group, nor the same number read a second time."""
    assert list(Numbers().find(f"да {text} да")) == [(3, 3 + len(text), kind)]


@pytest.mark.parametrize(
    "text",
    [
        "REQ-2026-000123",
        "INV-0f6c2a",
        "лицевой счёт 100200300",
        "20.11.2026 18:30",
        "20.11.2026 1830",
        "20-11-2026 1830",
        "2026-11-20T08:40:00+05:00",
        "2026-11-20 18:30:00",
        "с 10:00 до 12:00, 2-кіреберіс, кв. 45, дом 10/1",
        "показания 00123 00456 00789",
        "сумма 15 990 000.00 тенге",
        "12345678901234567890",
        "1900101100103",
        "550e8400-e29b-41d4-a716-446655440000",
        "00000000-0000-0000-0000-000000000000",
        "14:218:000:000:1:45",
        "87,000,000,123 тенге",
        "д. 10/1, кв. 45, 140000, 8",
        "показания: 123.456, 234.567; 12.11.2026, 18:00/20:00",
        "01.11.2026, 18:30:00; 02.11.2026, 18:30:00",
        "2026-11-20T18:00/20:00",
        "штрихкод 4600682000013",
        "ООО 12345, лот 1O2, ОЗО-10",
        "998901234567",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text) == set()


def test_few_ids_without_a_person_are_taken_for_one() -> None:
    """Measured: of 2,000 UUIDs, order ids and 9-digit accounts each, at most one in a thousand."""
    rng = random.Random(20261122)
    uuids = [f"{rng.getrandbits(128):032x}" for _ in range(2_000)]
    ids = [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in uuids]
    ids += [f"REQ-{rng.randrange(2020, 2030)}-{rng.randrange(10**6):06d}" for _ in range(2_000)]
    ids += [f"{rng.randrange(10**9):09d}" for _ in range(2_000)]

    wrong = [one for one in ids if found(one)]

    print(f"taken for a person's number: {len(wrong)} of {len(ids)}")
    assert len(wrong) <= len(ids) / 1_000


@pytest.mark.parametrize(
    "piece", ["1 ", "4 ", "8 ", "(8)-", "7", "2 22 ", "8/700/", "12/34:56, ", "1,", "8 700 ", "+4", "+49 3 "]
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert isinstance(found(text), set)
    assert time.perf_counter() - began < 1.0

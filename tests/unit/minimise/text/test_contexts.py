"""Documents, accounts and local phones by the word beside them (T13), and numbers that no such word names."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text.contexts import Contexts, is_called


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind) for start, end, kind in Contexts().find(text)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("удостоверение № 012345678, выдано МВД", "012345678"),
        ("уд. личности 012 345 678", "012 345 678"),
        ("паспорт N00000001.", "N00000001"),
        ("Мой паспорт n12345678", "n12345678"),
        ("паспорт РФ 45 12 № 345678", "45 12 № 345678"),
        ("водительские права AN 123456", "AN 123456"),
        ("ВУ 1234567890", "1234567890"),
        ("жеке куәлігім 012345678", "012345678"),
        ("Жеке куәлік нөмірі: 012345678", "012345678"),
        ("төлқұжатым N12345678", "N12345678"),
        ("жүргізуші куәлігі 1234567", "1234567"),
        ("012345678 — жеке куәлігім", "012345678"),
        ("passport no. N12345678", "N12345678"),
        ("my driver's license: 12345678", "12345678"),
        ("N12345678 — мой паспорт", "N12345678"),
    ],
)
def test_a_document_is_found_by_its_word(text: str, number: str) -> None:
    assert found(text) == [(number, "document")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("л/с 100200300", "100200300"),
        ("ЛС № 100200300, прошу", "100200300"),
        ("Лицевой счёт: 100200300", "100200300"),
        ("по лицевому счету 1002-003", "1002-003"),
        ("дербес шотым 100200300", "100200300"),
        ("Жеке шот нөмірі 1002003", "1002003"),
        ("account no. 100200300", "100200300"),
        ("абонент № 55443322", "55443322"),
    ],
)
def test_an_account_is_found_by_its_word(text: str, number: str) -> None:
    assert found(text) == [(number, "account")]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("звоните 551234", ["551234"]),
        ("тел. 55-12-34", ["55-12-34"]),
        ("Телефон соседки: 55 12 34", ["55 12 34"]),
        ("тел 551234 или 55 12 34", ["551234", "55 12 34"]),
        ("позвоните мне на городской 551-234", ["551-234"]),
        ("номер 55-12-34", ["55-12-34"]),
        ("тел. мамы 55-12-34", ["55-12-34"]),
        ("55-12-34 — мой домашний", ["55-12-34"]),
        ("Телефон нөмірім 55-12-34", ["55-12-34"]),
        ("байланыс: 551234", ["551234"]),
        ("55-12-34 нөміріне қоңырау шалыңыз", ["55-12-34"]),
        ("55-12-34-ке хабарласыңыз", ["55-12-34"]),
        ("call me at 55-12-34", ["55-12-34"]),
        ("звоните 998901234567", ["998901234567"]),
        ("тел. 0555 123 456", ["0555 123 456"]),
    ],
)
def test_a_local_phone_is_found_by_its_word(text: str, numbers: list[str]) -> None:
    assert found(text) == [(number, "phone") for number in numbers]


@pytest.mark.parametrize(
    "text",
    [
        "паспорт счётчика 123456",
        "паспорт выдан 12.03.2020",
        "договор N12345678 от 2026",
        "показания 001234, 55-12-34",
        "показания 123456 и 654321",
        "счёт на 15000 тенге",
        "телефон стоил 123456 тенге",
        "тел. 123456 тенге",
        "позвоните по заявке 123456",
        "звоните до 20-11-26",
        "звоните с 10-00 до 18-00",
        "заказ 123456, артикул 00412345",
        "тапсырыс нөмірі 123456",
        "номер заявки 123456",
        "индекс 140000",
        "в паспорте дома 1985 год",
        "123456",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert found(text) == []


def test_a_word_of_calling_is_known_at_the_end_of_a_text_only() -> None:
    assert is_called("телефон: ")
    assert is_called("позвоните мне по ")
    assert not is_called("телефон сломан, дома ")


@pytest.mark.parametrize("piece", ["12345 ", "тел 55-12-34 ", "1 ", "паспорт ", "id id id 123456 ", "л/с ", "55-12-"])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert isinstance(found(text), list)
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("сот. 8700 0499855, дом. 04-21-10", ["04-21-10"]),
        ("сот. 7000790844, дом. 030281", ["7000790844", "030281"]),
        ("ул. Абая, дом 10, кв. 5; дом 12", []),
    ],
)
def test_what_stands_at_home_beside_a_mobile_number_is_a_phone(text: str, expected: list[str]) -> None:
    """T13."""
    assert [text[start:end] for start, end, kind in Contexts().find(text) if kind == "phone"] == expected

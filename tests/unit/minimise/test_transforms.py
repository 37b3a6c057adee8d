"""A value made less than it was."""

from __future__ import annotations

import pytest

from gateway.minimise.transforms import change_for, given_and_initial, given_and_initial_of
from gateway.minimise.values import Fault
from gateway.model import FieldType, Transform


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("Примеров Тест Образцович", "Тест П."),
        ("Примеров Тест", "Тест П."),
        ("Үлгіқызы Сынақ", "Сынақ Ү."),
        ("Primerov Test", "Test P."),
        ("Римский-Корсаков Николай Андреевич", "Николай Р."),
        ("O'Brien Conan", "Conan O."),
        ("примеров  Тест ", "Тест П."),
        ("Примеров", "П."),
        ("Йогурт Ёлка", "Ёлка Й."),
        ("Примеров Т. О.", "Т. П."),
        ("Примеров Т.О.", "Т. П."),
        ("Т. О. Примеров", "Т. П."),
        ("Т.Примеров", "Т. П."),
        ("Тест П.", "П. Т."),
        ("Т.", "Т."),
    ],
)
def test_a_full_name_becomes_given_name_and_initial(full: str, expected: str) -> None:
    assert given_and_initial(full) == expected


@pytest.mark.parametrize(
    "full", ["", "   ", "Примеров Тест.", "Примеров 900101100103", "а" * 5 + " @b", "a b c d e f", "--", "Тест\u200b П"]
)
def test_what_is_no_name_is_a_fault(full: str) -> None:
    assert isinstance(given_and_initial(full), Fault)


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [("Тест", "Примеров", "Тест П."), ("Тест Образцович", "Примеров", "Тест П."), ("Тест", "", "Тест")],
)
def test_given_and_family_name_compose(given: str, family: str, expected: str) -> None:
    assert given_and_initial_of(given, family) == expected


@pytest.mark.parametrize(("given", "family"), [("", "Примеров"), ("Тест", "5"), ("5", "Примеров")])
def test_parts_that_are_no_names_are_a_fault(given: str, family: str) -> None:
    assert isinstance(given_and_initial_of(given, family), Fault)


@pytest.mark.parametrize(
    ("transform", "kind", "value", "expected"),
    [
        (Transform.E164, FieldType.PHONE, "8 (700) 000-01-23", "+77000000123"),
        (Transform.LOWER, FieldType.EMAIL, "Test@Example.com", "test@example.com"),
        (Transform.DATE_ONLY, FieldType.DATETIME, "2026-11-03T23:59:00+05:00", "2026-11-03"),
        (Transform.DATE_ONLY, FieldType.DATE, "2026-11-03", "2026-11-03"),
        (Transform.GIVEN_AND_INITIAL, FieldType.STRING, "Примеров Тест", "Тест П."),
        (Transform.YEAR, FieldType.DATE, "2026-11-03", "2026"),
        (Transform.MONTH, FieldType.DATETIME, "2026-11-03T23:59:00+05:00", "2026-11"),
        (Transform.INITIAL, FieldType.STRING, "Тест", "Т."),
        (Transform.MASK, FieldType.STRING, "Тест Примеров", "Т***"),
        (Transform.MASK, FieldType.STRING, "«Я»", "Я***"),
        (Transform.MASK, FieldType.EMAIL, "test.primerov@example.com", "t***"),
        (Transform.LAST_FOUR, FieldType.STRING, "411111******1111", "1111"),
        (Transform.LAST_FOUR, FieldType.PHONE, "+7 700 000-01-23", "0123"),
    ],
)
def test_a_transform_of_one_value(transform: Transform, kind: FieldType, value: str, expected: str) -> None:
    assert change_for(transform, kind)(value) == expected


def test_what_is_no_phone_is_a_fault() -> None:
    assert isinstance(change_for(Transform.E164, FieldType.PHONE)("900101100103"), Fault)


@pytest.mark.parametrize(
    ("transform", "value"),
    [(Transform.INITIAL, "«»"), (Transform.MASK, "***"), (Transform.LAST_FOUR, "1234-56"), (Transform.INITIAL, "12")],
)
def test_what_would_say_all_or_nothing_is_a_fault(transform: Transform, value: str) -> None:
    assert isinstance(change_for(transform, FieldType.STRING)(value), Fault)


@pytest.mark.parametrize(
    ("transform", "kind"),
    [(Transform.E164, FieldType.STRING), (Transform.LOWER, FieldType.TEXT), (Transform.TEMPLATE, FieldType.STRING)],
)
def test_a_transform_takes_only_its_types(transform: Transform, kind: FieldType) -> None:
    with pytest.raises(ValueError, match="does not take"):
        change_for(transform, kind)

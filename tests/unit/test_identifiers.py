"""Numbers and addresses that name a person (T14): the right ones are known, their neighbours are not."""

from __future__ import annotations

import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identifiers import (
    identifier_kind,
    is_bare_phone,
    is_bin,
    is_card,
    is_email,
    is_iban,
    is_iin,
    phone_e164,
)

IINS = ["900101100103", "850515200208", "920317100307", "881224200402", "991129100501"]
BINS = ["140140030904", "940140000385", "990140004654", "171040010072", "991240999991", "991140999988", "991040999974"]


def _with_check_digit(first: str) -> str:
    """The number that begins so, if it was ever issued: an independent reading of the decree."""
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        check = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11
        if check < 10:
            return f"{first}{check}"
    return ""


@pytest.mark.parametrize("text", IINS)
def test_an_iin_is_known_even_of_one_born_in_the_1800s(text: str) -> None:
    assert is_iin(text)
    assert not is_bin(text)


@pytest.mark.parametrize("text", BINS)
def test_a_bin_is_known_and_is_no_iin(text: str) -> None:
    assert is_bin(text)
    assert not is_iin(text)


@pytest.mark.parametrize("text", [*IINS, *BINS])
def test_the_check_digit_is_the_one_of_the_decree(text: str) -> None:
    others = [text[:11] + digit for digit in "0123456789" if digit != text[11]]

    assert text == _with_check_digit(text[:11])
    assert not any(is_iin(other) or is_bin(other) for other in others)


@pytest.mark.parametrize(
    ("first", "valid"),
    [
        pytest.param("00022950000", True, id="29 February 2000"),
        pytest.param("00022930000", False, id="29 February 1900"),
        pytest.param("04022900000", True, id="29 February, a foreigner"),
        pytest.param("00013270000", False, id="century digit 7"),
        pytest.param("00133150000", False, id="month 13"),
        pytest.param("00043150000", False, id="31 April"),
        pytest.param("00010050000", False, id="day 0"),
    ],
)
def test_an_iin_begins_with_a_date(first: str, valid: bool) -> None:  # noqa: FBT001
    text = next(made for serial in range(100) if len(made := _with_check_digit(f"{first[:7]}{serial:04d}")) == 12)

    assert is_iin(text) is valid


@pytest.mark.parametrize(
    "text",
    ["4111111111111111", "5555555555554444", "2221000000000009", "378282246310005", "30569309025904",
     "6200000000000005", "2200000000000004", "3530111333300000", "4222222222222", "6304000000000000"],
)  # fmt: skip
def test_a_card_is_known(text: str) -> None:
    assert is_card(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("4111111111111112", id="wrong check digit"),
        pytest.param("1000000000000008", id="no such issuer"),
        pytest.param("20261120084002", id="a moment"),
        pytest.param("4600682000013", id="a barcode"),
        pytest.param("411111111111111١", id="a foreign digit"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_card_is_none(text: str) -> None:
    assert not is_card(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("KZ86125KZT5004100100", True),
        ("kz86125kzt5004100100", True),
        ("DE89370400440532013000", True),
        ("KZ87125KZT5004100100", False),
        ("KZ86125KZT500410010", False),
        ("XX86125KZT5004100100", False),
    ],
)
def test_an_iban_has_the_length_of_its_country_and_its_check_digits(text: str, valid: bool) -> None:  # noqa: FBT001
    assert is_iban(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("test.primerov@example.com", True),
        ("a+b@mail.example.kz", True),
        ("a@xn--80ak6aa92e.xn--p1ai", True),
        ("a@b", False),
        ("a..b@example.com", False),
        (".a@example.com", False),
        ("a@example.com ", False),
        ("a@-example.com", False),
        ("a b@example.com", False),
        ("почта@example.com", False),
        ("a" * 250 + "@example.com", False),
    ],
)
def test_an_email_address_is_whole(text: str, valid: bool) -> None:  # noqa: FBT001
    assert is_email(text) is valid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8 (700) 000-01-23", "+77000000123"),
        ("8 700 000 01 23", "+77000000123"),
        ("+7 (700) 000-01-26", "+77000000126"),
        ("87000000123", "+77000000123"),
        ("77000000123", "+77000000123"),
        ("7000000123", "+77000000123"),
        ("+7 718 255 00 01", "+77182550001"),
        ("8 (7182) 55-00-02", "+77182550002"),
        ("+49 30 901820", "+4930901820"),
        ("８ ７００ ０００ ０１ ２３", "+77000000123"),
        ("900101100103", None),
        ("100200300", None),
        ("+87000000123", None),
        ("8 700 000 01 23 доб. 4", None),
        ("8700000012", None),
        ("", None),
        ("+" + "7" * 40, None),
    ],
)
def test_a_phone_is_read_as_people_write_it(text: str, expected: str | None) -> None:
    assert phone_e164(text) == expected


@given(st.from_regex(r"(\+7|7|8|)7[0-9]{9}", fullmatch=True))
def test_the_short_way_to_a_number_agrees_with_libphonenumber(text: str) -> None:
    parsed = phonenumbers.parse(text, "KZ")
    expected = None
    if phonenumbers.is_valid_number(parsed):
        expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    assert phone_e164(text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("900101100103", "iin"),
        ("9001 0110 0103", "iin"),
        ("900101.100103", "iin"),
        ("９００１０１１００１０３", "iin"),
        ("991240999991", "bin"),
        ("4111 1111 1111 1111", "card"),
        ("4111_1111_1111_1111", "card"),
        ("KZ86 125K ZT50 0410 0100", "iban"),
        ("+7 (700) 000-01-23", "phone"),
        ("87000000123", "phone"),
        ("test.primerov@example.com", "email"),
        ("usr_0001", None),
        ("100200300", None),
        ("4951234567", None),
        ("4951-234567", None),
        ("2026-11-20 08:40:00", None),
        ("20.11.2026 18:30", None),
        ("00000000-0000-0000-0000-000000000000", None),
        ("1" * 100, None),
        ("", None),
    ],
)
def test_the_kind_of_a_whole_text(text: str, kind: str | None) -> None:
    assert identifier_kind(text) == kind


@pytest.mark.parametrize(
    ("digits", "expected"),
    [("7000000123", True), ("87000000123", True), ("89161234567", True), ("9161234567", False), ("84951234567", False)],
)
def test_bare_digits_are_a_phone_only_where_little_else_looks_so(digits: str, expected: bool) -> None:  # noqa: FBT001
    assert is_bare_phone(digits) is expected


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert identifier_kind(text) in {None, "iin", "bin", "card", "iban", "phone", "email"}


@pytest.mark.parametrize("piece", ["a", "a.", "1", "7 ", "-", "a@", "@a."])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.perf_counter()

    kind = identifier_kind(text)

    assert kind is None
    assert phone_e164(text) is None
    assert time.perf_counter() - began < 0.5

"""E-mail addresses and IBANs in sentences (T13)."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text.addresses import Emails, Ibans
from gateway.minimise.text.findings import Finding, Recogniser


def found(recogniser: Recogniser, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in recogniser.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("почта test.primerov@example.com.", ["test.primerov@example.com"]),
        ("эл. поштам synaq@example.com, рахмет", ["synaq@example.com"]),
        ("<a@b.kz>;c+d@e-f.kz", ["a@b.kz", "c+d@e-f.kz"]),
        ("почта@пример.рф", ["почта@пример.рф"]),
        ("ivan @mail.kz, ivan@ mail.kz", ["ivan @mail.kz", "ivan@ mail.kz"]),
        ("пишите @ivan.kz, цена 2 @ 5.50", []),
        ("@ и a@ и @b и a@b", []),
        ("без адреса", []),
    ],
)
def test_addresses_are_found_whole(text: str, expected: list[str]) -> None:
    assert found(Emails(), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("счёт KZ86 125K ZT50 0410 0100. Машина", ["KZ86 125K ZT50 0410 0100"]),
        ("счёт KZ86 125К ZТ50 0410 0100 (К и Т — русские)", ["KZ86 125К ZТ50 0410 0100"]),
        ("kz86125kzt5004100100", ["kz86125kzt5004100100"]),
        ("KZ86-125K-ZT50-0410-0100 or later", ["KZ86-125K-ZT50-0410-0100"]),
        ("DE89 3704 0044 0532 0130 00", ["DE89 3704 0044 0532 0130 00"]),
        ("KZ87 125K ZT50 0410 0100", []),
        ("KZ86 125K ZT50 0410 01001", []),
        ("IBANKZ86125KZT5004100100срок", ["KZ86125KZT5004100100"]),
        ("AKZ86125KZT5004100100", ["KZ86125KZT5004100100"]),
        ("ADE89370400440532013000", []),
        ("XX86 125K ZT50 0410 0100", []),
        ("KZ86", []),
    ],
)
def test_ibans_are_found_by_country_length_and_check_digits(text: str, expected: list[str]) -> None:
    assert found(Ibans(), text) == expected


def test_a_finding_says_its_kind() -> None:
    assert [*Emails().find("a@b.kz")] == [Finding(0, 6, "email")]


@pytest.mark.parametrize("piece", ["a", "a@", "@", "a.", "a-", "KZ86 ", "KZ86", "KZ86 1 2 "])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert found(Ibans(), text) == []
    assert isinstance(found(Emails(), text), list)
    assert time.perf_counter() - began < 1.0

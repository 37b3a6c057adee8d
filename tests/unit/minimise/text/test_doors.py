"""Codes of doors in sentences, and what only looks like one (T13)."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text.doors import Doors
from gateway.minimise.text.findings import Finding


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in Doors().find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("кв. 45, подъезд 2, домофон 45К1234", ["45К1234"]),
        ("код домофона 45к1234#, 3 этаж", ["45к1234#"]),
        ("Код двери: 2580, звоните", ["2580"]),
        ("код от подъезда - #1234", ["#1234"]),
        ("ключница 7788 слева", ["7788"]),
        ("домофон код 12В0044", ["12В0044"]),
        ("домофон: *45*1234#", ["*45*1234#"]),
        ("есік коды 2580, 3-қабат", ["2580"]),
        ("домофонның коды: 45К1234", ["45К1234"]),
        ("the gate code is 4321", ["4321"]),
        ("code for the door #99A1", ["#99A1"]),
        ("key box 0042 by the meter", ["0042"]),
        ("подъезд 2, этаж 3, кв. 45", []),
        ("домофон не работает с 5 ноября", []),
        ("сломан домофон, заявка 12345", []),
        ("код товара 1234, код ошибки E5", []),
        ("Ключ в сейфе у лифта, код 2580", ["2580"]),
        ("код: 1234#, вход со двора", ["1234#"]),
        ("кілт қорапта, код 0042", ["0042"]),
        ("the key is in the box, code 7788", ["7788"]),
        ("Дверь сломана. Код 2580 на посылке", []),
        ("промокод 12345 у двери", []),
        ("door 5, building 12", []),
        ("домофон, 3 этаж; домофон 3 этаж", []),
    ],
)
def test_the_code_is_found_and_nothing_beside_it(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_finding_says_its_kind() -> None:
    assert [*Doors().find("домофон 12")] == [Finding(8, 10, "door_code")]


@pytest.mark.parametrize("piece", ["домофон ", "код двери ", "1", "a-", "домофон" + " " * 50, "есік " * 3, "код от "])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))

    began = time.perf_counter()
    list(Doors().find(text))

    assert time.perf_counter() - began < 0.5

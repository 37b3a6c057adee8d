"""What stands encoded inside a plain value is found, and plain values are let be."""

from __future__ import annotations

import base64
import random
import time
import uuid

import pytest

from gateway.minimise.text import carries_document, carries_encoded

HIDDEN = ["87000000123", "900101100103", "010190", "Иванов", "Ivanov Ivan", "Қайрат", "г. Павлодар, ул. 1, №5 «А»"]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("around", ["%s", "ref-%s", "order/%s/1", "заказ %s х", "%s=="])
def test_base64_of_readable_text_is_found_wherever_it_stands(hidden: str, around: str) -> None:
    """T14."""
    plain = base64.b64encode(hidden.encode()).decode()
    bare = base64.urlsafe_b64encode(hidden.encode()).decode().rstrip("=")

    assert carries_encoded(around % plain)
    assert carries_encoded(around % bare)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("around", ["%s", "ref-%s", "заказ %s х"])
def test_hex_of_readable_text_is_found(hidden: str, around: str) -> None:
    """T14."""
    assert carries_encoded(around % hidden.encode().hex())
    assert carries_encoded(around % hidden.encode().hex().upper())


@pytest.mark.parametrize(
    "value",
    [
        '{"iin": "x"}',
        'note {"a": 1} end',
        "[1, 2]",
        '  [{"a": 1}]',
        r'"{\"a\": 1}"',
        "{" * 9,
        '{"a": {"b": []}}',
        "{}",
    ],
)
def test_a_json_document_is_found(value: str) -> None:
    """T14."""
    assert carries_document(value)


@pytest.mark.parametrize(
    "value",
    [
        "ORD-2026-000123",
        "REQ-77",
        "ул. Примерная, 12, кв. 45",
        "Заказ [12]",
        "{order}",
        "кв. {45}",
        '"Ромашка"',
        '"',
        "[кв 5]",
        "",
        "Smartphone",
        "internationalization",
        "1234567890123456",
        "2026-11-23T10:00:00+05:00",
        "[" * 100_000,
    ],
)
def test_a_plain_value_is_let_be(value: str) -> None:
    assert not carries_document(value)
    assert not carries_encoded(value)


def test_ids_are_hardly_ever_taken_for_text() -> None:
    chance = random.Random(11)
    uuids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(20_000)]
    numbers = ["".join(chance.choices("0123456789", k=16)) for _ in range(20_000)]
    codes = ["".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=12)) for _ in range(20_000)]

    taken = [sum(map(carries_encoded, one)) for one in (uuids, numbers, codes)]

    assert taken[:2] == [0, 0]
    assert taken[2] <= 5


@pytest.mark.parametrize("before", ["x", "id", "0x", "abc"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_character_or_two_before_it_hides_nothing(before: str, hidden: str) -> None:
    """T14."""
    assert carries_encoded(before + base64.b64encode(hidden.encode()).decode())
    assert carries_encoded(before + hidden.encode().hex())


def test_a_number_too_long_for_a_program_hides_no_document() -> None:
    """T14."""
    assert carries_document('{"a":"b","n":' + "1" * 5_000 + "}")


@pytest.mark.parametrize(
    "raw", [b"a" * 40 + b"\xff", b"a" * 100_000 + b"\xff", "Café, ".encode() * 20 + b"\xff", b"\xff"]
)
def test_text_that_ends_unreadably_costs_no_more_than_reading_it(raw: bytes) -> None:
    """T6: a pattern with two ways to read one letter would take for ever here."""
    began = time.thread_time()

    carries_encoded(base64.b64encode(raw).decode())
    carries_encoded(raw.hex())

    assert time.thread_time() - began < 1.0

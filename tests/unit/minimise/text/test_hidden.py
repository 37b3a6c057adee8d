"""A value that is no free text carries no identifier (law 6, T14), and ordinary values are not taken for one."""

from __future__ import annotations

import random

import pytest

from gateway.minimise.text.hidden import carries_identifier


@pytest.mark.parametrize(
    "value",
    [
        "900101100103",
        "9001 0110 0103",
        "900101.100103",
        "900101/100103",
        "ORD-900101100103",
        "９００１０１１００１０３",
        "991240999991",
        "4111111111111111",
        "заказ 4111 1111 1111 1111",
        "4111.1111.1111.1111",
        "KZ86125KZT5004100100",
        "KZ86 125K ZT50 0410 0100",
        "87000000123",
        "7000000123",
        "+7 (700) 000-01-23",
        "жене: 87000000124",
        "ORD_87000000123",
        "8.700.000.01.23",
        "test.primerov@example.com",
        "для a@b.kz",
        "p_900101_100103",
        "x-900-101-10-0103",
        "0900101100103",
        "00 87000000123",
        "tel_8_700_000_01_23",
        "8/700/000/01/23",
        "๘๗๐๐๐๐๐๐๑๒๓",
        "8\ufe0f7\ufe0f0\ufe0f0\ufe0f0\ufe0f0\ufe0f0\ufe0f0\ufe0f1\ufe0f2\ufe0f3",
        "ivan @mail.kz",
        "ａ＠ｂ.kz",
        "test собака example точка ком",
        "для test (at) example.com",
        "восемь семьсот семь сто двадцать три сорок пять шестьдесят семь",
        "сегіз жеті жүз жеті жүз жиырма үш қырық бес алпыс жеті",
    ],
)
def test_an_identifier_is_seen_however_it_hides(value: str) -> None:
    assert carries_identifier(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "INV-0f6c2a",
        "REQ-2026-000123",
        "ORD-5001",
        "pay_777",
        "prem_0045",
        "100200300",
        "000005002",
        "cw-0045",
        "550e8400-e29b-41d4-a716-446655440000",
        "00000000-0000-0000-0000-000000000000",
        "2026-11-20T18:00/20:00",
        "2026-11-20T08:40:00+05:00",
        "2026-11-20 08:40:00",
        "20.11.2026 18:30",
        "ул. Примерная",
        "во дворе собака, звонить нельзя никак",
        "кафе at home, вход со двора",
        "переулок двадцати восьми героев панфиловцев, дом пять",
        "Үлгі көшесі",
        "Склад продавца, ул. Складская, 1",
        "г. Павлодар, ул. Академика Сатпаева, 10/1, кв. 45",
        "cleaning.general",
        "54.30",
        "14:218:000:000:1:45",
        "12345678901234567890",
        "https://pay.example.com/cb",
        "дело № 0000-26-00-2/0",
        "SKU-4600682000013",
        "18:00-20:00, 21.11.2026",
    ],
)
def test_ordinary_values_pass(value: str) -> None:
    assert not carries_identifier(value)


@pytest.mark.parametrize(
    ("name", "most"), [("account", 0.0), ("order", 0.0), ("uuid", 0.001), ("hex", 0.01), ("moment", 0.0)]
)
def test_few_ordinary_ids_are_held_back(name: str, most: float) -> None:
    rng = random.Random(7)

    def made() -> str:
        raw = f"{rng.getrandbits(128):032x}"
        day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(2020, 2030)
        hour, minute, second = rng.randrange(24), rng.randrange(60), rng.randrange(60)
        return {
            "account": f"{rng.randrange(10**9):09d}",
            "order": f"REQ-{year}-{rng.randrange(10**6):06d}",
            "uuid": f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}",
            "hex": raw,
            "moment": f"{day:02d}.{month:02d}.{year} {hour:02d}:{minute:02d}:{second:02d}",
        }[name]

    values = [made() for _ in range(3_000)]
    held = sum(map(carries_identifier, values))

    print(f"{name}: {held} of {len(values)} held back")
    assert held <= most * len(values)

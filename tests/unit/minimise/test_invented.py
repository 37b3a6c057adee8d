from __future__ import annotations

import pytest

from gateway.canonical import Node, Number
from gateway.minimise.invented import someones
from tests.deployment import SERVICE_REQUEST

INVENTED: Node = {
    "name": "Примеров Тест Образцович",
    "holder": "TEST PRIMEROV",
    "phone": "+7 700 000 01 23",
    "digits": "87000000125",
    "iin": "900101100103",
    "bin": "991240999991",
    "email": "test.primerov@example.com",
    "ip": "192.0.2.17",
    "ipv6": "2001:db8::17",
    "card": "4111 1111 1111 1111",
    "iban": "KZ86 125K ZT50 0410 0100",
    "passport_number": "000000019",
    "birth_date": "1890-01-01",
    "url": "https://pay.example.com/cb",
    "number": "ORD-5002",
    "account": "100200300",
    "terminal": "00000000-0000-0000-0000-000000000000",
    "cryptogram": "01492500008719030128SMinvented",
    "amount": Number("5430.00"),
    "address": "Павлодар, ул. Примерная, 10/1, кв. 45",
    "paid": True,
    "none": None,
}


def test_what_is_invented_is_no_ones() -> None:
    assert someones(INVENTED, {"name"}) == []
    assert someones(SERVICE_REQUEST) == []


@pytest.mark.parametrize(
    ("payload", "path", "kind"),
    [
        ({"phone": "+77011234567"}, "phone", "phone"),
        ({"phone": "+77000000133"}, "phone", "phone"),
        ({"phone": Number("77011234567")}, "phone", "phone"),
        ({"note": "звоните 8 701 123 45 67"}, "note", "phone"),
        ({"note": "звоните +7\u200b701 123 45 67"}, "note", "phone"),
        ({"iin": "900101300106"}, "iin", "iin"),
        ({"note": "ИИН 900101300106"}, "note", "iin"),
        ({"company": "140140030904"}, "company", "bin"),
        ({"email": "someone@mail.kz"}, "email", "email"),
        ({"email": "someone@example.com.kz"}, "email", "email"),
        ({"card": "4000056655665556"}, "card", "card"),
        ({"iban": "KZ563190000012344567"}, "iban", "iban"),
        ({"ip": "8.8.8.8"}, "ip", "ip"),
        ({"ip": "2a00:1450:4010::1"}, "ip", "ip"),
        ({"url": "https://api.cdek.ru/v2"}, "url", "url"),
        ({"passport_number": "N12345678"}, "passport_number", "number"),
        ({"passport_number": "N1234567"}, "passport_number", "document"),
        ({"to": {"birth_date": "1990-01-01"}}, "to.birth_date", "date of birth"),
        ({"order": "123456780"}, "order", "number"),
        ({"comment": "для Иванова Ивана Ивановича"}, "comment", "name"),
        ({"comment": "IVAN PETROV"}, "comment", "name"),
        ({"comment": "IVAN  PETROV"}, "comment", "name"),
        ({"comment": "Иванов\u00a0Иван"}, "comment", "name"),
        ({"comment": "Иванов\n  Иван"}, "comment", "name"),
        ({"comment": "звонить Иванову И.И."}, "comment", "name"),
        ({"comment": "Иванов И."}, "comment", "name"),
        ({"comment": "И. И. Иванов"}, "comment", "name"),
        ({"fio": "Иванов"}, "fio", "name"),
        ({"first_name": "Ольга"}, "first_name", "name"),
        ({"a": [{"b": "someone@mail.kz"}]}, "a[].b", "email"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_looks_like_someones_is_found_by_path_and_kind(payload: Node, path: str, kind: str) -> None:
    assert [tuple(one) for one in someones(payload)] == [(path, kind)]


def test_a_key_that_is_an_identifier_is_found_and_not_said() -> None:
    found = someones({"wives": {"87011234567": "Тест"}})

    assert [tuple(one) for one in found] == [("wives: a key", "phone")]


def test_where_the_map_knows_names_every_name_must_be_invented() -> None:
    assert someones({"recipient": {"name": "Иванов"}}) == []
    assert [one.kind for one in someones({"recipient": {"name": "Иванов"}}, {"recipient.name"})] == ["name"]
    assert someones({"recipient": {"name": "Тест П."}}, {"recipient.name"}) == []


def test_no_finding_holds_a_value() -> None:
    found = someones({"note": "someone@mail.kz", "phone": "+77011234567"})

    assert "someone@" not in repr(found)
    assert "7011234567" not in repr(found)

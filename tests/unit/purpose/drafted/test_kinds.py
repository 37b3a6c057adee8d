from __future__ import annotations

import pytest

from gateway.canonical import Node, Number
from gateway.model import FieldType
from gateway.purpose.drafted.kinds import MAY_BE, Kind, kind_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, Kind.BOOLEAN),
        (Number("139"), Kind.INTEGER),
        (Number("1.40"), Kind.DECIMAL),
        (Number("87000000123"), Kind.PHONE),
        (Number("900101100103"), Kind.IDENTIFIER),
        ("900101 100103", Kind.IDENTIFIER),
        ("+7 700 000 01 23", Kind.PHONE),
        ("test.primerov@example.com", Kind.EMAIL),
        ("Примеров Тест Образцович", Kind.NAME),
        ("Примеров Т. О.", Kind.NAME),
        ("Смеситель", Kind.TEXT),
        ("ул. Примерная, 10/1", Kind.TEXT),
        ("ORD-5002", Kind.CODE),
        ("KZT", Kind.CODE),
        ("140000", Kind.INTEGER),
        ("15990.00", Kind.DECIMAL),
        ("2026-11-23", Kind.DATE),
        ("2026-11-23T10:00:00+05:00", Kind.DATETIME),
        ("2026-11", Kind.PERIOD),
        ("https://app.example.com/ok", Kind.URL),
        ('{"iin": "900101100103"}', Kind.DOCUMENT),
    ],
    ids=str,
)
def test_a_value_looks_like_what_it_is(value: Node, kind: Kind) -> None:
    assert kind_of(value) is kind


def test_every_type_of_a_field_says_what_it_may_be_written_as() -> None:
    assert MAY_BE.keys() == set(FieldType)
    assert all(Kind.IDENTIFIER not in kinds and Kind.DOCUMENT not in kinds for kinds in MAY_BE.values())

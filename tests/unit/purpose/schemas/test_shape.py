"""What a place may be written as: a name, a narrowing, a constant."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from gateway.canonical import Number
from gateway.model import FieldType
from gateway.purpose.schemas.shape import Meaning, Place, Served


def test_a_place_is_a_fields_name_the_same_narrowed_or_a_constant() -> None:
    place = Place()

    assert place.deserialize("ticket.id")["field"] == "ticket.id"
    assert place.deserialize({"field": "ticket.id", "required": True})["required"] is True
    assert place.deserialize({"operational": "integer", "one_of": [Number("1")]})["type"] is FieldType.INTEGER


@pytest.mark.parametrize(
    ("field", "given"),
    [
        (Place(), {"operational": "integer", "field": "ticket.id"}),
        (Place(), {"field": "ticket.id", "category": "name"}),
        (Place(), Number("5")),
        (Meaning(), {"tariff": {"1": "door"}, "other": {"1": "door"}}),
        (Meaning(), {"tariff": {}}),
        (Served(), {"set": "houses", "of": "x"}),
        (Served(), {"set": "Not A Name"}),
        (Served(), []),
    ],
    ids=["both kinds", "a category", "a number", "two paths", "no values", "an unknown key", "no name", "no one"],
)
def test_what_is_neither_is_refused(field: Any, given: object) -> None:
    """T11."""
    with pytest.raises(ValidationError):
        field.deserialize(given)


def test_a_meaning_is_one_value_or_a_table_of_one_of_their_paths() -> None:
    assert Meaning().deserialize("door") == "door"
    assert Meaning().deserialize({"tariff": {"139": "door"}}) == {"tariff": {"139": "door"}}


def test_whom_a_recipient_serves_is_a_list_or_the_name_of_a_set() -> None:
    assert Served().deserialize(["Павлодар"]) == ["Павлодар"]
    assert Served().deserialize({"set": "houses"}) == {"set": "houses"}

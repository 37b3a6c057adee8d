from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import Node, Number
from gateway.purpose.drafted.closed import answer_of, constant_of, looks_personal
from tests.unit.purpose.drafted.conftest import leaf, personal


@pytest.mark.parametrize(
    ("path", "values", "told"),
    [
        ("tariff_code", [Number("139"), Number("136")], {"operational": "integer", "one_of": ["136", "139"]}),
        ("currency", ["KZT"], {"operational": "string", "one_of": ["KZT"]}),
        ("items[].cost_currency", ["KZT"], {"operational": "string", "one_of": ["KZT"]}),
        ("skip_door_to_door", [False], {"operational": "boolean"}),
    ],
)
def test_a_few_listed_codes_are_a_constant(path: str, values: list[Node], told: dict[str, Any]) -> None:
    assert constant_of(leaf(path, *values), personal) == told


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("recipient.type", ["INDIVIDUAL"]),
        ("status", ["Primerov"]),
        ("status", ["Примеров"]),
        ("type", ["primerov test"]),
        ("code", ["100200300"]),
        ("code", [Number("45123")]),
        ("code", ["4821"]),
        ("confirm_code", [Number("4821")]),
        ("code", ["900101100103"]),
        ("code", ["a-87000000123"]),
        ("sflat", [Number("45")]),
        ("apartment_code", [Number("45")]),
        ("total_sum", [Number("100")]),
        ("anything", ["canary"]),
        ("state", ["a", "b", "c"]),
        ("type", [str(number) for number in range(20)]),
        ("type", []),
        ("name_type", ["x"]),
        ('"~".code', ["x"]),
    ],
    ids=str,
)
def test_what_may_say_something_of_a_person_is_no_constant(path: str, values: list[Node]) -> None:
    """T14."""
    assert constant_of(leaf(path, *values), personal) is None


@pytest.mark.parametrize(
    ("path", "values", "told"),
    [
        ("entity.uuid", ["00000000-0000-0000-0000-000000000001"], {"type": "string", "pattern": "[0-9a-f-]{36}"}),
        ("status", ["AUTH"], {"type": "string", "pattern": "[A-Za-z0-9_-]{1,64}"}),
        ("ok", [True], {"type": "boolean"}),
        ("created_at", ["2026-01-02T03:04:05Z"], {"type": "datetime"}),
        ("on", ["2026-01-02"], {"type": "date"}),
        ("count_of", [Number("5")], {"category": "billing", "type": "decimal"}),
        ("version", [Number("5")], {"type": "integer", "minimum": "0", "maximum": "1000000"}),
        ("amount", [Number("5")], {"category": "billing", "type": "decimal", "places": "2"}),
        ("errors[].message", ["no such tariff"], {"type": "text", "max_length": "300"}),
    ],
    ids=str,
)
def test_what_comes_back_is_of_a_closed_type(path: str, values: list[Node], told: dict[str, Any]) -> None:
    found = answer_of(leaf(path, *values), personal)

    assert found is not None
    assert told.items() <= found.items()


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("payer.phone", ["+77000000123"]),
        ("payer.name", ["x"]),
        ("card_mask", ["4111 11** **** 1111"]),
        ("note", ["free words here"]),
        ('"~"', ["x"]),
    ],
)
def test_people_and_free_words_do_not_come_back(path: str, values: list[Node]) -> None:
    assert answer_of(leaf(path, *values), personal) is None


def test_what_an_api_lists_comes_back_as_that_list() -> None:
    listed = leaf("status", "NEW", "DONE")
    listed.listed = True

    assert (answer_of(listed, personal) or {})["one_of"] == ["DONE", "NEW"]


def test_a_key_or_a_value_may_look_personal() -> None:
    assert looks_personal(leaf("zip_code", "x"), personal)
    assert looks_personal(leaf("data", "жена: 87000000124"), personal)
    assert not looks_personal(leaf("tariff_code", Number("139")), personal)

"""Free text by a map's rule: a flat stays home where the map withholds it, and the work is bounded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.canonical import Node
from gateway.minimise.free_text import TEXT_BUDGET
from gateway.model import FieldRule, FieldType, RefusedReason, Transform, WithheldReason
from tests.rules import failures, project, rule, when, withheld


def flat_rule(path: str, **changes: Any) -> FieldRule:
    return replace(rule(path, **changes), category="apartment")


TEXT = rule("text", FieldType.TEXT, max_length=100)
FLAT = flat_rule("flat", when=when(scope="apartment"))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"scope": "apartment", "text": "кв. 45, сосед"}, "кв. 45, сосед"),
        ({"scope": "yard", "text": "кв. 45, сосед"}, "[КВАРТИРА], сосед"),
        ({"text": "пәтер 45"}, "[ПӘТЕР]"),
    ],
)
def test_a_flat_in_a_text_leaves_only_where_the_map_gives_the_flat_away(payload: Node, expected: str) -> None:
    """T13."""
    projection = project(payload, TEXT, FLAT)

    assert isinstance(projection.data, dict)
    assert projection.data["text"] == expected
    assert projection.findings.get("flat", 0) == int("кв. 45" not in expected)


def test_a_map_without_the_flat_keeps_it_out_of_the_text_and_one_that_always_gives_it_does_not() -> None:
    always = flat_rule("flat")

    assert project({"text": "кв. 45"}, TEXT).data == {"text": "[КВАРТИРА]"}
    assert project({"text": "кв. 45"}, TEXT, always).data == {"text": "кв. 45"}


def test_a_flat_that_leaves_as_less_than_it_was_is_withheld_from_the_text() -> None:
    masked = flat_rule("flat", transform=Transform.MASK)

    assert project({"text": "кв. 45"}, TEXT, masked).data == {"text": "[КВАРТИРА]"}


def test_an_address_in_one_line_keeps_its_flat() -> None:
    line = replace(TEXT, category="address")

    assert project({"text": "ул. Примерная, 7А, кв. 12"}, line).data == {"text": "ул. Примерная, 7А, кв. 12"}


def test_a_condition_that_cannot_be_asked_where_the_text_stands_does_not_hold() -> None:
    inside = flat_rule("points[].flat", when=when(points__each__kind="home"))
    payload: Node = {"text": "кв. 45", "points": [{"kind": "home", "flat": "45"}]}

    projection = project(payload, TEXT, inside)

    assert projection.data == {"text": "[КВАРТИРА]", "points": [{"flat": "45"}]}


def test_each_item_is_asked_for_itself() -> None:
    note = rule("points[].note", FieldType.TEXT, max_length=50)
    inside = flat_rule("points[].flat", when=when(points__each__kind="home"))
    payload: Node = {"points": [{"kind": "home", "note": "кв. 4"}, {"kind": "shop", "note": "кв. 5"}]}

    projection = project(payload, note, inside)

    assert projection.data == {"points": [{"note": "кв. 4"}, {"note": "[КВАРТИРА]"}]}


def test_texts_beyond_the_budget_of_a_payload_are_withheld_and_say_so() -> None:
    """T57: scrubbing costs time in proportion, and so the whole of it is bounded."""
    notes = rule("notes[]", FieldType.TEXT, max_length=10_000, max_items=100)
    long = "слово " * 1_600  # 17,600 bytes
    payload: Node = {"notes": [long, long, long, long, "да"]}

    projection = project(payload, notes)

    assert projection.data == {"notes": [long, long, long]}
    assert withheld(projection) == {"notes[]": WithheldReason.OVER_LIMIT}
    assert projection.withheld[0].rule == f"{TEXT_BUDGET} bytes of text in one payload"


def test_a_required_text_beyond_the_budget_refuses() -> None:
    text = rule("text", FieldType.TEXT, max_length=100_000, required=True)

    projection = project({"text": "я" * (TEXT_BUDGET // 2 + 1)}, text)

    assert projection.data == {}
    assert failures(projection) == [
        ("text", RefusedReason.REQUIRED_INVALID.value, f"{TEXT_BUDGET} bytes of text in one payload")
    ]

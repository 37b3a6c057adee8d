from __future__ import annotations

import copy
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from gateway.admission.glance import Glance, Text
from gateway.admission.request import TransferSchema
from gateway.canonical import Number

SCHEMA = TransferSchema()
GLANCE = Glance(SCHEMA)
WHOLE: dict[str, Any] = {
    "recipient": "mc",
    "purpose": "service_request",
    "subject": "resident:17",
    "basis": {"kind": "consent", "ref": "consent/17", "given_at": "2026-05-01T10:00:00+05:00", "text_version": "3"},
    "payload": {"a": Number("1")},
    "delivery": "wait",
}
ODD: tuple[object, ...] = (
    "",
    "x" * 200,
    "иван",
    "900101100103",
    "+77000000123",
    Number("1"),
    1,
    True,
    None,
    [],
    {},
    {"kind": "consent"},
)


def places(tree: dict[str, Any], *above: str) -> list[tuple[str, ...]]:
    return [place for key, item in tree.items() for place in ((*above, key), *_below(item, *above, key))]


def _below(item: object, *above: str) -> list[tuple[str, ...]]:
    return places(item, *above) if isinstance(item, dict) and above != ("payload",) else []


def changed(place: tuple[str, ...], value: object) -> dict[str, Any]:
    """A whole request with one value changed, or taken out, or a key beside it."""
    tree = copy.deepcopy(WHOLE)
    inside = tree
    for key in place[:-1]:
        inside = inside[key]
    if value is KeyError:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return tree


CHANGED = [
    changed(place, value)
    for place in (*places(WHOLE), ("other",), ("basis", "other"))
    for value in (*ODD, KeyError)
    if not (value is KeyError and place[-1] == "other")
]


def loaded(tree: object) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = SCHEMA.load(tree)  # type: ignore[arg-type]  # anything may come
    except ValidationError:
        return None
    return told


def glanced(tree: object) -> dict[str, Any] | None:
    try:
        return GLANCE.at(tree)
    except ValidationError:
        return None


def test_a_whole_request_is_answered_as_the_schema_does() -> None:
    assert glanced(WHOLE) == loaded(WHOLE) == WHOLE


def test_what_may_be_left_out_gets_the_schemas_default() -> None:
    tree = {key: WHOLE[key] for key in ("recipient", "purpose", "subject", "payload")}

    assert glanced(tree) == loaded(tree) == {**tree, "basis": None, "delivery": "wait"}


@pytest.mark.parametrize("tree", [*CHANGED, [], "text", None], ids=lambda tree: None)
def test_a_glance_never_answers_what_the_schema_would_not(tree: object) -> None:
    assert glanced(tree) in (None, loaded(tree))


def test_the_changes_reach_both_kinds() -> None:
    """Some are refused by both, some taken by both; the null of what may be left out is the schema's to read."""
    kinds = {(glanced(tree) is not None, loaded(tree) is not None) for tree in CHANGED}

    assert kinds == {(False, False), (True, True), (False, True)}


def test_what_was_looked_at_is_not_copied_or_changed() -> None:
    tree = copy.deepcopy(WHOLE)

    assert GLANCE.at(tree)["payload"] is tree["payload"]
    assert tree == WHOLE


def test_a_text_is_a_string_of_its_form_and_no_number() -> None:
    def judge(text: str) -> None:
        if text != "good":
            raise ValidationError("is not good")

    schema = Schema.from_dict({"text": Text(judge, required=True), "any": fields.Raw(required=True)})()
    faults = {
        value: schema.validate({"text": value, "any": 1}).get("text") for value in ("good", "bad", Number("1"), 1, None)
    }

    assert faults == {
        "good": None,
        "bad": ["is not good"],
        Number("1"): ["is not a string"],
        1: ["is not a string"],
        None: ["is null"],
    }

"""What a place may not widen has its broken files in tests/data/broken_maps; here stands what a right one becomes."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path
from gateway.model import FieldType, Match, Transform
from gateway.purpose.constants import BECAUSE
from gateway.purpose.places import limits_of, rule_at
from gateway.purpose.service import Place
from tests.unit.purpose.samples import by_path, rule, served_by


def place(path: str, field: str | None, **changes: object) -> Place:
    at = parse_path(path)
    return Place(
        text=path, path=at, field=None if field is None else parse_path(field), sources=(at,), when=(), changes=changes
    )


def test_a_place_has_the_class_s_rule_at_its_own_path(tmp_path: FilePath) -> None:
    """Law 7."""
    found = by_path(served_by(tmp_path, "shape:", "  number: ticket.id"))["number"]

    assert found.path == parse_path("number")
    assert found.sources == (parse_path("number"),)
    assert (found.category, found.type, found.max_length, found.required) == ("operational", FieldType.STRING, 40, True)
    assert found.because == "§5, the number"


def test_a_place_may_narrow_every_bound(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path,
            "shape:",
            '  number: {field: ticket.id, max_length: 9, pattern: "[0-9]+"}',
            "  kind: {field: ticket.kind, one_of: [leak], required: true}",
            "  sum: {field: ticket.sum, minimum: 2, maximum: 50.5, places: 1}",
            "  code: {field: ticket.code, max_length: 3, one_of: [ABC]}",
        )
    )

    assert (found["number"].max_length, found["number"].pattern) == (9, "[0-9]+")
    assert (found["kind"].one_of, found["kind"].required) == (("leak",), True)
    assert (found["sum"].minimum, found["sum"].maximum, found["sum"].places) == ("2", "50.5", 1)
    assert (found["code"].pattern, found["code"].max_length, found["code"].one_of) == ("[A-Z]{3}", 3, ("ABC",))


def test_a_place_may_make_a_value_less_than_it_is(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path, "shape:", '  number: {field: ticket.id, as: generic, text: "the number"}', "  k: ticket.kind"
        )
    )

    assert (found["number"].transform, found["number"].generic) == (Transform.GENERIC, "the number")


def test_one_field_may_stand_in_several_places_and_be_composed_of_theirs(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path,
            "shape:",
            "  who: {field: ticket.person, from: [first, last]}",
            "  again: ticket.person",
            "  kind: {field: ticket.kind, from: what}",
        )
    )

    assert found["who"].sources == (parse_path("first"), parse_path("last"))
    assert found["again"].sources == (parse_path("again"),)
    assert found["kind"].sources == (parse_path("what"),)


def test_a_condition_of_theirs_comes_to_the_class_s_own(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path,
            "means: {ticket.scope: {where: {flat: apartment, room: apartment}}}",
            "shape:",
            "  points[].phone: {field: ticket.phone, max_items: 2, when: {points[].type: [end]}}".replace(
                "points[].type", '"points[].type"'
            ),
        )
    )["points[].phone"]

    where, kind = parse_path("where"), parse_path("points[].type")
    assert found.when == ((Match(where, ("flat", "room")), Match(kind, ("end",))),)


def test_a_constant_is_operational_and_says_so(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path,
            "shape:",
            "  number: ticket.id",
            "  tariff: {operational: integer, one_of: [136, 139], required: true}",
        )
    )["tariff"]

    assert (found.category, found.type, found.one_of, found.required) == (
        "operational",
        FieldType.INTEGER,
        ("136", "139"),
        True,
    )
    assert found.because == BECAUSE


def test_what_the_class_map_has_once_leaves_once_from_an_array() -> None:
    """T16: a list of phones is no way to name many people."""
    rules = {parse_path("phone"): rule("phone", FieldType.PHONE, category="phone")}

    assert limits_of([place("phones[].number", "phone")], rules) == {parse_path("phones[]"): 1}


LIMITS = {
    "a limit that is stated": ([place("a[].b", "one", max_items=3)], 3),
    "the least that is stated": ([place("a[].b", "one", max_items=3), place("a[].c", "one", max_items=2)], 2),
    "the class map's own": ([place("a[].b", "many[].x")], 7),
    "the least of both": ([place("a[].b", "many[].x", max_items=5)], 5),
    "one beside the class map's own": ([place("a[].b", "many[].x"), place("a[].c", "one")], 1),
    "many of constants": ([place("a[].b", None)], 100),
    "of each array by itself": ([place("a[].b", "many[].x"), place("z[].c", "one")], 7),
}


@pytest.mark.parametrize(("places", "expected"), LIMITS.values(), ids=LIMITS.keys())
def test_an_array_of_theirs_has_a_limit(places: list[Place], expected: int) -> None:
    """T6, T16."""
    many = parse_path("many[].x")
    rules = {
        parse_path("one"): rule("one"),
        many: rule_at(rule("many[].x"), place("many[].x", "many[].x"), {many[:1]: 7}, []),
    }

    assert limits_of(places, rules)[parse_path("a[]")] == expected


def test_a_template_names_the_fields_where_theirs_are() -> None:
    note = rule("note", transform=Transform.TEMPLATE, template="No. {id} of {kind}")
    places = [place("n", "note"), place("body.number", "id")]

    found = rule_at(note, places[0], {}, places)

    assert found.template == "No. {body.number} of {kind}"

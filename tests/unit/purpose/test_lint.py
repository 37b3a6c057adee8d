"""Each rule has its broken file in tests/data/broken_maps; here stands what must pass, and what files cannot show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.canonical import parse_path
from gateway.model import FieldRule, FieldType, Match, Transform
from gateway.purpose.lint import lint_field, lint_fields
from tests.unit.purpose.samples import LEXICON, rule

RIGHT = {
    "a string of one of its values": rule("a.b", max_length=3),
    "a bounded pattern": rule("a.b", max_length=None, pattern=r"[A-Z*+]{1,3}\.x"),
    "an open-ended pattern with a limit": rule("a.b", max_length=9, pattern="[A-Z]+"),
    "a phone": rule("a.phone", FieldType.PHONE, category="phone", transform=Transform.E164),
    "two names composed": rule("a.n", transform=Transform.GIVEN_AND_INITIAL, sources=("a.first", "a.last")),
    "a source above the array": rule("a[].b", sources=("c",)),
    "a source in the array above": rule("a[].b[].c", sources=("a[].d",)),
    "a condition in the same item": rule("a[].b", when=((Match(parse_path("a[].kind"), ("x",)),),)),
    "a condition on the recipient": rule("a.b", when=((Match(parse_path("recipient.role"), ("x",)),),)),
    "a Kazakh key": rule('"пәтер".id'),
    "a word that only contains a forbidden one": rule("a.rebirth"),
}


@pytest.mark.parametrize("field", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_field_has_nothing_wrong(field: FieldRule) -> None:
    assert list(lint_field(field, LEXICON)) == []


@pytest.mark.parametrize("citation", ["§5 …", "policy, clause 5", "Политика, раздел 5", "саясаттың 5-тармағы"])
def test_a_reason_may_cite_the_policy_in_three_languages(citation: str) -> None:
    field = replace(rule("a.b"), because=citation)

    assert list(lint_field(field, LEXICON)) == []


def test_a_condition_may_not_tell_what_never_leaves() -> None:
    field = rule("a.b", when=((Match(parse_path("a.iin"), ("900101100103",)),),))

    assert list(lint_field(field, LEXICON)) == [
        (("when",), "iin: stands in the taxonomy's `never`; no map may name it")
    ]


def test_every_collision_is_told_once() -> None:
    fields = [rule("a.b"), rule("a.b.c"), rule("a.b.d"), rule("a[].e"), rule("f")]

    found = [path for path, _, _ in lint_fields(fields)]

    assert found == [parse_path("a.b.c"), parse_path("a.b.d"), parse_path("a[].e")]


def test_two_keys_that_a_careless_reader_takes_for_one_collide() -> None:
    """T2, T3."""
    fields = [rule("a.Phone"), rule("a.phone")]

    assert [said for _, _, said in lint_fields(fields)] == ["collides with another field at a.phone"]


def test_a_template_may_name_a_required_field_above_its_array() -> None:
    note = rule("a[].note", transform=Transform.TEMPLATE, template="No. {id}")

    assert list(lint_fields([rule("id", required=True), note])) == []


def test_a_template_may_not_name_a_field_inside_another_array() -> None:
    note = rule("note", transform=Transform.TEMPLATE, template="No. {a[].id}")

    found = [said for _, _, said in lint_fields([rule("a[].id", required=True), note])]

    assert found == ["{a[].id}: which item is meant? expected an array that the field stands in"]

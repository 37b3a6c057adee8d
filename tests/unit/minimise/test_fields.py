"""One rule, from the payload to the value that leaves, and the account of why it does not."""

from __future__ import annotations

import pytest

from gateway.canonical import Node, Number
from gateway.model import FieldType, RefusedReason, Released, Transform, WithheldReason
from tests.rules import failures, project, rule, when, withheld

NAME = {"given": "Тест", "family": "Примеров"}
COMPOSED = rule("name", FieldType.STRING, "given", "family", transform=Transform.GIVEN_AND_INITIAL, required=True)
ORDER = rule("order_id", pattern="[A-Z0-9-]+")
TEMPLATE = rule("text", FieldType.STRING, transform=Transform.TEMPLATE, template="Оплата счёта {order_id}.")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({}, ("order", RefusedReason.REQUIRED_MISSING.value, "string"), id="missing"),
        pytest.param({"order": None}, ("order", RefusedReason.REQUIRED_MISSING.value, "string"), id="null is absent"),
        pytest.param({"order": "abc"}, ("order", RefusedReason.REQUIRED_INVALID.value, "max_length 2"), id="too long"),
        pytest.param({"order": Number("1")}, ("order", RefusedReason.REQUIRED_INVALID.value, "string"), id="a number"),
        pytest.param({"order": {}}, ("order", RefusedReason.REQUIRED_INVALID.value, "string"), id="an object"),
    ],
)
def test_a_required_field_that_cannot_leave_says_why(payload: Node, expected: tuple[str, str, str]) -> None:
    """T18."""
    projection = project(payload, rule("order", max_length=2, required=True))

    assert failures(projection) == [expected]
    assert projection.data == {}


def test_what_is_required_only_under_a_condition_may_be_missing_without_it() -> None:
    field = rule("flat", required=True, when=when(scope="apartment"))

    assert failures(project({"scope": "yard"}, field)) == []
    assert failures(project({"scope": "apartment"}, field)) == [("flat", "required_missing", "string")]


def test_a_condition_that_does_not_hold_keeps_the_field_home() -> None:
    projection = project({"scope": "yard", "flat": "45"}, rule("flat", when=when(scope="apartment")))

    assert projection.data == {}
    assert withheld(projection) == {"flat": WithheldReason.CONDITION, "scope": WithheldReason.NOT_IN_MAP}


def test_a_bad_value_stays_home_and_the_rest_leaves() -> None:
    projection = project({"a": "900101100103", "b": "x"}, rule("a"), rule("b"))

    assert projection.data == {"b": "x"}
    assert withheld(projection) == {"a": WithheldReason.BAD_VALUE}
    assert projection.released == (Released("b", "string"),)


def test_text_is_scrubbed_and_what_was_found_is_counted() -> None:
    """T13."""
    projection = project({"t": "звоните 8 700 000 01 23 или a@b.kz"}, rule("t", FieldType.TEXT, max_length=100))

    assert projection.data == {"t": "звоните [ТЕЛЕФОН] или [EMAIL]"}
    assert projection.findings == {"email": 1, "phone": 1}
    assert projection.released == (Released("t", "scrub"),)


def test_text_over_its_limit_stays_home_whole() -> None:
    projection = project({"t": "abcd"}, rule("t", FieldType.TEXT, max_length=3))

    assert withheld(projection) == {"t": WithheldReason.OVER_LIMIT}


@pytest.mark.parametrize(
    ("payload", "data"),
    [
        (NAME, {"name": "Тест П."}),
        ({"given": "Тест"}, {"name": "Тест"}),
        ({"given": "Тест", "family": None}, {"name": "Тест"}),
    ],
)
def test_a_name_composes_and_its_sources_count_as_released(payload: Node, data: Node) -> None:
    projection = project(payload, COMPOSED)

    assert projection.data == data
    assert projection.withheld == ()
    assert projection.released == (Released("name", "given_and_initial"),)


@pytest.mark.parametrize(
    ("payload", "kept", "expected"),
    [
        ({"family": "Примеров"}, {"family"}, "required_missing"),
        ({"given": "Тест", "family": "5"}, {"given", "family"}, "required_invalid"),
        ({"given": {"x": "y"}, "family": "Примеров"}, {"given", "family"}, "required_invalid"),
        ({}, set(), "required_missing"),
    ],
)
def test_a_name_that_does_not_compose_leaves_nothing_of_itself(payload: Node, kept: set[str], expected: str) -> None:
    projection = project(payload, COMPOSED)

    assert projection.data == {}
    assert withheld(projection) == dict.fromkeys(kept, WithheldReason.BAD_VALUE)
    assert [reason for _, reason, _ in failures(projection)] == [expected]


def test_a_source_inside_what_is_no_object_is_accounted_for_where_it_stands() -> None:
    projection = project({"who": "text", "family": "Примеров"}, rule(
        "name", FieldType.STRING, "who.given", "family", transform=Transform.GIVEN_AND_INITIAL, required=True
    ))  # fmt: skip

    assert withheld(projection) == {"who": WithheldReason.BAD_VALUE, "family": WithheldReason.BAD_VALUE}
    assert failures(projection) == [("name", "required_invalid", "object")]


def test_a_template_inserts_what_leaves_and_nothing_of_its_source() -> None:
    projection = project({"text": "для Примерова, 87000000123", "order_id": "INV-1"}, TEMPLATE, ORDER)

    assert projection.data == {"text": "Оплата счёта INV-1.", "order_id": "INV-1"}
    assert projection.withheld == ()
    assert projection.released == (Released("text", "template"), Released("order_id", "string"))


@pytest.mark.parametrize(
    ("payload", "data", "reason"),
    [
        pytest.param({"order_id": "INV-1"}, {"order_id": "INV-1"}, None, id="without its source"),
        pytest.param({"text": "x", "order_id": "inv"}, {}, WithheldReason.BAD_VALUE, id="its field is bad"),
        pytest.param({"text": "x"}, {}, WithheldReason.BAD_VALUE, id="its field is missing"),
        pytest.param(
            {"text": {}, "order_id": "I"}, {"order_id": "I"}, WithheldReason.BAD_VALUE, id="its source is an object"
        ),
    ],
)
def test_a_template_stands_only_with_its_source_and_its_fields(
    payload: Node, data: Node, reason: WithheldReason | None
) -> None:
    projection = project(payload, TEMPLATE, ORDER)

    assert projection.data == data
    assert withheld(projection).get("text") == reason


def test_a_template_without_sources_always_stands_and_may_insert_a_transformed_value() -> None:
    day = rule("day", FieldType.DATETIME, "at", transform=Transform.DATE_ONLY)
    note = rule("note", transform=Transform.TEMPLATE, template="{day}")
    note = type(note)(path=note.path, sources=(), category=note.category, type=note.type, transform=note.transform,
                      template=note.template)  # fmt: skip

    assert project({"at": "2026-11-03T12:00:00Z"}, note, day).data == {"note": "2026-11-03", "day": "2026-11-03"}


def test_a_template_inserts_a_truth_value_as_the_formats_spell_it() -> None:
    note = rule("note", transform=Transform.TEMPLATE, template="paid: {paid}")

    assert project({"note": "x", "paid": False}, note, rule("paid", FieldType.BOOLEAN)).data == {
        "note": "paid: false",
        "paid": False,
    }


def test_a_template_does_not_insert_what_a_condition_keeps_home() -> None:
    order = rule("order_id", when=when(kind="x"))

    assert project({"text": "x", "order_id": "INV-1", "kind": "y"}, TEMPLATE, order).data == {}


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([TEMPLATE], id="a template of a field that does not exist"),
        pytest.param([TEMPLATE, rule("order_id", FieldType.TEXT)], id="a template of free text"),
        pytest.param([rule("a", FieldType.STRING, "b", "c")], id="two sources and no transform that composes"),
        pytest.param([rule("a", transform=Transform.E164)], id="a transform of another type"),
        pytest.param([rule("a", FieldType.TEXT, transform=Transform.LOWER)], id="a transform of text"),
        pytest.param([rule("a", when=when(items__each__x="1"))], id="a condition on some item or other"),
    ],
)
def test_a_rule_that_contradicts_itself_does_not_compile(rules: list[object]) -> None:
    """T11: law 10, at the start and not at noon."""
    with pytest.raises(ValueError, match=r"^(text|a): "):
        project({}, *rules)  # type: ignore[arg-type]


def test_a_source_that_many_items_read_is_withheld_only_if_none_takes_it() -> None:
    owner = rule("x[].owner", FieldType.STRING, "id", when=when(x__each__k="a"))

    assert "id" not in withheld(project({"id": "7", "x": [{"k": "a"}, {"k": "b"}]}, owner))
    assert withheld(project({"id": "7", "x": [{"k": "c"}, {"k": "b"}]}, owner))["id"] == "condition"


def test_a_source_of_two_rules_is_withheld_only_if_neither_takes_it() -> None:
    rules = (
        rule("x[].a", FieldType.STRING, "x[].s", when=when(x__each__k="a")),
        rule("x[].b", FieldType.STRING, "x[].s", when=when(x__each__k="b"), max_length=1),
    )

    assert project({"x": [{"s": "1", "k": "a"}, {"s": "2", "k": "b"}]}, *rules).data == {"x": [{"a": "1"}, {"b": "2"}]}
    assert "x[].s" not in withheld(project({"x": [{"s": "1", "k": "a"}]}, *rules))
    assert withheld(project({"x": [{"s": "1", "k": "a"}, {"s": "2", "k": "c"}]}, *rules))["x[].s"] == "condition"
    assert withheld(project({"x": [{"s": "22", "k": "b"}]}, *rules))["x[].s"] == "bad_value"

"""The disclosure is built from the rules, in their order, and never more (laws 1 and 2; T11, T12, T16 to T18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.canonical import Node, Number, parse_path, write
from gateway.formats.strict_json import parse
from gateway.minimise import compile_projection
from gateway.model import (
    FieldRule,
    FieldType,
    Lexicon,
    Match,
    Plan,
    Released,
    Serves,
    SubjectId,
    Transform,
    Whose,
    WithheldReason,
)
from tests.rules import LEXICON, conceal, failures, project, rule, when, withheld

SHARED = Path(__file__).parents[4] / "shared" / "payloads"
OWN = Path(__file__).parent / "payloads"


def test_keys_stand_in_the_order_of_the_map_and_not_of_the_payload() -> None:
    payload: Node = {"z": {"b": "1", "a": "2"}, "a": "3"}

    projection = project(payload, rule("a"), rule("z.a"), rule("z.b"))

    assert write(projection.data) == b'{"a":"3","z":{"a":"2","b":"1"}}'


def test_no_rules_release_nothing() -> None:
    """T11: an empty map is not an open map."""
    projection = project({"a": "1", "b": {"c": "2"}})

    assert projection.data == {}
    assert projection.released == ()
    assert withheld(projection) == {conceal("a"): "not_in_map", conceal("b"): "not_in_map"}


@pytest.mark.parametrize(
    ("payload", "data"),
    [
        pytest.param({"o": {"a": None}}, {}, id="an object without a released leaf"),
        pytest.param({"o": {}}, {}, id="an empty object"),
        pytest.param({"o": {"list": []}}, {}, id="an empty array"),
        pytest.param({"o": {"list": [{"x": "1"}, {}, None]}}, {}, id="an array that releases nothing"),
        pytest.param(
            {"o": {"list": [{}, {"a": "1"}, {"x": "2"}, {"a": "3"}]}},
            {"o": {"list": [{"a": "1"}, {"a": "3"}]}},
            id="items",
        ),
        pytest.param({"o": {"tags": ["a", None, "b"]}}, {"o": {"tags": ["a", "b"]}}, id="an array of texts"),
        pytest.param(
            {"o": {"list": [{"deep": [{"b": "1"}, {}]}, {"deep": []}]}},
            {"o": {"list": [{"deep": [{"b": "1"}]}]}},
            id="nested",
        ),
        pytest.param({"o": {"a": ""}}, {"o": {"a": ""}}, id="an empty text is a value"),
        pytest.param({"o": {"flag": False}}, {"o": {"flag": False}}, id="false is a value"),
    ],
)
def test_an_object_or_array_exists_only_if_a_leaf_in_it_was_released(payload: Node, data: Node) -> None:
    """T17: null and absent are one."""
    rules = (
        rule("o.a"),
        rule("o.flag", FieldType.BOOLEAN),
        rule("o.list[].a"),
        rule("o.list[].deep[].b"),
        rule("o.tags[]"),
    )

    assert project(payload, *rules).data == data


def test_what_leaves_is_never_a_part_of_the_payload_itself() -> None:
    payload: Node = {"o": {"a": "1", "secret": "2"}, "list": [{"a": "1", "secret": "2"}]}

    projection = project(payload, rule("o.a"), rule("list[].a"))

    assert projection.data == {"o": {"a": "1"}, "list": [{"a": "1"}]}
    assert payload == {"o": {"a": "1", "secret": "2"}, "list": [{"a": "1", "secret": "2"}]}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({}, [], id="no array"),
        pytest.param({"x": []}, [], id="no items"),
        pytest.param({"x": [None]}, [], id="no item but null"),
        pytest.param(
            {"x": [{"a": "1"}, {"b": "2"}]}, [("x[].a", "required_missing", "string")], id="one item without it"
        ),
        pytest.param({"x": [{"a": "1"}, {"a": {}}]}, [("x[].a", "required_invalid", "string")], id="one bad item"),
        pytest.param({"x": [{"a": "1"}, "text"]}, [("x[].a", "required_invalid", "object")], id="an item that is none"),
        pytest.param({"x": {"a": "1"}}, [("x[].a", "required_invalid", "array")], id="no array but an object"),
        pytest.param({"x": [{"a": "1"}] * 3}, [("x[].a", "required_invalid", "max_items 2")], id="too many items"),
    ],
)
def test_required_holds_for_each_item_that_is_there(payload: Node, expected: list[tuple[str, str, str]]) -> None:
    """T18: one bad item refuses the transfer, and the names say which field."""
    projection = project(payload, rule("x[].a", required=True, max_items=2), rule("x[].b"))

    assert failures(projection) == expected


@pytest.mark.parametrize(
    ("payload", "missing"),
    [
        pytest.param({}, True, id="no array"),
        pytest.param({"x": []}, True, id="no items"),
        pytest.param({"x": [None, {"b": "2"}]}, True, id="none with it"),
        pytest.param({"x": [{"a": "1"}]}, True, id="one too few"),
        pytest.param({"x": [{"a": "1"}, {"a": "2"}]}, False, id="enough"),
        pytest.param({"x": [{"a": "1"}] * 5}, False, id="too many, which is said as such"),
        pytest.param({"x": "text"}, False, id="no array, which is said as such"),
    ],
)
def test_an_array_that_must_hold_so_many_items_is_missed_where_it_does_not(payload: Node, *, missing: bool) -> None:
    """T18: an empty array must not be sent where the recipient cannot do without."""
    projection = project(payload, rule("x[].a", required=True, min_items=2, max_items=3), rule("y"))

    assert (("x[].a", "required_missing", "min_items 2") in failures(projection)) is missing


FULL = ((Match(parse_path("o[].kind"), ("full",)),),)


def test_items_are_required_only_where_their_condition_holds_and_in_each_outer_item() -> None:
    """T16, T18."""
    rules = (rule("o[].x[].a", required=True, min_items=1, when=FULL), rule("o[].b"))
    said = ("o[].x[].a", "required_missing", "min_items 1")

    assert failures(project({"o": [{"kind": "empty", "b": "1"}]}, *rules)) == []
    assert failures(project({"o": [{"kind": "full", "x": [{"a": "1"}]}, {"kind": "full", "b": "1"}]}, *rules)) == [said]
    assert failures(project({"b": "1"}, *rules)) == []


def test_a_required_field_in_an_object_that_is_absent_is_missing() -> None:
    assert failures(project({}, rule("a.b.c", required=True))) == [("a.b.c", "required_missing", "string")]
    assert failures(project({"a": "text"}, rule("a.b.c", required=True))) == [("a.b.c", "required_invalid", "object")]


def test_an_array_over_its_limit_stays_home_whole() -> None:
    """T16."""
    rules = (rule("a"), rule("x[].y[].b", max_items=2), rule("x[].c"))

    projection = project({"a": "1", "x": [{"c": "1", "y": [{"b": "1"}] * 3}, {"y": [{"b": "2"}]}]}, *rules)

    assert projection.data == {"a": "1", "x": [{"c": "1"}, {"y": [{"b": "2"}]}]}
    assert withheld(projection) == {"x[].y": WithheldReason.OVER_LIMIT}


def test_a_condition_reads_the_same_item() -> None:
    """T16."""
    payload: Node = {"kind": "b", "x": [{"kind": "a", "v": "1"}, {"kind": "b", "v": "2"}]}

    projection = project(payload, rule("x[].v", when=when(x__each__kind="a")))

    assert projection.data == {"x": [{"v": "1"}]}


def test_a_field_may_come_from_further_out_than_it_stands() -> None:
    projection = project(
        {"id": "7", "x": [{"v": "1"}, {"w": "2"}]}, rule("x[].owner", FieldType.STRING, "id"), rule("x[].v")
    )

    assert projection.data == {"x": [{"owner": "7", "v": "1"}, {"owner": "7"}]}
    assert withheld(projection) == {f"x[].{conceal('w')}": "not_in_map"}


def test_released_fields_are_named_once_with_the_rule_that_let_them() -> None:
    projection = project(
        {"x": [{"at": "2026-11-03T12:00:00Z"}, {"at": "2026-11-04T12:00:00Z"}], "n": Number("1.10")},
        rule("x[].on", FieldType.DATETIME, "x[].at", transform=Transform.DATE_ONLY),
        rule("n", FieldType.DECIMAL),
    )

    assert projection.data == {"x": [{"on": "2026-11-03"}, {"on": "2026-11-04"}], "n": "1.10"}
    assert projection.released == (Released("x[].on", "date_only"), Released("n", "decimal"))
    assert projection.withheld == ()
    assert all(type(one.rule) is str for one in projection.released)


def test_numbers_arrive_with_the_same_digits() -> None:
    """T5, law 9."""
    digits = ["1.10", "0.1", "12345678901234567890", "-0.00", "1000000000000000000000.000000000001"]

    projection = project({"n": [Number(text) for text in digits]}, rule("n[]", FieldType.DECIMAL))

    assert write(projection.data) == f'{{"n":[{",".join(digits)}]}}'.encode()


@pytest.mark.parametrize(
    ("narrowed", "data", "reasons"),
    [
        pytest.param((), {"o": {"a": "1", "b": "2"}}, {}, id="nothing"),
        pytest.param(("o.a",), {"o": {"b": "2"}}, {"o.a": WithheldReason.NARROWED}, id="a field"),
        pytest.param(("o",), {}, {"o.a": WithheldReason.NARROWED, "o.b": WithheldReason.NARROWED}, id="an object"),
    ],
)
def test_what_a_recipient_narrows_stays_home_even_where_it_is_required(
    narrowed: tuple[str, ...], data: Node, reasons: dict[str, WithheldReason]
) -> None:
    rules = (rule("o.a", required=True), rule("o.b"))

    projection = project({"o": {"a": "1", "b": "2"}}, *rules, narrowed=narrowed)

    assert projection.data == data
    assert withheld(projection) == reasons
    assert projection.failures == ()


def test_a_narrowed_path_without_a_rule_is_known_as_narrowed() -> None:
    projection = project({"o": {"a": {"iin": "1"}}, "b": "2"}, rule("b"), narrowed=("o.a",))

    assert withheld(projection) == {"o.a": "narrowed", "o.a.iin": "never"}


@pytest.mark.parametrize(
    "field",
    [
        rule("iin"),
        rule("who.diagnosis"),
        rule("made", FieldType.STRING, "diagnosis.text"),
        rule("made", FieldType.STRING, "plain", when=when(diagnosis="x")),
    ],
)
def test_no_rule_releases_what_the_lexicon_forbids(field: FieldRule) -> None:
    payload: Node = {"iin": "1", "who": {"diagnosis": "2"}, "diagnosis": {"text": "x"}, "plain": "3", "ok": "4"}

    projection = project(payload, field, rule("ok"))

    assert projection.data == {"ok": "4"}
    assert projection.alarms == ("health",)


def test_a_required_field_that_the_lexicon_forbids_refuses_every_transfer() -> None:
    assert failures(project({"iin": "1"}, rule("iin", required=True))) == [("iin", "required_invalid", "never")]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param((rule("a"), rule("a.b")), id="a field that holds a field"),
        pytest.param((rule("a[].b"), rule("a.c")), id="an array that is none"),
        pytest.param((rule("a"), rule("a", FieldType.DATE)), id="two rules for one path"),
        pytest.param((rule("x[].a", FieldType.STRING, "y[].a"),), id="a source in another array"),
    ],
)
def test_rules_that_contradict_each_other_do_not_compile(rules: tuple[FieldRule, ...]) -> None:
    """T11."""
    with pytest.raises(ValueError, match=r"two kinds|stands in an array|two rules"):
        project({}, *rules)


@pytest.mark.parametrize("key", ["__proto__", "constructor", "$ref", "$where", "{{7*7}}", "a.b", "a[]", ""])
def test_keys_of_other_machines_mean_nothing_here(key: str) -> None:
    """T7."""
    rules = (rule("a.b"), rule("c[].d"))
    clean: Node = {"a": {"b": "1"}, "c": [{"d": "2"}]}
    dirty: Node = {"a": {"b": "1", key: "x"}, "c": [{"d": "2", key: {"b": "y"}}], key: {"d": "z"}}

    assert project(dirty, *rules).data == project(clean, *rules).data


def test_a_million_unknown_items_are_one_line() -> None:
    projection = project({"x": [{"a": "1", "b": "2"}] * 100_000}, rule("x[].a", max_items=10))

    assert withheld(projection) == {"x": "over_limit", f"x[].{conceal('b')}": "not_in_map"}


PAYLOAD_RULES = (
    rule("ticket.id", pattern="[A-Z0-9-]+", required=True),
    rule("ticket.scope", one_of=("apartment", "common_property", "yard"), required=True),
    rule("ticket.text", FieldType.TEXT, max_length=1000, required=True),
    rule("ticket.contact.name", transform=Transform.GIVEN_AND_INITIAL, when=when(ticket__scope="apartment")),
    rule(
        "ticket.contact.phone",
        FieldType.PHONE,
        transform=Transform.E164,
        when=when(ticket__scope="apartment") + when(ticket__contact__callback_requested="true"),
    ),
    rule("ticket.address.apartment", max_length=8, required=True, when=when(ticket__scope="apartment")),
    rule("ticket.attachments[].id", max_items=10),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("04_mc_service_request_ru.json", {"name": "Тест П.", "phone": "+77000000123"}),
        ("05_mc_service_request_kk.json", {"phone": "+77000000125"}),
    ],
)
def test_real_requests_lose_what_the_partner_does_not_need(name: str, expected: Node) -> None:
    folder = SHARED if SHARED.is_dir() else OWN
    if folder is OWN:
        print("shared payloads are not here: running on our own")
    payload = parse((folder / name).read_bytes())

    projection = project(payload, *PAYLOAD_RULES)
    body = write(projection.data).decode()

    assert isinstance(projection.data, dict)
    ticket = projection.data["ticket"]
    assert isinstance(ticket, dict)
    assert ticket["contact"] == expected
    assert projection.failures == ()
    for private in ("900101100103", "850515200208", "700 000 01", "example.com", "4111", "KZ86", "192.0.2", "инвалид"):
        assert private not in body


def test_an_empty_lexicon_forbids_nothing_and_the_map_still_rules() -> None:
    projection = project({"iin": "1", "a": "2"}, rule("a"), lexicon=Lexicon(frozenset(), ()))

    assert projection.data == {"a": "2"}
    assert LEXICON.never


WHOSE = Whose(SubjectId("usr_0001"), lambda: "pseudonym-of-usr_0001")


def test_a_pseudonym_stands_in_the_place_of_whatever_named_the_subject() -> None:
    """T15: the recipient gets its own name for the person, and templates do not get the old one."""
    rules = (
        rule("account", transform=Transform.PSEUDONYM, required=True),
        rule("note", transform=Transform.TEMPLATE, template="of {account}"),
    )

    made = compile_projection(Plan(rules, (), LEXICON))({"account": "test.primerov@example.com"}, conceal, WHOSE)

    assert made.data == {"account": "pseudonym-of-usr_0001"}


def test_a_generic_text_stands_in_the_place_of_what_was_there_and_of_nothing_else() -> None:
    run = compile_projection(Plan((rule("items[].title", transform=Transform.GENERIC, generic="Товар"),), (), LEXICON))

    made = run({"items": [{"title": "Подгузники"}, {"sku": "S-1"}]}, conceal)

    assert made.data == {"items": [{"title": "Товар"}]}


def test_an_area_with_a_decimal_comma_leaves_with_a_point() -> None:
    """Law 9: the same digits."""
    made = project({"area": "36,10"}, rule("area", FieldType.AREA))

    assert made.data == {"area": "36.10"}


def test_items_about_other_people_stay_home() -> None:
    """T16: also those that do not say whom they are about."""
    plan = Plan(
        (rule("residents[].name"), rule("house")),
        (),
        LEXICON,
        about={parse_path("residents[]"): parse_path("residents[].id")},
    )
    people: list[Node] = [{"id": "usr_0002", "name": "Проба"}, {"id": "usr_0001", "name": "Тест"}, {"name": "Сынақ"}]

    made = compile_projection(plan)({"house": "10/1", "residents": people}, conceal, WHOSE)

    assert made.data == {"residents": [{"name": "Тест"}], "house": "10/1"}
    assert WithheldReason.OTHER_SUBJECT in withheld(made).values()


def test_without_a_subject_no_item_is_the_subjects() -> None:
    plan = Plan(
        (rule("residents[].name"),), (), LEXICON, about={parse_path("residents[]"): parse_path("residents[].id")}
    )

    made = compile_projection(plan)({"residents": [{"id": "usr_0001", "name": "Тест"}]}, conceal)

    assert made.data == {}


@pytest.mark.parametrize(("town", "expected"), [("Павлодар", False), ("Алматы", True), (None, True)])
def test_who_is_not_served_is_out_of_scope(town: str | None, expected: object) -> None:
    serves = (Serves(parse_path("town"), frozenset({"Павлодар"}), None),)
    plan = Plan((rule("id"),), (), LEXICON, serves=serves)

    made = compile_projection(plan)({"id": "1", "town": town}, conceal)

    assert made.out_of_scope is expected


def test_a_text_where_an_array_of_leaves_is_due_is_accounted_for() -> None:
    made = project({"tags": "canary"}, rule("tags[]"))

    assert made.data == {}
    assert withheld(made) == {"tags": WithheldReason.BAD_VALUE}

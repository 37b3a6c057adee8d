"""Everything that stays home is accounted for, and a forbidden key is met wherever it hides (T1, T2, T3, T16)."""

from __future__ import annotations

import time

import pytest

from gateway.canonical import Node, Number
from gateway.minimise.account import Account
from gateway.minimise.known import Walk
from gateway.minimise.names import Spelled, compile_classify
from gateway.minimise.projection import NOBODY
from gateway.model import FieldType, Plan, WithheldReason
from tests.rules import LEXICON, conceal, project, rule, show, when, withheld

NOT_IN_MAP, NEVER, SPECIAL, BAD = (
    WithheldReason.NOT_IN_MAP,
    WithheldReason.NEVER,
    WithheldReason.SPECIAL_CATEGORY,
    WithheldReason.BAD_VALUE,
)
RULES = (rule("ticket.id"), rule("ticket.items[].sku"), rule("ticket.items[].tags[]"), rule("flag", FieldType.BOOLEAN))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({"x": "1"}, {conceal("x"): NOT_IN_MAP}, id="an unknown leaf"),
        pytest.param({"x": {"y": {"z": "1"}, "w": ["2"]}}, {conceal("x"): NOT_IN_MAP}, id="an unknown subtree, once"),
        pytest.param({"x": None}, {}, id="null is absent"),
        pytest.param({"ticket": {"x": "1"}}, {f"ticket.{conceal('x')}": NOT_IN_MAP}, id="under a known object"),
        pytest.param({"ticket": {"sku": "1"}}, {"ticket.sku": NOT_IN_MAP}, id="a name of the map at another place"),
        pytest.param(
            {"ticket": {"items": [{"x": "1"}, {"x": "2"}, None]}},
            {f"ticket.items[].{conceal('x')}": NOT_IN_MAP},
            id="items of an array, once",
        ),
        pytest.param({"ID": "1", "Id": "2"}, {conceal("ID"): NOT_IN_MAP, conceal("Id"): NOT_IN_MAP}, id="another case"),
        pytest.param({"ticket": {"іd": "1"}}, {f"ticket.{conceal('іd')}": NOT_IN_MAP}, id="a Cyrillic look-alike"),
        pytest.param({"87000000125": "wife"}, {conceal("87000000125"): NOT_IN_MAP}, id="a name that is a phone"),
        pytest.param({"iin": "1"}, {"iin": NEVER}, id="never"),
        pytest.param({"ownerIin": "1"}, {conceal("ownerIin"): NEVER}, id="never, inside a longer name"),
        pytest.param({"iin 900101": "1"}, {conceal("iin 900101"): NEVER}, id="never, with something behind it"),
        pytest.param(
            {"x": [{"y": [[{"iin": "1"}]]}]},
            {conceal("x"): NOT_IN_MAP, f"{conceal('x')}[].{conceal('y')}[][].iin": NEVER},
            id="never, deep in an unknown subtree",
        ),
        pytest.param({"iin": {"ip": "1"}}, {"iin": NEVER, "iin.ip": NEVER}, id="never inside never"),
        pytest.param({"ticket": {"id": {"iin": "1"}}}, {"ticket.id": BAD, "ticket.id.iin": NEVER}, id="below a leaf"),
        pytest.param({"ticket": {"id": ["1"]}}, {"ticket.id": BAD}, id="an array where text is due"),
        pytest.param({"ticket": "text"}, {"ticket": BAD}, id="text where an object is due"),
        pytest.param({"ticket": [{"iin": "1"}]}, {"ticket": BAD, "ticket[].iin": NEVER}, id="an array for an object"),
        pytest.param({"ticket": {"items": {"sku": "1"}}}, {"ticket.items": BAD}, id="an object for an array"),
        pytest.param({"ticket": {"items": ["1", ["2"]]}}, {"ticket.items[]": BAD}, id="items that are no objects"),
        pytest.param(
            {"ticket": {"items": [{"tags": ["a", {"ip": "1"}, None]}]}},
            {"ticket.items[].tags[]": BAD, "ticket.items[].tags[].ip": NEVER},
            id="an object in an array of texts",
        ),
        pytest.param({"flag": Number("1")}, {"flag": BAD}, id="a number for a boolean"),
        pytest.param([{"iin": "1"}], {"[]": BAD, "[][].iin": NEVER}, id="a payload that is an array"),
        pytest.param("text", {"": BAD}, id="a payload that is text"),
        pytest.param(None, {}, id="no payload"),
    ],
)
def test_each_leaf_that_stays_home_is_accounted_for(payload: Node, expected: dict[str, WithheldReason]) -> None:
    assert withheld(project(payload, *RULES)) == expected


@pytest.mark.parametrize(
    "payload",
    [
        {"diagnosis": "x"},
        {"ticket": {"benefitCategory": "x"}},
        {"x": {"y": [{"main_diagnosis": Number("1")}]}},
        {"iin": {"diagnosis": {"x": "y"}}},
        {"ticket": {"id": {"diagnosis": "x"}}},
        {"ticket": {"items": [{"sku": "a"}, {"diagnosis": False}]}},
    ],
)
def test_a_special_category_raises_an_alarm_wherever_it_stands(payload: Node) -> None:
    projection = project(payload, *RULES)

    assert projection.alarms == ("health",)
    assert SPECIAL in withheld(projection).values()
    assert projection.forbidden == ()


def test_a_group_that_refuses_is_said_to() -> None:
    projection = project({"x": {"nationality": "y", "diagnosis": "z"}}, *RULES)

    assert projection.alarms == ("race", "health")
    assert projection.forbidden == ("race",)


def test_a_field_of_a_condition_is_known_and_not_released() -> None:
    projection = project({"kind": {"iin": "1"}, "a": "1"}, rule("a", when=when(kind="x")))

    assert withheld(projection) == {"a": "condition", "kind": NOT_IN_MAP, "kind.iin": NEVER}


def test_what_was_met_before_is_accounted_for_in_the_same_words() -> None:
    from gateway.minimise import compile_projection  # noqa: PLC0415 - the function itself, called twice

    run = compile_projection(Plan(RULES, (), LEXICON))
    payload: Node = {
        "x": {"iin": "1", "y": [{"diagnosis": "2", "личное": {"ip": "3"}}]},
        "iin": "4",
        "ticket": {"ownerIin": "5", "sku": "6", "личное": "7"},
    }

    assert run(payload, conceal) == run(payload, conceal)
    assert run(payload, show) == compile_projection(Plan(RULES, (), LEXICON))(payload, show)
    assert run(payload, show) != run(payload, conceal)


def test_where_forbidden_names_were_met_is_kept_only_of_names_of_programs() -> None:
    walk = Walk([], [], compile_classify(LEXICON))
    payload: Node = {"x": {"iin": "1", "87000000125": {"iin": "2"}, "iin жены": "3"}, "личное": [{"iin": "4"}]}

    walk.account(payload, Account(Spelled(conceal), 0, NOBODY))

    assert list(walk._hits) == [(("", "x"), "iin")]


def test_a_path_cannot_be_two_kinds_of_thing() -> None:
    for first, second in (("a", "a.b"), ("a.b", "a"), ("a[].b", "a.c"), ("a", "a[]")):
        with pytest.raises(ValueError, match="two kinds of thing"):
            Walk(((rule(path).path, None) for path in (first, second)), (), compile_classify(LEXICON))


def _nested(levels: int, inside: Node) -> Node:
    node = inside
    for _ in range(levels):
        node = {"a": node}
    return node


def test_forbidden_names_nested_deeply_cost_neither_time_nor_room() -> None:
    """T57: what is listed stands in an entry for ever, and what is spelled costs time."""
    names: Node = {f"iin_{number}": "1" for number in range(2_000)}
    one: Node = {"iin": "1"}
    items: list[Node] = [names, *[one] * 2_000]
    hostile = _nested(150, items)

    before = time.process_time()
    projection = project(hostile, *RULES)
    seconds = time.process_time() - before

    assert sum(len(one.path) for one in projection.withheld) < 20_000
    assert projection.withheld[-1].path == "..."
    assert seconds < 1.0

from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import Node, Number
from gateway.minimise import compile_projection
from gateway.minimise.observed import PATH_MOST, PATHS_MOST, FactKind, Shapes
from gateway.minimise.verdict import in_the_clear
from gateway.minimise.vocabulary import Vocabulary
from gateway.model import Disclosure, FieldType, Plan, PurposeMap, Refused, RefusedReason
from gateway.transfer import preview
from tests.rules import LEXICON, rule
from tests.values import NOW, PAIR, admitted, purpose_map, snapshot

RULES = (
    rule("ticket.id", required=True),
    rule("ticket.phone", FieldType.PHONE),
    rule("records[].amount"),
)


def declared(*rules: Any) -> PurposeMap:
    return purpose_map(fields=rules or RULES, project=compile_projection(Plan(rules or RULES, (), LEXICON)))


def shapes(known: PurposeMap) -> Shapes:
    found = snapshot(known)
    return Shapes(found, Vocabulary(found, lambda name: f"~{len(name)}"))


def judged(payload: Node, known: PurposeMap, **asked: Any) -> Disclosure | Refused:
    return preview(
        admitted(payload, **asked), snapshot(known), NOW, in_the_clear, lambda *_: "", in_set=lambda *_: True
    )


def facts(payload: Node, known: PurposeMap | None = None, **asked: Any) -> set[tuple[str, str, str]]:
    known = known or declared()
    return {(path, kind.value, detail) for path, kind, detail in shapes(known).of(judged(payload, known, **asked))[1]}


def test_a_preview_becomes_facts_without_a_value() -> None:
    payload: Node = {
        "ticket": {"id": "REQ-1", "phone": "nobody"},
        "passport": "N1",
        "total": Number("5.10"),
        "paid": True,
    }

    assert facts(payload) == {
        ("", "preview", "permitted"),
        ("ticket.id", "released", "string"),
        ("ticket.phone", "withheld", "bad_value phone"),
        ("passport", "withheld", "not_in_map"),
        ("total", "withheld", "not_in_map"),
        ("paid", "withheld", "not_in_map"),
        ("ticket.id", "seen", "string"),
        ("ticket.phone", "seen", "string"),
        ("passport", "seen", "string"),
        ("total", "seen", "number"),
        ("paid", "seen", "boolean"),
    }


def test_a_refusal_says_what_failed() -> None:
    found = facts({"ticket": {"phone": "+77000000123"}})

    assert ("", "preview", "required_missing") in found
    assert ("ticket.id", "failed", "required_missing string") in found
    assert ("ticket.phone", "seen", "string") in found


@pytest.mark.parametrize(
    "asked", [{"basis": None}, {"purpose": "elsewhere"}, {"recipient": "nobody"}], ids=["basis", "purpose", "recipient"]
)
def test_what_was_refused_before_it_was_looked_at_says_nothing_of_its_payload(asked: Any) -> None:
    found = facts({"ticket": {"id": "REQ-1"}, "ivanov": "x"}, **asked)

    assert [kind for _, kind, _ in found] == ["preview"]


def test_what_no_map_names_is_other() -> None:
    """T87: what was asked for may be anyone's name."""
    known = declared()
    group, _ = shapes(known).of(judged({}, known, recipient="ivanov.ivan", purpose="wedding"))

    assert group == ("backend", "other", "other")
    assert shapes(known).of(judged({}, known))[0] == ("backend", *PAIR)


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"87000000125": "wife"}, "~11"),
        ({"order": {"ivanov": {"phone": "x"}}}, "order.~6.phone"),
        ({"a.b": Number("1")}, "~3"),
        ({"~order": "x"}, "~6"),
        ({"records": [{"Ivanov Ivan": "x"}]}, "records[].~11"),
        ({'"': "x"}, "~1"),
        ({"order\n": "x"}, "~6"),
    ],
    ids=str,
)
def test_a_name_that_may_be_someones_is_a_digest_wherever_it_stands(payload: Node, path: str) -> None:
    """Law 4, in the paths of leaves and in those of verdicts."""
    found = facts(payload)
    key = path.rsplit(".", maxsplit=1)[-1]

    assert (path, "seen", "string") in found or (path, "seen", "number") in found
    assert all(part not in repr(found) for part in ("87000000125", "vanov", "a.b", "wife"))
    assert any(
        one.split(".")[-1] == key or one == path.split(".", maxsplit=1)[0]
        for one, kind, _ in found
        if kind == "withheld"
    )


@pytest.mark.parametrize("payload", [[], ["x"], {"ticket": []}, {"ticket": "x"}, {"records": {}}, {}], ids=repr)
def test_whatever_came_has_a_shape(payload: Node) -> None:
    assert ("", "preview") in {(path, kind) for path, kind, _ in facts(payload)}


def test_what_is_nested_deeply_or_long_or_wide_is_bounded() -> None:
    """T57: a hostile payload does not grow what is kept."""
    deep: Node = "x"
    for _ in range(60):
        deep = {"order": deep}
    wide: dict[str, Node] = {str(at): "x" for at in range(9_000)}
    long: Node = {"order_item": {"order_item": {"x" * 300: "x", "order" * 9: {"item" * 12: {"order" * 9: "x"}}}}}

    assert len(facts({"other": deep})) < 10
    assert len(facts(wide)) <= 2 * PATHS_MOST + 10
    assert ("", FactKind.MORE.value, "") in facts(wide)
    assert all(len(path) <= PATH_MOST for path, _, _ in facts(long))


def test_places_are_remembered_for_names_that_may_be_kept_alone() -> None:
    known = declared()
    made = shapes(known)

    for _ in range(2):
        made.of(judged({"ticket": {"id": "1"}, "ivanov": {"order": "x"}}, known))

    assert "vanov" not in repr((made._places, made._respelled))


def test_a_fact_is_told_once_for_a_payload() -> None:
    found = list(shapes(declared()).of(judged({"records": [{"amount": "1"}, {"amount": "2"}]}, declared()))[1])

    assert len(found) == len(set(found))


def test_a_blocked_subject_is_a_reason_like_any_other() -> None:
    known = declared()
    kept = judged({"ticket": {"id": "1"}}, known)
    assert isinstance(kept, Disclosure)
    refused = Refused(admitted=kept.permitted.admitted, reason=RefusedReason.RESTRICTED, withheld=kept.withheld)

    assert ("", FactKind.PREVIEW, "restricted") in set(shapes(known).of(refused)[1])

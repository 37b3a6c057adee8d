"""Stage 3 gives exactly what will leave, or the reason why nothing will."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import Node, Number, parse_path
from gateway.minimise import compile_projection, minimise
from gateway.model import (
    Disclosure,
    FieldType,
    Location,
    Permitted,
    Plan,
    RecipientId,
    Refused,
    RefusedReason,
    Route,
    Serves,
    SubjectId,
    Transform,
)
from tests.rules import LEXICON, conceal, rule
from tests.values import admitted, purpose_map

RULES = (rule("b", required=True), rule("a.n", FieldType.DECIMAL, maximum="100"), rule("t", FieldType.TEXT))

EMPTY = purpose_map(project=compile_projection(Plan((), (), LEXICON)))


def pairwise(recipient: RecipientId, subject: SubjectId) -> str:
    return f"{recipient}/{subject}"


def in_no_set(_recipient: RecipientId, _name: str, _value: str) -> bool:
    return False


def permitted(payload: Node) -> Permitted:
    return Permitted(admitted(payload), purpose_map(project=compile_projection(Plan(RULES, (), LEXICON))), "policy-1")


def test_the_disclosure_is_the_bytes_that_will_leave_and_the_account_of_them() -> None:
    allowed = permitted({"a": {"n": Number("1.10")}, "b": "кв. 45", "t": "8 700 000 01 23", "diagnosis": "x"})

    made = minimise(allowed, conceal, pairwise, in_no_set)

    assert isinstance(made, Disclosure)
    assert made.body == '{"b":"кв. 45","a":{"n":1.10},"t":"[PHONE]"}'.encode()
    assert made.media_type == "application/json"
    assert made.permitted is allowed
    assert [one.path for one in made.released] == ["b", "a.n", "t"]
    assert [(one.path, one.reason.value) for one in made.withheld] == [("diagnosis", "special_category")]
    assert made.alarms == ("health",)
    assert made.findings == {"phone": 1}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param({"a": {"n": Number("1")}}, "required_missing", id="a required field is missing"),
        pytest.param({"b": Number("1")}, "required_invalid", id="a required field is bad"),
        pytest.param({"b": "x", "nationality": "y"}, "special_category", id="a group that refuses"),
        pytest.param({"nationality": "y"}, "special_category", id="a group that refuses comes first"),
        pytest.param({}, "required_missing", id="an empty payload"),
    ],
)
def test_a_refusal_is_a_value_with_its_reason(payload: dict[str, Any], reason: str) -> None:
    """Law 8."""
    allowed = permitted(payload)

    made = minimise(allowed, conceal, pairwise, in_no_set)

    assert isinstance(made, Refused)
    assert made.reason == reason
    assert made.admitted is allowed.admitted
    assert made.map is allowed.map
    assert made.policy_version == "policy-1"


def test_a_refusal_names_the_fields_and_what_they_failed_and_shows_no_value() -> None:
    made = minimise(
        permitted({"b": "900101100103", "личное": "секрет", "nationality": "x"}), conceal, pairwise, in_no_set
    )

    assert isinstance(made, Refused)
    assert [(one.path, one.reason.value, one.rule) for one in made.failures] == [
        ("b", "required_invalid", "identifier")
    ]
    assert made.alarms == ("race",)
    shown = repr((made.failures, made.withheld, made.alarms))
    assert "900101100103" not in shown
    assert "личное" not in shown


def test_a_map_that_releases_nothing_refuses() -> None:
    """T11."""
    nothing = Permitted(
        admitted({"x": "y"}), purpose_map(project=compile_projection(Plan((), (), LEXICON))), "policy-1"
    )

    made = minimise(nothing, conceal, pairwise, in_no_set)

    assert isinstance(made, Refused)
    assert made.reason == "empty_map"


def test_who_is_out_of_scope_is_refused_and_nothing_is_disclosed() -> None:
    serves = (Serves(parse_path("town"), frozenset({"Павлодар"}), None),)
    strict = purpose_map(project=compile_projection(Plan((rule("a"),), (), LEXICON, serves=serves)))

    made = minimise(Permitted(admitted({"a": "1", "town": "Алматы"}), strict, "policy-1"), conceal, pairwise, in_no_set)

    assert isinstance(made, Refused)
    assert made.reason is RefusedReason.OUT_OF_SCOPE


def test_a_pseudonym_is_the_subjects_of_this_recipient() -> None:
    """T15."""
    rules = (rule("a", transform=Transform.PSEUDONYM),)
    one = purpose_map(project=compile_projection(Plan(rules, (), LEXICON)))

    made = minimise(Permitted(admitted({"a": "x"}), one, "policy-1"), conceal, pairwise, in_no_set)

    assert isinstance(made, Disclosure)
    assert made.data == {"a": f"{one.recipient.id}/{made.permitted.admitted.subject}"}


ADDRESSED = (
    rule("path.order_id", location=Location.PATH, pattern="[a-z0-9.]+"),
    rule('header."x-town"', location=Location.HEADER),
    rule("body.note"),
)


def addressed(payload: Node, route: str) -> Permitted:
    """A payload whose parts stand in path, header and body, on its way by this route."""
    method, _, path = route.partition(" ")
    strict = purpose_map(located=True, project=compile_projection(Plan(ADDRESSED, (), LEXICON)))
    return Permitted(admitted(payload, route=Route(method, path)), strict, "policy-1")


def test_each_part_of_a_request_that_fits_where_it_will_stand_leaves() -> None:
    payload: Node = {"path": {"order_id": "7"}, "header": {"x-town": "Pavlodar"}, "body": {"note": "x"}}

    made = minimise(addressed(payload, "PUT /orders/{order_id}"), conceal, pairwise, in_no_set)

    assert isinstance(made, Disclosure)
    assert made.data == payload
    assert made.body == b'{"note":"x"}'


@pytest.mark.parametrize(
    ("route", "payload", "failure"),
    [
        pytest.param(
            "PUT /orders/{order_id}",
            {"path": {"order_id": ".."}, "body": {"note": "x"}},
            ("path.order_id", "required_invalid", "segment of the route"),
            id="a step up",
        ),
        pytest.param(
            "PUT /orders/{order_id}",
            {"path": {"order_id": "A"}, "body": {"note": "x"}},
            ("path.order_id", "required_invalid", "segment of the route"),
            id="a value that its rule withholds",
        ),
        pytest.param(
            "PUT /orders/{order_id}",
            {"body": {"note": "x"}},
            ("path.order_id", "required_missing", "segment of the route"),
            id="no value",
        ),
        pytest.param(
            "PUT /orders",
            {"path": {"order_id": "7"}, "body": {"note": "x"}},
            ("path.order_id", "required_invalid", "no segment of the route"),
            id="a segment that the route has not",
        ),
        pytest.param(
            "GET /orders",
            {"body": {"note": "x"}},
            ("body", "required_invalid", "GET carries no body"),
            id="a body that the method has not",
        ),
    ],
)
def test_a_request_that_could_not_be_written_is_refused_before_it_is_recorded(
    route: str, payload: Node, failure: tuple[str, str, str]
) -> None:
    """T20."""
    made = minimise(addressed(payload, route), conceal, pairwise, in_no_set)

    assert isinstance(made, Refused)
    assert made.reason == failure[1]
    assert [(one.path, one.reason.value, one.rule) for one in made.failures] == [failure]


def test_what_no_header_can_carry_is_withheld() -> None:
    """T20."""
    payload: Node = {"header": {"x-town": "Павлодар"}, "body": {"note": "x"}}

    made = minimise(addressed(payload, "POST /orders"), conceal, pairwise, in_no_set)

    assert isinstance(made, Disclosure)
    assert made.data == {"body": {"note": "x"}}
    assert [(one.path, one.reason.value) for one in made.withheld] == [('header."x-town"', "bad_value")]


def test_a_pseudonym_fits_in_a_header_whatever_the_value_was() -> None:
    """T15."""
    who = rule("header.who", location=Location.HEADER, transform=Transform.PSEUDONYM, required=True)
    strict = purpose_map(located=True, project=compile_projection(Plan((who,), (), LEXICON)))

    made = minimise(
        Permitted(admitted({"header": {"who": "Примеров"}}), strict, "policy-1"), conceal, pairwise, in_no_set
    )

    assert isinstance(made, Disclosure)
    assert made.data == {"header": {"who": f"{strict.recipient.id}/{made.permitted.admitted.subject}"}}

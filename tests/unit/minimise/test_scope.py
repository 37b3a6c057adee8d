from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import Node, Number, parse_path
from gateway.minimise.scope import compile_serves
from gateway.model import Serves, SubjectId, Whose

SERVED = frozenset({"Павлодар", "Экибастуз"})
NOBODY = Whose(None, str)


def in_scope(payload: Node, *serves: Serves, whose: Whose = NOBODY) -> bool:
    asked = compile_serves(serves)
    assert asked is not None
    return asked(payload, whose)


def kept(path: str, name: str = "houses") -> Serves:
    return Serves(parse_path(path), None, name)


def listed(path: str, *values: str) -> Serves:
    return Serves(parse_path(path), frozenset(values) or SERVED, None)


def keeping(**sets: set[str]) -> Whose:
    return Whose(SubjectId("usr_0001"), str, lambda name, value: value in sets.get(name, ()))


PAYLOADS = [
    pytest.param("order.city", {"order": {"city": "Павлодар"}}, True, id="served"),
    pytest.param("order.city", {"order": {"city": "Алматы"}}, False, id="not served"),
    pytest.param("order.city", {"order": {"city": ""}}, False, id="empty"),
    pytest.param("order.city", {"order": {"city": None}}, False, id="null"),
    pytest.param("order.city", {"order": {}}, False, id="missing"),
    pytest.param("order.city", {}, False, id="nothing"),
    pytest.param("order.city", [], False, id="no object"),
    pytest.param("order.city", {"order": {"city": ["Павлодар"]}}, False, id="an array in the place of a text"),
    pytest.param("order.city", {"order": [{"city": "Павлодар"}]}, False, id="an array on the way"),
    pytest.param("order.city", {"order": {"city": True}}, False, id="no text"),
    pytest.param("points[].city", {"points": [{"city": "Павлодар"}, {"city": "Экибастуз"}]}, True, id="every item"),
    pytest.param("points[].city", {"points": [{"city": "Павлодар"}, {"city": "Алматы"}]}, False, id="one is another"),
    pytest.param("points[].city", {"points": [{"city": "Павлодар"}, {}]}, False, id="one item does not say"),
    pytest.param("points[].city", {"points": [{"city": "Павлодар"}, {"city": None}]}, False, id="one says null"),
    pytest.param("points[].city", {"points": [{"city": "Павлодар"}, "x"]}, False, id="one item is no object"),
    pytest.param("points[].city", {"points": [{"city": "Павлодар"}, None]}, True, id="a null is no item"),
    pytest.param("points[].city", {"points": [None]}, False, id="nulls alone"),
    pytest.param("points[].city", {"points": []}, False, id="no items"),
    pytest.param("points[].city", {"points": {"city": "Павлодар"}}, False, id="an object in the place of an array"),
    pytest.param("points[]", {"points": ["Павлодар", None]}, True, id="items that are texts"),
    pytest.param("points[]", {"points": ["Павлодар", "Алматы"]}, False, id="texts, one another"),
    pytest.param("a[].b[].c", {"a": [{"b": [{"c": "Павлодар"}]}, {"b": []}]}, False, id="an inner array is empty"),
    pytest.param("a[].b[].c", {"a": [{"b": [{"c": "Павлодар"}]}, {}]}, False, id="an inner array is missing"),
    pytest.param("a[].b.c", {"a": [{"b": {"c": "Павлодар"}}, {"b": {}}]}, False, id="one item's object does not say"),
]


@pytest.mark.parametrize(("path", "payload", "expected"), PAYLOADS)
def test_a_payload_is_in_scope_if_it_says_all_along_that_it_is_served(path: str, payload: Any, expected: bool) -> None:  # noqa: FBT001
    """T16: what does not say whose it is may be anyone's."""
    assert in_scope(payload, listed(path)) is expected


@pytest.mark.parametrize(("path", "payload", "expected"), PAYLOADS)
def test_a_kept_set_is_asked_as_a_list_is(path: str, payload: Any, expected: bool) -> None:  # noqa: FBT001
    assert in_scope(payload, kept(path), whose=keeping(houses=set(SERVED))) is expected


def test_every_line_must_hold() -> None:
    lines = listed("a", "x"), kept("b")
    whose = keeping(houses={"h-1"})

    assert in_scope({"a": "x", "b": "h-1"}, *lines, whose=whose)
    assert not in_scope({"a": "x", "b": "h-2"}, *lines, whose=whose)
    assert not in_scope({"a": "y", "b": "h-1"}, *lines, whose=whose)


@pytest.mark.parametrize(
    "whose",
    [NOBODY, keeping(), keeping(houses=set()), keeping(others={"h-1"})],
    ids=["no sets at all", "never written", "empty", "another set"],
)
def test_a_set_that_holds_no_one_serves_no_one(whose: Whose) -> None:
    """T11: what is empty or missing allows nothing, whatever another line says."""
    assert not in_scope({"a": "h-1"}, kept("a"), whose=whose)
    assert not in_scope({"a": "h-1"}, listed("a", "h-1"), kept("a"), whose=whose)


def test_a_line_that_names_neither_values_nor_a_set_serves_no_one() -> None:
    assert not in_scope({"a": "h-1"}, Serves(parse_path("a"), None, None), whose=keeping(houses={"h-1"}))


def test_a_number_is_asked_for_by_its_digits() -> None:
    assert in_scope({"a": Number("17")}, listed("a", "17"))
    assert in_scope({"a": Number("17")}, kept("a"), whose=keeping(houses={"17"}))


def test_a_recipient_without_a_scope_serves_everyone() -> None:
    assert compile_serves(()) is None

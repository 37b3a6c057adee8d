"""How a rule reads the payload: the same item, and nothing that is no object."""

from __future__ import annotations

import pytest

from gateway.canonical import Node, Number, parse_path
from gateway.minimise.sources import CONFUSED, compile_get, compile_when, shared_depth
from gateway.model import When
from tests.rules import when

ITEM: Node = {"kind": "a", "deep": {"er": {"still": "x"}}, "n": Number("1.0"), "yes": True, "no": False}
FRAMES: tuple[Node, ...] = ({"top": "t", "items": [ITEM]}, ITEM)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("top", "t"),
        ("items[].kind", "a"),
        ("items[].deep.er.still", "x"),
        ("missing", None),
        ("missing.deeper.still", None),
        ("items[].deep.other.still", None),
        ("top.deeper", CONFUSED),
        ("items[].kind.deeper.still", CONFUSED),
        ("items[]", ITEM),
    ],
)
def test_a_getter_reads_its_place(path: str, expected: object) -> None:
    assert compile_get(parse_path(path), parse_path("items[].made"))(FRAMES) == expected


def test_an_item_that_is_no_object_is_told_apart_from_one_without_the_key() -> None:
    get = compile_get(parse_path("items[].kind"), parse_path("items[].made"))

    assert get(({}, "text")) is CONFUSED
    assert get(({}, {})) is None


def test_a_path_goes_through_no_array_but_those_of_its_rule() -> None:
    assert shared_depth(parse_path("a[].b[].c"), parse_path("a[].b[].d")) == 2
    assert shared_depth(parse_path("a[].x"), parse_path("a[].b[].d")) == 1
    for path, within in (("a[].x", "y"), ("b[].x", "a[].y"), ("a[].b[].c", "a[].y")):
        with pytest.raises(ValueError, match="stands in an array"):
            shared_depth(parse_path(path), parse_path(within))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (when(top="t"), True),
        (when(top="u|t"), True),
        (when(top="u"), False),
        (when(top="t", items__each__kind="b"), False),
        (when(top="t", items__each__kind="a"), True),
        (when(top="u") + when(items__each__kind="a"), True),
        (when(items__each__yes="true", items__each__no="false"), True),
        (when(items__each__n="1.0"), True),
        (when(items__each__n="1"), False),
        (when(items="x"), False),
        (when(missing=""), False),
        (when(top__deeper="t"), False),
    ],
)
def test_a_condition_is_or_over_tables_and_and_within_one(condition: When, expected: bool) -> None:  # noqa: FBT001
    holds = compile_when(condition, parse_path("items[].made"))

    assert holds is not None
    assert holds(FRAMES) is expected


def test_no_condition_is_no_function() -> None:
    assert compile_when((), parse_path("a")) is None

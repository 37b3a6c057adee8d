"""What a constant may not be has its broken files in tests/data/broken_maps; here stands what may pass."""

from __future__ import annotations

import pytest

from gateway.canonical import parse_path
from gateway.model import FieldRule, FieldType
from gateway.purpose.constants import extent_of, lint_constant

AT = parse_path("kind")
RIGHT = {
    "a truth value": FieldRule(path=AT, sources=(AT,), category="operational", type=FieldType.BOOLEAN),
    "a date": FieldRule(path=AT, sources=(AT,), category="operational", type=FieldType.DATE),
    "a listed string": FieldRule(path=AT, sources=(AT,), category="operational", type=FieldType.STRING, one_of=("KZ",)),
    "a short code": FieldRule(
        path=AT, sources=(AT,), category="operational", type=FieldType.STRING, pattern="[A-Z]{2}-[0-9]{1,6}"
    ),
    "a short number": FieldRule(
        path=AT, sources=(AT,), category="operational", type=FieldType.INTEGER, minimum="-1", maximum="99999999"
    ),
    "a small sum": FieldRule(
        path=AT, sources=(AT,), category="operational", type=FieldType.DECIMAL, minimum="0", maximum="999999", places=2
    ),
}


@pytest.mark.parametrize("rule", RIGHT.values(), ids=RIGHT.keys())
def test_a_closed_constant_has_nothing_wrong(rule: FieldRule) -> None:
    assert list(lint_constant(rule)) == []


@pytest.mark.parametrize(
    ("pattern", "extent"),
    [
        ("a", (1, 0)),
        ("[A-Za-z0-9_.-]{1,16}", (16, 16)),
        ("[A-Z]{2}-?[0-9]{1,6}", (9, 6)),
        (r"v[0-9]\.[0-9]{2}", (5, 3)),
        ("door|pickup_point", (12, 0)),
        ("[a-z]{9}|[0-9]{4}", (9, 4)),
        ("KZ1", (3, 0)),  # its digits are the same in every payload
        ("", (0, 0)),
        (".{1,9}", None),
        ("[A-Z]+", None),
        ("[A-Z]*", None),
        ("[A-Z]{1,}", None),
        (r"\d{4}", None),
        (r"\w{4}", None),
        ("[^0-9]{4}", None),
        ("[A-z]{4}", None),
        ("[а-я]{4}", None),
        ("[ -~]{4}", None),
        ("(ab){9}", None),
        ("a b", None),
        ("a{1", None),
        ("[A-Z", None),
    ],
)
def test_only_a_pattern_that_can_be_measured_has_an_extent(pattern: str, extent: tuple[int, int] | None) -> None:
    """T14."""
    assert extent_of(pattern) == extent


@pytest.mark.parametrize("pattern", ["[0-9]{9}", "[A-Z0-9]{9}", "[A-Z]{2}|[0-9-]{12}", "[0-9]{4}-[0-9]{5}"])
def test_no_pattern_of_a_constant_has_room_for_a_number_of_a_person(pattern: str) -> None:
    """T5, T14."""
    rule = FieldRule(path=AT, sources=(AT,), category="operational", type=FieldType.STRING, pattern=pattern)

    assert [where for where, _ in lint_constant(rule)] == [("pattern",)]


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        (FieldType.INTEGER, {"minimum": "-999999999", "maximum": "0"}),
        (FieldType.DECIMAL, {"minimum": "0", "maximum": "9999999.99", "places": 2}),
    ],
    ids=["below zero", "after the point"],
)
def test_no_number_of_a_person_fits_into_a_constant(kind: FieldType, bounds: dict[str, str | int]) -> None:
    """T5, T14."""
    rule = FieldRule(path=AT, sources=(AT,), category="operational", type=kind, **bounds)  # type: ignore[arg-type]

    assert [where for where, _ in lint_constant(rule)] != []

from __future__ import annotations

import pytest

from gateway.canonical import parse_path
from gateway.purpose.arrays import array_of, stands_in


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.b", ""), ("a[].b", "a[]"), ("a[].b[].c", "a[].b[]"), ("a[].b.c", "a[]"), ("a[]", "a[]")],
)
def test_the_array_of_a_path_is_its_innermost(path: str, expected: str) -> None:
    assert array_of(parse_path(path)) == (parse_path(expected) if expected else ())


@pytest.mark.parametrize(
    ("path", "array", "expected"),
    [("a[].b", "a[]", True), ("a[].b[].c", "a[]", True), ("a.b", "a[]", False), ("c[].b", "a[]", False)],
)
def test_a_path_stands_in_the_arrays_that_it_goes_through(path: str, array: str, *, expected: bool) -> None:
    assert stands_in(parse_path(path), parse_path(array)) is expected


def test_every_path_stands_in_no_array() -> None:
    assert stands_in(parse_path("a.b"), ())

from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import parse_path
from gateway.minimise.scope import compile_serves
from gateway.model import Serves

SERVED = frozenset({"Павлодар", "Экибастуз"})


@pytest.mark.parametrize(
    ("path", "payload", "expected"),
    [
        ("order.city", {"order": {"city": "Павлодар"}}, True),
        ("order.city", {"order": {"city": "Алматы"}}, False),
        ("order.city", {"order": {}}, False),
        ("order.city", {}, False),
        ("order.city", [], False),
        ("order.city", {"order": {"city": ["Павлодар"]}}, False),
        ("order.city", {"order": {"city": True}}, False),
        ("points[].city", {"points": [{"city": "Павлодар"}, {"city": "Экибастуз"}]}, True),
        ("points[].city", {"points": [{"city": "Павлодар"}, {"city": "Алматы"}]}, False),
        ("points[].city", {"points": []}, False),
    ],
)
def test_a_payload_is_in_scope_if_all_that_it_says_is_served(path: str, payload: Any, expected: object) -> None:
    in_scope = compile_serves((Serves(parse_path(path), SERVED, None),))

    assert in_scope is not None
    assert in_scope(payload) is expected


def test_every_line_must_hold() -> None:
    in_scope = compile_serves(
        (Serves(parse_path("a"), frozenset("x"), None), Serves(parse_path("b"), frozenset("y"), None))
    )

    assert in_scope is not None
    assert in_scope({"a": "x", "b": "y"})
    assert not in_scope({"a": "x", "b": "z"})


def test_a_recipient_without_a_scope_serves_everyone() -> None:
    assert compile_serves(()) is None


def test_a_set_that_nobody_keeps_yet_is_refused_and_not_passed_over() -> None:
    with pytest.raises(ValueError, match="not offered yet"):
        compile_serves((Serves(parse_path("a"), None, "houses"),))

"""What a route may not be has its broken files in tests/data/broken_maps; here stands what may pass."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path
from gateway.model import Route
from gateway.purpose.routes import lint_place, lint_routes, parse_route
from tests.unit.purpose.samples import by_path, served_by

ONE = Route("GET", "/orders/{id}")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_route_is_a_method_and_a_path_with_segments(method: str) -> None:
    assert parse_route(f"{method} /v2/orders/{{order_id}}/close") == Route(method, "/v2/orders/{order_id}/close")


@pytest.mark.parametrize(
    "text",
    [
        "HEAD /a", "get /a", "POST a", "POST /a b", "POST /a//b", "POST /../a", "POST /a/.", "POST /./a", "POST /a?b=c",
        "POST /a#b", "POST /a/%2e", "POST /a{b}", "POST /{b}c", "POST /{B}", "POST /{}", "POST /{a", "/a", "",
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_no_route(text: str) -> None:
    """T23."""
    assert parse_route(text) is None


@pytest.mark.parametrize(
    ("other", "meet"),
    [
        (Route("GET", "/orders/all"), True),
        (Route("GET", "/orders/{other}"), True),
        (Route("DELETE", "/orders/{id}"), False),
        (Route("GET", "/orders/{id}/close"), False),
        (Route("GET", "/claims/{id}"), False),
    ],
)
def test_no_two_routes_take_one_request(other: Route, *, meet: bool) -> None:
    places = [parse_path("path.id"), parse_path("path.other")]

    assert [at for at, _ in lint_routes([ONE, other], places)] == ([1] if meet else [])


def test_a_purpose_with_fields_outside_the_body_says_which(tmp_path: FilePath) -> None:
    found = served_by(
        tmp_path,
        "shape:",
        "  path.id: ticket.id",
        "  query.command: {operational: string, one_of: [check]}",
        "  'header.\"accept-language\"': {operational: string, one_of: [ru, kk]}",
        "  body.kind: ticket.kind",
        routes='"POST /requests/{id}", "PUT /requests/{id}/kind"',
    )

    assert found.located is True
    assert (set(found.query), set(found.headers)) == ({"command"}, {"accept-language"})
    assert found.route == Route("POST", "/requests/{id}")
    assert found.routes == (Route("POST", "/requests/{id}"), Route("PUT", "/requests/{id}/kind"))


def test_without_fields_outside_the_payload_is_the_body(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "shape:", "  body: ticket.id")

    assert (found.located, found.query, found.headers) == (False, frozenset(), frozenset())


def test_a_segment_of_every_route_is_required_and_of_some_is_not(tmp_path: FilePath) -> None:
    shape = ("shape:", "  path.kind: ticket.kind", "  body.id: ticket.id")

    every = served_by(tmp_path / "a", *shape, routes='"GET /requests/{kind}"')
    some = served_by(tmp_path / "b", *shape, routes='"GET /requests/{kind}", "POST /requests"')

    assert by_path(every)["path.kind"].required is True
    assert by_path(some)["path.kind"].required is False


@pytest.mark.parametrize(
    "name",
    ["cookie", "host", "user-agent", "authorization", "proxy-authorization", "forwarded", "via", "traceparent",
     "baggage", "x-forwarded-for", "x-forwarded-proto", "gateway-token", "X-Kind", "a b", "x_y", "-a"],
)  # fmt: skip
def test_a_header_of_another_s_cannot_be_a_field(name: str) -> None:
    """T20, T21, T22."""
    assert list(lint_place(parse_path(f'header."{name}"'), [ONE], frozenset())) != []


def test_a_header_of_their_own_may_be_a_field() -> None:
    assert list(lint_place(parse_path('header."accept-language"'), [ONE], frozenset({"x-api-key"}))) == []


def test_a_header_is_read_where_only_a_condition_or_the_subject_stands_in_it(tmp_path: FilePath) -> None:
    found = served_by(
        tmp_path,
        "subject_from: 'header.\"x-person\"'",
        "shape:",
        "  query.kind: ticket.kind",
        "  body.id: ticket.id",
        "  body.code: {field: ticket.code, when: {'header.\"x-mode\"': [full]}}",
    )

    assert found.headers == {"x-person", "x-mode"}

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gateway.admission.proxied import FORM, read_basis, read_payload, text_at
from gateway.admission.request import Admission
from gateway.canonical import Node, Number, parse_path
from gateway.errors import (
    AdmissionError,
    MalformedRequest,
    PayloadTooLarge,
    Unauthenticated,
    UnknownRoute,
    UnsupportedMediaType,
)
from gateway.model import Admitted, Basis, BasisKind, Call, Caller, CallerId, Proxied, PurposeMap, Route
from tests.values import PAIR, FakeClock, digest, purpose_map, snapshot

TOKEN = "gw_backend_" + "x" * 43
BACKEND = Caller(CallerId("backend"), frozenset({PAIR}))
BASIS = "kind=consent; ref=consent/1; given_at=2026-11-01T09:00:00+05:00; text_version=3"
JSON = "application/json"
ROUTES = (
    Route("POST", "/v2/orders"),
    Route("POST", "/v2/orders/{id}"),
    Route("GET", "/v2/orders/{id}"),
    Route("POST", "/v2/orders/{id}/items/{item}"),
    Route("DELETE", "/v2/orders/{id}"),
    Route("POST", "/a.b+c"),
)


def declared(**changes: Any) -> PurposeMap:
    """A map of an API with fields outside its bodies."""
    outside: dict[str, Any] = {"routes": ROUTES, "located": True, "headers": frozenset({"x-shop"})}
    return purpose_map(**{**outside, **changes})


def proxied(method: str = "POST", path: str = "/v2/orders", query: str = "", **changes: Any) -> Proxied:
    values: dict[str, Any] = {
        "recipient": PAIR[0],
        "purpose": PAIR[1],
        "method": method,
        "path": path,
        "query": query,
        "headers": {},
        "subject": "usr_0001",
        "basis": BASIS,
    }
    return Proxied(**{**values, **changes})


def call(body: bytes = b"{}", content_type: str = JSON, asked: Proxied | None = None) -> Call:
    return Call(TOKEN, content_type, body, proxied=asked)


def read(asked: Proxied, body: bytes = b"{}", content_type: str = JSON, **changes: Any) -> tuple[Node, Route]:
    payload = read_payload(call(body, content_type), asked, declared(**changes))
    return payload.tree, payload.route


def admit(
    asked: Proxied, body: bytes = b"{}", content_type: str = JSON, token: str = TOKEN, **changes: Any
) -> Admitted:
    known = hashlib.sha256(TOKEN.encode()).digest()
    maps = snapshot(declared(**changes))
    admission = Admission(lambda hashed: BACKEND if hashed == known else None, lambda: maps, FakeClock(), 4_096, digest)
    return admission.admit(Call(token, content_type, body, proxied=asked))


# ── routes ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "route", "segments"),
    [
        ("POST", "/v2/orders", ROUTES[0], {}),
        ("POST", "/v2/orders/17", ROUTES[1], {"id": "17"}),
        ("GET", "/v2/orders/17", ROUTES[2], {"id": "17"}),
        ("POST", "/v2/orders/17/items/a;b", ROUTES[3], {"id": "17", "item": "a;b"}),
        ("POST", "/v2/orders/заказ", ROUTES[1], {"id": "заказ"}),
        ("POST", "/v2/orders/a\r\nX-Admin: 1", ROUTES[1], {"id": "a\r\nX-Admin: 1"}),
        ("POST", "/v2/orders/..", ROUTES[1], {"id": ".."}),
        ("POST", "/v2/orders/a?b#c%2f", ROUTES[1], {"id": "a?b#c%2f"}),
        ("POST", "/a.b+c", ROUTES[5], {}),
    ],
)
def test_a_declared_route_is_found_and_its_segments_are_fields(
    method: str, path: str, route: Route, segments: dict[str, str]
) -> None:
    """T23: whatever a segment holds, the map judges it."""
    body = b"" if method == "GET" else b"{}"

    tree, found = read(proxied(method, path), body)

    assert found == route
    assert isinstance(tree, dict)
    assert tree.get("path", {}) == segments


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v2/orders"),
        ("post", "/v2/orders"),
        ("HEAD", "/v2/orders/17"),
        ("OPTIONS", "/v2/orders"),
        ("POST", "/"),
        ("POST", "/v2/orders/"),
        ("POST", "//v2/orders"),
        ("POST", "/v2//orders"),
        ("POST", "/v2/orders//items/2"),
        ("POST", "/v2/./orders"),
        ("POST", "/v2/x/../orders"),
        ("POST", "/v2/orders;x=1"),
        ("POST", "/v2/orders\n"),
        ("POST", "/V2/orders"),
        ("POST", "/v2/orders/17/items"),
        ("POST", "/v2/orders/1/7/items/2"),
        ("POST", "/x/v2/orders"),
        ("POST", "/axb+c"),
        ("POST", "/a.bbc"),
    ],
)
def test_every_other_method_and_path_is_no_route(method: str, path: str) -> None:
    """T23: default deny; a slash that came encoded is a slash."""
    with pytest.raises(UnknownRoute) as caught:
        read(proxied(method, path))

    assert str(caught.value) == "the recipient's file declares no such method and path"


def test_a_map_without_routes_of_its_own_takes_nothing() -> None:
    with pytest.raises(UnknownRoute):
        read(proxied(), routes=())


def test_a_path_with_a_byte_that_is_not_utf_8_is_refused_and_not_passed_on_changed() -> None:
    with pytest.raises(MalformedRequest, match="the path is not UTF-8"):
        read(proxied(path="/v2/orders/a\ufffdb"))


# ── what stands outside the body ────────────────────────────────────────────


def test_path_query_declared_headers_and_body_are_one_payload() -> None:
    asked = proxied(
        path="/v2/orders/17",
        query="to=%D0%90+1&n=&x=1%262",
        headers={"x-shop": "s-1", "authorization": "Bearer CANARY", "cookie": "CANARY", "x-forwarded-for": "CANARY"},
    )

    tree, _ = read(asked, b'{"sum":1.10}')

    assert tree == {
        "body": {"sum": Number("1.10")},
        "path": {"id": "17"},
        "query": {"to": "А 1", "n": "", "x": "1&2"},
        "header": {"x-shop": "s-1"},
    }


def test_of_headers_that_no_field_carries_none_is_read() -> None:
    """T21, T22."""
    tree, _ = read(proxied(headers={"cookie": "CANARY", "x-shop-2": "CANARY"}))

    assert tree == {}


def test_where_nothing_is_declared_outside_the_payload_is_the_body() -> None:
    asked = proxied(query="phone=CANARY&phone=CANARY", headers={"x-shop": "CANARY"})

    tree, _ = read(asked, b'{"a":1}', located=False)

    assert tree == {"a": Number("1")}


@pytest.mark.parametrize(
    "query",
    [
        "a=1&a=2",
        "a=1&%61=2",
        "flag",
        "=1",
        "a=%",
        "a=%G0",
        "a=%FF",
        "a=\xd0\x90",
        "a=\u0410",
        "a=%00",
        "a=1;b\x7f=2",
        "&",
    ],
)
def test_a_query_that_two_readers_may_read_differently_is_refused(query: str) -> None:
    """T1, T4, T23."""
    with pytest.raises(MalformedRequest) as caught:
        read(proxied(query=query))

    assert str(caught.value) == "the query is not name=value&… in UTF-8, each name once"


# ── bodies ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("media_type", "content_type", "body", "expected"),
    [
        (JSON, "Application/JSON ; charset=UTF-8", b'{"a":1}', {"a": Number("1")}),
        (FORM, FORM, b"a=1&b=%D0%90", {"a": "1", "b": "А"}),
        ("application/xml", "application/xml", b'<R a="1"/>', {"R": {"@a": "1"}}),
        ("text/csv", "text/csv", b"a;b\r\n1;2\r\n", {"records": [{"a": "1", "b": "2"}]}),
        ("application/x-ndjson", "application/x-ndjson", b'{"a":"1"}\n', {"records": [{"a": "1"}]}),
    ],
    ids=["json", "form", "xml", "csv", "ndjson"],
)
def test_a_body_of_the_declared_type_is_read_by_its_parser(
    media_type: str, content_type: str, body: bytes, expected: Node
) -> None:
    tree, _ = read(proxied(), body, content_type, media_type=media_type, located=False)

    assert tree == expected


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        FORM,
        "application/xml",
        "text/json",
        "application/json,text/xml",
        "application/json, application/json",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-7",
        "application/json\n",
        " application/json",
        "application/jsonx",
        "multipart/form-data; boundary=x",
    ],
)
def test_any_other_content_type_is_refused_whatever_the_body_is(content_type: str) -> None:
    """T8, T9, T10: the parsers of other types are not even reached, so the body's faults are not told."""
    with pytest.raises(UnsupportedMediaType):
        read(proxied(), b"<!DOCTYPE CANARY", content_type)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_method_without_a_body_takes_none(method: str) -> None:
    with pytest.raises(MalformedRequest, match=f"{method} takes no body"):
        read(proxied(method, "/v2/orders/17"), b"{}")


@pytest.mark.parametrize("content_type", ["", JSON, "text/html"])
def test_a_get_may_state_the_type_of_the_body_that_it_has_not(content_type: str) -> None:
    tree, _ = read(proxied("GET", "/v2/orders/17"), b"", content_type)

    assert tree == {"path": {"id": "17"}}


def test_a_post_that_says_all_outside_its_body_needs_none() -> None:
    tree, _ = read(proxied(path="/v2/orders/17"), b"", "")

    assert tree == {"path": {"id": "17"}}


def test_a_post_without_fields_outside_needs_a_body() -> None:
    with pytest.raises(UnsupportedMediaType):
        read(proxied(), b"", "", located=False)


@pytest.mark.parametrize("body", [b'{"a":1,"a":2}', b"", b"{", b'{"a":"\xff"}', b"\xef\xbb\xbf{}"])
def test_a_body_that_is_not_strict_is_refused(body: bytes) -> None:
    """T1, T4, T8."""
    with pytest.raises(MalformedRequest):
        read(proxied(), body)


# ── the basis and the subject ───────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("kind=consent", {"kind": "consent"}),
        ("kind=consent;ref=a/1", {"kind": "consent", "ref": "a/1"}),
        (" kind=consent ;\tref=a=b ", {"kind": "consent", "ref": "a=b"}),
        ("kind=", {"kind": ""}),
    ],
)
def test_a_basis_is_names_and_values(stated: str, expected: Node) -> None:
    assert read_basis(stated) == expected


@pytest.mark.parametrize(
    "stated",
    ["", ";", "consent", "kind=consent;", "kind=consent; kind=obligation", "kind=a b", "Kind=consent", "kind=a\nref=b"],
)
def test_anything_else_is_no_basis(stated: str) -> None:
    with pytest.raises(MalformedRequest) as caught:
        read_basis(stated)

    assert str(caught.value) == "Gateway-Basis is not kind=…; ref=…; given_at=…; text_version=…"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b", "x"),
        ("n", "17"),
        ("a", None),
        ("flag", None),
        ("list", None),
        ("a.b.c", None),
        ("none", None),
        ("list.a", None),
    ],
)
def test_only_a_text_or_a_number_names_someone(path: str, expected: str | None) -> None:
    tree: Node = {"a": {"b": "x"}, "n": Number("17"), "flag": True, "list": ["x"], "none": None}

    found = text_at(tree, parse_path(path))

    assert found == expected
    assert type(found) is not Number


def test_no_path_names_no_one() -> None:
    assert text_at("x", None) is None
    assert text_at("x", ()) is None


# ── the whole of it ─────────────────────────────────────────────────────────


def test_a_proxied_request_of_a_known_caller_is_admitted_whole() -> None:
    admitted = admit(proxied(path="/v2/orders/17"), b'{"a":1}', "application/json; charset=utf-8")

    assert (admitted.recipient, admitted.purpose, admitted.subject) == (*PAIR, "usr_0001")
    assert admitted.basis == Basis(BasisKind.CONSENT, "consent/1", "2026-11-01T09:00:00+05:00", "3")
    assert admitted.payload == {"body": {"a": Number("1")}, "path": {"id": "17"}}
    assert admitted.route == ROUTES[1]
    assert admitted.media_type == "application/json; charset=utf-8"
    assert admitted.write is not None
    assert admitted.write({"a": Number("1.10")}) == b'{"a":1.10}'


def test_the_callers_authorization_is_no_token_of_ours() -> None:
    """T22: who holds only what the recipient gave is nobody here."""
    asked = proxied(headers={"authorization": f"Bearer {TOKEN}"})

    with pytest.raises(Unauthenticated):
        admit(asked, token="")


@pytest.mark.parametrize("pair", [("nobody", PAIR[1]), (PAIR[0], "nothing")])
def test_what_no_map_names_is_admitted_unread_for_the_refusal_is_to_be_recorded(pair: tuple[str, str]) -> None:
    asked = proxied(recipient=pair[0], purpose=pair[1], path="/any//thing", query="&&", method="PATCH")

    admitted = admit(asked, b"\xff", "any/thing")

    assert (admitted.recipient, admitted.purpose) == pair
    assert admitted.payload == {}
    assert (admitted.route, admitted.media_type, admitted.write) == (None, None, None)


@pytest.mark.parametrize("name", ["a b", "иванов", "r\n", "a@b.example", "x" * 65, ""])
@pytest.mark.parametrize("part", ["recipient", "purpose"])
def test_what_could_be_no_name_of_a_map_is_refused_unrecorded(part: str, name: str) -> None:
    """T57, T86: as in the body of a transfer."""
    with pytest.raises(MalformedRequest) as caught:
        admit(proxied(**{part: name}))

    assert str(caught.value) == f"the path is not of the proxy: {part} is not 1 to 64 of A-Za-z0-9_.-"


def test_a_body_over_the_limit_is_refused_before_it_is_parsed() -> None:
    """T6."""
    with pytest.raises(PayloadTooLarge):
        admit(proxied(), b"[" * 5_000)


def test_the_payload_may_name_its_subject_where_the_file_says_so() -> None:
    admitted = admit(proxied(path="/v2/orders/resident-7", subject=None), subject_from=parse_path("path.id"))

    assert admitted.subject == "resident-7"


def test_header_and_payload_may_name_the_same_person() -> None:
    admitted = admit(proxied(subject="7"), b'{"of":7}', subject_from=parse_path("body.of"))

    assert admitted.subject == "7"


@pytest.mark.parametrize(
    ("stated", "body", "expected"),
    [
        ("usr_2", b'{"of":"usr_1"}', "Gateway-Subject and the payload name two people"),
        ("", b'{"of":"usr_1"}', "Gateway-Subject and the payload name two people"),
        (None, b"{}", "the request does not say who it is about"),
        (None, b'{"of":null}', "the request does not say who it is about"),
        (None, b'{"of":["usr_1"]}', "the request does not say who it is about"),
        ("", b"{}", "the subject is not 1 to 64 of A-Za-z0-9_.:-"),
        ("usr_1, usr_2", b"{}", "the subject is not 1 to 64 of A-Za-z0-9_.:-"),
        (None, b'{"of":"+77000000123"}', "the subject reads as a phone number"),
        ("900101100103", b"{}", "the subject reads as an IIN"),
        ("\xd0\x90", b"{}", "the subject is not 1 to 64 of A-Za-z0-9_.:-"),
    ],
)
def test_it_is_about_one_person_named_by_an_opaque_id(stated: str | None, body: bytes, expected: str) -> None:
    """T15."""
    with pytest.raises(MalformedRequest) as caught:
        admit(proxied(subject=stated), body, subject_from=parse_path("body.of"))

    assert str(caught.value).startswith(expected)


def test_the_basis_may_be_left_out_for_that_is_a_refusal_to_be_recorded() -> None:
    assert admit(proxied(basis=None)).basis is None


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("kind=consent; ref=c-1", "Gateway-Basis: given_at is missing"),
        (BASIS.replace("consent;", "interest;"), "Gateway-Basis: kind is not one of: consent, obligation"),
        (f"{BASIS}; x=1", "Gateway-Basis: 1 unknown key"),
        (BASIS.replace("consent/1", "900101100103"), "Gateway-Basis: ref reads as an IIN"),
        (BASIS.replace("T09", " T09"), "Gateway-Basis is not kind="),
        ("", "Gateway-Basis is not kind="),
    ],
)
def test_a_basis_that_is_stated_is_stated_as_in_a_transfer(basis: str, expected: str) -> None:
    with pytest.raises(MalformedRequest) as caught:
        admit(proxied(basis=basis))

    assert str(caught.value).startswith(expected)


def test_no_canary_of_a_proxied_request_stands_in_an_error_or_a_repr() -> None:
    """T23, T86: one canary in each place, one at a time made wrong."""
    canary = "CANARY CANARY"
    asked: list[tuple[Proxied, bytes, str]] = [
        (proxied(path=f"/{canary}"), b"{}", JSON),
        (proxied(method=canary), b"{}", JSON),
        (proxied(query=canary), b"{}", JSON),
        (proxied(query="CANARY=1&CANARY=2"), b"{}", JSON),
        (proxied(subject=canary), b"{}", JSON),
        (proxied(basis=canary), b"{}", JSON),
        (proxied(basis=f"{BASIS}; canary=CANARY"), b"{}", JSON),
        (proxied(recipient=canary), b"{}", JSON),
        (proxied(), b'{"CANARY":1,"CANARY":2}', JSON),
        (proxied(), b"{}", canary),
        (proxied("GET", "/v2/orders/CANARY"), b"CANARY", JSON),
    ]

    told: list[str] = []
    for one, body, content_type in asked:
        with pytest.raises(AdmissionError) as caught:
            admit(one, body, content_type)
        told.append(f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}")

    assert not [line for line in told if "canary" in line.lower()]
    shown = repr(proxied(path=canary, query=canary, headers={"x": canary}, subject=canary, basis=canary))
    assert "CANARY" not in shown

from __future__ import annotations

from typing import Any

import pytest

from gateway.admission.preview import read_parts, read_route
from gateway.errors import AdmissionError, MalformedRequest, UnknownRoute, UnsupportedMediaType
from gateway.model import Call, Proxied, PurposeMap, Route
from tests.rules import rule
from tests.values import purpose_map

RECORDS = purpose_map(fields=(rule("records[].amount"),))
TICKET = purpose_map(fields=(rule("ticket"),))
LOCATED = purpose_map(
    located=True,
    route=Route("POST", "/orders/{id}"),
    routes=(Route("POST", "/orders/{id}"),),
    headers=frozenset({"x-shop"}),
    fields=(rule("body.records[].amount"),),
)
CSV = b"amount;iin\n1;900101100103\n2;900101100103\n"


def asked(path: str = "", **changes: Any) -> Proxied:
    values: dict[str, Any] = {
        "recipient": "r",
        "purpose": "p",
        "method": "POST",
        "path": path,
        "query": "a=b",
        "headers": {"x-shop": "7", "cookie": "c"},
        "subject": None,
        "basis": None,
    }
    return Proxied(**{**values, **changes})


def call(body: bytes, content_type: str = "application/json") -> Call:
    return Call(None, content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body", "tree"),
    [
        ("application/json", b'{"ticket":"1"}', {"ticket": "1"}),
        ("application/x-www-form-urlencoded", b"ticket=1", {"ticket": "1"}),
        ("application/xml", b"<T><A>1</A></T>", {"T": {"A": [{"#text": "1"}]}}),
    ],
    ids=["json", "form", "xml"],
)
def test_a_body_without_records_is_one_payload_whatever_the_recipient_takes(
    content_type: str, body: bytes, tree: Any
) -> None:
    parts = read_parts(call(body, content_type), asked(), TICKET)

    assert parts.records is None
    assert parts.whole.tree == tree
    assert parts.whole.document is not None
    assert parts.whole.document.media_type == content_type


def test_each_record_is_read_as_if_it_stood_alone_in_its_body() -> None:
    parts = read_parts(call(CSV, "text/csv"), asked(), RECORDS)

    assert parts.records is not None
    assert [part.tree for part in parts.records] == [
        {"records": [{"amount": "1", "iin": "900101100103"}]},
        {"records": [{"amount": "2", "iin": "900101100103"}]},
    ]
    assert all(part.document is parts.whole.document for part in parts.records)


def test_where_the_map_knows_no_records_each_is_a_payload_of_its_own() -> None:
    parts = read_parts(call(b'{"ticket":"1"}\n{"ticket":"2"}\n', "application/x-ndjson"), asked(), TICKET)

    assert parts.records is not None
    assert [part.tree for part in parts.records] == [{"ticket": "1"}, {"ticket": "2"}]
    assert [part.document for part in parts.records] == [None, None]


def test_a_body_that_goes_to_the_recipient_as_it_is_stays_a_body_of_records() -> None:
    """The verdict must not say that something leaves which the proxy would withhold."""
    declared = purpose_map(fields=(rule("ticket"),), media_type="application/x-ndjson")

    parts = read_parts(call(b'{"ticket":"1"}\n', "application/x-ndjson"), asked(), declared)

    assert parts.records is not None
    assert parts.records[0].tree == {"records": [{"ticket": "1"}]}


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-ndjson"])
def test_no_records_are_no_verdicts(content_type: str) -> None:
    body = b"amount;iin\n" if content_type == "text/csv" else b""

    assert read_parts(call(body, content_type), asked(), RECORDS).records == ()


def test_what_no_map_knows_is_still_read_record_by_record_so_that_each_is_refused() -> None:
    parts = read_parts(call(CSV, "text/csv"), asked("/orders/7"), None)

    assert parts.records is not None
    assert len(parts.records) == 2


def test_a_stated_route_is_read_as_the_proxy_reads_it() -> None:
    declared = purpose_map(**{**_changes(LOCATED), "media_type": "text/csv"})

    parts = read_parts(call(CSV, "text/csv"), asked("/orders/7"), declared)

    around = {"path": {"id": "7"}, "query": {"a": "b"}, "header": {"x-shop": "7"}}
    assert parts.records is not None
    assert parts.records[1].tree == {**around, "body": {"records": [{"amount": "2", "iin": "900101100103"}]}}
    assert parts.records[1].route == declared.route


@pytest.mark.parametrize(
    ("path", "content_type", "error"),
    [("/elsewhere", "application/json", UnknownRoute), ("/orders/7", "text/csv", UnsupportedMediaType)],
    ids=["another path", "another content type"],
)
def test_what_the_proxy_would_not_take_at_a_stated_route_is_not_taken(
    path: str, content_type: str, error: type[AdmissionError]
) -> None:
    """T9."""
    with pytest.raises(error):
        read_parts(call(CSV if content_type == "text/csv" else b"{}", content_type), asked(path), LOCATED)


def test_without_a_route_a_json_document_is_the_located_payload_itself() -> None:
    whole = read_parts(call(b'{"body":{},"query":{"a":"b"}}'), asked(), LOCATED).whole

    assert whole.tree == {"body": {}, "query": {"a": "b"}}


def test_without_a_route_a_body_of_another_content_type_is_the_body_alone() -> None:
    parts = read_parts(call(CSV, "text/csv"), asked(), LOCATED)

    assert parts.records is not None
    assert parts.records[0].tree == {"body": {"records": [{"amount": "1", "iin": "900101100103"}]}}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("POST /v2/orders", ("POST", "/v2/orders", "")),
        ("GET /orders/%D0%B0?x=1&y=2", ("GET", "/orders/а", "x=1&y=2")),
        ("DELETE /", ("DELETE", "/", "")),
    ],
)
def test_a_route_is_a_method_a_path_and_a_query(stated: str, expected: tuple[str, str, str]) -> None:
    assert read_route(stated) == expected


@pytest.mark.parametrize("stated", ["", "POST", "post /a", "POST a", "POST /a b", "POST /a#b", "/a", "POST /a\n"])
def test_what_is_no_route_is_refused_without_repeating_it(stated: str) -> None:
    with pytest.raises(MalformedRequest) as caught:
        read_route(stated)

    assert str(caught.value) == "the route is not a method and a path, such as POST /v2/orders/7"


def _changes(found: PurposeMap) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("located", "route", "routes", "headers", "fields")}

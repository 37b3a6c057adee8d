from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from gateway.canonical import Node, Number
from gateway.errors import MalformedRequest
from gateway.formats.document import MAX_FIELDS, MAX_NAME_LENGTH
from gateway.formats.form import read, write

TYPE = "application/x-www-form-urlencoded"
SECRET = "87000000123"


def tree_of(body: bytes) -> Node:
    return read(TYPE, body).tree


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=", {"a": ""}),
        (b"a=1\n", {"a": "1"}),
        (b"a=1\r\n", {"a": "1"}),
        (b"a=1%0A", {"a": "1\n"}),
        (b"a+b=c+d", {"a b": "c d"}),
        (b"a=%2B%2b%20", {"a": "++ "}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a[b]=1&a[c]=2", {"a[b]": "1", "a[c]": "2"}),
        (b"%D0%B0=%F0%9F%8F%A0+%D0%B1", {"а": "🏠 б"}),
        (b"A=1&a=2", {"A": "1", "a": "2"}),
    ],
    ids=lambda value: f"{value!r:.40} {len(value)}",
)
def test_a_form_has_one_reading(body: bytes, expected: Node) -> None:
    assert tree_of(body) == expected


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"a=%", "a percent sign without two hex digits, at byte 2"),
        (b"a=%4", "a percent sign without two hex digits, at byte 2"),
        (b"a=%zz", "a percent sign without two hex digits, at byte 2"),
        (b"a=1%%41", "a percent sign without two hex digits, at byte 3"),
        (b"a=%u0430", "a percent sign without two hex digits, at byte 2"),
        ("a=б".encode(), "a byte that is not percent-encoded, at byte 2"),
        (b"a=1\nb", "a byte that is not percent-encoded, at byte 3"),
        (b"a=1\n\n", "a byte that is not percent-encoded, at byte 3"),
        (b"a=\x00", "a byte that is not percent-encoded, at byte 2"),
        (b"\xef\xbb\xbfa=1", "a byte that is not percent-encoded, at byte 0"),
        ("a=1".encode("utf-16"), "a byte that is not percent-encoded, at byte 0"),
        (b"a=%00", "it holds a control character"),
        (b"a=%1F", "it holds a control character"),
        (b"a=%FF", "field 1 is not UTF-8"),
        (b"a=%D0", "field 1 is not UTF-8"),
        (b"a=%D0x%B0", "field 1 is not UTF-8"),
        (b"a=%ED%A0%80", "field 1 is not UTF-8"),
        (b"a=%C0%AF", "field 1 is not UTF-8"),
        (b"a=1&a=2", "field 2 has the name of one before it"),
        (b"a=1&%61=2", "field 2 has the name of one before it"),
        (b"a[]=1&a[]=2", "field 2 has the name of one before it"),
        (b"=1", "field 1 has no name"),
        (b"a=1&=2", "field 2 has no name"),
        (b"a", "field 1 has no equals sign"),
        (b"a=1&", "field 2 has no equals sign"),
        (b"&a=1", "field 1 has no equals sign"),
        (b"a%0A=1", "the name of field 1 holds a character that cannot be seen"),
        (b"a%E2%80%8B=1", "the name of field 1 holds a character that cannot be seen"),
        (b"a" * (MAX_NAME_LENGTH + 1) + b"=", f"the name of field 1 is longer than {MAX_NAME_LENGTH} characters"),
        (b"&".join(b"%d=" % at for at in range(MAX_FIELDS + 1)), f"it has more than {MAX_FIELDS} fields"),
    ],
    ids=lambda value: f"{value!r:.40} {len(value)}",
)
def test_what_two_readers_may_read_differently_is_refused(body: bytes, fault: str) -> None:
    """T1, T4, T6, T10."""
    with pytest.raises(MalformedRequest) as caught:
        tree_of(body)

    assert str(caught.value) == f"the body is not strict form data: {fault}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [f"{SECRET}={SECRET}&{SECRET}={SECRET}", f"{SECRET}={SECRET}%", f"a={SECRET}%FF", f"{SECRET}"],
    ids=["twice", "bad percent", "not UTF-8", "no equals sign"],
)
def test_an_error_never_says_a_name_or_a_value(body: str) -> None:
    """T86."""
    with pytest.raises(MalformedRequest) as caught:
        tree_of(body.encode())

    assert SECRET not in str(caught.value)


def test_a_form_leaves_percent_encoded_as_html_forms_are() -> None:
    written = write({"a b": "c&d=e", "имя": "О'Нил~*-._\r\n", "sum": Number("5430.00"), "x": None, "ok": True})

    assert written == b"a+b=c%26d%3De&%D0%B8%D0%BC%D1%8F=%D0%9E%27%D0%9D%D0%B8%D0%BB%7E*-._%0D%0A&sum=5430.00&ok=true"
    assert dict(parse_qsl(written.decode(), strict_parsing=True))["имя"] == "О'Нил~*-._\r\n"


@pytest.mark.parametrize("tree", [{"a": {"b": "1"}}, {"a": ["1"]}, ["a"]], ids=["object", "array", "no object"])
def test_what_a_form_cannot_hold_is_not_written(tree: Node) -> None:
    with pytest.raises(MalformedRequest, match="cannot be written as form data"):
        write(tree)


def test_nothing_released_is_an_empty_body() -> None:
    assert write({}) == write(None) == b""

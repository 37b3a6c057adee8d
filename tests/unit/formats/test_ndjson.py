from __future__ import annotations

import pytest

from gateway.canonical import Node, Number
from gateway.errors import MalformedRequest
from gateway.formats.document import MAX_RECORDS
from gateway.formats.ndjson import read, write

TYPE = "application/x-ndjson"
SECRET = "87000000123"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"{}", [{}]),
        (b'{"a":1.10}\n{"b":[null]}\n', [{"a": Number("1.10")}, {"b": [None]}]),
        (b'{"a":1}\r\n{"a":-0}\r\n', [{"a": Number("1")}, {"a": Number("-0")}]),
        (rb'{"a":"\n"}', [{"a": "\n"}]),
    ],
    ids=["none", "one", "two", "CRLF", "escaped line end"],
)
def test_a_record_is_a_line(body: bytes, expected: Node) -> None:
    document = read(TYPE, body)

    assert document.tree == {"records": expected}
    assert document.records


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"\n", "line 1: the text ends too early, at column 1 (byte 0)"),
        (b"{}\n\n{}\n", "line 2: the text ends too early, at column 1 (byte 0)"),
        (b"{}\n\n", "line 2: the text ends too early, at column 1 (byte 0)"),
        (b"{}\n[{}]\n", "line 2 is not an object"),
        (b"{}\n1\n", "line 2 is not an object"),
        (b'{}\n{"a":1,"a":2}', "line 2: an object has the same key twice, at column 12 (byte 11)"),
        (b'{"a":\n1}\n', "line 1: the text ends too early, at column 5 (byte 4)"),
        (b"{},{}\n", "line 1: something follows the value, at column 3 (byte 2)"),
        (b"{} {}\n", "line 1: something follows the value, at column 4 (byte 3)"),
        (b'{"a":1e400}', "line 1: a number has an exponent that a double cannot hold, at column 6 (byte 5)"),
        (b"\xef\xbb\xbf{}", "line 1: it begins with a byte order mark, at column 1 (byte 0)"),
        (b"{}\n\xef\xbb\xbf{}", "line 2: it begins with a byte order mark, at column 1 (byte 0)"),
        (rb'{"a":"\u0000"}', "line 1: a string holds the character NUL, at column 7 (byte 6)"),
        (b'{"a":"\xff"}', "line 1: it is not UTF-8, at column 7 (byte 6)"),
        (b"{}\n" * (MAX_RECORDS + 1), f"it has more than {MAX_RECORDS} lines"),
    ],
    ids=[
        "only a line end", "blank", "blank at the end", "array", "number", "key twice", "over two lines", "comma",
        "two in a line", "huge number", "mark", "mark in line 2", "NUL", "not UTF-8", "too many",
    ],
)  # fmt: skip
def test_an_error_names_the_line(body: bytes, fault: str) -> None:
    """T1, T4, T5, T6, T8."""
    with pytest.raises(MalformedRequest) as caught:
        read(TYPE, body)

    assert str(caught.value) == f"the body is not strict NDJSON: {fault}"
    assert caught.value.__cause__ is None


def test_an_error_never_says_a_key_or_a_value() -> None:
    """T86."""
    with pytest.raises(MalformedRequest) as caught:
        read(TYPE, f'{{"{SECRET}":"{SECRET}","{SECRET}":1}}'.encode())

    assert SECRET not in str(caught.value)


def test_records_leave_a_line_each_with_the_digits_they_came_with() -> None:
    """Law 9."""
    body = '{"сумма":5430.00,"n":[1e2,-0]}\n{"a":null}\n'.encode()

    assert write(read(TYPE, body).tree) == body
    assert write({}) == write(None) == b""


@pytest.mark.parametrize("tree", [{"records": ["a"]}, {"records": {}}, "a"], ids=["text", "object", "no object"])
def test_what_is_no_list_of_records_is_not_written(tree: Node) -> None:
    with pytest.raises(MalformedRequest, match="cannot be written as NDJSON"):
        write(tree)

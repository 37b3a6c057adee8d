from __future__ import annotations

import inspect
import sys

import pytest

from gateway.canonical import Node, Number, write
from gateway.errors import MalformedRequest
from gateway.formats.strict_json import parse


def error_of(body: bytes) -> str:
    with pytest.raises(MalformedRequest) as caught:
        parse(body)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    "digits",
    ["0", "-0", "-0.0", "-0e1", "1.10", "0.1", "5430.00", "12345678901234567890", "1E+2", "1e-2", "9" * 40, "1e308"],
)
def test_a_number_keeps_the_digits_it_came_with(digits: str) -> None:
    """T5, law 9."""
    body = f'{{"a":[{digits}],"b":{digits}}}'.encode()

    tree = parse(body)

    assert {"a": [Number(digits)], "b": Number(digits)} == tree
    assert body == write(tree)


def test_a_number_at_the_root_is_a_number_and_a_text_of_digits_is_a_text() -> None:
    number, text = parse(b"-0"), parse(b'"-0"')

    assert (Number, str) == (type(number), type(text))


def test_minus_zeros_keep_their_places_among_zeros_and_texts_that_look_like_them() -> None:
    body = b'[0,-0,{"-0":-0,"b":"\\"-0,"},0,"[-0]",10,-0.0,-01e0]'.replace(b"-01e0", b"-0e0")

    tree = parse(body)

    assert body == write(tree)


def test_texts_booleans_and_null_stay_what_they_are() -> None:
    expected: Node = {"а": ["б", True, False, None, {}], "": []}

    actual = parse('{"а": ["б", true, false, null, {}], "": []}'.encode())

    assert expected == actual


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"k":1,"k":2}', "an object has the same key twice, at line 1, column 12 (byte 11)"),
        (b'{"a":1,\n "b":@}', "a value was expected, at line 2, column 6 (byte 13)"),
        (b'{"a":[1,1e400]}', "a number has an exponent that a double cannot hold, at line 1, column 9 (byte 8)"),
        (b'["1e400",\n1e-400]', "a number is so small that a double reads zero, at line 2, column 1 (byte 10)"),
        (b"[0e401]", "a number has an exponent that a double cannot hold, at line 1, column 2 (byte 1)"),
        (b"[" + b"7" * 41 + b"]", "a number is longer than 40 characters, at line 1, column 2 (byte 1)"),
        (b"[" + b"7" * 4400 + b"]", "a number is longer than 40 characters, at line 1, column 4303 (byte 4302)"),
        (rb'["\\u0000",' + b"\n" + rb'"\u0000"]', "a string holds the character NUL, at line 2, column 2 (byte 13)"),
        (rb'["\ud800"]', "a string holds half of a surrogate pair, at line 1, column 9 (byte 8)"),
        (b"\xef\xbb\xbf{}", "it begins with a byte order mark, at line 1, column 1 (byte 0)"),
        ("{}".encode("utf-16"), "it is not UTF-8, at line 1, column 1 (byte 0)"),
        ("{}".encode("utf-16-be"), "it is not UTF-8, at line 1, column 1 (byte 0)"),
        ('["é"]'.encode("latin-1"), "it is not UTF-8, at line 1, column 3 (byte 2)"),
        (b"[" * 100_000, "it is nested more than 200 levels deep, at line 1, column 202 (byte 201)"),
        (b"", "the text ends too early, at line 1, column 1 (byte 0)"),
        (b"[1,]", "a comma stands before a closing bracket, at line 1, column 4 (byte 3)"),
        (b"[1] 2", "something follows the value, at line 1, column 5 (byte 4)"),
        (b"{a:1}", "a key is not a string, at line 1, column 2 (byte 1)"),
        (b'["\n"]', "a string holds a control character that is not escaped, at line 1, column 3 (byte 2)"),
        (rb'["\x41"]', "a string holds an escape that JSON does not have, at line 1, column 4 (byte 3)"),
        (b"[01]", "a number is not spelled as JSON spells them, at line 1, column 3 (byte 2)"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(body: bytes, expected: str) -> None:
    """T1, T4, T5, T6, T8."""
    actual = error_of(body)

    assert f"the body is not strict JSON: {expected}" == actual


@pytest.mark.parametrize(
    "body",
    [
        b'{"87000000123":1,"87000000123":2}',
        b'{"87000000123 at line 7 column 7":1,"87000000123 at line 7 column 7":2}',
        b'{"87000000123":"87000000123\\ud800"}',
        b'{"87000000123":87000000123e999}',
        b'["87000000123\\u0000"]',
        b"[87000000123, 87000000123x]",
    ],
)
def test_an_error_never_says_a_key_or_a_value(body: bytes) -> None:
    """T86."""
    actual = error_of(body)

    assert "87000000123" not in actual
    assert "line 7" not in actual


def test_a_nearly_exhausted_stack_is_a_refusal_and_no_crash() -> None:
    body = b"[" * 200 + b"1" + b"]" * 200

    def deep_in_the_stack(levels: int) -> str:
        return error_of(body) if levels == 0 else deep_in_the_stack(levels - 1)

    actual = deep_in_the_stack(sys.getrecursionlimit() - len(inspect.stack(0)) - 150)

    assert actual == "the body is not strict JSON: it is more than can be read"

"""Strict JSON: bytes to the neutral tree, or a refusal that says what is wrong and where.

Promises: one text has one reading. Duplicate keys, lone surrogates, NUL, NaN and infinities, a byte order mark, UTF-16,
numbers over the limits and bodies over 200 levels deep are refused; a number keeps the digits it came with (law 9).
It must never say a key name or a value in an error, and never keep a string of one body for the next: the parser's
cache of strings is off.

source: RFC 8259; threats T1, T4, T5, T6, T8
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import jiter

from gateway.canonical import Node, Number
from gateway.errors import MalformedRequest

MAX_NUMBER_LENGTH: Final = 40
MAX_EXPONENT: Final = 400  # what a double can hold ends at 308; decimals with huge exponents are a trap for readers

_INFINITE: Final = float("inf")
_PLAIN: Final = frozenset({str, bool, type(None)})
_PLACE = re.compile(r" at line (\d+) column (\d+)\Z")
_MINUS_ZERO = re.compile(rb"-0(?=[\s,\]}]|\Z)(?<![^\s,:\[]-0)")  # the integer, or such text inside a string
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|(-?\d[\d.eE+-]*+)', re.DOTALL)  # of a text that has parsed
_ESCAPE = re.compile(rb"\\(?:(u0000)|.)", re.DOTALL)
_NOT_UTF_8 = (b"\xff\xfe", b"\xfe\xff", b"\x00")

# How jiter's messages begin, and what we say instead of what they quote. A new message meets the last line.
_FAULTS: Final = (
    ("Detected duplicate key", "an object has the same key twice"),
    ("recursion limit exceeded", "it is nested more than 200 levels deep"),
    ("number out of range", f"a number is longer than {MAX_NUMBER_LENGTH} characters"),
    ("invalid number", "a number is not spelled as JSON spells them"),
    ("EOF while parsing", "the text ends too early"),
    ("trailing comma", "a comma stands before a closing bracket"),
    ("trailing characters", "something follows the value"),
    ("key must be a string", "a key is not a string"),
    ("control character", "a string holds a control character that is not escaped"),
    ("invalid unicode code point", "it is not UTF-8"),
    ("invalid escape", "a string holds an escape that JSON does not have"),
    ("unexpected end of hex escape", "a string holds half of a surrogate pair"),
    ("lone leading surrogate", "a string holds half of a surrogate pair"),
    ("", "a value was expected"),
)


class _NumberOverLimit(Exception):
    """A number that `_number_fault` refuses; where it stands is looked up only then."""


def parse(body: bytes) -> Node:
    """The neutral tree of a JSON text, every number a `Number` with its own digits.

    Raises MalformedRequest, which says the fault with line, column and byte offset, and never a key or a value.
    """
    try:
        tree = jiter.from_json(
            body, allow_inf_nan=False, cache_mode="none", catch_duplicate_keys=True, float_mode="lossless-float"
        )
        tree = _neutral(tree)
        if _MINUS_ZERO.search(body):
            tree = _with_minus_zeros(tree, body)
    except _NumberOverLimit:
        raise _number_refusal(body) from None
    except ValueError as error:
        raise _syntax_refusal(body, str(error)) from None  # the cause quotes keys
    except (RecursionError, MemoryError):
        raise MalformedRequest("the body is not strict JSON: it is more than can be read") from None
    if b"\\u0000" in body:
        _refuse_nul(body)
    return tree


def _neutral(value: Any) -> Node:  # noqa: ANN401, RUF100 -- what jiter makes has no type of its own
    """What jiter made, its numbers as `Number`, in place."""
    whole = [value]
    _keep_digits(whole)
    return whole[0]  # type: ignore[no-any-return]


def _keep_digits(container: Any) -> None:  # noqa: ANN401, RUF100 -- as above
    """The walk: one call for each object or array, none for what is neither one of them nor a number."""
    for key, item in container.items() if type(container) is dict else enumerate(container):
        kind = type(item)
        if kind in _PLAIN:
            continue
        if kind is dict or kind is list:
            _keep_digits(item)
            continue
        text = str(item)
        if (kind is not int or len(text) > MAX_NUMBER_LENGTH) and _number_fault(text):
            raise _NumberOverLimit
        container[key] = Number(text)


def _number_fault(text: str) -> str | None:
    """Why a number is over the limits: a recipient that reads doubles must not read infinity, or zero for something."""
    if len(text) > MAX_NUMBER_LENGTH:
        return f"a number is longer than {MAX_NUMBER_LENGTH} characters"
    if "e" not in text and "E" not in text:
        return None
    mantissa, _, exponent = text.lower().partition("e")
    if abs(int(exponent)) > MAX_EXPONENT or abs(float(text)) == _INFINITE:
        return "a number has an exponent that a double cannot hold"
    if float(text) == 0 and mantissa.strip("-0."):
        return "a number is so small that a double reads zero"
    return None


def _with_minus_zeros(tree: Node, body: bytes) -> Node:
    """The parser reads the integer `-0` as `0`: every zero gets back the sign that it came with, in text order."""
    zeros = [number for number in _TOKEN.findall(body) if number in (b"0", b"-0")]
    return _signed(tree, iter(zeros)) if b"-0" in zeros else tree


def _signed(tree: Node, zeros: Iterator[bytes]) -> Node:
    if isinstance(tree, dict):
        return {key: _signed(item, zeros) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_signed(item, zeros) for item in tree]
    if isinstance(tree, Number) and tree == "0":
        return Number(next(zeros).decode("ascii"))
    return tree


def _refuse_nul(body: bytes) -> None:
    for escape in _ESCAPE.finditer(body):
        if escape[1]:
            raise _refusal("a string holds the character NUL", body, escape.start())


def _number_refusal(body: bytes) -> MalformedRequest:
    for token in _TOKEN.finditer(body):
        fault = _number_fault(token[1].decode("ascii")) if token[1] else None
        if fault:
            return _refusal(fault, body, token.start())
    return MalformedRequest("the body is not strict JSON: a number is over the limits")


def _syntax_refusal(body: bytes, told: str) -> MalformedRequest:
    place = _PLACE.search(told)
    if place is None:
        return MalformedRequest("the body is not strict JSON")
    lines_before = sum(len(line) + 1 for line in body.split(b"\n", int(place[1]) - 1)[:-1])
    offset = max(0, min(len(body) - 1, lines_before + int(place[2]) - 1))
    if body.startswith(b"\xef\xbb\xbf"):
        return _refusal("it begins with a byte order mark", body, 0)
    if body.startswith(_NOT_UTF_8) or body[1:2] == b"\x00":
        return _refusal("it is not UTF-8", body, 0)
    return _refusal(next(said for begin, said in _FAULTS if told.startswith(begin)), body, offset)


def _refusal(fault: str, body: bytes, offset: int) -> MalformedRequest:
    line = body.count(b"\n", 0, offset) + 1
    column = offset - body.rfind(b"\n", 0, offset)
    return MalformedRequest(f"the body is not strict JSON: {fault}, at line {line}, column {column} (byte {offset})")

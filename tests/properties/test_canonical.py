"""Canonical bytes against the reference implementation, and paths against their own text."""

from __future__ import annotations

import orjson
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import Json, Number, Step, b64, encode, parse_path, path_text, unb64, write

ASCII = st.text(st.characters(codec="ascii"), max_size=12)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT


def _values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    return st.recursive(SCALARS, lambda child: st.lists(child, max_size=4) | st.dictionaries(keys, child, max_size=5))


@settings(max_examples=300)
@given(_values(ASCII))
def test_canonical_bytes_are_those_of_rfc_8785(value: Json) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(_values(st.text(st.characters(max_codepoint=0xD7FF), max_size=6)))
def test_keys_in_kazakh_and_russian_sort_as_rfc_8785_has_it(value: Json) -> None:
    """Field names of a recipient's shape may be Cyrillic: below the surrogates, both orders are one."""
    assert encode(value) == rfc8785.dumps(value)


@given(_values(TEXT))
def test_canonical_bytes_are_the_same_however_often_they_are_read_and_written(value: Json) -> None:
    spelled = encode(value)

    assert encode(orjson.loads(spelled)) == spelled


@given(
    st.lists(st.from_regex(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True), max_size=5)
)
def test_every_number_is_written_with_its_own_digits(numbers: list[str]) -> None:
    written = write([Number(number) for number in numbers])

    assert written == b"[" + ",".join(numbers).encode() + b"]"


@settings(max_examples=300)
@given(st.lists(st.builds(Step, st.text(st.characters(codec="utf-8"), min_size=1), st.booleans()), min_size=1))
def test_a_path_comes_back_from_its_text(steps: list[Step]) -> None:
    path = tuple(steps)

    assert parse_path(path_text(path)) == path


@given(st.text(max_size=12))
def test_text_is_a_path_or_a_value_error(text: str) -> None:
    try:
        path = parse_path(text)
    except ValueError:
        return

    assert parse_path(path_text(path)) == path


@given(st.binary(max_size=64))
def test_base64url_gives_back_the_bytes(raw: bytes) -> None:
    assert unb64(b64(raw)) == raw

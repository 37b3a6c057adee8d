"""What a caller may say of a kept set, and that nothing of it is repeated in an error."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.admission.kept_set import LONGEST_VALUE, MOST_VALUES, Change, read_change, read_lines, read_set
from gateway.errors import AdmissionError, MalformedRequest, UnsupportedMediaType

JSON = "application/json"
PERSONAL = "87000000125"


def body(tree: Any) -> bytes:
    return orjson.dumps(tree)


def test_a_set_is_all_its_values() -> None:
    told = read_set(JSON, body({"values": ["h-1", "h-2", "h-1", "ул. Примерная 10/1"]}))

    assert told == Change(values=frozenset({"h-1", "h-2", "ул. Примерная 10/1"}))


def test_a_set_may_be_emptied() -> None:
    assert read_set("application/json; charset=UTF-8", body({"values": []})) == Change(values=frozenset())


def test_a_change_says_what_comes_and_what_goes() -> None:
    told = read_change(JSON, body({"add": ["h-1"], "remove": ["h-2"]}))

    assert told == Change(add=frozenset({"h-1"}), remove=frozenset({"h-2"}))
    assert read_change(JSON, body({"add": ["h-1"]})) == Change(add=frozenset({"h-1"}))


def test_as_many_values_as_may_be_are_taken() -> None:
    told = read_set(JSON, body({"values": [f"h-{n:06}" for n in range(MOST_VALUES)]}))

    assert told.values is not None
    assert len(told.values) == MOST_VALUES


BAD: dict[str, tuple[Any, str]] = {
    "no object": ([PERSONAL], "not an object"),
    "nothing": ({}, "values is missing"),
    "null": ({"values": None}, "values is null"),
    "no array": ({"values": PERSONAL}, "values is not an array"),
    "another key": ({"values": [], PERSONAL: 1}, "1 unknown key"),
    "a number": ({"values": ["h-1", 87000000125]}, r"values \[1\] is not a string"),
    "a boolean": ({"values": [True]}, "is not a string"),
    "an array inside": ({"values": [[PERSONAL]]}, "is not a string"),
    "a null inside": ({"values": [None]}, "is not a string"),
    "blank": ({"values": ["h-1", "  "]}, "is blank"),
    "empty": ({"values": [""]}, "is blank"),
    "too long": ({"values": [PERSONAL * 12]}, f"is longer than {LONGEST_VALUE} characters"),
    "a control character": ({"values": [f"{PERSONAL}\n"]}, "does not print"),
    "a hidden character": ({"values": [f"{PERSONAL}\u200b"]}, "does not print"),
    "too many": ({"values": ["x"] * (MOST_VALUES + 1)}, f"is longer than {MOST_VALUES} values"),
}


@pytest.mark.parametrize(("tree", "said"), BAD.values(), ids=BAD)
def test_what_is_not_a_set_is_refused_without_repeating_a_value(tree: Any, said: str) -> None:
    with pytest.raises(MalformedRequest, match=said) as caught:
        read_set(JSON, body(tree))

    assert PERSONAL not in str(caught.value)


@pytest.mark.parametrize(
    ("content_type", "raw", "error"),
    [
        ("text/csv", b"h-1", UnsupportedMediaType),
        ("application/json; charset=utf-16", b'{"values":[]}', UnsupportedMediaType),
        ("", b'{"values":[]}', UnsupportedMediaType),
        (JSON, b"", MalformedRequest),
        (JSON, b'{"values":["h-1"],"values":["h-2"]}', MalformedRequest),
        (JSON, b'{"values":["\\ud800"]}', MalformedRequest),
    ],
    ids=["csv", "utf-16", "no type", "nothing", "a key twice", "half of a pair"],
)
def test_only_strict_json_is_read(content_type: str, raw: bytes, error: type[AdmissionError]) -> None:
    """T1, T4, T9."""
    with pytest.raises(error):
        read_set(content_type, raw)


def test_a_value_cannot_come_and_go() -> None:
    with pytest.raises(MalformedRequest, match="both to be added and to be removed") as caught:
        read_change(JSON, body({"add": [PERSONAL], "remove": [PERSONAL]}))

    assert PERSONAL not in str(caught.value)


def test_a_change_is_held_to_the_same_rules() -> None:
    with pytest.raises(MalformedRequest, match=r"add \[0\] is blank; remove is not an array"):
        read_change(JSON, body({"add": [""], "remove": {}}))


def test_a_file_holds_one_value_a_line() -> None:
    told = read_lines("\ufeffh-1\r\n\n  h-2 \nул. Примерная 10/1".encode())

    assert told == Change(values=frozenset({"h-1", "h-2", "ул. Примерная 10/1"}))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"h-1\n" + b"x" * 129, "line 2 is longer than"),
        (b"h-1\nh\t2", "line 2 holds a character"),
        (b"x\n" * (MOST_VALUES + 1), "more than 100000"),
    ],
    ids=["not UTF-8", "too long", "a tab", "too many"],
)
def test_a_file_that_is_none_is_refused_whole(raw: bytes, said: str) -> None:
    with pytest.raises(MalformedRequest, match=said):
        read_lines(raw)


def test_no_value_is_in_the_text_of_a_change() -> None:
    assert PERSONAL not in repr(Change(frozenset({PERSONAL}), frozenset({PERSONAL}), frozenset({PERSONAL})))


@pytest.mark.parametrize("read", [read_set, read_change])
@pytest.mark.parametrize("filler", [b"1", b"-0", b'""', b"{}"])
def test_a_body_of_nothing_but_commas_is_refused_before_anything_is_made_of_it(read: Any, filler: bytes) -> None:
    """T6: sixteen megabytes of them would become a gigabyte."""
    most = b'{"values":[' + b",".join([filler] * (2 * MOST_VALUES + 10)) + b"]}"

    with pytest.raises(MalformedRequest, match="more than 100000 values"):
        read(JSON, most)


def test_commas_inside_values_are_no_values() -> None:
    values = [f"{number},{',' * 20}" for number in range(20_000)]

    assert read_set(JSON, body({"values": values})) == Change(values=frozenset(values))

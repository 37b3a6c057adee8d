from __future__ import annotations

import pytest

from gateway.canonical import Node, Number
from gateway.errors import MalformedRequest
from gateway.formats.document import (
    Document,
    check_controls,
    decoded,
    encoded,
    flat_fields,
    leaf_text,
    malformed,
    record_list,
    unspeakable,
)

SECRET = "87000000123"


def test_a_document_shows_nothing_of_the_body() -> None:
    """T86."""
    document = Document({"phone": SECRET}, "text/csv", lambda _: SECRET.encode())

    assert SECRET not in repr(document)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b"\xff", "utf-8"),
        (b"\xed\xa0\x80", "utf-8"),
        (b"\xc0\xaf", "utf-8"),
        ("é".encode("latin-1"), "utf-8"),
        (b"\x98", "cp1251"),
    ],
    ids=["no UTF-8", "a surrogate", "overlong", "latin-1", "not in cp1251"],
)
def test_bytes_outside_the_charset_are_refused_and_not_replaced(body: bytes, charset: str) -> None:
    """T4, T8."""
    with pytest.raises(MalformedRequest, match=f"it is not {charset.upper()}, at byte 11") as caught:
        decoded(SECRET.encode() + body, "CSV", charset)

    assert caught.value.__cause__ is None
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("control", [chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"], ids=repr)
def test_a_control_that_no_text_holds_is_refused(control: str) -> None:
    """T4."""
    with pytest.raises(MalformedRequest, match="a control character"):
        check_controls(f"a{control}b", "CSV")


def test_tabs_and_line_ends_are_text() -> None:
    assert decoded("а\tб\r\nв".encode(), "CSV") == "а\tб\r\nв"


def test_what_a_charset_lacks_is_refused_and_not_replaced() -> None:
    with pytest.raises(MalformedRequest, match="a character of it is not in CP1251") as caught:
        encoded("Үлгіқызы", "CSV", "cp1251")

    assert "Үлгіқызы" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), (Number("1.10"), "1.10"), (True, "true"), (False, "false")],
    ids=["text", "number", "true", "false"],
)
def test_a_leaf_is_spelled_as_text(value: Node, expected: str) -> None:
    assert leaf_text(value, "CSV") == expected


@pytest.mark.parametrize("value", [None, {}, []], ids=["null", "object", "array"])
def test_what_is_no_leaf_has_no_text(value: Node) -> None:
    with pytest.raises(MalformedRequest, match="is not a text"):
        leaf_text(value, "CSV")


def test_null_is_absent_from_a_flat_tree_and_from_records() -> None:
    assert flat_fields({"a": "1", "b": None}, "form data") == [("a", "1")]
    assert flat_fields(None, "form data") == []
    assert record_list(None, "CSV") == record_list({}, "CSV") == []


@pytest.mark.parametrize("tree", [["a"], "a", {"a": {}}, {"a": ["b"]}], ids=["array", "text", "object in", "array in"])
def test_a_tree_that_is_not_flat_has_no_fields(tree: Node) -> None:
    with pytest.raises(MalformedRequest, match="cannot be written as form data"):
        flat_fields(tree, "form data")


@pytest.mark.parametrize(
    "tree", [[{}], "a", {"records": {}}, {"records": ["a"]}], ids=["bare", "text", "object", "text in"]
)
def test_a_tree_without_a_list_of_objects_has_no_records(tree: Node) -> None:
    with pytest.raises(MalformedRequest, match="cannot be written as CSV"):
        record_list(tree, "CSV")


def test_a_refusal_names_the_format_and_the_fault() -> None:
    assert str(malformed("CSV", "row 2")) == "the body is not strict CSV: row 2"
    assert str(unspeakable("CSV", "row 2")) == "what may leave cannot be written as CSV: row 2"

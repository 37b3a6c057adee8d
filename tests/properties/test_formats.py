"""Every format: what is written is read back as it was, and no bytes make anything but a document or a refusal."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import Node, Number
from gateway.errors import AdmissionError, MalformedRequest, UnsupportedMediaType
from gateway.formats import Document, read
from tests.properties.bodies import comma_columns, respelled

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=X"
JSON, NDJSON, CSV, XML = "application/json", "application/x-ndjson", "text/csv", "application/xml"
CP1251 = "text/csv; charset=windows-1251"

# ── trees ───────────────────────────────────────────────────────────────────

CONTROLS = "".join(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters=CONTROLS), max_size=20)
ODD = st.sampled_from(
    [" ", '"', ";", ",", "\r\n", "&", "+", "%41", "=", "<", "]]>", "--X", "\r\n--X--", "'", "ж", "🏠"]
)
VALUES = st.one_of(
    TEXTS, st.lists(ODD, max_size=4).map("".join), st.sampled_from(["", "-15230.50", "36,10", "а" * 300])
)
NAMES = st.text(st.sampled_from(string.ascii_letters + "абвӘқҰ0 []&=;,+%<'.#@"), min_size=1, max_size=12).filter(
    str.strip
)
NUMBERS = st.sampled_from(["0", "-0", "5430.00", "1e2", "12345678901234567890"]).map(Number)
JSON_LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS.map(lambda text: text.replace("\x00", "")))
JSON_NODES: st.SearchStrategy[Any] = st.recursive(
    JSON_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12
)
FLAT: st.SearchStrategy[Any] = st.dictionaries(NAMES, VALUES, max_size=6)
LINES = st.lists(st.dictionaries(TEXTS, JSON_NODES, max_size=4), max_size=4).map(lambda found: {"records": found})


def inert(text: str) -> str:
    """A cell that stays as it came: formulas are of tests/unit/formats/test_csv.py."""
    return text.translate(dict.fromkeys(map(ord, "=+-@＝＋－＠"))).lstrip("\t\r\n") or "1"


@st.composite
def tables(draw: st.DrawFn, values: st.SearchStrategy[str] = VALUES) -> Any:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    cells = st.dictionaries(st.sampled_from(names), values.map(inert), max_size=4)
    return {"records": [dict.fromkeys(names, "1"), *draw(st.lists(cells, max_size=4))]}  # each column is held once


PLAIN_TAGS = st.text(st.sampled_from("abcЖзҚ"), min_size=1, max_size=3)
TAGS = st.one_of(PLAIN_TAGS, st.builds("{{urn:{}}}{}".format, st.sampled_from(["a", "b&<"]), PLAIN_TAGS))
XML_TEXTS = VALUES.map(lambda text: text.translate({0xFFFE: "", 0xFFFF: ""}))


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    attributes = draw(st.dictionaries(TAGS.map("@".__add__), XML_TEXTS, max_size=3))
    if depth and draw(st.booleans()):
        return {
            **attributes,
            **draw(st.dictionaries(TAGS, st.lists(elements(depth - 1), min_size=1, max_size=2), max_size=3)),
        }
    text = draw(XML_TEXTS)
    return {**attributes, "#text": text} if text.strip(" \t\r\n") else attributes


DOCUMENTS = st.builds(lambda tag, node: {tag: node}, TAGS, elements())

# ── what is written is read back ────────────────────────────────────────────

EMPTY = {
    JSON: b"{}",
    NDJSON: b"{}",
    FORM: b"",
    PARTS: b"--X--",
    CSV: b"a;b\n",
    CP1251: b"a,b\r\n",
    XML: b"<a/>",
}


def made(content_type: str, body: bytes) -> Document | AdmissionError:
    """What `read` makes of a body; any other exception fails the test."""
    try:
        return read(content_type, body)
    except (MalformedRequest, UnsupportedMediaType) as refused:
        return refused


def back(content_type: str, tree: Node, like: bytes | None = None) -> Node:
    dialect = read(content_type, EMPTY[content_type] if like is None else like)
    return read(dialect.media_type, dialect.write(tree)).tree


@settings(max_examples=200, deadline=None)
@given(JSON_NODES)
def test_json_is_read_back(tree: Node) -> None:
    assert back(JSON, tree) == tree


@settings(max_examples=100, deadline=None)
@given(LINES)
def test_ndjson_is_read_back(tree: Node) -> None:
    assert back(NDJSON, tree) == tree


@settings(max_examples=200, deadline=None)
@given(FLAT)
def test_a_form_is_read_back(tree: Node) -> None:
    assert back(FORM, tree) == tree


@settings(max_examples=200, deadline=None)
@given(FLAT.map(lambda tree: {name: text for name, text in tree.items() if "%" not in name}))
def test_a_multipart_body_is_read_back(tree: Node) -> None:
    assert back(PARTS, tree) == tree


def with_points(tree: Node) -> Node:
    """The same table as it is read: numbers of a column with decimal commas with points."""
    found: Node = respelled(tree, comma_columns("text/csv", tree), ",", ".")
    return found


@settings(max_examples=200, deadline=None)
@given(tables(), st.sampled_from([b"zz;z\n", b"zz,z\r\n"]))
def test_a_table_is_read_back(tree: Node, like: bytes) -> None:
    assert back(CSV, tree, like) == with_points(tree)


@settings(max_examples=100, deadline=None)
@given(tables(st.text(st.characters(codec="cp1251", exclude_characters=CONTROLS), max_size=12)))
def test_a_table_in_cp1251_is_read_back(tree: dict[str, Any]) -> None:
    """Kazakh letters, which cp1251 has not, stand in for others here."""
    spelled: Node = {
        "records": [
            {name.translate(str.maketrans("ӘқҰ", "ЯяЮ")): cell for name, cell in row.items()} for row in tree["records"]
        ]
    }

    assert back(CP1251, spelled) == with_points(spelled)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_an_xml_document_is_read_back(tree: Node) -> None:
    assert back(XML, tree) == tree


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.sampled_from([b"<x xmlns='urn:a'/>", b"<p:x xmlns:p='urn:a' xmlns='urn:b&amp;&lt;'/>"]))
def test_an_xml_document_with_a_default_namespace_is_read_back(tree: Node, like: bytes) -> None:
    assert back(XML, tree, like) == tree


# ── and no bytes make anything but a document or a refusal ──────────────────

GOOD: dict[str, list[bytes]] = {
    JSON: [b'{"a":[1.10,null,{"b":"\\u0436"}]}'],
    NDJSON: [b'{"a":1}\n{"b":"c"}\n'],
    FORM: [b"a=1&%D0%B6=%D0%B6+2\n"],
    PARTS: [b'--X\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain\r\n\r\n1\r\n--X--\r\n'],
    CSV: [b'a;"b,c"\r\n1;"2""\n"\r\n', b"\xef\xbb\xbfa,b\n=1,2\n"],
    CP1251: [b'\xe6;b\n1;"2"\n'],
    XML: ["<?xml version='1.0'?><ж xmlns='u' xmlns:p='v' p:a='1'><b>&amp;<![CDATA[x]]></b><!--c--></ж>".encode()],
}
PIECES = [
    b"\x00", b"\xff", b"\xd0", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b";", b",", b"&", b"=", b"%", b"+", b"<", b">",
    b"--X", b"<!DOCTYPE a [", b"<?a?>", b"&a;", b"]]>", b"<a>", b"</a>", b" xmlns:q=''",
    b" xmlns='{}'", b"{}", b"[", b"1e999",
    b"\\ud800", b"filename=", b"\r\n\r\n", b"Content-Type: a", b":",
]  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, good: list[bytes]) -> bytes:
    body = bytearray(draw(st.sampled_from(good)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 6))] = draw(st.sampled_from(PIECES) | st.binary(max_size=3))
    return bytes(body)


def holds_no_cell(document: Document) -> bool:
    records = document.tree.get("records") if isinstance(document.tree, dict) else None
    return document.records and isinstance(records, list) and not any(records)


@pytest.mark.parametrize("content_type", GOOD)
def test_spoiled_bodies_are_documents_or_refusals(content_type: str) -> None:
    """T4, T6."""
    seen: set[bool] = set()

    @settings(max_examples=400, deadline=None, database=None)
    @given(spoiled(GOOD[content_type]) | st.binary(max_size=60) | st.sampled_from(GOOD[content_type]))
    def fuzz(body: bytes) -> None:
        document = made(content_type, body)
        seen.add(isinstance(document, Document))
        if isinstance(document, Document) and not holds_no_cell(document):
            assert_it_is_read_back(document)

    fuzz()

    assert seen == {True, False}


def assert_it_is_read_back(document: Document) -> None:
    try:
        written = document.write(document.tree)
    except MalformedRequest:
        assert document.media_type == XML  # it has names that are let in, and not let out
        return
    again = read(document.media_type, written)
    assert again.records == document.records
    assert again.tree == document.tree or b"'" in written  # a cell that came alive


@settings(max_examples=500, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [JSON, CSV, "multipart/form-data", ";", " ", "charset", "boundary", "=", "utf-8", '"', ",", "X", "\\", "\n"]
        ),
        max_size=8,
    ).map("".join),
    st.binary(max_size=10),
)
def test_no_content_type_makes_anything_but_a_document_or_a_refusal(content_type: str, body: bytes) -> None:
    """T8, T9."""
    found = made(content_type, body)

    if isinstance(found, Document):
        assert found.media_type.partition(";")[0] in content_type.lower()
    else:
        assert found.__cause__ is None

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import MalformedRequest, UnsupportedMediaType
from gateway.formats import registry
from gateway.formats.registry import PIECE_BYTES, RECORD_BYTES, Dialect, Registry, Row, dialect_of

NDJSON, CSV, CP1251 = Dialect(csv=False), Dialect(csv=True), Dialect(csv=True, charset="cp1251")


def _read(body: bytes, dialect: Dialect, **said: Any) -> list[Row]:
    return list(Registry(io.BytesIO(body).read, dialect, **said))


def _trees(rows: list[Row]) -> list[Any]:
    return [row.tree for row in rows]


def test_each_line_is_a_record_with_its_number() -> None:
    rows = _read(b'{"a":1.10}\n{"a":[true,null]}\n', NDJSON)

    assert _trees(rows) == [{"a": "1.10"}, {"a": [True, None]}]
    assert [row.number for row in rows] == [1, 2]
    assert rows[0].digest != rows[1].digest


def test_columns_are_paths_and_an_empty_cell_is_absent() -> None:
    rows = _read("id,ticket.text,ticket.contact.phone,№ п/п\nusr_1,течёт,,7\nusr_2,,87000000123,\n".encode(), CSV)

    assert _trees(rows) == [
        {"id": "usr_1", "ticket": {"text": "течёт"}, "№ п/п": "7"},
        {"id": "usr_2", "ticket": {"contact": {"phone": "87000000123"}}},
    ]


def test_columns_are_names_where_the_map_reads_records() -> None:
    assert _trees(_read(b"a.b\n1\n", CSV, flat=True)) == [{"a.b": "1"}]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(b'{"a":', "the text ends too early", id="half an object"),
        pytest.param(b"[1]", "it is not an object", id="an array"),
        pytest.param(b"", "the line is blank", id="nothing"),
        pytest.param(b"  \t", "the line is blank", id="blanks"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', "it begins with a byte order mark", id="a byte order mark"),
        pytest.param('{"a":"я"}'.encode("cp1251"), "it is not UTF-8", id="another charset"),
        pytest.param('{"a":1}'.encode("utf-16"), "it is not UTF-8", id="utf-16"),
        pytest.param(b'{"a":1,"a":2}', "an object has the same key twice", id="a key twice"),
        pytest.param(b'{"a":"' + b"x" * RECORD_BYTES + b'"}', "it is longer than", id="too long"),
        pytest.param(b'{"a":"' + b"x" * 5 * PIECE_BYTES + b'"}', "it is longer than", id="longer than the pieces"),
    ],
)
def test_a_line_that_is_no_record_is_told_and_not_the_end(body: bytes, fault: str) -> None:
    rows = _read(b'{"n":1}\n' + body + b'\n{"n":3}\n', NDJSON)

    assert _trees(rows) == [{"n": "1"}, None, {"n": "3"}]
    assert rows[1].fault.startswith(fault)
    assert [row.number for row in rows] == [1, 2, 3]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(b"1", "it has 1 cells, the header has 2", id="a cell too few"),
        pytest.param(b"1,2,3", "it has 3 cells, the header has 2", id="a cell too many"),
        pytest.param(b'a"b"c,2', "row 1 has a quote", id="a quote inside a cell"),
        pytest.param(b'"a" ,2', "row 1 has a quote", id="a blank after a quote"),
        pytest.param(b"a\rb,2", "it holds half of a line end", id="half a line end"),
        pytest.param(b"\x00,2", "it holds a control character", id="a control character"),
        pytest.param("я".encode("cp1251") + b",2", "it is not UTF-8", id="another charset"),
        pytest.param(b"", "the line is blank", id="a blank line"),
        pytest.param(b"x" * (RECORD_BYTES + 1), "it is longer than", id="too long"),
    ],
)
def test_a_row_that_is_no_record_is_told_and_not_the_end(row: bytes, fault: str) -> None:
    rows = _read(b"a,b\n1,2\n" + row + b"\n5,6\n", CSV)

    assert _trees(rows) == [{"a": "1", "b": "2"}, None, {"a": "5", "b": "6"}]
    assert rows[1].fault.startswith(fault)


def test_no_fault_repeats_what_came() -> None:
    rows = _read(b'a,b\nse"cret"secret,2\n', CSV) + _read(b'{"secret":secret}\n', NDJSON)

    assert all(row.tree is None and "secret" not in row.fault for row in rows)


def test_quotes_join_lines_to_a_row() -> None:
    rows = _read(b'a;b\r\n"one\r\ntwo ""2""";2\r\n3;4\r\n', CSV)

    assert _trees(rows) == [{"a": 'one\r\ntwo "2"', "b": "2"}, {"a": "3", "b": "4"}]
    assert [row.number for row in rows] == [1, 2]


@pytest.mark.parametrize("rest", [b'"open,2\n5,6\n', b'"open,2\n' + b"5,6\n" * RECORD_BYTES], ids=["short", "long"])
def test_nothing_is_read_after_a_quote_that_is_never_closed(rest: bytes) -> None:
    """What stands inside a cell must never become a row of its own (T4)."""
    rows = iter(Registry(io.BytesIO(b"a,b\n1,2\n" + rest).read, CSV))

    assert next(rows).tree == {"a": "1", "b": "2"}
    with pytest.raises(MalformedRequest, match="record 2: it opens a quote that is not closed"):
        next(rows)


def test_nothing_is_read_after_quotes_that_may_have_swallowed_rows() -> None:
    """Two rows with one stray quote each look like one row of many lines (T4)."""
    rows = iter(Registry(io.BytesIO(b'a,b\npipe 1/2",2\n3,4\npipe 3/4",6\n7,8\n').read, CSV))

    with pytest.raises(MalformedRequest, match="record 1: it spans lines"):
        next(rows)


@pytest.mark.parametrize(
    ("body", "dialect"),
    [
        pytest.param(b"", CSV, id="an empty file"),
        pytest.param(b"\n1\n", CSV, id="no header"),
        pytest.param(b"a,a\n1,2\n", CSV, id="two columns of one name"),
        pytest.param(b"a,\n1,2\n", CSV, id="a column without a name"),
        pytest.param(b"a,a.b\n1,2\n", CSV, id="a column inside another"),
        pytest.param(b"a[].b\n1\n", CSV, id="an array"),
        pytest.param(b"\xef\xbb\xbfa\n1\n", CP1251, id="the mark of UTF-8 in another charset"),
        pytest.param("имя\n1\n".encode("cp1251"), CSV, id="windows-1251 that nobody stated"),
        pytest.param(b"a" * (RECORD_BYTES + 1) + b"\n1\n", CSV, id="a header that is too long"),
    ],
)
def test_a_header_that_would_change_every_record_is_refused_at_once(body: bytes, dialect: Dialect) -> None:
    with pytest.raises(MalformedRequest):
        Registry(io.BytesIO(body).read, dialect)


def test_an_empty_ndjson_and_a_header_alone_have_no_records() -> None:
    assert _read(b"", NDJSON) == _read(b"a,b\n", CSV) == _read(b"a,b", CSV) == []


def test_the_mark_of_utf_8_is_no_part_of_the_first_name() -> None:
    assert _trees(_read(b"\xef\xbb\xbfa\n1\n", CSV)) == [{"a": "1"}]


def test_windows_1251_is_read_where_it_is_stated() -> None:
    assert _trees(_read("имя;дом\nТест;10\n".encode("cp1251"), CP1251)) == [{"имя": "Тест", "дом": "10"}]


def test_the_last_line_may_lack_its_end_only_where_the_end_is_known() -> None:
    """A row that was cut off looks like a whole one (T6)."""
    assert _trees(_read(b"a\n1\n23", CSV)) == [{"a": "1"}, {"a": "23"}]
    rows = iter(Registry(io.BytesIO(b"a\n1\n23").read, CSV, ends_whole=False))

    assert next(rows).tree == {"a": "1"}
    with pytest.raises(MalformedRequest, match="record 2"):
        next(rows)


def test_decimal_commas_are_read_in_columns_of_decimals() -> None:
    rows = _read(b"sum;street;area\n1,50;7,5;x,5\n", CSV, is_decimal={"sum", "area"}.__contains__)

    assert _trees(rows) == [{"sum": "1.50", "street": "7,5", "area": "x,5"}]


def test_another_header_is_another_record() -> None:
    first, second = _read(b"a,b\n1,2\n", CSV), _read(b"b,a\n1,2\n", CSV)

    assert first[0].digest != second[0].digest


def test_no_more_is_read_than_the_next_record_needs() -> None:
    asked: list[int] = []
    body = io.BytesIO(b'{"n":1}\n' * 100_000)

    def read(size: int) -> bytes:
        asked.append(size)
        return body.read(size)

    rows = iter(Registry(read, NDJSON))
    next(rows)

    assert asked == [PIECE_BYTES]


@pytest.mark.parametrize("dialect", [NDJSON, CSV], ids=["ndjson", "csv"])
def test_how_the_stream_is_cut_into_pieces_changes_nothing(dialect: Dialect) -> None:
    randomness = random.Random(7)
    body = b'a,b\n"x\ny",2\n3,""""\n5,6\n' if dialect.csv else b'{"n":1}\n{"n":\n\n{"n":4}'

    def in_pieces() -> Callable[[int], bytes]:
        stream = io.BytesIO(body)
        return lambda _: stream.read(randomness.randint(1, 3))

    whole = _read(body, dialect)

    assert all(list(Registry(in_pieces(), dialect)) == whole for _ in range(50))


@pytest.mark.parametrize(
    ("content_type", "dialect"),
    [
        ("application/x-ndjson", NDJSON),
        ("application/x-ndjson; charset=utf-8", NDJSON),
        ("text/csv", CSV),
        ("Text/CSV;charset=UTF-8", CSV),
        ("text/csv; charset=windows-1251", CP1251),
    ],
)
def test_a_content_type_says_how_it_is_spelled(content_type: str, dialect: Dialect) -> None:
    assert dialect_of(content_type) == dialect


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "text/csv; charset=koi8-r", "text/csv; header=absent"]
)
def test_any_other_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        dialect_of(content_type)


def test_the_limits_are_what_the_readme_says() -> None:
    assert registry.RECORD_BYTES == 256 * 1024

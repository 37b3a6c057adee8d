from __future__ import annotations

import csv
import io
import re
import time
from pathlib import Path

import orjson
import pytest

from gateway.canonical import Node, Number
from gateway.errors import MalformedRequest
from gateway.formats.csv import read
from gateway.formats.document import MAX_FIELDS, MAX_NAME_LENGTH, MAX_NODES, MAX_RECORDS, Document

SECRET = "87000000123"
SHARED = Path(__file__).parents[4] / "shared" / "vectors" / "own" / "csv_formulas.json"
OUR_FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '"=1"',
    "＝1",
    "\u200b=1",
    ";=1",
    "a,=1",
    "a; =1",
    "a,\u200b=1",
    "a\n-HYPERLINK(1)",
]
INERT = {"–", 'DDE ("cmd";"/C calc";"!A0")A0', "%0A-1+1"}  # no spreadsheet runs these: none begins a formula


def document(text: str, charset: str = "utf-8") -> Document:
    return read("text/csv", charset, text.encode(charset))


def records(text: str) -> Node:
    tree = document(text).tree
    assert isinstance(tree, dict)
    return tree["records"]


def written(cell: str, header: str = "a;b") -> str:
    return document(header).write({"records": [{"a": cell, "b": "x"}]}).decode()


# ── reading ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b", []),
        ("a;b\n1;2\n3;4", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        ("a,b\r\n1,2\r\n", [{"a": "1", "b": "2"}]),
        ("a;b\n36,10;x\n", [{"a": "36.10", "b": "x"}]),
        ('"площадь, м2";b\n1;2\n', [{"площадь, м2": "1", "b": "2"}]),
        ('"a;a",b\n1,2\n', [{"a;a": "1", "b": "2"}]),
        ("сумма, тг;b\n1;2\n", [{"сумма, тг": "1", "b": "2"}]),
        ('a;b\n"1;\n""2""";\n', [{"a": '1;\n"2"'}]),
        ('a;b\n"";x\n', [{"b": "x"}]),
        ("a;b\n; \n", [{"b": " "}]),
        ("\ufeffa;b\n1;2\n", [{"a": "1", "b": "2"}]),
        ("a\n1\n\n", [{"a": "1"}, {}]),
        ('a\n1\n""\n', [{"a": "1"}, {}]),
        ("A;a\n1;2\n", [{"A": "1", "a": "2"}]),
        ('a;b\n1;"2"', [{"a": "1", "b": "2"}]),
        ('a;b\n"1";', [{"a": "1"}]),
    ],
    ids=[
        "header only", "no last line end", "comma, CRLF", "decimal comma", "quoted comma in header",
        "quoted semicolon in header", "both in header", "quotes", "empty quoted", "space", "mark", "blank row of one",
        "quoted row of one", "letter case", "quoted end", "empty end",
    ],
)  # fmt: skip
def test_a_record_is_a_row(text: str, expected: Node) -> None:
    """An empty cell is absent: a row has no other way to say so."""
    assert records(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "it has no header row"),
        ("\n1;2\n", "column 1 has no name"),
        ("\r\n", "column 1 has no name"),
        ("a;;c\n", "column 2 has no name"),
        ("a; \n", "column 2 has no name"),
        ("a;b\u200b\n", "column 2 has no name, or one that is too long or cannot be seen"),
        ('a;"b\n"\n', "column 2 has no name, or one that is too long or cannot be seen"),
        ("a" * (MAX_NAME_LENGTH + 1), "column 1 has no name, or one that is too long"),
        ("a;b;a\n", "two columns have the same name"),
        ('a;"a"\n', "two columns have the same name"),
        ("a;b\n1;2\n3\n", "row 3 has 1 cells, the header has 2"),
        ("a;b\n1;2;3\n", "row 2 has 3 cells, the header has 2"),
        ("a;b\n\n1;2\n", "row 2 has 1 cells, the header has 2"),
        ('a;b\n"x\ny";2\n3\n', "row 3 has 1 cells, the header has 2"),
        ("a,b\n36,10,x\n", "row 2 has 3 cells, the header has 2"),
        ("a\n36,10\n", "row 2 has 2 cells, the header has 1"),
        ("a;b\r1;2\r", "row 1 holds half of a line end"),
        ("a;b\n1;2\r", "row 2 holds half of a line end"),
        ('a;b\n1;"2"\r', "row 2 has a quote, or half of a line end, where none may stand"),
        ('a;b\n1"2;3\n', "row 2 has a quote"),
        ('a;b\n"1"2;3\n', "row 2 has a quote"),
        ('a;b\n"1";"2\n', "row 2 has a quote"),
        ('a;b\n"1" ;2\n', "row 2 has a quote"),
        ('a;b\n"1";2\r3', "row 2 has a quote, or half of a line end, where none may stand"),
        ("a;b\n1;\x00\n", "it holds a control character"),
        ("a;b\n1;\x1c2\n", "it holds a control character"),
        (";".join(map(str, range(MAX_FIELDS + 1))), f"or one of more than {MAX_FIELDS} names"),
        ("a\n" + "1\n" * (MAX_RECORDS + 1), f"it has more than {MAX_RECORDS} records"),
        (
            ";".join(map(str, range(MAX_FIELDS))) + ("\n" + ";" * (MAX_FIELDS - 1)) * (MAX_NODES // MAX_FIELDS),
            f"or {MAX_NODES} cells",
        ),
    ],
    ids=lambda value: f"{value!r:.40} {len(value)}",
)
def test_what_two_readers_may_read_differently_is_refused(text: str, fault: str) -> None:
    """T1, T4, T6."""
    with pytest.raises(MalformedRequest, match=re.escape(fault)) as caught:
        records(text)

    assert str(caught.value).startswith("the body is not strict CSV: ")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [f"{SECRET};{SECRET}", f"{SECRET};b\n{SECRET}", f'a;b\n{SECRET}"', f"a;b\n{SECRET}\x00"],
    ids=["same names", "ragged", "quote", "control"],
)
def test_an_error_never_says_a_name_or_a_cell(text: str) -> None:
    """T86."""
    with pytest.raises(MalformedRequest) as caught:
        records(text)

    assert SECRET not in str(caught.value)


def test_an_open_quote_costs_no_more_than_reading_once() -> None:
    """T6."""
    with pytest.raises(MalformedRequest, match="row 2 has a quote"):
        records('a;b\n"' + '""' * 500_000 + ";" * 500_000)


def test_cp1251_is_read_where_the_content_type_says_so_and_never_guessed() -> None:
    """T8."""
    body = "фио;сумма\r\nПримеров Тест;36,10\r\n".encode("cp1251")

    found = read("text/csv; charset=windows-1251", "cp1251", body)

    assert found.tree == {"records": [{"фио": "Примеров Тест", "сумма": "36.10"}]}
    assert found.write(found.tree) == body
    with pytest.raises(MalformedRequest, match="it is not UTF-8"):
        read("text/csv", "utf-8", body)


def test_a_mark_of_another_charset_is_refused() -> None:
    """T8."""
    with pytest.raises(MalformedRequest, match="another charset"):
        read("text/csv; charset=cp1251", "cp1251", b"\xef\xbb\xbfa;b\n")


# ── writing ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["a;b\n1;2\n", "a,b\r\n1,2\r\n", 'a;b\n"1;\n""2""";3\n', 'a,b\n"36,10",x\n', "a\r\n1\r\n"],
    ids=["semicolon", "comma, CRLF", "quotes", "decimal comma", "one column"],
)
def test_delimiter_and_line_ends_are_kept(text: str) -> None:
    found = document(text)

    assert found.write(found.tree) == text.encode()
    assert found.media_type == "text/csv"
    assert found.records


def test_a_mark_is_not_written() -> None:
    found = document("\ufeffa;b\n1;2\n")

    assert found.write(found.tree) == b"a;b\n1;2\n"


def test_columns_stand_in_the_order_of_the_header_and_those_without_a_value_are_dropped() -> None:
    found = document("a;b;c;d\n1;2;3;4\n")

    assert found.write({"records": [{"c": "3"}, {"a": Number("1.10"), "c": None}]}) == b"a;c\n;3\n1.10;\n"


def test_a_name_that_the_header_has_not_comes_last() -> None:
    assert document("a;b\n1;2\n").write({"records": [{"new;": "3", "b": "2"}]}) == b'b;"new;"\n2;3\n'


@pytest.mark.parametrize("tree", [None, {}, {"records": []}, {"records": [{}]}], ids=repr)
def test_nothing_released_is_an_empty_body(tree: Node) -> None:
    assert document("a;b\n1;2\n").write(tree) == b""


def test_no_delimiter_of_either_kind_stands_unquoted_where_a_reader_guesses_by_it() -> None:
    found = document('"a;a";"b,b"\n1;2\n')

    assert found.write({"records": [{"a;a": "36,10", "b,b": "2"}]}) == b'"a;a";"b,b"\n36,10;2\n'
    assert found.write({"records": [{"b,b": "36,10"}]}) == b'"b,b"\n"36,10"\n'


def test_a_row_of_one_absent_cell_is_no_blank_line() -> None:
    assert document("a\n1\n").write({"records": [{"a": "1"}, {}]}) == b'a\n1\n""\n'


def test_what_cp1251_lacks_is_refused_and_not_replaced() -> None:
    with pytest.raises(MalformedRequest, match="a character of it is not in CP1251"):
        document("a;b\n", "cp1251").write({"records": [{"a": "Үлгіқызы"}]})


# ── cells that a spreadsheet would run ──────────────────────────────────────


def formulas() -> list[str]:
    if not SHARED.is_file():
        print("the shared cells are not here; our own stand in")
        return OUR_FORMULAS
    found: list[str] = orjson.loads(SHARED.read_bytes())
    return [cell for cell in found if cell not in INERT] + OUR_FORMULAS


@pytest.mark.parametrize("header", ["a;b", "a,b"], ids=["semicolon", "comma"])
@pytest.mark.parametrize("cell", formulas(), ids=repr)
def test_no_cell_comes_alive_in_a_spreadsheet_of_either_delimiter(cell: str, header: str) -> None:
    """T83: read as any spreadsheet splits it, no cell begins with a sign of a formula."""
    text = written(cell, header)

    alive = re.compile('[\\s"\u200b\ufeff]*[=+@＝＋＠－-](?![0-9]+\\Z)')
    assert [one for one in re.split("[;,\t\r\n]", text) if alive.match(one)] == []
    assert "'" in text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"], ids=repr)
@pytest.mark.parametrize("before", ["", " ", '"', "\u00a0", "\u200b", ' " '], ids=repr)
def test_a_formula_is_text_behind_an_apostrophe(sign: str, before: str) -> None:
    """T83."""
    cell = before + sign + "x"

    found = read("text/csv", "utf-8", written(cell).encode()).tree

    expected = "'" + cell if sign not in "\t\r" or not before else cell
    assert found == {"records": [{"a": expected, "b": "x"}]}


@pytest.mark.parametrize(
    "piece", ["\n", "\n-", ",-", "\t ", " ", "-", "-a ", ",-a  ", '"', "\u200b", "-1 ", "+1"], ids=repr
)
def test_a_long_cell_costs_no_more_than_reading_it(piece: str) -> None:
    """T6: 400,000 characters that a careless pattern would read again from each of them."""
    cell = piece * (400_000 // len(piece))
    started = time.process_time()

    text = written(cell)

    assert len(text) >= len(cell)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "cell",
    [
        "-15230.50", "+77000000123", "36,10", "-36,10", "+7 700 000 01 25", "-15 230,50", "-15\u00a0230,50", " -5",
        "Примеров", "a@example.com", "10/1", "a=b", "1+1", "2026-10-01", "кв. 45, -2 этаж", "тел., +7 700 000 01 25",
        "'=1", *sorted(INERT),
    ],
    ids=repr,
)  # fmt: skip
def test_plain_numbers_phones_and_prose_stay_as_they_are(cell: str) -> None:
    """T18: what is allowed through arrives as it came."""
    assert list(csv.reader(io.StringIO(written(cell)), delimiter=";")) == [["a", "b"], [cell, "x"]]


@pytest.mark.parametrize(
    ("column", "read_as"),
    [
        pytest.param(["36,10", "5", "-0,5"], ["36.10", "5", "-0.5"], id="numbers with a comma"),
        pytest.param(["36,10", "5.5"], ["36,10", "5.5"], id="commas and points"),
        pytest.param(["36,10", "кв. 5"], ["36,10", "кв. 5"], id="numbers and words"),
        pytest.param(["1,234,5", "5,0"], ["1,234,5", "5,0"], id="two commas"),
        pytest.param(["36.10", "5"], ["36.10", "5"], id="points"),
    ],
)
def test_a_column_of_numbers_with_decimal_commas_is_read_with_points_and_written_as_it_came(
    column: list[str], read_as: list[str]
) -> None:
    text = "a;b\n" + "".join(f"{cell};x\n" for cell in column)

    found = document(text)

    assert found.tree == {"records": [{"a": cell, "b": "x"} for cell in read_as]}
    assert found.write(found.tree).decode() == text

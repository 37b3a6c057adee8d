"""`text/csv`: `{"records": [{…}, …]}`, a record a row, its keys the names of the header row.

Promises: the header is there, with unique names, and every row has a cell for each; quotes stand as RFC 4180 has
them. The delimiter is `;` if the header row has one outside quotes, else `,`. An empty cell is absent. What leaves
keeps delimiter, charset and line ends, drops the columns that no record has, and holds no cell that a spreadsheet
would run: such a cell gets an apostrophe before it. Plain signed numbers and phones stay as they are. A column of
nothing but numbers, some of them with a decimal comma, is read with points and written with commas again.

source: RFC 4180; https://owasp.org/www-community/attacks/CSV_Injection; threats T4, T6, T83
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gateway.canonical import Node
from gateway.formats.document import (
    MAX_FIELDS,
    MAX_NAME_LENGTH,
    MAX_NODES,
    MAX_RECORDS,
    Document,
    Write,
    decoded,
    encoded,
    leaf_text,
    malformed,
    record_list,
)

_KIND: Final = "CSV"
_BOM: Final = b"\xef\xbb\xbf"
_FIRST_ROW = re.compile(r'(?:"(?:[^"]++|"")*+"|[^"\r\n]++)*+')
_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
_CELLS: Final = {
    delimiter: re.compile(rf'(?:"((?:[^"]++|"")*+)"|([^"\r\n{delimiter}]*+))({delimiter}|\r?\n|\Z)')
    for delimiter in ";,"
}

_COMMA = re.compile(r"-?[0-9]+(?:,[0-9]+)?")
_POINT = re.compile(r"-?[0-9]+\.[0-9]+")

# ── cells that a spreadsheet would run ──────────────────────────────────────
_UNSEEN: Final = (
    ' "\x85\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff'  # skipped by some readers
)
_NUMBER: Final = r" *[+-][0-9]+(?:[ \u00a0\u202f][0-9]+)*(?:[.,][0-9]+)?\Z"
# A cell is also split at the delimiters of other readers; there a sign alone is prose, but not with a call or a pipe.
# Every look ahead ends at the next delimiter, so that a long cell costs no more than reading it.
_LIVE = re.compile(
    rf"\A(?!{_NUMBER})(?=[\t\r\n]|[{_UNSEEN}]*+[=+@＝＋＠－-])"
    rf"|(?<=[;,\t\r\n])(?=[{_UNSEEN}]*+(?:[=@＝＠]|[+＋－-][^;,\t\r\n]*(?:\||\w\s*\()))"
)


def read(media_type: str, charset: str, body: bytes) -> Document:
    """The document of a CSV body. Raises MalformedRequest, which names the row (the header is row 1)."""
    if body.startswith(_BOM):
        if charset != "utf-8":
            raise malformed(_KIND, "it begins with the mark of UTF-8, and its content type says another charset")
        body = body[len(_BOM) :]
    text = decoded(body, _KIND, charset)
    first = _FIRST_ROW.match(text)
    end = first.end() if first else 0
    delimiter = delimiter_of(text[:end])
    rows = _rows(text, delimiter)
    names = header(next(rows, []))
    records: list[dict[str, str]] = []
    for number, cells in enumerate(rows, 2):
        if len(cells) != len(names):
            raise malformed(_KIND, f"row {number} has {len(cells)} cells, the header has {len(names)}")
        if number - 1 > MAX_RECORDS or number * len(names) > MAX_NODES:
            raise malformed(_KIND, f"it has more than {MAX_RECORDS} records or {MAX_NODES} cells")
        records.append({name: cell for name, cell in zip(names, cells, strict=True) if cell})
    line_end = "\n" if text[end : end + 1] == "\n" else "\r\n"
    commas = frozenset(name for name in names if _has_commas([one[name] for one in records if name in one]))
    tree = [_with_points(one, commas) for one in records]
    return Document({"records": tree}, media_type, writer(names, delimiter, line_end, charset, commas), records=True)


def _has_commas(cells: list[str]) -> bool:
    """Whether a column holds numbers alone, and some of them with a decimal comma."""
    return any("," in cell for cell in cells) and all(map(_COMMA.fullmatch, cells))


def _with_points(record: dict[str, str], commas: frozenset[str]) -> Node:
    return {name: cell.replace(",", ".") if name in commas else cell for name, cell in record.items()}


def delimiter_of(first_row: str) -> str:
    """What separates the cells of a text with this first row."""
    return ";" if ";" in _QUOTED.sub("", first_row) else ","


def header(names: list[str]) -> list[str]:
    """The names of a header row, as they are. Raises MalformedRequest for names that no record could have."""
    if not names or len(names) > MAX_FIELDS:
        raise malformed(_KIND, f"it has no header row, or one of more than {MAX_FIELDS} names")
    for number, name in enumerate(names, 1):
        if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
            raise malformed(_KIND, f"column {number} has no name, or one that is too long or cannot be seen")
    if len(set(names)) != len(names):
        raise malformed(_KIND, "two columns have the same name")
    return names


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The cells of each row; a line end after the last row begins no other."""
    if '"' in text:
        yield from quoted_rows(text, delimiter)
        return
    *lines, last = text.split("\n")
    rows = [line.removesuffix("\r") for line in lines] + ([last] if last else [])
    for number, row in enumerate(rows, 1):
        if "\r" in row:
            raise malformed(_KIND, f"row {number} holds half of a line end")
        yield row.split(delimiter)


def quoted_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The cells of each row of a text with quotes. Raises MalformedRequest, which names the row."""
    cell = _CELLS[delimiter].match
    at, end, number = 0, len(text), 1
    row: list[str] = []
    while at < end or row:
        found = cell(text, at)
        if found is None:
            raise malformed(_KIND, f"row {number} has a quote, or half of a line end, where none may stand")
        quoted, plain, after = found.groups()
        row.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if after != delimiter:
            yield row
            row, number = [], number + 1


def writer(
    header: list[str], delimiter: str, line_end: str, charset: str, commas: frozenset[str] = frozenset()
) -> Write:
    """Writes records in this dialect, the columns in the order of the header, numbers in some with a decimal comma.

    Raises MalformedRequest.
    """
    known = frozenset(header)
    in_row, alone = re.compile(rf'["\r\n{delimiter}]'), re.compile('["\r\n;,]')

    def write(tree: Node) -> bytes:
        records = record_list(tree, _KIND)
        held = {name: None for record in records for name in record}
        names = [name for name in header if name in held] + [name for name in held if name not in known]
        lines = [delimiter.join([_spelled(name, alone) for name in names])]  # readers guess by the unquoted
        quoting = in_row if len(names) > 1 else alone
        for record in records:
            cells = [_inert(record.get(name)) for name in names]
            if commas:
                cells = [_with_comma(cell) if name in commas else cell for name, cell in zip(names, cells, strict=True)]
            row = delimiter.join([_spelled(cell, quoting) for cell in cells])
            lines.append(row or '""')  # some readers skip blank lines
        return encoded("".join([line + line_end for line in lines]), _KIND, charset) if names else b""

    return write


def _spelled(cell: str, quoting: re.Pattern[str]) -> str:
    return '"' + cell.replace('"', '""') + '"' if quoting.search(cell) else cell


def _with_comma(cell: str) -> str:
    return cell.replace(".", ",") if _POINT.fullmatch(cell) else cell


def _inert(value: Node) -> str:
    """The cell of a value; what would come alive as a formula is text behind an apostrophe."""
    return "" if value is None else _LIVE.sub("'", leaf_text(value, _KIND))

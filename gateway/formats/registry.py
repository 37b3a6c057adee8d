"""A registry as it streams in: one record after the other, a line of NDJSON or a row of CSV, in constant memory.

Promises: never more than one record and one piece of the stream is held; each record meets the rules of its format by
itself, and one that does not is told by its number and a fault, without a name or a value of it, while reading goes on.
Reading ends, with the number of the record, where nothing after it could be trusted: a quote that is never closed, an
end that came too early. What would change the meaning of every record, such as a header with two columns of one name,
is refused before the first. It must never guess a charset, a delimiter of the middle, or half a record.

A column's name is the path of its cells (`ticket.contact.phone`), or a name, where a map reads records as they are.

source: `ndjson` and `csv` beside this; threats T1, T4, T6, T8
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

from gateway.canonical import Node, parse_path
from gateway.errors import MalformedRequest, UnsupportedMediaType
from gateway.formats import csv
from gateway.formats.document import check_controls, malformed
from gateway.formats.strict_json import parse

RECORD_BYTES: Final = 256 * 1024
"""The longest record that is read; a longer one is told and skipped."""

PIECE_BYTES: Final = 64 * 1024
DIGEST_BYTES: Final = 32

Read: TypeAlias = Callable[[int], bytes]
"""At most so many bytes of the stream; none at its end."""

_CSV: Final = "CSV"
_BOM: Final = b"\xef\xbb\xbf"
_TOO_LONG: Final = f"it is longer than {RECORD_BYTES} bytes"
_CONTENT_TYPE = re.compile(r"(application/x-ndjson|text/csv)(?:[ \t]*;[ \t]*charset=\"?([a-z0-9-]+)\"?)?\Z")
_CHARSETS: Final = {"utf-8": "utf-8", "windows-1251": "cp1251", "cp1251": "cp1251"}
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+\Z")


class Row(NamedTuple):
    """One record as it came."""

    number: int  # from 1; of CSV, the first after the header
    tree: dict[str, Node] | None  # None: it cannot be read
    fault: str = ""  # why not; no name or value of it
    digest: bytes = b""  # SHA-256 of what came: of CSV, header and row
    size: int = 0  # its bytes


def _broken(number: int, fault: str) -> MalformedRequest:
    """Nothing after this record can be trusted, so nothing after it is read."""
    return MalformedRequest(f"record {number}: {fault}; nothing from there on was read")


class Dialect(NamedTuple):
    """How a registry is spelled."""

    csv: bool
    charset: str = "utf-8"


def dialect_of(content_type: str) -> Dialect:
    """The dialect of a content type. Raises UnsupportedMediaType."""
    found = _CONTENT_TYPE.match(content_type.lower().strip())
    charset = _CHARSETS.get(found[2] or "utf-8") if found else None
    if found is None or charset is None or (charset != "utf-8" and found[1] != "text/csv"):
        raise UnsupportedMediaType(
            "a registry is application/x-ndjson in UTF-8, or text/csv in UTF-8 or windows-1251",
        )
    return Dialect(found[1] == "text/csv", charset)


class Registry:
    """The records of one stream, in its order."""

    def __init__(
        self,
        read: Read,
        dialect: Dialect,
        *,
        flat: bool = False,
        ends_whole: bool = True,
        is_decimal: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Reads a header, where there is one. Raises MalformedRequest.

        `flat`: columns are names, not paths. `ends_whole`: the stream is known to end where it should, so that its
        last line may lack its end. `is_decimal` tells the columns in which `1,5` is a number.
        """
        self._lines = _lines(read)
        self._ends_whole = ends_whole
        self._charset = dialect.charset
        self.names: tuple[str, ...] | None = None
        self._rows = self._csv_rows if dialect.csv else self._ndjson_rows
        if dialect.csv:
            self._read_header(flat=flat, is_decimal=is_decimal)

    def __iter__(self) -> Iterator[Row]:
        """Each record. Raises MalformedRequest."""
        return self._rows()

    def _ndjson_rows(self) -> Iterator[Row]:
        for number, (line, ended) in enumerate(self._lines, 1):
            if line is None:
                yield Row(number, None, _TOO_LONG)
                continue
            self._check_end(number, ended=ended)
            digest = sha256(line).digest()
            try:
                tree = parse(line)
            except MalformedRequest as error:
                told = (
                    str(error).removeprefix("the body is not strict JSON: ").replace(", at line 1, column", ", column")
                )
                yield Row(number, None, told if line.strip() else "the line is blank", digest, len(line))
                continue
            if isinstance(tree, dict):
                yield Row(number, tree, "", digest, len(line))
            else:
                yield Row(number, None, "it is not an object", digest, len(line))

    def _csv_rows(self) -> Iterator[Row]:
        header, columns, delimiter = self._header, self._columns, self._delimiter
        for number, (raw, ended) in enumerate(_whole_rows(self._lines, 1), 1):
            if raw is None:
                yield Row(number, None, _TOO_LONG)
                continue
            self._check_end(number, ended=ended)
            digest = sha256(header + raw).digest()
            try:
                cells = _cells(_text(raw, self._charset), delimiter)
                if len(cells) != len(columns):
                    raise malformed(_CSV, f"it has {len(cells)} cells, the header has {len(columns)}")
            except MalformedRequest as error:
                told = str(error).removeprefix("the body is not strict CSV: ")
                if b"\n" in raw:  # its quotes may have swallowed other rows
                    raise _broken(number, f"it spans lines, and {told}") from None
                yield Row(number, None, told if raw.strip() else "the line is blank", digest, len(raw))
                continue
            yield Row(number, self._tree(cells), "", digest, len(raw))

    def _check_end(self, number: int, *, ended: bool) -> None:
        if not ended and not self._ends_whole:
            raise _broken(number, "the stream ended inside a line, and no length was stated that tells it is whole")

    def _read_header(self, *, flat: bool, is_decimal: Callable[[str], bool]) -> None:
        raw, _ = next(_whole_rows(self._lines, 0), (b"", True))
        if raw is None:
            raise malformed(_CSV, "its header row is too long")
        if raw.startswith(_BOM):
            if self._charset != "utf-8":
                raise malformed(_CSV, "it begins with the mark of UTF-8, and its content type says another charset")
            raw = raw.removeprefix(_BOM)
        text = _text(raw, self._charset)
        self._delimiter = csv.delimiter_of(text)
        names = csv.header(_cells(text, self._delimiter) if text else [])
        self.names = tuple(names)
        self._header = sha256(raw).digest()
        self._columns = [(name,) if flat else _steps(name) for name in names]
        _check_columns(self._columns)
        self._decimals = frozenset(
            place for place, name in enumerate(names) if self._delimiter == ";" and is_decimal(name)
        )

    def _tree(self, cells: list[str]) -> dict[str, Node]:
        """The record of a row; an empty cell is absent."""
        tree: dict[str, Node] = {}
        for place, (steps, cell) in enumerate(zip(self._columns, cells, strict=True)):
            if not cell:
                continue
            node = tree
            for key in steps[:-1]:
                node = node.setdefault(key, {})  # type: ignore[assignment] # `_check_columns` has looked
            decimal = place in self._decimals and _DECIMAL_COMMA.match(cell)
            node[steps[-1]] = cell.replace(",", ".") if decimal else cell
        return tree


def _lines(read: Read) -> Iterator[tuple[bytes | None, bool]]:
    """Each line without its end, None for one that is too long, and whether its end was there."""
    rest, too_long = b"", False
    while piece := read(PIECE_BYTES):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield (None if too_long or len(line) > RECORD_BYTES else line), True
            too_long = False
        if len(rest) > RECORD_BYTES:
            rest, too_long = b"", True
    if too_long:
        yield None, False
    elif rest:
        yield rest, False


def _whole_rows(lines: Iterator[tuple[bytes | None, bool]], at: int) -> Iterator[tuple[bytes | None, bool]]:
    """Lines joined to rows, as quotes join them. Raises MalformedRequest where one is never closed."""
    for number, (first, end) in enumerate(lines, at):
        line, ended = first, end
        if line is not None and line.count(b'"') & 1:
            parts, size = [line], len(line)
            while True:
                following, ended = next(lines, (None, False))
                size += 0 if following is None else len(following) + 1
                if following is None or size > RECORD_BYTES:
                    raise _broken(number, "it opens a quote that is not closed")
                parts.append(following)
                if following.count(b'"') & 1:
                    break
            line = b"\n".join(parts)
        yield (None if line is None else line.removesuffix(b"\r")), ended


def _text(raw: bytes, charset: str) -> str:
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError as error:
        raise malformed(_CSV, f"it is not {charset.upper()}, at byte {error.start}") from None
    check_controls(text, _CSV)
    return text


def _cells(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        if "\r" in text:
            raise malformed(_CSV, "it holds half of a line end")
        return text.split(delimiter)
    rows = list(csv.quoted_rows(text, delimiter))
    if len(rows) != 1:
        raise malformed(_CSV, "its quotes do not stand as RFC 4180 has them")
    return rows[0]


def _steps(name: str) -> tuple[str, ...]:
    """The keys of a column that is named by a path; a name that is none stands for itself."""
    try:
        path = parse_path(name)
    except ValueError:
        return (name,)
    if any(step.each for step in path):
        raise malformed(_CSV, "a column is named by the path of an array; a row has no arrays")
    return tuple(step.key for step in path)


def _check_columns(columns: list[tuple[str, ...]]) -> None:
    """Raise MalformedRequest where one column stands where another has an object."""
    whole = set(columns)
    if any(steps[:count] in whole for steps in columns for count in range(1, len(steps))):
        raise malformed(_CSV, "a column stands where the path of another goes on")

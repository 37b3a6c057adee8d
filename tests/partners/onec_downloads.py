"""A 1C that downloads a register: a CSV in UTF-8, read by its columns, opened by people in a spreadsheet.

It takes a file with exactly the columns that its exchange plan names, in any order, a semicolon between cells, no
empty row, and refuses one with a cell that a spreadsheet would run (`=`, `+`, `-`, `@`, a tab), unless it is a number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

COLUMNS: Final = frozenset({"account", "fio", "phone", "street", "house", "apt", "residents"})
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\Z")
_RUNS: Final = re.compile(r"\s*[=+@\t\r-]")


class NotTaken(AssertionError):
    """The exchange stops."""


def taken(status: int, content_type: str, body: bytes, columns: Iterable[str] = COLUMNS) -> list[dict[str, str]]:
    """The rows of a file that the exchange takes. Raises NotTaken."""
    if status != 200 or content_type.partition(";")[0] != "text/csv":
        raise NotTaken(f"status {status}, {content_type}")
    reader = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=";", strict=True)
    header, *rows = list(reader)
    if set(header) - set(columns) or len(set(header)) != len(header):
        raise NotTaken("other columns")
    if any(len(row) != len(header) or not any(row) for row in rows):
        raise NotTaken("a row of another length, or an empty one")
    if any(_RUNS.match(cell) and not _NUMBER.match(cell) for row in rows for cell in row):
        raise NotTaken("a cell that a spreadsheet would run")
    return [dict(zip(header, row, strict=True)) for row in rows]

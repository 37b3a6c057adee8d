"""Core statements on the path, compiled once: their text for one dialect, run on the driver's own cursor.

SQLAlchemy's execution costs four times what the database itself needs for a row, and a group runs ten statements. So
the path compiles its Core statements once per process and hands tuples to the driver. What a statement says still
stands in Core, and a test compiles all of them for both dialects.

Promises: parameters are always bound, never written into the text. It must never be used off the path.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Column, Delete, Dialect, Select, Table, Update, insert
from sqlalchemy.sql.expression import ClauseElement

from gateway.storage.database import Cursor


class Compiled:
    """One statement for one dialect; `names` are its parameters in the order in which tuples bring them."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, *names: str) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
        if tuple(compiled.positiontup or ()) != names:  # type: ignore[attr-defined]
            raise AssertionError(f"the parameters of {statement} come in another order")
        self.text = str(compiled)

    def rows(self, cursor: Cursor, *values: object) -> Sequence[Any]:
        """Run it once and fetch what it finds."""
        cursor.execute(self.text, values)
        return cursor.fetchall()

    def run(self, cursor: Cursor, rows: Sequence[tuple[object, ...]]) -> None:
        """Run it for each row of parameters; not at all where there are none."""
        if len(rows) == 1:
            cursor.execute(self.text, rows[0])
        elif rows:
            cursor.executemany(self.text, rows)


class CompiledInsert:
    """One INSERT of many rows, compiled once for each number of rows.

    The driver lets other threads run at every row that it writes by itself, and then waits for its turn again; rows of
    one statement are written in one turn.
    """

    ROWS_AT_ONCE = 16

    def __init__(self, table: Table, dialect: Dialect, *names: str) -> None:
        self._table = table
        self._dialect = dialect
        self._names = names
        self._texts: dict[int, str] = {}

    def run(self, cursor: Cursor, rows: Sequence[tuple[object, ...]]) -> None:
        """Write all rows; nothing where there are none."""
        for start in range(0, len(rows), self.ROWS_AT_ONCE):
            part = rows[start : start + self.ROWS_AT_ONCE]
            cursor.execute(self.text(len(part)), tuple(chain.from_iterable(part)))

    def text(self, count: int) -> str:
        """The statement that writes `count` rows."""
        return self._texts.get(count) or self._compile(count)

    def _compile(self, count: int) -> str:
        compiled = insert(self._table).values([dict.fromkeys(self._names)] * count).compile(dialect=self._dialect)
        expected = tuple(f"{name}_m{row}" for row in range(count) for name in self._names)
        if tuple(compiled.positiontup or ()) != expected:
            raise AssertionError(f"the parameters of an INSERT into {self._table} come in another order")
        self._texts[count] = str(compiled)
        return self._texts[count]


class CompiledIn:
    """One statement for the rows whose `column` is IN a set of values, compiled once for each power of two."""

    def __init__(self, statement: Select[Any] | Update | Delete, dialect: Dialect, column: Column[Any]) -> None:
        self._statement = statement
        self._dialect = dialect
        self._column = column
        self._texts: dict[int, str] = {}

    def rows(self, cursor: Cursor, values: Collection[object]) -> Sequence[Any]:
        """What it finds for these values; nothing, without asking, where there are none."""
        self.run(cursor, values)
        return cursor.fetchall() if values else []

    def run(self, cursor: Cursor, values: Collection[object]) -> None:
        """Run it for these values; not at all where there are none."""
        if values:
            width = 1 << (len(values) - 1).bit_length()
            text = self._texts.get(width) or self._compile(width)
            cursor.execute(text, (*values, *[next(iter(values))] * (width - len(values))))

    def _compile(self, width: int) -> str:
        whole = self._statement.where(self._column.in_(["-"] * width))
        text = str(whole.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True}))
        self._texts[width] = text
        return text

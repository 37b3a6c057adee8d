"""gateway.storage.statement: every statement speaks both dialects, and the path's keep the order of their tuples."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Dialect, insert, null, select, update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.expression import ClauseElement, Executable

import gateway.storage
from gateway.storage import tables
from gateway.storage.log import PathStatements
from gateway.storage.statement import Compiled, CompiledIn, CompiledInsert

DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(),
    "postgresql": PGDialect_psycopg(paramstyle="format"),  # type: ignore[no-untyped-call]
}
ONE_DIALECT_ALONE = re.compile(r"\b(rowid|PRAGMA|OR REPLACE|ILIKE|RETURNING|json_extract)\b", re.IGNORECASE)


def _statements() -> Iterator[tuple[str, ClauseElement]]:
    for module in pkgutil.iter_modules(gateway.storage.__path__, "gateway.storage."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Executable) and isinstance(value, ClauseElement):
                yield f"{module.name.rpartition('.')[2]}.{name}", value


STATEMENTS = dict(_statements())


def test_the_statements_are_found() -> None:
    assert {"log.LOCK_HEAD", "transfers.OVERDUE", "callers.ADD", "store.NAME_LOG"} <= STATEMENTS.keys()
    assert len(STATEMENTS) > 30


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_compiles_for_both_dialects(name: str, dialect: Dialect) -> None:
    text = str(STATEMENTS[name].compile(dialect=dialect))

    assert ONE_DIALECT_ALONE.search(text) is None, text


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_the_statements_of_the_path_compile_with_their_order_for_both_dialects(dialect: Dialect) -> None:
    path = PathStatements(dialect)

    assert "entry" in path.add_entries.text(2)
    assert "FOR UPDATE" in path.lock_head.text or dialect.name == "sqlite"


def test_parameters_in_another_order_are_found_when_compiled() -> None:
    with pytest.raises(AssertionError, match="another order"):
        Compiled(insert(tables.entry), DIALECTS["sqlite"], "leaf", "entry_index")


def test_one_row_or_many_or_none_are_written() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE entry (entry_index INTEGER PRIMARY KEY, leaf BLOB)")
    add = Compiled(insert(tables.entry), DIALECTS["sqlite"], "entry_index", "leaf")

    for rows in ([], [(0, b"a")], [(1, b"b"), (2, b"c")]):
        add.run(connection.cursor(), rows)

    assert connection.execute("SELECT * FROM entry").fetchall() == [(0, b"a"), (1, b"b"), (2, b"c")]
    connection.close()


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 40])
def test_any_number_of_rows_is_written_at_once(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE entry (entry_index INTEGER PRIMARY KEY, leaf BLOB)")
    rows = [(number, b"%d" % number) for number in range(count)]

    CompiledInsert(tables.entry, DIALECTS["sqlite"], "entry_index", "leaf").run(connection.cursor(), rows)

    assert connection.execute("SELECT * FROM entry").fetchall() == rows
    connection.close()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_an_insert_of_many_rows_binds_every_value(dialect: Dialect) -> None:
    text = CompiledInsert(tables.opening, dialect, *tables.opening.c.keys()).text(3)

    assert len(re.findall(r"\?|%s", text)) == 15


def test_an_insert_in_another_order_is_found_when_compiled() -> None:
    with pytest.raises(AssertionError, match="another order"):
        CompiledInsert(tables.entry, DIALECTS["sqlite"], "leaf", "entry_index").text(1)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 33])
def test_any_number_of_values_is_looked_for_at_once(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE restriction (pseudonym TEXT, blocked_at INTEGER)")
    connection.executemany("INSERT INTO restriction VALUES (?, 0)", [(f"p{n}",) for n in range(0, 40, 2)])
    pseudonym = tables.restriction.c.pseudonym

    asked = {f"p{n}" for n in range(count)}
    found = CompiledIn(select(pseudonym), DIALECTS["sqlite"], pseudonym).rows(connection.cursor(), asked)

    assert {row[0] for row in found} == {f"p{n}" for n in range(0, count, 2)}
    connection.close()


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_any_number_of_rows_is_changed_at_once(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE restriction (pseudonym TEXT, blocked_at INTEGER)")
    connection.executemany("INSERT INTO restriction VALUES (?, 0)", [(f"p{n}",) for n in range(8)])
    forget = update(tables.restriction).values(blocked_at=null())

    change = CompiledIn(forget, DIALECTS["sqlite"], tables.restriction.c.pseudonym)
    change.run(connection.cursor(), [f"p{n}" for n in range(count)])

    assert connection.execute("SELECT count(*) FROM restriction WHERE blocked_at IS NULL").fetchone() == (count,)
    connection.close()

"""gateway.storage.tables: what holds for the schema in both dialects."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Dialect, LargeBinary
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from gateway.storage import tables

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("name", tables.metadata.tables)
def test_every_table_can_be_made_in_both_dialects(name: str, dialect: Dialect) -> None:
    table = tables.metadata.tables[name]

    ddl = [str(CreateTable(table).compile(dialect=dialect))]
    ddl += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]

    assert all(
        word not in statement.upper().replace("WITHOUT ROWID", "")
        for statement in ddl
        for word in ("ROWID", "SERIAL", "AUTOINCREMENT")
    )


@pytest.mark.parametrize("name", tables.metadata.tables)
def test_instants_are_integers_of_64_bits(name: str) -> None:
    columns = [column for column in tables.metadata.tables[name].columns if column.name.endswith("_at")]

    assert [c.name for c in columns if not isinstance(c.type, BigInteger)] == []


def test_what_is_hashed_is_stored_as_bytes() -> None:
    openings = [column for column in tables.opening.columns if not column.primary_key]
    hashed = [tables.entry.c.leaf, *openings, tables.log_head.c.frontier]

    assert all(isinstance(column.type, LargeBinary) for column in hashed)


def test_nothing_refers_to_what_may_be_erased() -> None:
    """An opening and a key can go without touching an entry, a transfer or an outcome (T58)."""
    referred = {key.column.table.name for table in tables.metadata.tables.values() for key in table.foreign_keys}

    assert referred == {"entry", "transfer", "caller"}

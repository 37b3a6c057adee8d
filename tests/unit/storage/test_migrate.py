"""gateway.storage.migrate and the migrations: the schema that they make, and what stops the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from gateway.errors import ConfigError, LogUnavailable
from gateway.storage import migrate, tables
from gateway.storage.database import Database
from tests.unit.storage.samples import database_url


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(database_url(tmp_path / "g.db"))
    made.create()
    yield made
    made.close()


def _upgrade(database: Database) -> migrate.Upgraded:
    with database.write() as connection:
        return migrate.upgrade(connection)


def _set_revision(database: Database, revision: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_an_empty_database_is_brought_to_this_release(database: Database) -> None:
    first, second = _upgrade(database), _upgrade(database)

    assert first == (None, "0001")
    assert second == ("0001", "0001")


def test_the_migrations_make_exactly_the_tables_of_this_release(database: Database) -> None:
    _upgrade(database)

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        difference = compare_metadata(context, tables.metadata)
        names = set(inspect(connection).get_table_names())
        checks = inspect(connection).get_check_constraints("log_head")

    assert difference == []
    assert names == {*tables.metadata.tables, "alembic_version"}
    assert [check["name"] for check in checks] == ["ck_log_head_single"]


def test_a_migration_that_stops_half_way_leaves_nothing(database: Database) -> None:
    def stop_half_way() -> None:
        with database.write() as connection:
            migrate.upgrade(connection)
            connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(LogUnavailable):
        stop_half_way()

    with database.read() as connection:
        assert inspect(connection).get_table_names() == []


def test_an_empty_database_is_not_of_this_release(database: Database) -> None:
    with database.read() as connection, pytest.raises(ConfigError, match="empty") as caught:
        migrate.check(connection)

    assert "gateway db upgrade" in caught.value.hint


def test_an_older_database_names_the_command(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _upgrade(database)
    monkeypatch.setattr(migrate, "newest", lambda: "0002")

    with database.read() as connection, pytest.raises(ConfigError, match="gateway db upgrade"):
        migrate.check(connection)


@pytest.mark.parametrize("work", [migrate.check, migrate.upgrade], ids=["check", "upgrade"])
def test_a_newer_database_is_left_alone(database: Database, work: object) -> None:
    _upgrade(database)
    _set_revision(database, "9999")

    with database.read() as connection, pytest.raises(ConfigError, match="newer release"):
        work(connection)  # type: ignore[operator]


def test_a_database_of_someone_else_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))

    with database.read() as connection, pytest.raises(ConfigError, match="none of them are the gateway's"):
        migrate.revision(connection)

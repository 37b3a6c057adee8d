"""The schema's revision: what it is, and how it is brought to this release.

Promises: a revision is applied whole or not at all, by one process at a time, and never without being asked. It must
never take a database back: rows of a newer release mean what this one cannot know.
"""

from __future__ import annotations

import functools
import logging
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from gateway.errors import ConfigError

logging.getLogger("alembic").setLevel(logging.WARNING)  # its diagnostics tell nothing that ours do not


class Upgraded(NamedTuple):
    """The revisions before and after; `before` is None where the database was empty."""

    before: str | None
    after: str


def newest() -> str:
    """The revision that this release works with."""
    head = _scripts().get_current_head()
    if head is None:
        raise AssertionError("this release has no revision")
    return head


def revision(connection: Connection) -> str | None:
    """The revision of the database, None where it is empty. Raises ConfigError where it is not the gateway's."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None and inspect(connection).get_table_names():
        raise ConfigError(["GATEWAY_DATABASE_URL: this database has tables, and none of them are the gateway's"])
    return found


def check(connection: Connection) -> None:
    """See that the database is of this release. Raises ConfigError that says what to do."""
    found = revision(connection)
    if found is None:
        raise ConfigError(["GATEWAY_DATABASE_URL: the database is empty"], hint="run `gateway db upgrade`")
    if found not in _known():
        raise ConfigError(
            [f"the database is at revision {found}, which this release does not know: a newer release made it"],
            hint="run the release that made it, or a newer one",
        )
    if found != newest():
        raise ConfigError(
            [f"the database is at revision {found}, this release needs {newest()}: run `gateway db upgrade`"],
            hint="stop the gateway and copy the database first",
        )


def upgrade(connection: Connection) -> Upgraded:
    """Bring the database to this release, inside the caller's transaction. Raises ConfigError for a newer one."""
    before = revision(connection)
    if before not in {None, *_known()}:
        check(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return Upgraded(before, newest())


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


@functools.cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "gateway.storage:migrations")
    return config

"""The facade: one open database, and what the rest of the house may ask of it.

Promises: it opens only a database of this release that holds the log of this origin (law 10), and holds no connection
when `open` has returned, so that processes may be forked after it (T75). It must never change a database that is not
empty, except by `upgrade`.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, insert, select, update

from gateway.clock import Clock
from gateway.errors import ConfigError, LogDiverged
from gateway.storage import migrate, tables
from gateway.storage.callers import Callers
from gateway.storage.claims import Claims
from gateway.storage.database import Database
from gateway.storage.entries import Entries, read_head
from gateway.storage.group import GroupCommit
from gateway.storage.kept_sets import KeptSets
from gateway.storage.log import LOCK_HEAD, LogTable, Sign, unpack
from gateway.storage.migrate import Upgraded
from gateway.storage.observations import Observations
from gateway.storage.records import Records
from gateway.storage.restrictions import Restrictions
from gateway.storage.transfers import Transfers

ADD_HEAD = insert(tables.log_head)
NAME_LOG = update(tables.log_head).values(origin=bindparam("new_origin"))
TOUCH_HEAD = update(tables.log_head).values(size=tables.log_head.c.size)
LAST_ENTRY = select(func.max(tables.entry.c.entry_index))
LAST_CHECKPOINT = select(func.max(tables.checkpoint.c.size))


class Store:
    """One database: the log that grows, what is read from it, callers, kept sets, restrictions, observations."""

    def __init__(self, database: Database, *, sign: Sign, clock: Clock) -> None:
        self._database = database
        self.log = GroupCommit(LogTable(database, sign).turn)
        self.entries = Entries(database)
        self.transfers = Transfers(database)
        self.claims = Claims(database)
        self.callers = Callers(database, clock)
        self.restrictions = Restrictions(database)
        self.records = Records(database)
        self.sets = KeptSets(database, clock)
        self.observations = Observations(database)

    @classmethod
    def open(cls, url: str, *, origin: str, sign: Sign, clock: Clock, create: bool = True) -> Store:
        """Open the log of `origin`, and make it where the database is empty and `create` says so.

        Raises ConfigError where the database is not of this release or holds another log; LogUnavailable.
        """
        database = Database(url)
        if create:
            _create(database)
        try:
            with database.read() as connection:
                empty = migrate.revision(connection) is None
                ready = not empty and _ready(connection, origin)
            if not ready:
                with database.write() as connection:
                    _prepare(connection, origin, create=create)
        finally:
            database.close()
        return cls(database, sign=sign, clock=clock)

    @staticmethod
    def upgrade(url: str) -> Upgraded:
        """Bring the database to this release; the revisions before and after. Raises ConfigError, LogUnavailable."""
        database = Database(url)
        _create(database)
        try:
            with database.write() as connection:
                return migrate.upgrade(connection)
        finally:
            database.close()

    def ping(self) -> None:
        """See that the log can be written and agrees with itself. Raises LogUnavailable, LogDiverged."""
        with self._database.write() as connection:
            row = connection.execute(LOCK_HEAD).one_or_none()
            connection.execute(TOUCH_HEAD)  # SQLite begins a transaction on a read-only file without a word
            entries = connection.execute(LAST_ENTRY).scalar()
            checkpoints = connection.execute(LAST_CHECKPOINT).scalar()
        if row is None:
            raise LogDiverged("the database holds no transfer log")
        size = unpack(row.size, row.frontier).size
        if (size or None) != checkpoints or size != (0 if entries is None else entries + 1):
            raise LogDiverged("the head of the transfer log does not agree with its entries")

    def close(self) -> None:
        """Write what still waits, then let go of every connection."""
        self.log.close()
        self._database.close()


def _create(database: Database) -> None:
    try:
        database.create()
    except OSError:
        raise ConfigError(["GATEWAY_DATABASE_URL: the database file cannot be made or opened there"]) from None


def _ready(connection: Connection, origin: str) -> bool:
    """Whether the database holds the log of `origin`; False where it may still get that name."""
    migrate.check(connection)
    row = connection.execute(LOCK_HEAD).one_or_none()
    if row is None:
        return False
    named = read_head(connection).origin
    if named != origin and row.size:
        raise ConfigError(
            [f"GATEWAY_ORIGIN is {origin}, but the log in this database is that of {named}"],
            hint="the origin is fixed at the first entry: set it back, or use another database",
        )
    return named == origin


def _prepare(connection: Connection, origin: str, *, create: bool) -> None:
    if create and migrate.revision(connection) is None:
        migrate.upgrade(connection)
    if _ready(connection, origin):  # another process was faster
        return
    if connection.execute(NAME_LOG, {"new_origin": origin}).rowcount == 0:
        head = {"id": tables.HEAD_ID, "origin": origin, "size": 0, "frontier": b"", "checkpoint": b""}
        connection.execute(ADD_HEAD, head)

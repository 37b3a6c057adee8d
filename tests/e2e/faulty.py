"""A running gateway whose database can be made to fail, and the ways in which it fails."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.deployment import (
    Deployment,
    Served,
    new_deployment,
    serving,
)
from tests.recipients import Authority, Received, RecordingRecipient, Reply


@dataclass
class Faulty:
    """A running gateway whose database can be made to fail."""

    deployment: Deployment
    served: Served
    good: RecordingRecipient
    database: Path
    on_arrival: list[Callable[[], None]] = field(default_factory=list)

    @property
    def worker(self) -> psutil.Process:
        (worker,) = psutil.Process(self.served.process.pid).children()
        return worker

    def entries(self) -> int:
        with closing(sqlite3.connect(self.database)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM entry").fetchone()
            return int(count)

    def files(self) -> list[Path]:
        return sorted(self.database.parent.glob(f"{self.database.name}*"))


def bound_by_modes() -> tuple[str, ...]:
    """What a process must run under so that the modes of files hold for it, root or not."""
    return ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


@contextmanager
def running_faulty(folder: Path) -> Iterator[Faulty]:
    """It at work, over a database that is well."""
    authority, deployment = Authority(folder), new_deployment(folder)
    waiting: list[Callable[[], None]] = []

    def answer(_: Received) -> Reply:
        while waiting:
            waiting.pop()()
        return Reply()

    with RecordingRecipient(authority, answer) as good:
        deployment.point("mc-primer-uk", good.base_url, authority.ca_file)
        deployment.make()
        with serving(deployment, under=bound_by_modes()) as served:
            yield Faulty(deployment, served, good, deployment.database, waiting)


@contextmanager
def locked(faulty: Faulty) -> Iterator[None]:
    """Another program holds the database."""
    with closing(sqlite3.connect(faulty.database, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def read_only(faulty: Faulty) -> Iterator[None]:
    """The file was put back from a backup, by a hand that left it without the right to write."""
    copy = faulty.database.with_suffix(".copy")
    with closing(sqlite3.connect(faulty.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o444)
    for file in faulty.files():
        if file.name.endswith(("-wal", "-shm")):
            file.unlink()
    copy.replace(faulty.database)
    yield
    for file in faulty.files():
        file.chmod(0o600)


@contextmanager
def failing(faulty: Faulty) -> Iterator[None]:
    """No file can grow, diagnostics included: to SQLite a disk that fails, and not a full one."""
    _soft, hard = faulty.worker.rlimit(psutil.RLIMIT_FSIZE)
    faulty.worker.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
    yield
    faulty.worker.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def gone(faulty: Faulty) -> Iterator[None]:
    """The file is not where it was."""
    away = faulty.database.with_suffix(".away")
    faulty.database.rename(away)
    yield
    away.rename(faulty.database)


FAULTS = {"locked": locked, "read_only": read_only, "failing": failing, "gone": gone}
CODES = {"locked": "log_locked", "read_only": "log_read_only", "failing": "log_unavailable", "gone": "log_gone"}
SAID = {
    "locked": "the database is locked by another program",
    "read_only": "the database is read-only",
    "gone": "the database file is gone",
}

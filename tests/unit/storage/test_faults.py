from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from gateway.errors import LogDamaged, LogFull, LogGone, LogLocked, LogReadOnly, LogUnavailable
from gateway.storage.faults import fault

CANARY = "canary-4711"


def _sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError(CANARY)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (_sqlite_error(sqlite3.SQLITE_BUSY), LogLocked, "locked by another program"),
        (_sqlite_error(sqlite3.SQLITE_LOCKED), LogLocked, "locked by another program"),
        (_sqlite_error(sqlite3.SQLITE_READONLY | 4 << 8), LogReadOnly, "read-only"),
        (_sqlite_error(sqlite3.SQLITE_FULL), LogFull, "full"),
        (_sqlite_error(sqlite3.SQLITE_CANTOPEN), LogUnavailable, "cannot be opened"),
        (_sqlite_error(sqlite3.SQLITE_IOERR | 4 << 8), LogUnavailable, "disk under the database failed"),
        (_sqlite_error(sqlite3.SQLITE_CORRUPT), LogDamaged, "damaged"),
        (OperationalError("SELECT", {"x": CANARY}, _sqlite_error(sqlite3.SQLITE_NOTADB)), LogDamaged, "not a database"),
        (_sqlite_error(sqlite3.SQLITE_MISUSE), LogUnavailable, "refused the work"),
        (FileNotFoundError(CANARY), LogGone, "gone"),
        (PermissionError(CANARY), LogUnavailable, "cannot be reached"),
        (RuntimeError(CANARY), LogUnavailable, "refused the work"),
    ],
    ids=[
        *("busy", "locked", "read-only", "full", "cannot open", "io", "corrupt", "wrapped", "other", "gone", "rights"),
        "unknown",
    ],
)
def test_each_fault_has_its_class_and_its_words_and_none_of_the_causes(
    error: Exception, kind: type[LogUnavailable], words: str
) -> None:
    told = fault(error)

    assert type(told) is kind
    assert words in str(told)
    assert told.hint
    assert CANARY not in f"{told} {told.hint}"


def test_each_class_has_a_code_of_its_own() -> None:
    codes = {kind.code for kind in (LogUnavailable, LogLocked, LogReadOnly, LogFull, LogGone, LogDamaged)}

    assert codes == {"log_unavailable", "log_locked", "log_read_only", "log_full", "log_gone", "log_damaged"}

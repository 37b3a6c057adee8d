"""What a failure of the database is: one class and one code for each thing that an operator must do about it.

Promises: the sentence is safe to show, whatever the driver wrote into its own. It must never pass on a driver's text,
a path or a statement.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from gateway.errors import LogDamaged, LogFull, LogGone, LogLocked, LogReadOnly, LogUnavailable

_PRIMARY_CODE = 0xFF
_PASSES = "it goes on by itself once the cause is gone"
_RESTORE = "bring back your backup of the database"

_Fault = tuple[type[LogUnavailable], str, str]
_LOCKED: _Fault = (LogLocked, "the database is locked by another program", _PASSES)
_REFUSED: _Fault = (LogUnavailable, "the database refused the work", _PASSES)
_UNREACHABLE: _Fault = (LogUnavailable, "the files of the database cannot be reached", _PASSES)
_GONE: _Fault = (LogGone, "the database file is gone", "put it back, or bring back your backup of it")
_BY_CODE: dict[int, _Fault] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: (LogReadOnly, "the database is read-only", _PASSES),
    sqlite3.SQLITE_FULL: (LogFull, "the database or its disk is full", _PASSES),
    sqlite3.SQLITE_CANTOPEN: (LogUnavailable, "the database cannot be opened", _PASSES),
    sqlite3.SQLITE_IOERR: (LogUnavailable, "the disk under the database failed", _PASSES),
    sqlite3.SQLITE_CORRUPT: (LogDamaged, "the database file is damaged", _RESTORE),
    sqlite3.SQLITE_NOTADB: (LogDamaged, "the file is not a database of the gateway", _RESTORE),
}


def fault(error: Exception) -> LogUnavailable:
    """The error of the house for one of SQLAlchemy, of a driver or of the operating system."""
    kind, sentence, remedy = _known(error.orig if isinstance(error, DBAPIError) else error)
    return kind(f"the transfer log is not available: {sentence}", hint=remedy)


def _known(cause: BaseException | None) -> _Fault:
    if isinstance(cause, sqlite3.Error):
        code: int = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return _BY_CODE.get(code & _PRIMARY_CODE, _REFUSED)
    if isinstance(cause, FileNotFoundError):
        return _GONE
    return _UNREACHABLE if isinstance(cause, OSError) else _REFUSED

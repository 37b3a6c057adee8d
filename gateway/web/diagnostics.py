"""Diagnostics: one JSON line per request and per unexpected error, for the operator's log pipeline.

Promises: a line holds the keys of `KEYS` and no others, whatever code asks it to hold. It must never hold a path as it
came, a query, a header, a body, the text of an exception, a local variable or an environment variable: each can carry
personal data or a secret (T22, T23, T86; the server copies the whole environment into every WSGI environ).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
import structlog

from gateway.clock import Clock, iso

KEYS: Final = frozenset(
    {
        "at",
        "event",
        "method",
        "route",
        "status",
        "code",
        "transfer_id",
        "caller",
        "ms",
        "exception",
        "frames",
    }
)

_OUR_CODE = Path(__file__).parents[1]


class Diagnostics:
    """Writes the lines."""

    def __init__(self, stream: BinaryIO, clock: Clock) -> None:
        self._clock = clock
        self._lines = structlog.wrap_logger(
            structlog.BytesLogger(stream),
            processors=[self._stamp, allow_listed, structlog.processors.JSONRenderer(serializer=_line)],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=True,
        )

    def request(self, **told: object) -> None:
        """One line for one request that was answered."""
        self._lines.info("request", **told)

    def unexpected(self, error: BaseException, **told: object) -> None:
        """One line for a defect: its type and where in our own code it passed, never what it says."""
        self._lines.error("unexpected", exception=type(error).__name__, frames=own_frames(error), **told)

    def _stamp(self, _logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["at"] = iso(self._clock.now())
        return line


def allow_listed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line without every key that is not in `KEYS`, and without those that say nothing."""
    return {key: value for key, value in line.items() if key in KEYS and value is not None}


def own_frames(error: BaseException) -> list[str]:
    """`file:line function` of every frame of ours that the error passed; no locals, no source lines."""
    return [
        f"{Path(frame.filename).relative_to(_OUR_CODE).as_posix()}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_OUR_CODE)
    ]


def standard_error() -> BinaryIO:
    """Where the lines go, unless a test says otherwise."""
    return sys.stderr.buffer


def _line(line: MutableMapping[str, Any], **_options: object) -> bytes:
    return orjson.dumps(dict(line))

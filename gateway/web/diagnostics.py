"""Diagnostics: one JSON line per request and per unexpected error, for the operator's log pipeline.

Promises: a line holds the keys of `KEYS` and no others, whatever code asks it to hold; a line that cannot be written is
lost, and the request that it tells of is not. It must never hold a path as it came, a query, a header, a body, the text
of an exception, a local variable or an environment variable: each can carry personal data or a secret (T22, T23, T86;
the server copies the whole environment into every WSGI environ).
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import orjson

from gateway.clock import Clock, iso

KEYS: Final = (
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
)

_OUR_CODE = Path(__file__).parents[1]
_UNWRITABLE = (OSError, ValueError)  # the reader has gone, the disk is full, the stream is closed


class Diagnostics:
    """Writes the lines."""

    def __init__(self, stream: BinaryIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def request(self, **told: object) -> None:
        """One line for one request that was answered."""
        self._write({"event": "request", **told})

    def told(self, event: str) -> None:
        """One line for what happened outside any request."""
        self._write({"event": event})

    def unexpected(self, error: BaseException, **told: object) -> None:
        """One line for a defect: its type and where in our own code it passed, never what it says."""
        self._write({"event": "unexpected", "exception": type(error).__name__, "frames": own_frames(error), **told})

    def _write(self, told: dict[str, object]) -> None:
        told["at"] = iso(self._clock.now())
        line = orjson.dumps(
            {key: value for key in KEYS if (value := told.get(key)) is not None}, option=orjson.OPT_APPEND_NEWLINE
        )
        with suppress(*_UNWRITABLE):
            self._stream.write(line)
            self._stream.flush()


class LinesOfTheHouse(logging.Handler):
    """What rooms below the web have to tell, as lines like the others: codes, numbers and sentences of our own."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        super().__init__()
        self._diagnostics = diagnostics

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        self._diagnostics.told(record.getMessage())


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

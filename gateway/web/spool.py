"""Lines between a thread that makes them and one that hands them on, however much faster the one is than the other.

A caller may send all of a registry before it reads a verdict. So verdicts wait on disk, in a file without a name that
is gone with the process, and reading the registry never waits for someone who does not read the answer.

Promises: lines come out whole and in order, and memory holds one piece of them. What goes in holds no value.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Final

PIECE_BYTES: Final = 64 * 1024


class Spool:
    """Runs `make` in a thread of its own, and gives out what it made as it comes."""

    def __init__(self, make: Callable[[], Iterator[bytes]], *, ended: Callable[[], None]) -> None:
        """`ended` is called once, when `make` is done, whatever became of it. Raises OSError."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- `close` closes it
        self._make = make
        self._ended = ended
        self._changed = threading.Condition()
        self._written = self._taken = 0
        self._done = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._fill, name="registry-verdicts", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._done or self._written > self._taken)
            if self._written == self._taken:
                if self._failure is not None:
                    raise self._failure  # the answer breaks off: its last line is missing
                raise StopIteration
            piece = os.pread(self._file.fileno(), min(PIECE_BYTES, self._written - self._taken), self._taken)
            self._taken += len(piece)
            return piece

    def close(self) -> None:
        """Wait until nothing is made any more, and let go of the file."""
        self._thread.join()
        self._file.close()

    def _fill(self) -> None:
        try:
            for line in self._make():
                os.pwrite(self._file.fileno(), line, self._written)
                with self._changed:
                    self._written += len(line)
                    self._changed.notify()
        except BaseException as error:  # noqa: BLE001 -- told to the one who reads
            self._failure = error
        finally:
            self._ended()
            with self._changed:
                self._done = True
                self._changed.notify()

"""The bytes of one answer as they come, handed out line by line or by count, in bounded memory.

Promises: never more is asked from the wire than is still wanted, but for what one TLS record holds; an end of the
stream where more had to come is `CONNECTION_LOST`, never a shorter line or body. It must never keep bytes for the next
answer: whoever reads asks `spent`, and closes the connection where something is left.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.model import Cause
from gateway.transport.flight import Broken

RECORD_BYTES = 16_384  # what one TLS record can hold


class Intake:
    """What was received for one answer and not yet taken."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        """`receive` gives at least one byte and at most as many as it is asked for; nothing at the end."""
        self._receive = receive
        self._held = b""
        self._at = 0

    @property
    def spent(self) -> bool:
        """Whether all that came was taken."""
        return self._at == len(self._held)

    def line(self, most: int) -> bytes:
        """The next line with its end, of `most` bytes at most. Raises Broken."""
        while not (end := self._held.find(b"\n", self._at) + 1):
            if len(self._held) - self._at > most:
                raise Broken(Cause.ANSWER_MALFORMED)
            self._more()
        line = self._held[self._at : end]
        self._at = end
        if len(line) > most:
            raise Broken(Cause.ANSWER_MALFORMED)
        return line

    def take(self, count: int) -> bytes:
        """Exactly so many bytes. Raises Broken."""
        pieces: list[bytes] = []
        while len(self._held) - self._at < count:
            pieces.append(self._held[self._at :])
            count -= len(pieces[-1])
            self._at = len(self._held)
            self._more()
        pieces.append(self._held[self._at : self._at + count])
        self._at += count
        return b"".join(pieces)

    def rest(self, most: int) -> bytes:
        """All up to the end of the stream; more than `most` bytes only to show that there are more. Raises Broken."""
        pieces = [self._held[self._at :]]
        size = len(pieces[0])
        self._at = len(self._held)
        while size <= most and (piece := self._receive(RECORD_BYTES)):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _more(self) -> None:
        received = self._receive(RECORD_BYTES)
        if not received:
            raise Broken(Cause.CONNECTION_LOST)
        self._held = self._held[self._at :] + received
        self._at = 0

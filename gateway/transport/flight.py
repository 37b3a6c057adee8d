"""What one attempt on the wire knows about itself, so that its outcome is knowledge and not a guess.

A `Flight` is carried by the thread that sends, handed to the connection, and asked by every socket call for the time
that is left. It must never hold the body, the credentials or anything else that the request carries.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from gateway.model import Answer, Cause


class Broken(Exception):
    """The way to the recipient broke; `cause` is all that is told, so no value can travel in the exception."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(slots=True)
class Flight:
    """One attempt under way: its deadline, and how far it came."""

    deadline: float  # seconds of `monotonic`
    monotonic: Callable[[], float]
    allowance: int  # bytes that may still be taken from the wire, framing included
    begun: bool = False  # a byte of the request may have left
    ended: bool = False  # the recipient closed its side
    head: Answer | None = None  # status and headers, once they are whole; its body is empty

    def remaining(self) -> float:
        """Seconds until the deadline, more than none. Raises Broken once it has passed."""
        seconds = self.deadline - self.monotonic()
        if seconds <= 0:
            raise Broken(Cause.DEADLINE)
        return seconds

    def take(self, count: int) -> None:
        """Note that `count` bytes came. Raises Broken where they are more than any answer may have."""
        self.allowance -= count
        if self.allowance < 0:
            raise Broken(Cause.ANSWER_TOO_LARGE)
        if not count:
            self.ended = True


class Airspace(threading.local):
    """Where a connection finds the flight of the thread that uses it: requests has no argument that could carry it."""

    flight: Flight

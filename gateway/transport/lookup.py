"""Addresses of one recipient's name, in time.

The system's resolver takes no deadline, and its slowness is in the hands of whoever runs the recipient's name server.
So it is asked in a thread of its own, which may outlive those who wait for it; one per recipient at most, however
many ask. It must never keep an answer for the next connection: a name may move.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from gateway.model import Cause
from gateway.transport.flight import Broken, Flight


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a recipient, ready for a socket."""

    family: int
    sockaddr: tuple[Any, ...]  # as the family wants it


Resolve = Callable[[str, int], tuple[Address, ...]]


def system_resolve(host: str, port: int) -> tuple[Address, ...]:
    """Ask the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(Address(family, sockaddr) for family, _, _, _, sockaddr in found)


class Lookup:
    """Resolves one name; whoever asks while it is being asked for gets the same answer."""

    def __init__(self, host: str, port: int, resolve: Resolve = system_resolve) -> None:
        self._host = host
        self._port = port
        self._resolve = resolve
        self._lock = threading.Lock()
        self._asked: Future[tuple[Address, ...]] | None = None
        self._literal = _is_address(host)

    def addresses(self, flight: Flight) -> tuple[Address, ...]:
        """The addresses of the name now, at least one. Raises Broken."""
        try:
            if self._literal:
                return self._resolve(self._host, self._port)
            found = self._ask().result(flight.remaining())
        except TimeoutError:
            raise Broken(Cause.DEADLINE) from None
        except (OSError, UnicodeError, RuntimeError):  # no such name, no name at all, no thread to ask in
            raise Broken(Cause.UNREACHABLE) from None
        if not found:
            raise Broken(Cause.UNREACHABLE)
        return found

    def _ask(self) -> Future[tuple[Address, ...]]:
        with self._lock:
            if self._asked is None:
                asked: Future[tuple[Address, ...]] = Future()
                threading.Thread(target=self._answer, args=(asked,), daemon=True).start()
                self._asked = asked
            return self._asked

    def _answer(self, asked: Future[tuple[Address, ...]]) -> None:
        try:
            found = self._resolve(self._host, self._port)
        except Exception as error:  # noqa: BLE001  it belongs to those who wait, whatever it is
            self._forget()
            asked.set_exception(error)
        else:
            self._forget()
            asked.set_result(found)

    def _forget(self) -> None:
        """Whoever asks from now on asks anew."""
        with self._lock:
            self._asked = None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

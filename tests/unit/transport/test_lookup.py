from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.model import Cause
from gateway.transport.flight import Broken, Flight
from gateway.transport.lookup import Address, Lookup, system_resolve

HERE = Address(socket.AF_INET, ("127.0.0.1", 443))


def flight_for(seconds: float) -> Flight:
    return Flight(time.monotonic() + seconds, time.monotonic, 0)


def test_the_system_resolves_an_address_to_itself() -> None:
    found = system_resolve("127.0.0.1", 443)

    assert found == (HERE,)


def test_a_name_that_is_not_found_is_unreachable() -> None:
    def resolve(_host: str, _port: int) -> tuple[Address, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "secret.host.example not known")

    with pytest.raises(Broken) as broken:
        Lookup("recipient.example", 443, resolve).addresses(flight_for(1))

    assert (broken.value.cause, str(broken.value), broken.value.__suppress_context__) == (
        Cause.UNREACHABLE,
        "unreachable",
        True,
    )


def test_a_name_without_addresses_is_unreachable() -> None:
    with pytest.raises(Broken) as broken:
        Lookup("recipient.example", 443, lambda _host, _port: ()).addresses(flight_for(1))

    assert broken.value.cause is Cause.UNREACHABLE


def test_a_slow_name_server_holds_nobody_beyond_the_deadline() -> None:
    """T30: the recipient's name server is the recipient's, too."""
    answered = threading.Event()

    def resolve(_host: str, _port: int) -> tuple[Address, ...]:
        answered.wait(5)
        return (HERE,)

    begun = time.monotonic()
    with pytest.raises(Broken) as broken:
        Lookup("recipient.example", 443, resolve).addresses(flight_for(0.1))
    elapsed = time.monotonic() - begun
    answered.set()

    assert broken.value.cause is Cause.DEADLINE
    assert elapsed < 0.5


def test_those_who_ask_at_once_share_one_lookup() -> None:
    asked: list[str] = []
    everyone_waits = threading.Event()

    def resolve(host: str, _port: int) -> tuple[Address, ...]:
        asked.append(host)
        everyone_waits.wait(5)
        return (HERE,)

    lookup = Lookup("recipient.example", 443, resolve)
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(lookup.addresses, flight_for(5)) for _ in range(4)]
        time.sleep(0.1)
        everyone_waits.set()
        found = {future.result() for future in waiting}

    assert (found, asked) == ({(HERE,)}, ["recipient.example"])


def test_an_answer_is_not_kept_for_the_next_connection() -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> tuple[Address, ...]:
        asked.append(host)
        return (HERE,)

    lookup = Lookup("recipient.example", 443, resolve)
    lookup.addresses(flight_for(1))
    lookup.addresses(flight_for(1))

    assert len(asked) == 2


def test_an_address_is_looked_up_without_a_thread() -> None:
    before = threading.active_count()
    during: list[int] = []

    def resolve(_host: str, _port: int) -> tuple[Address, ...]:
        during.append(threading.active_count())
        return (HERE,)

    Lookup("::1", 443, resolve).addresses(flight_for(1))

    assert during == [before]

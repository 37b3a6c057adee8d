"""The database as a command opens it: an existing one, closed whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.bootstrap import open_store
from gateway.cli.terminal import settings
from gateway.clock import SystemClock
from gateway.seal.keyring import Keyring
from gateway.storage import Store


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works with."""

    store: Store
    keyring: Keyring
    origin: str


@contextmanager
def opened() -> Iterator[Opened]:
    """The log of this deployment. Raises ConfigError, or LogUnavailable where there is none."""
    found = settings()
    keyring = Keyring.load(found.home, found.master_key_file)
    store = open_store(found, keyring, SystemClock())
    try:
        yield Opened(store, keyring, found.origin)
    finally:
        store.close()

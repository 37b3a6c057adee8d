"""What the tests of this room share: units as the stages would make them, a store on a real file, faults."""

from __future__ import annotations

import functools
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.canonical import Json, b64, encode
from gateway.clock import Clock, Instant
from gateway.model import (
    CallerId,
    Entry,
    IntentRow,
    LogPseudonym,
    NotCommitted,
    Opening,
    OutcomeRow,
    Receipt,
    RefusalRow,
    TransferId,
    Unit,
)
from gateway.storage.store import Store
from gateway.transfer_log.tree import RunningTree, leaf_hash, root, verify_inclusion
from tests.values import NOW, FakeClock

ORIGIN = "log.example/gateway"
DEADLINE = Instant(NOW + 10_000_000)


def sign(size: int, tree_root: bytes) -> bytes:
    """A checkpoint that no one signed, from which tests read size and root."""
    return b"%d %s" % (size, tree_root.hex().encode())


def root_in(note: bytes) -> bytes:
    return bytes.fromhex(note.split()[1].decode())


def database_url(path: Path) -> str:
    return f"sqlite:///{path}"


@functools.cache
def _fresh() -> bytes:
    """A log without an entry; making one takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "g.db"
        Store.open(database_url(path), origin=ORIGIN, sign=sign, clock=FakeClock()).close()
        return path.read_bytes()


def open_store(path: Path, *, clock: Clock | None = None, origin: str = ORIGIN) -> Store:
    if not path.exists():
        path.write_bytes(_fresh())
    return Store.open(database_url(path), origin=origin, sign=sign, clock=clock or FakeClock())


@contextmanager
def opened(path: Path, *, clock: Clock | None = None) -> Iterator[Store]:
    store = open_store(path, clock=clock)
    try:
        yield store
    finally:
        store.close()


def entry(kind: str, transfer: str, **shared: Json) -> Entry:
    body: dict[str, Json] = {
        "transfer": transfer,
        "direction": "request",
        "recipient": "mc-primer-uk",
        "purpose": "service_request",
        **shared,
    }
    halves = Opening(os.urandom(16), encode(body)), Opening(os.urandom(16), encode({"caller": "backend"}))
    commitments = [b64(hashlib.sha256(half.salt + half.body).digest()) for half in halves]
    leaf = encode({"at": NOW, "kind": kind, "private": commitments[1], "shared": commitments[0], "v": 1})
    return Entry(leaf, *halves)


def intent(
    transfer: str, *, subject: str | None = None, attempt: int = 1, deadline: int = DEADLINE, **shared: Json
) -> Unit:
    row = IntentRow(
        TransferId(transfer), CallerId("backend"), attempt, Instant(deadline), b"wrapped" + transfer.encode()
    )
    made = entry("intent", transfer, **{"attempt": attempt, "released": {}, **shared})
    return Unit(made, row, None if subject is None else LogPseudonym(subject))


def refusal(transfer: str, **shared: Json) -> Unit:
    made = entry("refusal", transfer, reason="not_granted", **shared)
    return Unit(made, RefusalRow(TransferId(transfer), CallerId("backend")))


def outcome(transfer: str, *, attempt: int = 1, outcome: str = "delivered") -> Unit:
    made = entry("outcome", transfer, attempt=attempt, outcome=outcome)
    return Unit(made, OutcomeRow(TransferId(transfer), attempt))


def receipt_of(result: Receipt | NotCommitted) -> Receipt:
    assert isinstance(result, Receipt), result
    return result


def leaves_of(store: Store) -> list[tuple[int, bytes]]:
    with store.entries.reading() as reading:
        return list(reading.leaves())


def check_log(store: Store, receipts: Sequence[Receipt] = ()) -> int:
    """Recompute the whole tree, every checkpoint and every receipt's proof; how many entries there are."""
    tree = RunningTree()
    roots: dict[int, bytes] = {}
    with store.entries.reading() as reading:
        for expected, (index, leaf) in enumerate(reading.leaves()):
            assert index == expected, "indices are dense"
            tree.add(leaf_hash(leaf))
            roots[tree.size] = root(tree.frontier())
        for size, note in reading.checkpoints():
            assert root_in(note) == roots[size]
        assert reading.size == tree.size
    for receipt in receipts:
        expected_root = roots[receipt.size]
        assert root_in(receipt.checkpoint) == expected_root
        leaf = leaf_hash(receipt.entry.leaf)
        assert verify_inclusion(receipt.index, receipt.size, leaf, receipt.proof, expected_root)
    store.ping()
    return tree.size


@contextmanager
def locked_by_another_program(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)

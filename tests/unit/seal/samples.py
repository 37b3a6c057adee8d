"""A gateway's keys, a small log and a recipient, made of the real parts: what sealing and opening need around them."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass, field
from typing import Any

from gateway.canonical import Node, Number
from gateway.clock import Instant
from gateway.model import Entry, LogPseudonym, Protection, Receipt, RecipientKey, Recorded, Suite, TransferId
from gateway.receiver import Receiver
from gateway.seal.envelope import Sealer
from gateway.seal.keyring import Keyring, create_keys, generate_recipient_key
from gateway.transfer_log import tree
from gateway.transfer_log.checkpoint import Checkpoint, sign_checkpoint
from gateway.transfer_log.entry import About, intent_entry
from gateway.transfer_log.proof import write_proof
from tests.values import NOW, FakeClock, disclosure, recipient

ORIGIN = "gateway.test.example/log"
FIELDS_KEY = bytes(range(32))
ABOUT = About(LogPseudonym("pseudonym"), "sealed")

DATA: dict[str, Node] = {
    "ticket": {"id": "REQ-2026-0042", "text": "Лифт тұрып қалды, 3-ші қабат", "urgent": True},
    "charges": [{"amount": Number("1.10"), "count": Number("12345678901234567890")}, {"amount": Number("0.1")}],
}


@dataclass
class SmallLog:
    """A log in memory: the real leaves, tree and checkpoints, and no database."""

    keyring: Keyring
    frontier: tree.Frontier = tree.EMPTY

    def append(self, entry: Entry) -> Receipt:
        """Commit one entry as a group of its own."""
        index = self.frontier.size
        growth = tree.append(self.frontier, [tree.leaf_hash(entry.leaf)])
        self.frontier = growth.frontier
        note = sign_checkpoint(Checkpoint(ORIGIN, index + 1, growth.root), self.keyring.log_key)
        return Receipt(index, entry, growth.proofs[0], index + 1, note)


@dataclass
class World:
    """One gateway and one recipient that know each other."""

    keyring: Keyring
    clock: FakeClock
    log: SmallLog
    sealer: Sealer
    suite: Suite
    private: dict[str, str] = field(repr=False)
    public: dict[str, str]
    receiver: Receiver

    def recorded(
        self, data: dict[str, Node] | None = None, *, transfer_id: str = "t-1", **map_changes: Any
    ) -> Recorded:
        """A disclosure whose intent stands in the log."""
        told = disclosure(
            DATA if data is None else data,
            transfer_id=transfer_id,
            **{"recipient": self.recipient(), **map_changes},
        )
        entry = intent_entry(told, ABOUT, at=self.clock.now(), attempt=1, fields_key=FIELDS_KEY)
        return Recorded(
            disclosure=told,
            attempt=1,
            receipt=self.log.append(entry),
            fields_key=FIELDS_KEY,
            deadline_at=Instant(self.clock.now() + 10_000_000),
            deadline=self.clock.monotonic() + 10,
        )

    def recipient(self, **changes: Any) -> Any:
        """The recipient, as its file would describe it."""
        key = RecipientKey(self.public["kid"], self.public, None)
        told: dict[str, Any] = {"protection": Protection.JWE, "suite": self.suite, "keys": (key,)}
        return recipient(**{**told, "protection_reason": None, **changes})

    def token(self, data: dict[str, Node] | None = None, *, transfer_id: str = "t-1") -> bytes:
        """What goes on the wire for one transfer."""
        return self.sealer.seal(self.recorded(data, transfer_id=transfer_id)).body


def world(home: pathlib.Path, suite: Suite = Suite.P256) -> World:
    """A new gateway under `home`, with a few entries in its log already."""
    create_keys(home, ORIGIN)
    keyring = Keyring.load(home)
    clock = FakeClock(NOW)
    log = SmallLog(keyring)
    private, public = generate_recipient_key(suite)
    receiver = Receiver([private], recipient().id, ORIGIN, keyring.public_jwks(), keyring.log_verifier_key())
    made = World(keyring, clock, log, Sealer(keyring, ORIGIN, clock, write_proof, {}), suite, private, public, receiver)
    for number in range(5):
        made.recorded({"ticket": f"before-{number}"}, transfer_id=TransferId(f"before-{number}"))
    return made

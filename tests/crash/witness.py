"""The witness: what recipients received and what callers were told, laid beside what the log holds.

It reads the database itself, with plain SQL over a read-only connection of its own, as a second process would, and
derives who began and who ended from the leaves and openings, not from the tables that the gateway keeps for itself.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import orjson

from gateway.canonical import b64, unb64
from gateway.clock import SystemClock
from gateway.model import Opening
from gateway.seal.opening import Opener
from gateway.transfer_log.report import Report
from gateway.transfer_log.verify import verify
from tests.deployment import ORIGIN, Deployment

NEVER_SENT = "not_sent"
UNKNOWN = "unknown"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One envelope that a recipient opened and found proven; what its proof says, and what stood in the log then."""

    transfer_id: str
    subject: str  # the pseudonym that this recipient has for the person
    index: int
    leaf: bytes
    shared: Opening
    size: int
    note: bytes
    digest: str
    seen_at: int | None  # the index that the log gave for this transfer at the moment of arrival


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller was told about one transfer before its gateway died: an outcome, `refused`, or nothing yet."""

    transfer_id: str
    index: int
    ended: str | None


class Openings:
    """Opens what arrives, as the recipient, with its key and the issuer's published ones."""

    def __init__(self, deployment: Deployment, recipient: str) -> None:
        self._receiver = deployment.receiver(recipient)
        self._opener = Opener([dict(deployment.private_keys[recipient])], deployment.keyring.public_jwks())

    def open(self, body: bytes, seen_at: int | None) -> Arrival:
        """Raises EnvelopeRejected where anything is not proven."""
        opened = self._receiver.open(body, now=SystemClock().now(), newest=None)
        log = orjson.loads(self._opener.open(body))["log"]
        return Arrival(
            transfer_id=opened.transfer_id,
            subject=opened.subject,
            index=opened.index,
            leaf=unb64(log["leaf"]),
            shared=Opening(unb64(log["shared"]["salt"]), unb64(log["shared"]["body"])),
            size=opened.checkpoint.size,
            note=opened.checkpoint_note,
            digest=b64(hashlib.sha256(body).digest()),
            seen_at=seen_at,
        )


@contextmanager
def looking_into(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read, and leaves the files as they are."""
    connection = sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def index_of(database: Path, transfer_id: str | None) -> int | None:
    """Where the log has this transfer at this moment."""
    with looking_into(database) as connection:
        row = connection.execute("SELECT entry_index FROM transfer WHERE id = ?", (transfer_id,)).fetchone()
    return None if row is None else int(row[0])


def not_yet_there(arrival: Arrival, database: Path) -> list[str]:
    """What the envelope's proof speaks of and the log does not hold at this moment, byte for byte."""
    with looking_into(database) as connection:
        one = connection.execute("SELECT leaf FROM entry WHERE entry_index = ?", (arrival.index,)).fetchone()
        half = connection.execute(
            "SELECT shared_salt, shared_body FROM opening WHERE entry_index = ?", (arrival.index,)
        ).fetchone()
        note = connection.execute("SELECT note FROM checkpoint WHERE size = ?", (arrival.size,)).fetchone()
    pairs = {
        "entry": (one, (arrival.leaf,)),
        "shared opening": (half, (arrival.shared.salt, arrival.shared.body)),
        "checkpoint": (note, (arrival.note,)),
    }
    return [f"{arrival.transfer_id}: {name} of #{arrival.index}" for name, (is_, said) in pairs.items() if is_ != said]


@dataclass
class Stored:
    """The log as it stands in the file."""

    leaves: dict[int, bytes]
    shared: dict[int, Opening]
    notes: dict[int, bytes]
    intents: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, database: Path) -> Self:
        """Everything, in one consistent state."""
        with looking_into(database) as connection:
            connection.execute("BEGIN")
            leaves = dict(connection.execute("SELECT entry_index, leaf FROM entry ORDER BY entry_index"))
            rows = connection.execute("SELECT entry_index, shared_salt, shared_body FROM opening")
            shared = {index: Opening(salt, body) for index, salt, body in rows}
            notes = dict(connection.execute("SELECT size, note FROM checkpoint"))
        found = cls(leaves, shared, notes)
        for index, leaf in leaves.items():
            body = orjson.loads(shared[index].body)
            told = orjson.loads(leaf)
            if told["kind"] == "outcome":
                found.outcomes[body["transfer"]].append(body | {"at": told["at"], "index": index})
            else:
                begun = found.intents if told["kind"] == "intent" else found.refusals
                begun[body["transfer"]].append(index)
        return found


def verified(deployment: Deployment) -> Report:
    """What `log verify` says, by way of the gateway's own reading."""
    gateway = deployment.build()
    with gateway.store.entries.reading() as reading:
        report = verify(
            reading.leaves(),
            reading.openings(),
            reading.checkpoints(),
            origin=ORIGIN,
            key=gateway.keyring.log_key.public_key(),
        )
    gateway.close()
    return report


def disagreements(stored: Stored, report: Report, arrivals: Sequence[Arrival], told: Sequence[Told]) -> list[str]:
    """Everything in which the log, the recipient and the callers do not agree; empty where no law was broken.

    The log verifies and is dense. What arrived was logged first, at the place and with the bytes that its proof
    names, and arrived once. Each intent has one outcome, and no outcome says more than what happened. What a caller
    was told is what the log says, or the log says `unknown`, because the process died before its outcome was written.
    """
    return [
        *(f"log verify: {problem}" for problem in report.problems),
        *_gaps(stored),
        *_unlogged(stored, arrivals),
        *_not_ended_once(stored),
        *_outcomes_that_say_too_much(stored, arrivals),
        *_told_otherwise(stored, told),
    ]


def _gaps(stored: Stored) -> Iterator[str]:
    if list(stored.leaves) != list(range(len(stored.leaves))):
        yield "the indices of the log are not dense"


def _unlogged(stored: Stored, arrivals: Sequence[Arrival]) -> Iterator[str]:
    times = Counter(arrival.transfer_id for arrival in arrivals)
    yield from (f"{name}: arrived {count} times" for name, count in times.items() if count > 1)
    for one in arrivals:
        if stored.intents.get(one.transfer_id) != [one.index]:
            yield f"{one.transfer_id}: arrived, and the log has no intent of it at #{one.index}"
        if one.seen_at != one.index:
            yield f"{one.transfer_id}: arrived before its intent was in the log"
        if (stored.leaves.get(one.index), stored.shared.get(one.index)) != (one.leaf, one.shared):
            yield f"{one.transfer_id}: arrived with another entry than the log has at #{one.index}"
        if stored.notes.get(one.size) != one.note:
            yield f"{one.transfer_id}: arrived with a checkpoint of {one.size} that the log does not have"


def _not_ended_once(stored: Stored) -> Iterator[str]:
    for name, indices in stored.intents.items():
        ends = stored.outcomes.get(name, [])
        if (len(indices), len(ends)) != (1, 1):
            yield f"{name}: {len(indices)} intents and {len(ends)} outcomes"
        elif ends[0]["index"] < indices[0]:
            yield f"{name}: ended before it began"
    for name in stored.outcomes.keys() - stored.intents.keys():
        yield f"{name}: ended and never began"


def _outcomes_that_say_too_much(stored: Stored, arrivals: Sequence[Arrival]) -> Iterator[str]:
    digests = {arrival.transfer_id: arrival.digest for arrival in arrivals}
    for name, ends in stored.outcomes.items():
        for end in ends:
            if end["outcome"] == NEVER_SENT and name in digests:
                yield f"{name}: the log says that it was not sent, and it arrived"
            if end["outcome"] in {"delivered", "rejected"} and digests.get(name) != end.get("envelope"):
                yield f"{name}: the log says {end['outcome']}, and that envelope did not arrive"


def _told_otherwise(stored: Stored, told: Sequence[Told]) -> Iterator[str]:
    for one in told:
        place = stored.refusals if one.ended == REFUSED else stored.intents
        if place.get(one.transfer_id) != [one.index]:
            yield f"{one.transfer_id}: its caller was told of #{one.index}, where the log does not have it"
        elif one.ended not in {None, REFUSED}:
            says = [end["outcome"] for end in stored.outcomes.get(one.transfer_id, [])]
            if not set(says) <= {one.ended, UNKNOWN}:
                yield f"{one.transfer_id}: its caller was told {one.ended}, and the log says {says}"

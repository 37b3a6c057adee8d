"""The recipient's side: what came is opened, verified, and refused unless it was logged before it was sent.

`Receiver.open` is a numbered procedure; every step that fails raises EnvelopeRejected with one `Check` from a closed
list. A recipient keeps the checkpoint of each envelope that it accepts: whoever does so is a witness of the log.

Promises: nothing of an envelope is believed before its signature was verified, no content stands in an error, and the
data that is returned is the data that the log committed to, field by field. It must never fetch a key that an
envelope names, decompress, or derive a key from a password.

source: RFC 7515, 7516, 7519, 8725; c2sp.org/tlog-proof; DESIGN 6.4, 6.5
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from gateway.canonical import Json, Node, Number, b64, encode, unb64
from gateway.clock import MICROSECONDS, Instant
from gateway.errors import AdmissionError, ConfigError
from gateway.formats.strict_json import parse
from gateway.model import Direction, EntryKind, MapVersion, Opening, PurposeId, TransferId
from gateway.seal.checks import Check, check, rejected
from gateway.seal.envelope import LIFETIME_SECONDS
from gateway.seal.opening import Opener
from gateway.seal.suites import Jwk
from gateway.transfer_log.checkpoint import Checkpoint, open_checkpoint, parse_verifier_key
from gateway.transfer_log.digests import digest_tree
from gateway.transfer_log.entry import Leaf, commitment, read_leaf
from gateway.transfer_log.proof import MAX_HASHES, Proof, read_proof
from gateway.transfer_log.tree import HASH_BYTES, leaf_hash, verify_inclusion

__all__ = ["Check", "Opened", "Receiver", "read_state", "write_state"]

SKEW_SECONDS: Final = 60

_FIELDS_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope that passed every check. Keep `checkpoint`; refuse a `transfer_id` that was acted on before (T42)."""

    transfer_id: TransferId
    purpose: PurposeId
    map_version: MapVersion
    retain_until: str  # YYYY-MM-DD
    subject: str  # the pseudonym that the issuer gives this person towards us, and us alone
    data: Node = field(repr=False)
    data_type: str
    sealed_at: Instant
    logged_at: Instant
    index: int
    checkpoint: Checkpoint
    checkpoint_note: bytes = field(repr=False)  # as the log signed it: the evidence, should the log ever deny it


@dataclass(frozen=True, slots=True)
class _Proven:
    """The `log` claim, taken apart."""

    index: int
    leaf: bytes
    shared: Opening
    fields_key: bytes
    proof: Proof


class Receiver:
    """One recipient's keys and whom it trusts. Safe to share between threads."""

    def __init__(self, keys: Sequence[Jwk], recipient: str, issuer: str, jwks: Jwk, log_key: str) -> None:
        """Raises ConfigError with every problem: a key of no suite, a JWK Set without ours, another log's key."""
        problems: list[str] = []
        self._recipient = recipient
        self._issuer = issuer
        try:
            self._opener = Opener(keys, jwks)
        except ConfigError as error:
            problems += error.problems
        try:
            origin, self._log_key = parse_verifier_key(log_key)
            if origin != issuer:
                problems.append("log key: it is the key of another log than the issuer's")
        except ValueError as error:
            problems.append(f"log key: {error}")
        if problems:
            raise ConfigError(problems)

    def open(
        self, token: bytes, *, now: Instant, newest: Checkpoint | None, newest_sealed_at: Instant | None = None
    ) -> Opened:
        """As `open_all`, where an envelope carries one transfer; one that carries many is refused."""
        opened = self.open_all(token, now=now, newest=newest, newest_sealed_at=newest_sealed_at)
        check(len(opened) == 1, Check.CLAIMS)
        return opened[0]

    def open_all(
        self, token: bytes, *, now: Instant, newest: Checkpoint | None, newest_sealed_at: Instant | None = None
    ) -> tuple[Opened, ...]:
        """What the envelope holds, once everything about it is proven; all of it, or none. Raises EnvelopeRejected.

        Most carry one transfer. One of a registry may carry many records, each of which is proven by itself.

        `newest` is the largest checkpoint that this recipient has accepted from this issuer. Envelopes that are under
        way together may overtake one another: with `newest_sealed_at` (`Opened.sealed_at` of the envelope that
        brought `newest`), one that was sealed at most 60 s after it may show an older checkpoint.

         1. Size, before anything is decoded.
         2. The JWE's form, algorithms and header: exactly ours; no crit, zip, embedded or fetched key.
         3. Our key by thumbprint; decryption.
         4. The JWS's form, algorithm and header: exactly the suite of the key of step 3.
         5. The issuer's key by thumbprint; signature. Only from here on is content read.
         6. The claims: strict JSON, all there, each of its type; the proof by its form.
         7. Issuer, audience, time.
         8. The checkpoint's origin and signature.
         9. The leaf's hash stands in the checkpoint's tree at the index that is claimed.
        10. The leaf is the canonical leaf of an intent, and commits to the opening that we were given.
        11. The opening speaks of this transfer, recipient, purpose and map.
        12. Its field digests are those of the data, field by field, no more and no less.
        13. The checkpoint is of no smaller log than the newest that we know, and of no other of the same size.
        """
        # 1 to 5. Size, decryption, signature (`gateway.seal.opening`).
        payload = self._opener.open(token)
        # 6. Claims, and the proofs among them.
        claims = _claims(payload)
        sealed_at = Instant(_integer(claims, "iat") * MICROSECONDS)
        carried = _records(claims) if "records" in claims else [(claims, _proven(claims))]
        # 7. Issuer, audience, time.
        check(_text(claims, "iss") == self._issuer, Check.ISSUER)
        check(_text(claims, "aud") == self._recipient, Check.AUDIENCE)
        _check_time(_integer(claims, "iat"), _integer(claims, "exp"), now // MICROSECONDS)
        # 8. Checkpoint: one for all that the envelope carries.
        checkpoint = self._checkpoint(carried[0][1].proof.checkpoint_note)
        opened = tuple(_opened(one, proven, checkpoint, sealed_at) for one, proven in carried)
        # 13. The log that we know.
        _check_newest(checkpoint, newest, overtaken=_overtaken(sealed_at, newest_sealed_at))
        return opened

    def _checkpoint(self, note: bytes) -> Checkpoint:
        try:
            return open_checkpoint(note, self._issuer, self._log_key)
        except ValueError:
            raise rejected(Check.CHECKPOINT) from None


def _opened(claims: dict[str, Node], proven: _Proven, checkpoint: Checkpoint, sealed_at: Instant) -> Opened:
    """Steps 9 to 12, for one transfer."""
    # 9. Inclusion.
    included = proven.proof.index == proven.index and verify_inclusion(
        proven.index, checkpoint.size, leaf_hash(proven.leaf), proven.proof.hashes, checkpoint.root
    )
    check(included, Check.INCLUSION)
    # 10. Leaf and opening.
    leaf = _leaf(proven)
    # 11, 12. Entry and fields.
    _check_entry(proven, claims)
    return Opened(
        transfer_id=TransferId(_text(claims, "jti")),
        purpose=PurposeId(_text(claims, "purpose")),
        map_version=MapVersion(_text(claims, "map_version")),
        retain_until=_text(claims, "retain_until"),
        subject=_text(claims, "subject"),
        data=claims["data"],
        data_type=_text(claims, "data_type"),
        sealed_at=sealed_at,
        logged_at=leaf.at,
        index=proven.index,
        checkpoint=checkpoint,
        checkpoint_note=proven.proof.checkpoint_note,
    )


def read_state(path: Path) -> Checkpoint | None:
    """The checkpoint that `write_state` kept, None where there is no file yet. Raises ConfigError."""
    try:
        told = orjson.loads(path.read_bytes())
        return Checkpoint(str(told["origin"]), int(told["size"]), unb64(told["root"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError([f"{path}: it does not hold a checkpoint that was kept here"]) from None


def write_state(path: Path, checkpoint: Checkpoint) -> None:
    """Keep the checkpoint for the next envelope; the file is there whole or as it was."""
    told: Json = {"origin": checkpoint.origin, "size": checkpoint.size, "root": b64(checkpoint.root)}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(encode(told) + b"\n")
    unfinished.replace(path)


def _claims(payload: bytes) -> dict[str, Node]:
    try:
        claims = parse(payload)
    except AdmissionError:
        raise rejected(Check.CLAIMS) from None
    if not isinstance(claims, dict) or ("data" in claims) == ("records" in claims):
        raise rejected(Check.CLAIMS)
    own = ("subject",) if "data" in claims else ()
    for name in ("iss", "aud", "jti", "purpose", "map_version", "retain_until", "data_type", *own):
        _text(claims, name)
    return claims


def _records(claims: dict[str, Node]) -> list[tuple[dict[str, Node], _Proven]]:
    """Each record of a shared envelope as claims of its own, with its proof; nothing of them is verified yet."""
    records, log = claims["records"], claims.get("log")
    if not isinstance(records, list) or not records:
        raise rejected(Check.CLAIMS)
    check(_text(log, "origin", Check.PROOF) == claims["iss"], Check.PROOF)
    note = _text(log, "checkpoint", Check.PROOF).encode("utf-8")
    carried = []
    for record in records:
        if not isinstance(record, dict) or "data" not in record:
            raise rejected(Check.CLAIMS)
        own: dict[str, Node] = {"jti": _text(record, "transfer"), "subject": _text(record, "subject")}
        index, shared = _integer(record, "index", Check.PROOF), record.get("shared")
        proven = _Proven(
            index=index,
            leaf=_bytes(record, "leaf"),
            shared=Opening(_bytes(shared, "salt"), _bytes(shared, "body")),
            fields_key=_bytes(record, "fields_key"),
            proof=Proof(index, _hashes(record), note),
        )
        check(len(proven.fields_key) == _FIELDS_KEY_BYTES, Check.PROOF)
        carried.append(({**claims, **own, "data": record["data"]}, proven))
    check(len({str(one["jti"]) for one, _ in carried}) == len(carried), Check.CLAIMS)  # none of them twice
    return carried


def _hashes(record: dict[str, Node]) -> tuple[bytes, ...]:
    proof = record.get("proof")
    if not isinstance(proof, list) or len(proof) > MAX_HASHES:
        raise rejected(Check.PROOF)
    hashes = tuple(_bytes({"hash": one}, "hash") for one in proof)
    check(all(len(one) == HASH_BYTES for one in hashes), Check.PROOF)
    return hashes


def _text(node: Node, name: str, one: Check = Check.CLAIMS) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    if type(value) is not str or not value:  # a Number is a str, and is not text
        raise rejected(one)
    return value


def _integer(node: Node, name: str, one: Check = Check.CLAIMS) -> int:
    value = node.get(name) if isinstance(node, dict) else None
    if not isinstance(value, Number) or not value.isdigit():
        raise rejected(one)
    return int(value)


def _bytes(node: Node, name: str) -> bytes:
    try:
        return unb64(_text(node, name, Check.PROOF))
    except ValueError:
        raise rejected(Check.PROOF) from None


def _proven(claims: dict[str, Node]) -> _Proven:
    """The `log` claim by its form; nothing of it is verified yet."""
    log = claims.get("log")
    shared = log.get("shared") if isinstance(log, dict) else None
    try:
        proof = read_proof(_text(log, "proof", Check.PROOF))
    except ValueError:
        raise rejected(Check.PROOF) from None
    fields_key = _bytes(log, "fields_key")
    check(len(fields_key) == _FIELDS_KEY_BYTES and _text(log, "origin", Check.PROOF) == claims.get("iss"), Check.PROOF)
    return _Proven(
        index=_integer(log, "index", Check.PROOF),
        leaf=_bytes(log, "leaf"),
        shared=Opening(_bytes(shared, "salt"), _bytes(shared, "body")),
        fields_key=fields_key,
        proof=proof,
    )


def _check_time(issued_at: int, expires_at: int, now: int) -> None:
    fresh = issued_at <= now + SKEW_SECONDS and now < expires_at + SKEW_SECONDS
    check(fresh and issued_at < expires_at <= issued_at + LIFETIME_SECONDS, Check.TIME)


def _leaf(proven: _Proven) -> Leaf:
    try:
        leaf = read_leaf(proven.leaf)
    except (ValueError, TypeError):
        raise rejected(Check.LEAF) from None
    check(leaf.kind is EntryKind.INTENT, Check.LEAF)
    try:
        committed = b64(commitment(proven.shared))
    except ValueError:
        raise rejected(Check.OPENING) from None
    check(committed == leaf.shared, Check.OPENING)
    return leaf


def _check_entry(proven: _Proven, claims: dict[str, Node]) -> None:
    body = _canonical(proven.shared.body)
    expected: dict[str, Node] = {
        "transfer": claims["jti"],
        "direction": Direction.REQUEST,
        "recipient": claims["aud"],
        "purpose": claims["purpose"],
        "map": claims["map_version"],
        "media_type": claims["data_type"],
    }
    check(expected.items() <= body.items(), Check.ENTRY)
    check(body.get("released") == digest_tree(claims["data"], proven.fields_key), Check.FIELDS)


def _canonical(body: bytes) -> dict[str, Json]:
    """The shared half of the entry; a second spelling of it would be a second meaning."""
    try:
        told = orjson.loads(body)
        canonical = encode(told) == body
    except (ValueError, TypeError):  # TypeError: nested deeper than can be written again
        raise rejected(Check.ENTRY) from None
    if not isinstance(told, dict) or not canonical:
        raise rejected(Check.ENTRY)
    return told


def _overtaken(sealed_at: Instant, newest_sealed_at: Instant | None) -> bool:
    return newest_sealed_at is not None and sealed_at <= newest_sealed_at + SKEW_SECONDS * MICROSECONDS


def _check_newest(checkpoint: Checkpoint, newest: Checkpoint | None, *, overtaken: bool) -> None:
    if newest is None:
        return
    check(checkpoint.size >= newest.size or overtaken, Check.REWOUND)
    check(checkpoint.size != newest.size or checkpoint.root == newest.root, Check.FORKED)

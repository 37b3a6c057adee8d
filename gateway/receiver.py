"""The recipient's side: what came is opened, verified, and refused unless it was logged before it was sent.

`Receiver.open` is a numbered procedure; every step that fails raises EnvelopeRejected with one `Check` from a closed
list. A recipient keeps the checkpoint of each envelope that it accepts: whoever does so is a witness of the log.

Promises: nothing of an envelope is believed before its signature was verified, no content stands in an error, and the
data that is returned is the data that the log committed to, field by field. It must never fetch a key that an
envelope names, decompress, or derive a key from a password.

source: RFC 7515, 7516, 7519, 8725; c2sp.org/tlog-proof; DESIGN 6.4, 6.5
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from joserfc import jwe, jws
from joserfc.errors import JoseError

from gateway.admission.strict_json import parse
from gateway.canonical import Json, Node, Number, b64, encode, unb64
from gateway.clock import MICROSECONDS, Instant
from gateway.errors import AdmissionError, ConfigError, EnvelopeRejected
from gateway.model import EntryKind, MapVersion, Opening, PurposeId, RecipientId, Suite, TransferId
from gateway.seal.suites import (
    ALGORITHMS,
    ENCRYPTION,
    ENCRYPTIONS,
    KEY_AGREEMENT,
    MAX_ENVELOPE_BYTES,
    MAX_HEADER_BYTES,
    SIGNATURES,
    CurveKey,
    Jwk,
    import_private,
    import_public,
)
from gateway.transfer_log.checkpoint import Checkpoint, open_checkpoint, parse_verifier_key
from gateway.transfer_log.digests import digest_tree
from gateway.transfer_log.entry import DIRECTION, Leaf, commitment, read_leaf
from gateway.transfer_log.proof import Proof, read_proof
from gateway.transfer_log.tree import leaf_hash, verify_inclusion

SKEW_SECONDS: Final = 60
LIFETIME_SECONDS: Final = 300

_JWE_PARTS: Final = 5
_JWS_PARTS: Final = 3
_FIELDS_KEY_BYTES: Final = 32
_JWE_MEMBERS: Final = frozenset({"alg", "enc", "kid", "cty", "epk"})
_JWS_MEMBERS: Final = frozenset({"alg", "kid", "typ"})
_OPENING_FAULTS: Final = (JoseError, InvalidTag, ValueError, TypeError, KeyError, AssertionError)  # joserfc raises all


class Check(StrEnum):
    """What a receiver checks, in order; the name of the check that failed stands in EnvelopeRejected."""

    SIZE = "size"
    JWE_FORM = "jwe_form"
    JWE_ALGORITHM = "jwe_algorithm"
    JWE_HEADER = "jwe_header"
    JWE_KEY = "jwe_key"
    DECRYPTION = "decryption"
    JWS_FORM = "jws_form"
    JWS_ALGORITHM = "jws_algorithm"
    JWS_HEADER = "jws_header"
    JWS_KEY = "jws_key"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"
    PROOF = "proof"
    CHECKPOINT = "checkpoint"
    INCLUSION = "inclusion"
    LEAF = "leaf"
    OPENING = "opening"
    ENTRY = "entry"
    FIELDS = "fields"
    REWOUND = "rewound"
    FORKED = "forked"


SENTENCES: Final[Mapping[Check, str]] = {
    Check.SIZE: f"the envelope is larger than {MAX_ENVELOPE_BYTES} bytes",
    Check.JWE_FORM: "it is not a compact JWE without an encrypted key",
    Check.JWE_ALGORITHM: f"it is not encrypted with {KEY_AGREEMENT} and {ENCRYPTION}",
    Check.JWE_HEADER: "its header holds what it may not, or lacks what it must",
    Check.JWE_KEY: "it is encrypted to a key that is not ours",
    Check.DECRYPTION: "it does not decrypt with our key",
    Check.JWS_FORM: "what it holds is not a compact JWS",
    Check.JWS_ALGORITHM: "it is not signed with the algorithm of our suite",
    Check.JWS_HEADER: "the header of its signature holds what it may not, or lacks what it must",
    Check.JWS_KEY: "it is signed with a key that the issuer did not publish",
    Check.SIGNATURE: "its signature does not verify",
    Check.CLAIMS: "a claim is missing or is not what it must be",
    Check.ISSUER: "it was issued by someone else",
    Check.AUDIENCE: "it was issued for another recipient",
    Check.TIME: "it is expired, not valid yet, or valid for too long",
    Check.PROOF: "it carries no proof that it was logged",
    Check.CHECKPOINT: "its checkpoint is not signed by the log's key",
    Check.INCLUSION: "its entry is not in the log that the checkpoint describes",
    Check.LEAF: "its log entry is not the canonical leaf of an intent",
    Check.OPENING: "what it shows of the log entry is not what the entry commits to",
    Check.ENTRY: "the log entry is about another transfer, recipient, purpose or map",
    Check.FIELDS: "the log entry commits to other data than it holds",
    Check.REWOUND: "its checkpoint is older than one that we hold: the log was rewound",
    Check.FORKED: "its checkpoint contradicts one that we hold: the log was forked",
}


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

    def __init__(self, keys: Sequence[Jwk], recipient: RecipientId, issuer: str, jwks: Jwk, log_key: str) -> None:
        """Raises ConfigError with every problem: a key of no suite, a JWK Set without ours, another log's key."""
        problems: list[str] = []
        self._recipient = recipient
        self._issuer = issuer
        self._keys = _private_keys(keys, problems)
        self._signers = _signers(jwks, problems)
        try:
            origin, self._log_key = parse_verifier_key(log_key)
        except ValueError as error:
            raise ConfigError([*problems, f"log key: {error}"]) from None
        if origin != issuer:
            problems.append("log key: it is the key of another log than the issuer's")
        if problems:
            raise ConfigError(problems)

    def open(
        self, token: bytes, *, now: Instant, newest: Checkpoint | None, newest_sealed_at: Instant | None = None
    ) -> Opened:
        """What the envelope holds, once everything about it is proven. Raises EnvelopeRejected.

        `newest` is the largest checkpoint that this recipient has accepted from this issuer. Envelopes that are under
        way together may overtake one another: with `newest_sealed_at` (`Opened.sealed_at` of the envelope that
        brought `newest`), one that was sealed at most 60 s after it may show an older checkpoint.

         1. Size, before anything is decoded.
         2. The JWE's form, algorithms and header: exactly ours; no crit, zip, embedded or fetched key.
         3. Our key by thumbprint; decryption.
         4. The JWS's form, algorithm and header: exactly the suite of the key of step 3.
         5. The issuer's key by thumbprint; signature. Only from here on is content read.
         6. The claims: strict JSON, all there, each of its type.
         7. Issuer, audience, time.
         8. The proof's form; the checkpoint's origin and signature.
         9. The leaf's hash stands in the checkpoint's tree at the index that is claimed.
        10. The leaf is the canonical leaf of an intent, and commits to the opening that we were given.
        11. The opening speaks of this transfer, recipient, purpose and map.
        12. Its field digests are those of the data, field by field, no more and no less.
        13. The checkpoint continues the log that we know.
        """
        # 1. Size.
        _check(len(token) <= MAX_ENVELOPE_BYTES, Check.SIZE)
        # 2, 3. Decrypt.
        suite, signed = self._decrypt(token)
        # 4, 5. Verify.
        payload = self._verify(signed, suite)
        # 6. Claims.
        claims = _claims(payload)
        sealed_at, proven = Instant(_integer(claims, "iat") * MICROSECONDS), _proven(claims)
        # 7. Issuer, audience, time.
        _check(_text(claims, "iss") == self._issuer, Check.ISSUER)
        _check(_text(claims, "aud") == self._recipient, Check.AUDIENCE)
        _check_time(_integer(claims, "iat"), _integer(claims, "exp"), now // MICROSECONDS)
        # 8, 9. Proof.
        checkpoint = self._checkpoint(proven)
        # 10. Leaf and opening.
        leaf = _leaf(proven)
        # 11, 12. Entry and fields.
        _check_entry(proven, claims)
        # 13. The log that we know.
        _check_newest(checkpoint, newest, overtaken=_overtaken(sealed_at, newest_sealed_at))
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
        )

    def _decrypt(self, token: bytes) -> tuple[Suite, bytes]:
        parts = token.split(b".", _JWE_PARTS)
        _check(len(parts) == _JWE_PARTS and not parts[1], Check.JWE_FORM)
        header = _header(parts[0], Check.JWE_HEADER)
        _check((header.get("alg"), header.get("enc")) == (KEY_AGREEMENT, ENCRYPTION), Check.JWE_ALGORITHM)
        _check(header.keys() == _JWE_MEMBERS and header["cty"] == "JWT", Check.JWE_HEADER)
        kid = header["kid"]
        found = self._keys.get(kid) if isinstance(kid, str) else None
        if found is None:
            raise _rejected(Check.JWE_KEY)
        suite, key = found
        _check(_is_public(header["epk"], suite), Check.JWE_HEADER)
        try:
            plaintext = jwe.decrypt_compact(token, key, registry=ENCRYPTIONS).plaintext
        except _OPENING_FAULTS:
            raise _rejected(Check.DECRYPTION) from None
        return suite, plaintext or b""

    def _verify(self, signed: bytes, suite: Suite) -> bytes:
        parts = signed.split(b".", _JWS_PARTS)
        _check(len(parts) == _JWS_PARTS, Check.JWS_FORM)
        header = _header(parts[0], Check.JWS_HEADER)
        algorithm = ALGORITHMS[suite].signature
        _check(header.get("alg") == algorithm, Check.JWS_ALGORITHM)
        _check(header.keys() == _JWS_MEMBERS and header["typ"] == "JWT", Check.JWS_HEADER)
        kid = header["kid"]
        key = self._signers.get((kid, algorithm)) if isinstance(kid, str) else None
        if key is None:
            raise _rejected(Check.JWS_KEY)
        try:
            return jws.deserialize_compact(signed, key, registry=SIGNATURES).payload
        except _OPENING_FAULTS:
            raise _rejected(Check.SIGNATURE) from None

    def _checkpoint(self, proven: _Proven) -> Checkpoint:
        try:
            checkpoint = open_checkpoint(proven.proof.checkpoint_note, self._issuer, self._log_key)
        except ValueError:
            raise _rejected(Check.CHECKPOINT) from None
        included = proven.proof.index == proven.index and verify_inclusion(
            proven.index, checkpoint.size, leaf_hash(proven.leaf), proven.proof.hashes, checkpoint.root
        )
        _check(included, Check.INCLUSION)
        return checkpoint


def _private_keys(keys: Sequence[Jwk], problems: list[str]) -> dict[str, tuple[Suite, CurveKey]]:
    found: dict[str, tuple[Suite, CurveKey]] = {}
    for at, jwk in enumerate(keys):
        for suite, algorithms in ALGORITHMS.items():
            if jwk.get("crv") == algorithms.sealing.crv:
                try:
                    key = import_private(jwk, algorithms.sealing)
                except ValueError as error:
                    problems.append(f"private key {at}: {error}")
                else:
                    found[key.thumbprint()] = (suite, key)
                break
        else:
            problems.append(f"private key {at}: expected a curve of {', '.join(_curves())}")
    if not keys:
        problems.append("private keys: none")
    return found


def _curves() -> list[str]:
    return [algorithms.sealing.crv for algorithms in ALGORITHMS.values()]


def _signers(jwks: Jwk, problems: list[str]) -> dict[tuple[str, str], CurveKey]:
    """The issuer's signing keys by thumbprint and algorithm; keys of other kinds in the set are not ours to judge."""
    published = jwks.get("keys")
    found: dict[tuple[str, str], CurveKey] = {}
    for jwk in published if isinstance(published, list) else []:
        for algorithms in ALGORITHMS.values():
            if isinstance(jwk, dict) and jwk.get("use") == "sig" and jwk.get("alg") == algorithms.signature:
                try:
                    key = import_public(jwk, algorithms.signing)
                except ValueError as error:
                    problems.append(f"JWK Set: {error}")
                else:
                    found[key.thumbprint(), algorithms.signature] = key
    if not found:
        problems.append("JWK Set: it holds no signing key of any suite")
    return found


def _header(segment: bytes, check: Check) -> dict[str, Node]:
    _check(len(segment) <= MAX_HEADER_BYTES, check)
    try:
        header = parse(unb64(segment.decode("ascii")))
    except (ValueError, AdmissionError):
        raise _rejected(check) from None
    if not isinstance(header, dict):
        raise _rejected(check)
    return header


def _is_public(epk: Node, suite: Suite) -> bool:
    curve = ALGORITHMS[suite].sealing
    return (
        isinstance(epk, dict)
        and epk.keys() == set(curve.members)
        and all(type(text) is str for text in epk.values())
        and (epk["kty"], epk["crv"]) == (curve.kty, curve.crv)
    )


def _claims(payload: bytes) -> dict[str, Node]:
    try:
        claims = parse(payload)
    except AdmissionError:
        raise _rejected(Check.CLAIMS) from None
    if not isinstance(claims, dict) or "data" not in claims:
        raise _rejected(Check.CLAIMS)
    for name in ("iss", "aud", "jti", "purpose", "map_version", "retain_until", "subject", "data_type"):
        _text(claims, name)
    return claims


def _text(node: Node, name: str, check: Check = Check.CLAIMS) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    if type(value) is not str or not value:  # a Number is a str, and is not text
        raise _rejected(check)
    return value


def _integer(node: Node, name: str, check: Check = Check.CLAIMS) -> int:
    value = node.get(name) if isinstance(node, dict) else None
    if not isinstance(value, Number) or not value.isdigit():
        raise _rejected(check)
    return int(value)


def _bytes(node: Node, name: str) -> bytes:
    try:
        return unb64(_text(node, name, Check.PROOF))
    except ValueError:
        raise _rejected(Check.PROOF) from None


def _proven(claims: dict[str, Node]) -> _Proven:
    """The `log` claim by its form; nothing of it is verified yet."""
    log = claims.get("log")
    shared = log.get("shared") if isinstance(log, dict) else None
    try:
        proof = read_proof(_text(log, "proof", Check.PROOF))
    except ValueError:
        raise _rejected(Check.PROOF) from None
    fields_key = _bytes(log, "fields_key")
    _check(len(fields_key) == _FIELDS_KEY_BYTES and _text(log, "origin", Check.PROOF) == claims.get("iss"), Check.PROOF)
    return _Proven(
        index=_integer(log, "index", Check.PROOF),
        leaf=_bytes(log, "leaf"),
        shared=Opening(_bytes(shared, "salt"), _bytes(shared, "body")),
        fields_key=fields_key,
        proof=proof,
    )


def _check_time(issued_at: int, expires_at: int, now: int) -> None:
    fresh = issued_at <= now + SKEW_SECONDS and now < expires_at + SKEW_SECONDS
    _check(fresh and issued_at < expires_at <= issued_at + LIFETIME_SECONDS, Check.TIME)


def _leaf(proven: _Proven) -> Leaf:
    try:
        leaf = read_leaf(proven.leaf)
    except ValueError:
        raise _rejected(Check.LEAF) from None
    _check(leaf.kind is EntryKind.INTENT, Check.LEAF)
    try:
        committed = b64(commitment(proven.shared))
    except ValueError:
        raise _rejected(Check.OPENING) from None
    _check(committed == leaf.shared, Check.OPENING)
    return leaf


def _check_entry(proven: _Proven, claims: dict[str, Node]) -> None:
    body = _canonical(proven.shared.body)
    expected: dict[str, Node] = {
        "transfer": claims["jti"],
        "direction": DIRECTION,
        "recipient": claims["aud"],
        "purpose": claims["purpose"],
        "map": claims["map_version"],
        "media_type": claims["data_type"],
    }
    _check(expected.items() <= body.items(), Check.ENTRY)
    _check(body.get("released") == digest_tree(claims["data"], proven.fields_key), Check.FIELDS)


def _canonical(body: bytes) -> dict[str, Json]:
    """The shared half of the entry; a second spelling of it would be a second meaning."""
    try:
        told = orjson.loads(body)
    except ValueError:
        raise _rejected(Check.ENTRY) from None
    if not isinstance(told, dict) or encode(told) != body:
        raise _rejected(Check.ENTRY)
    return told


def _overtaken(sealed_at: Instant, newest_sealed_at: Instant | None) -> bool:
    return newest_sealed_at is not None and sealed_at <= newest_sealed_at + SKEW_SECONDS * MICROSECONDS


def _check_newest(checkpoint: Checkpoint, newest: Checkpoint | None, *, overtaken: bool) -> None:
    if newest is None:
        return
    _check(checkpoint.size >= newest.size or overtaken, Check.REWOUND)
    _check(checkpoint.size != newest.size or checkpoint.root == newest.root, Check.FORKED)


def _check(holds: bool, check: Check) -> None:  # noqa: FBT001 -- reads as a sentence: check that this holds
    if not holds:
        raise _rejected(check)


def _rejected(check: Check) -> EnvelopeRejected:
    return EnvelopeRejected(check.value, SENTENCES[check])

"""Every key of this gateway behind one object: it names, seals, wraps and signs, and shows no key.

Promises: what is made under one use opens under no other; loading fails with every problem at once (law 10). It must
never put a secret into its text, its errors or its public JWK Set, nor read a file after it was loaded: new keys
(`rotate_signing`) count from the next start.

Sealing takes random 96-bit nonces under one key each: sound up to 2^32 transfers (NIST SP 800-38D 8.3), after which
the master key is due for a successor.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.canonical import b64, unb64
from gateway.clock import iso
from gateway.errors import ConfigError, LogDiverged
from gateway.model import LogPseudonym, RecipientId, SubjectId, Suite, TransferId
from gateway.randomness import random_bytes
from gateway.seal.derive import Label, derive, derive_pairwise, derive_set
from gateway.seal.files import FOLDER, KEYS_FILE, KeyFiles, StoredKey, Use, create_keys, read_keys, rotate_signing
from gateway.seal.suites import ALGORITHMS, CurveKey, generate_recipient_key

__all__ = ["Keyring", "SigningKey", "create_keys", "generate_recipient_key", "rotate_signing"]

PSEUDONYM_BYTES: Final = 16
CONCEALED_CHARS: Final = 10
SET_DIGEST_BYTES: Final = 16

_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs envelopes of one suite."""

    kid: str
    algorithm: str
    key: CurveKey = field(repr=False)


class Keyring:
    """The keys of one gateway. Made by `Keyring.load`; safe to share between threads."""

    def __init__(self, files: KeyFiles, signing: dict[Suite, SigningKey], log_key: Ed25519PrivateKey) -> None:
        self.origin = files.origin
        self.log_key = log_key
        self._signing = signing
        self._stored = files.keys
        self._master = files.master
        self._name_key = _keyed(derive(files.master, Label.NAME_DIGEST))
        self._index_key = _keyed(derive(files.master, Label.INDEX))
        self._claim_key = _keyed(derive(files.master, Label.CLAIM))
        self._subject_seal = AESGCM(derive(files.master, Label.SUBJECT_SEAL))
        self._transfer_keys = AESGCM(derive(files.master, Label.TRANSFER_KEY))
        self._pairwise_keys: dict[RecipientId, hmac.HMAC] = {}
        self._set_keys: dict[tuple[RecipientId, str], hmac.HMAC] = {}

    @classmethod
    def load(cls, home: Path, master_key_file: Path | None = None) -> Keyring:
        """The keys under `home`. Raises ConfigError with every problem found."""
        files = read_keys(home, master_key_file)
        try:
            signing = {suite: _signing_key(files, suite) for suite in Suite}
            log_key = files.private_key(_active(files, "log", "Ed25519")).private_key
        except ValueError as error:
            raise ConfigError([f"{home / FOLDER / KEYS_FILE}: corrupt, {error}"]) from None
        return cls(files, signing, cast("Ed25519PrivateKey", log_key))

    def __repr__(self) -> str:
        return f"Keyring({self.origin!r}, {self.fingerprint()})"

    def signing_key(self, suite: Suite) -> SigningKey:
        """The active key that signs envelopes of this suite."""
        return self._signing[suite]

    def conceal(self, name: str) -> str:
        """`~` and a keyed digest of a name that no map knows: it may itself be personal (law 4)."""
        return "~" + b64(_digest(self._name_key, name))[:CONCEALED_CHARS]

    def log_pseudonym(self, subject: SubjectId) -> LogPseudonym:
        """What names this person inside the log, and nowhere else."""
        return LogPseudonym(_pseudonym(self._index_key, subject))

    def pairwise(self, recipient: RecipientId, subject: SubjectId) -> str:
        """What names this person to one recipient; no other recipient gets the same (T15)."""
        key = self._pairwise_keys.get(recipient)
        if key is None:  # recipients stand in the maps, so the cache is as small as they are
            key = self._pairwise_keys.setdefault(recipient, _keyed(derive_pairwise(self._master, recipient)))
        return _pseudonym(key, subject)

    def set_digest(self, recipient: RecipientId, name: str, value: str) -> bytes:
        """What stands for a value in the set of this name that the platform keeps for a recipient."""
        key = self._set_keys.get((recipient, name))
        if key is None:  # sets stand in the maps, as recipients do
            derived = derive_set(self._master, recipient, name)
            key = self._set_keys.setdefault((recipient, name), _keyed(derived))
        return _digest(key, value)[:SET_DIGEST_BYTES]

    def claim_digest(self, text: bytes) -> bytes:
        """What stands for an `Idempotency-Key`, or for a request that brings one."""
        begun = self._claim_key.copy()
        begun.update(text)
        return begun.digest()

    def seal_subject(self, subject: SubjectId, transfer_id: TransferId) -> str:
        """The subject's id, for this gateway alone to read again, bound to its transfer."""
        return b64(_seal(self._subject_seal, subject.encode("utf-8"), transfer_id))

    def open_subject(self, sealed: str, transfer_id: TransferId) -> SubjectId:
        """The subject's id again. Raises LogDiverged where it was not sealed here for this transfer."""
        try:
            return SubjectId(_open(self._subject_seal, unb64(sealed), transfer_id).decode("utf-8"))
        except (ValueError, InvalidTag):
            raise LogDiverged("a sealed subject does not open under this gateway's keys") from None

    def wrap_key(self, key: bytes, transfer_id: TransferId) -> bytes:
        """A transfer's key, as it may lie at rest, bound to its transfer."""
        return _seal(self._transfer_keys, key, transfer_id)

    def unwrap_key(self, wrapped: bytes, transfer_id: TransferId) -> bytes:
        """A transfer's key again. Raises LogDiverged where it was not wrapped here for this transfer."""
        try:
            return _open(self._transfer_keys, wrapped, transfer_id)
        except (ValueError, InvalidTag):
            raise LogDiverged("a transfer's key does not unwrap under this gateway's keys") from None

    def public_jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK Set that recipients verify with: signing keys, active ones first; no private member ever."""
        ours = sorted((key for key in self._stored if key.use == "sig"), key=lambda key: key.state)
        return {"keys": [key.public | {"use": "sig", "alg": key.algorithm, "kid": key.kid} for key in ours]}

    def log_verifier_key(self) -> str:
        """The log's public key as recipients and witnesses take it: `name+hash+base64` (C2SP signed-note)."""
        raw = b"\x01" + self.log_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        key_id = hashlib.sha256(self.origin.encode("utf-8") + b"\n" + raw).hexdigest()[:8]
        return f"{self.origin}+{key_id}+{base64.b64encode(raw).decode('ascii')}"

    def fingerprint(self) -> str:
        """Five groups that two people can compare by telephone: origin, active signing keys and the log's key."""
        names = sorted(key.kid for key in self._stored if key.state == "active")
        digest = hashlib.sha256("\n".join([self.origin, *names]).encode("utf-8")).hexdigest()
        return "-".join(digest[at : at + 4] for at in range(0, 20, 4))

    def describe(self) -> list[dict[str, str]]:
        """Every key for people: kid, use, alg, state, created_at; nothing secret."""
        return [
            {
                "kid": key.kid,
                "use": key.use,
                "alg": key.algorithm,
                "state": key.state,
                "created_at": iso(key.created_at),
            }
            for key in self._stored
        ]


def _signing_key(files: KeyFiles, suite: Suite) -> SigningKey:
    stored = _active(files, "sig", ALGORITHMS[suite].signature)
    return SigningKey(stored.kid, stored.algorithm, files.private_key(stored))


def _active(files: KeyFiles, use: Use, algorithm: str) -> StoredKey:
    """The one key of its kind that is in force."""
    found = [key for key in files.keys if (key.use, key.algorithm, key.state) == (use, algorithm, "active")]
    if len(found) != 1:
        raise ValueError(f"expected one active {use} key for {algorithm}, found {len(found)}")
    return found[0]


def _keyed(key: bytes) -> hmac.HMAC:
    """HMAC-SHA256 under a key that is used often: setting one up takes longer than copying it for each name."""
    return hmac.new(key, digestmod=hashlib.sha256)


def _digest(key: hmac.HMAC, name: str) -> bytes:
    begun = key.copy()
    begun.update(name.encode("utf-8"))
    return begun.digest()


def _pseudonym(key: hmac.HMAC, subject: SubjectId) -> str:
    """It begins with a letter: a spreadsheet takes what begins with `-` for a formula."""
    digest = _digest(key, subject)
    return b64(bytes([digest[0] & 0x7F]) + digest[1:PSEUDONYM_BYTES])


def _seal(cipher: AESGCM, secret: bytes, transfer_id: TransferId) -> bytes:
    nonce = random_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, secret, transfer_id.encode("utf-8"))


def _open(cipher: AESGCM, sealed: bytes, transfer_id: TransferId) -> bytes:
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], transfer_id.encode("utf-8"))

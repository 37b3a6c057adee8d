"""What a caller was told, kept for a repeated `Idempotency-Key`: sealed under a key that the transfer's key makes.

Promises: it opens as it was, byte for byte, under that key and for that transfer and claim alone, so that destroying a
transfer's key destroys its answer (law 5); what was changed does not open, and whoever can write the database cannot
have it told to another caller. It must never be stored unsealed.
"""

from __future__ import annotations

import hmac
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.canonical import encode
from gateway.errors import LogDiverged
from gateway.model import Answer, Claim, TransferId
from gateway.randomness import random_bytes

_LABEL: Final = b"gateway kept answers, version 1"
_NONCE_BYTES: Final = 12
_LENGTH_BYTES: Final = 4


def answer_key(transfer_key: bytes) -> bytes:
    """The key that seals what is kept of one transfer; it says nothing about the transfer's key that made it."""
    return hmac.digest(transfer_key, _LABEL, "sha256")


def seal_answer(answer: Answer, key: bytes, transfer_id: TransferId, claim: Claim) -> bytes:
    """An answer as it may lie at rest, bound to its transfer and to the claim that it was kept under."""
    head = encode({"status": answer.status, "headers": dict(answer.headers)})
    plain = len(head).to_bytes(_LENGTH_BYTES, "big") + head + answer.body
    nonce = random_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(transfer_id, claim))


def open_answer(sealed: bytes, key: bytes, transfer_id: TransferId, claim: Claim) -> Answer:
    """The answer again. Raises LogDiverged where it was not sealed here for this transfer and claim."""
    try:
        plain = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(transfer_id, claim))
    except (ValueError, InvalidTag):
        raise LogDiverged("a kept answer does not open under its transfer's key") from None
    body_at = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES], "big")
    head = orjson.loads(plain[_LENGTH_BYTES:body_at])
    return Answer(head["status"], head["headers"], plain[body_at:])


def _bound_to(transfer_id: TransferId, claim: Claim) -> bytes:
    """Digests that only the keyring makes, of who asked for what: a row that was moved does not open."""
    name = transfer_id.encode("utf-8")
    return b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in (name, claim.key, claim.fingerprint))

"""The keys that come from the master key: one per use, so that what one of them opens, no other does.

Promises: the same master key and label give the same key on every machine and in every release; two labels never
share one. It must never return the master key itself.

source: RFC 5869 (HKDF), section 3.2 on `info`; DESIGN 6.6
"""

from __future__ import annotations

from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.model import RecipientId

KEY_BYTES = 32
_NAMESPACE = "gateway/v1/"


class Label(StrEnum):
    """What a derived key is for. A label is never renamed: what was made under it would not open again."""

    WRAP = "wrap"  # private keys in the key file
    KEY_FILE = "key-file"  # the MAC of the key file
    MASTER_CHECK = "master-check"  # tells one master key from another
    NAME_DIGEST = "name-digest"  # names that no map knows
    INDEX = "index"  # subjects' pseudonyms in the log
    SUBJECT_SEAL = "subject-seal"  # subject ids that only this gateway can read again
    TRANSFER_KEY = "transfer-key"  # the keys of transfers, at rest
    CLAIM = "claim"  # Idempotency-Keys, and the requests that bring them


def derive(master: bytes, label: Label) -> bytes:
    """The key of one use."""
    return _hkdf(master, label.value)


def derive_pairwise(master: bytes, recipient: RecipientId) -> bytes:
    """The key that names subjects to one recipient, and to no other (T15)."""
    return _hkdf(master, f"pairwise/{recipient}")


def derive_set(master: bytes, recipient: RecipientId, name: str) -> bytes:
    """The key that hides the values of one kept set of one recipient: no other set shows the same."""
    return _hkdf(master, f"set/{recipient}/{name}")


def _hkdf(master: bytes, label: str) -> bytes:
    info = (_NAMESPACE + label).encode("utf-8")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)

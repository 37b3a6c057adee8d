from __future__ import annotations

import hashlib
import hmac

import pytest

from gateway.model import RecipientId
from gateway.seal.derive import Label, derive, derive_pairwise, derive_set

MASTER = bytes(range(32))


def _hkdf(master: bytes, info: bytes) -> bytes:
    """RFC 5869, spelled out: one block is enough for 32 bytes."""
    extracted = hmac.digest(bytes(32), master, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


@pytest.mark.parametrize("label", Label)
def test_a_derived_key_is_hkdf_with_the_label(label: Label) -> None:
    assert derive(MASTER, label) == _hkdf(MASTER, b"gateway/v1/" + label.value.encode())


def test_no_two_uses_share_a_key_and_none_is_the_master_key() -> None:
    keys = [derive(MASTER, label) for label in Label]
    keys += [derive_pairwise(MASTER, RecipientId(name)) for name in ("a", "b", *Label)]
    keys += [derive_set(MASTER, RecipientId(who), name) for who in ("a", "b", *Label) for name in ("a", "houses")]

    assert len({*keys, MASTER}) == len(keys) + 1


def test_the_labels_are_never_renamed() -> None:
    """What was made under a label would not open under another; this list only grows."""
    assert {label.value for label in Label} == {
        "wrap",
        "key-file",
        "master-check",
        "name-digest",
        "index",
        "subject-seal",
        "transfer-key",
        "claim",
    }


def test_a_derived_key_is_the_same_in_every_release() -> None:
    found = derive(MASTER, Label.WRAP).hex(), derive_pairwise(MASTER, RecipientId("mc-primer-uk")).hex()
    of_a_set = derive_set(MASTER, RecipientId("mc-primer-uk"), "houses")

    assert found == (
        "05e2ec11c0c62cb0d6dce78217bbe201d396f90ac106731cf41f6ae36b7e45b1",
        "344cbc93881c0850c265e5025fbaafc8e7c6d5f49bb287cf657b82d9f4ba1314",
    )
    assert of_a_set == _hkdf(MASTER, b"gateway/v1/set/mc-primer-uk/houses")

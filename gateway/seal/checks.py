"""What a recipient checks of an envelope: one closed list, in the order in which it is checked.

Promises: every refusal names its check, in one sentence that is the same for every envelope; no content of an
envelope can reach an error, for there is no place to put it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gateway.errors import EnvelopeRejected
from gateway.seal.suites import ENCRYPTION, KEY_AGREEMENT, MAX_ENVELOPE_BYTES


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


def check(holds: bool, one: Check) -> None:  # noqa: FBT001 -- reads as a sentence: check that this holds
    """Nothing, where it holds. Raises EnvelopeRejected where it does not."""
    if not holds:
        raise rejected(one)


def rejected(one: Check) -> EnvelopeRejected:
    """The error of a check that failed."""
    return EnvelopeRejected(one.value, SENTENCES[one])

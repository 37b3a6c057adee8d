"""A proof that travels: index, inclusion proof and checkpoint in one text that verifies offline.

Promises: what `write_proof` writes is c2sp.org/tlog-proof@v1, and `read_proof` takes that and nothing near it. It
reads form only: whether the proof proves anything is for `checkpoint.open_checkpoint` and `tree.verify_inclusion`.
It must never guess at a proof that is spelled otherwise.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.transfer_log.checkpoint import read_base64
from gateway.transfer_log.tree import HASH_BYTES

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 64  # a taller tree than 2^64 leaves does not exist

_INDEX = re.compile(r"index (?P<index>0|[1-9][0-9]{0,15})\Z")


@dataclass(frozen=True, slots=True)
class Proof:
    """An inclusion proof as it was written: nothing of it is verified yet."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes


def write_proof(index: int, proof: Sequence[bytes], checkpoint_note: bytes) -> str:
    """The text of a proof; source: c2sp.org/tlog-proof."""
    hashes = "".join(f"{b64encode(part).decode('ascii')}\n" for part in proof)
    return f"{HEADER}\nindex {index}\n{hashes}\n{checkpoint_note.decode('utf-8')}"


def read_proof(text: str) -> Proof:
    """The proof that the text spells; extra data is checked for form and dropped, no one vouches for it.

    Raises ValueError, without the content.
    """
    head, blank, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER or not blank or not note:
        raise ValueError("not a tlog-proof, version 1")
    if lines and lines[0].startswith("extra "):
        read_base64(lines.pop(0).removeprefix("extra "))
    found = _INDEX.match(lines[0]) if lines else None
    if found is None:
        raise ValueError("the proof has no index")
    if len(lines) > 1 + MAX_HASHES:
        raise ValueError("the proof has more hashes than any tree is high")
    hashes = tuple(read_base64(line) for line in lines[1:])
    if any(len(part) != HASH_BYTES for part in hashes):
        raise ValueError("a line of the proof is not a SHA-256 hash")
    try:
        return Proof(int(found["index"]), hashes, note.encode("utf-8"))
    except UnicodeEncodeError:
        raise ValueError("the proof is not Unicode text") from None

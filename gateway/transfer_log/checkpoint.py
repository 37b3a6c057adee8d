"""Checkpoints: what the log says of itself at one size, signed, in a form that outsiders keep and compare.

Promises: the bytes are C2SP signed notes (c2sp.org/signed-note, Ed25519) with the text of c2sp.org/tlog-checkpoint;
`open_checkpoint` gives a value only where the note is spelled exactly so and the given key signed it. It must never
read anything out of a note before its signature was verified, and never say in an error what the note contains.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.transfer_log.tree import HASH_BYTES

MAX_NOTE_BYTES = 131_072  # sixteen post-quantum cosignatures of witnesses fit; an endless note does not

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_KEY_BYTES = 32
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,15})\Z")
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<base64>[A-Za-z0-9+/=]+)\Z")
_BODY_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree of the log `origin` at one size."""

    origin: str
    size: int
    root: bytes


def checkpoint_signer(origin: str, key: Ed25519PrivateKey) -> Callable[[int, bytes], bytes]:
    """What signs one log's checkpoints, (size, root) to note; what never changes is made once. Raises ValueError."""
    _check_name(origin)
    key_id = _key_id(origin, key.public_key())
    opening = f"{origin}\n"
    mark = f"\n— {origin} ".encode()

    def sign(size: int, root: bytes) -> bytes:
        text = f"{opening}{size}\n{b64encode(root).decode('ascii')}\n".encode()
        return b"%b%b%b\n" % (text, mark, b64encode(key_id + key.sign(text)))

    return sign


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The signed note of one checkpoint; source: c2sp.org/tlog-checkpoint. Raises ValueError for a bad origin."""
    return checkpoint_signer(checkpoint.origin, key)(checkpoint.size, checkpoint.root)


def open_checkpoint(note: bytes, origin: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint of `origin` that `key` signed in this note. Raises ValueError, without the note's content.

    Extension lines are refused: this log writes none, and no one could audit them.
    """
    text = open_note(note, origin, key)
    lines = text.split("\n")
    if len(lines) != _BODY_LINES + 1 or lines[0] != origin:
        raise ValueError("the note is not a checkpoint of this log")
    if _SIZE.match(lines[1]) is None:
        raise ValueError("the size in the checkpoint is not a decimal number")
    root = read_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise ValueError("the root in the checkpoint is not a SHA-256 hash")
    return Checkpoint(origin, int(lines[1]), root)


def open_note(note: bytes, name: str, key: Ed25519PublicKey) -> str:
    """The text of a note that the named key signed; source: c2sp.org/signed-note. Raises ValueError.

    Signatures of other keys (witnesses, say) are left unread; one by this key that does not verify refuses the note.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise ValueError("the note is too long")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("the note is not UTF-8") from None
    before, blank, after = whole.rpartition("\n\n")
    if not blank or not after.endswith("\n") or _CONTROL.search(whole):
        raise ValueError("the note is not a signed note")
    text = before + "\n"
    verified = False
    for line in after[:-1].split("\n"):
        verified |= _signed_by(line, text, name, key)
    if not verified:
        raise ValueError("the note is not signed by the key of this log")
    return text


def _signed_by(line: str, text: str, name: str, key: Ed25519PublicKey) -> bool:
    """Whether this signature line is the key's; ValueError where it claims to be and is not."""
    found = _SIGNATURE.match(line)
    if found is None:
        raise ValueError("a signature line of the note is malformed")
    signature = read_base64(found["base64"])
    if len(signature) <= _KEY_ID_BYTES:
        raise ValueError("a signature line of the note is malformed")
    if found["name"] != name or signature[:_KEY_ID_BYTES] != _key_id(name, key):
        return False
    try:
        key.verify(signature[_KEY_ID_BYTES:], text.encode())
    except InvalidSignature:
        raise ValueError("the signature of the note does not verify") from None
    return True


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as text for outsiders, `name+id+base64`; source: c2sp.org/signed-note. Raises ValueError."""
    _check_name(origin)
    encoded = b64encode(_ED25519 + key.public_bytes_raw()).decode("ascii")
    return f"{origin}+{_key_id(origin, key).hex()}+{encoded}"


def parse_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """The name and the key that `verifier_key` wrote. Raises ValueError."""
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    raw = read_base64(encoded)
    if raw[:1] != _ED25519 or len(raw) != 1 + _KEY_BYTES:
        raise ValueError("the verifier key is not an Ed25519 key")
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if verifier_key(name, key) != text:
        raise ValueError("the verifier key does not carry its own id")
    return name, key


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


def _check_name(name: str) -> None:
    if _NAME.match(name) is None:
        raise ValueError("the name of a log has no spaces, no plus sign and at least one character")


def read_base64(text: str) -> bytes:
    """Bytes of standard base64, spelled the one canonical way."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raise ValueError("not base64") from None
    if b64encode(raw).decode("ascii") != text:
        raise ValueError("not canonical base64")
    return raw

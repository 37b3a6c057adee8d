"""Field digests: what a released field was, for those who have it, and nothing for those who have not.

A digest is a commitment like those of a leaf, SHA-256 of a salt and the value; its salt is the field's path key, an
HMAC of the indexed path under the transfer's fields key. A path key is used once and has always 32 bytes, so nothing
can move between it and the value, and an HMAC of the value would add nothing but its cost.

Promises: opening one field, by its path key, says nothing about the others, and equal values of two fields look
different. A value is taken as the bytes that leave (law 9: `1.10` is not `1.1`). It must never put a value, or an
unkeyed hash of one, anywhere.

HMAC is spelled out over SHA-256 (RFC 2104; the tests hold it against the standard library): over all fields of a
transfer that costs half of what `hmac.digest` takes, which also lets other threads in each time.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from functools import lru_cache

from gateway import canonical
from gateway.canonical import Json, Node

DIGEST_BYTES = 20

_LABEL = b"gateway field digests, version 1"
_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_DIGEST_TEXT = 27  # base64url characters of a digest

_sha256 = hashlib.sha256
_key_text = lru_cache(maxsize=4096)(canonical.key_text)  # names that maps release: few, and the same every time


def fields_key(transfer_key: bytes) -> bytes:
    """The key of one transfer's field digests; it says nothing about the transfer's key that made it."""
    return _hmac(transfer_key, _LABEL)


def digest_tree(data: Node, key: bytes) -> Json:
    """The disclosure's own shape with a digest in the place of each leaf."""
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    inner, outer = _sha256(padded.translate(_INNER)), _sha256(padded.translate(_OUTER))

    def digest(node: Node, path: str) -> Json:
        if isinstance(node, dict):
            prefix = path + "." if path else ""
            return {name: digest(child, prefix + _key_text(name)) for name, child in node.items()}
        if isinstance(node, list):
            return [digest(child, f"{path}[{at}]") for at, child in enumerate(node)]
        first, second = inner.copy(), outer.copy()
        first.update(path.encode())
        second.update(first.digest())
        return _committed(second.digest(), node)

    return digest(data, "")


def _committed(path_key: bytes, leaf: Node) -> str:
    digest = _sha256(path_key + canonical.write(leaf)).digest()[:DIGEST_BYTES]
    return b2a_base64(digest)[:_DIGEST_TEXT].translate(_URL_SAFE).decode("ascii")


def _hmac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 under a key of at most one block, as all keys here are."""
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    inner = _sha256(padded.translate(_INNER) + text).digest()
    return _sha256(padded.translate(_OUTER) + inner).digest()

"""The canary oracle: finds what must not be anywhere, in every form it could hide in (THREATS, CO).

Every leaf of an input carries a token that starts with one prefix. A sink is decoded once per form and searched once
for the prefix; hashes of tokens are matched by set over all windows of a sink.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
import re
import string
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

PREFIX = "zqcanary"
DIGITS = "731902648"  # the same for numbers
TOKEN_LETTERS = 10

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_TOKEN = re.compile(rb"zqcanary[a-z]{10}|731902648[0-9]{8}")
_START = 4  # bytes that are looked up before a whole digest is
_HASHES = (hashlib.md5, hashlib.sha1, hashlib.sha256)


class Tokens:
    """Makes tokens, each once."""

    def __init__(self, randomness: random.Random) -> None:
        self._random = randomness

    def word(self) -> str:
        """A token of letters."""
        return PREFIX + "".join(self._random.choices(string.ascii_lowercase, k=TOKEN_LETTERS))

    def number(self) -> str:
        """A token of 17 digits."""
        return DIGITS + "".join(self._random.choices(string.digits, k=8))


def hashes_of(tokens: Iterable[str]) -> dict[bytes, str]:
    """Unsalted digests of every token → the token: a hash of a phone number is still personal."""
    return {make(token.encode()).digest(): token for token in tokens for make in _HASHES}


def tokens_in(sink: bytes) -> set[str]:
    """Every token that stands in a sink, in whatever form."""
    found: set[str] = set()
    for form in _forms(sink):
        found |= {token.decode() for token in _TOKEN.findall(form)}
    return found


def hashed_in(sink: bytes, hashes: dict[bytes, str]) -> set[str]:
    """Every token whose digest stands in a sink: raw, hex or base64."""
    starts = {digest[:_START] for digest in hashes}
    lengths = {len(digest) for digest in hashes}
    dense = re.sub(rb"\0{64,}", bytes(64), sink)  # a database file is mostly empty pages
    found: set[str] = set()
    for form in (dense, *_decoded(dense)):
        for at in range(len(form) - _START + 1):
            if form[at : at + _START] in starts:
                found |= {hashes[form[at : at + length]] for length in lengths if form[at : at + length] in hashes}
    return found


def _forms(sink: bytes) -> Iterator[bytes]:
    yield sink
    yield sink.lower()
    yield sink[::-1]
    yield sink.replace(b"\0", b"")  # UTF-16 and UTF-32
    yield urllib.parse.unquote_to_bytes(sink.replace(b"+", b" "))
    yield re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]), sink)
    yield from _decoded(sink)
    for start in (found.start() for found in re.finditer(rb"\x1f\x8b\x08", sink)):
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(sink[start:])


def _decoded(sink: bytes) -> Iterator[bytes]:
    """Base64 in each alignment, and hex."""
    for run in _BASE64.findall(sink):
        plain = run.replace(b"-", b"+").replace(b"_", b"/")
        for shift in range(4):
            part = plain[shift:]
            part = part[:-1] if len(part) % 4 == 1 else part
            with suppress(binascii.Error):
                yield base64.b64decode(part + b"=" * (-len(part) % 4))
    for run in _HEX.findall(sink):
        yield binascii.unhexlify(run)

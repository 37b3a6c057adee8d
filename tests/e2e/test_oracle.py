"""The oracle itself is tested: a leak that it does not see proves nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
from collections.abc import Callable

import pytest

from tests.e2e.oracle import Tokens, hashed_in, hashes_of, tokens_in

TOKEN = Tokens(random.Random(1)).word().encode()
NUMBER = Tokens(random.Random(1)).number().encode()

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda token: token,
    "upper case": bytes.upper,
    "reversed": lambda token: token[::-1],
    "hex": lambda token: token.hex().encode(),
    "UTF-16": lambda token: token.decode().encode("utf-16-le"),
    "URL-encoded": lambda token: b"".join(b"%%%02X" % byte for byte in token),
    "JSON-escaped": lambda token: b"".join(b"\\u%04x" % byte for byte in token),
    "gzip": gzip.compress,
    "base64, first alignment": base64.b64encode,
    "base64, second alignment": lambda token: base64.b64encode(b"x" + token),
    "base64, third alignment": lambda token: base64.b64encode(b"xy" + token),
    "base64url": lambda token: base64.urlsafe_b64encode(b"\xff\xfe" + token),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("token", [TOKEN, NUMBER], ids=["word", "number"])
def test_the_oracle_sees_a_token_in_every_form(form: str, token: bytes) -> None:
    sink = b"some bytes before \x00\x01 {" + FORMS[form](token) + b"} and after"

    assert token.decode() in tokens_in(sink)


@pytest.mark.parametrize("make", [hashlib.md5, hashlib.sha1, hashlib.sha256], ids=["md5", "sha1", "sha256"])
@pytest.mark.parametrize(
    "spell", [bytes, lambda raw: raw.hex().encode(), base64.b64encode], ids=["raw", "hex", "base64"]
)
def test_the_oracle_sees_a_hash_of_a_token(
    make: Callable[[bytes], hashlib._Hash], spell: Callable[[bytes], bytes]
) -> None:
    sink = b"before " + spell(make(TOKEN).digest()) + b" after"

    assert hashed_in(sink, hashes_of([TOKEN.decode()])) == {TOKEN.decode()}


def test_the_oracle_sees_nothing_where_nothing_is() -> None:
    sink = random.Random(2).randbytes(20_000)

    assert tokens_in(sink) == set()
    assert hashed_in(sink, hashes_of([TOKEN.decode()])) == set()

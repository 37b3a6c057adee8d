"""`Idempotency-Key`: what may be one, and what makes two requests under one key the same request.

Promises: a claim holds keyed digests alone, of the caller with its key and of the whole request, so that another
caller's equal key is another key (T49) and one that was guessed shows nothing. It must never say in an error what a
key was.

The request is its method, route, path and query, content type, subject, basis, the headers that the recipient's file
declares as fields, and its raw body: whatever else differs between two tries (`User-Agent`, the token after it was
rotated) is not part of it.

source: draft-ietf-httpapi-idempotency-key-header; DESIGN 6.3
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from gateway.clock import MICROSECONDS, Instant
from gateway.errors import MalformedRequest
from gateway.model import Call, CallerId, Claim, Proxied

KEPT_SECONDS: Final = 24 * 60 * 60
LONGEST_KEY: Final = 255

_KEY: Final = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}\Z")
_STATED_ROUTE: Final = ("POST", "/v1/transfers")

ClaimDigest = Callable[[bytes], bytes]
"""The keyring's digest for claims."""


def new_claim(
    call: Call, key: str, caller: CallerId, now: Instant, digest: ClaimDigest, *, headers: Iterable[str] = ()
) -> Claim:
    """The claim that a call lays to a key; `headers` are those that its recipient's file declares as fields.

    Raises MalformedRequest for what is no key.
    """
    if _KEY.match(key) is None:
        raise MalformedRequest(
            f"Idempotency-Key is not 1 to {LONGEST_KEY} visible ASCII characters",
            hint="a fresh UUID for each transfer; the same one, with the same bytes, to repeat it",
        )
    return Claim(
        key=digest(_joined(b"key", caller.encode(), key.encode())),
        fingerprint=digest(_joined(b"request", *_request(call, headers))),
        at=now,
        expires_at=Instant(now + KEPT_SECONDS * MICROSECONDS),
    )


def _request(call: Call, headers: Iterable[str]) -> list[bytes]:
    if call.fingerprint is not None:
        return [call.fingerprint]
    around = (*_STATED_ROUTE, call.content_type) if call.proxied is None else _around(call.proxied, call, headers)
    return [*(_raw(text) for text in around), call.body]


def _around(proxied: Proxied, call: Call, headers: Iterable[str]) -> list[str]:
    """All that counts of a proxied request but its body, each in its place; what is not stated counts as empty."""
    stated = [proxied.recipient, proxied.purpose, proxied.method, proxied.path, proxied.query, call.content_type]
    stated += [proxied.subject or "", proxied.basis or ""]
    return stated + [part for name in sorted(headers) for part in (name, proxied.headers.get(name, ""))]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _joined(*parts: bytes) -> bytes:
    """The parts with their lengths: nothing can move from one into the next."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)

"""Callers' tokens, `gw_<caller>_<random>`: making them, and knowing a caller by one.

Promises: a token is 256 random bits behind a readable name; only its SHA-256 is ever stored or compared. It must never
put a token, or a part of one, into an error, a log or a repr.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable

from gateway.errors import Unauthenticated
from gateway.model import Caller, CallerId

RANDOM_BYTES = 32

_CALLER = re.compile(r"[a-z0-9-]{1,32}\Z")


def is_caller_id(text: str) -> bool:
    """Whether `text` may name a caller: 1 to 32 of `a-z 0-9 -`."""
    return _CALLER.match(text) is not None


def new_token(caller_id: CallerId) -> str:
    """A fresh token of a caller. Raises ValueError where the id could not stand in one."""
    if not is_caller_id(caller_id):
        raise ValueError("a caller id is 1 to 32 of a-z, 0-9 and -")
    return f"gw_{caller_id}_{secrets.token_urlsafe(RANDOM_BYTES)}"


def token_hash(token: str) -> bytes:
    """SHA-256 of a token: what is stored, and what a lookup goes by. Any text has one."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).digest()


def authenticate(lookup: Callable[[bytes], Caller | None], token: str | None) -> Caller:
    """The caller who holds a token. Raises Unauthenticated: one hash, one lookup and one text, whatever came."""
    caller = lookup(token_hash(token or ""))
    if caller is None or not token:
        raise Unauthenticated("a valid token of a caller is needed", hint="Gateway-Token: gw_…")
    return caller

"""Transfer ids: UUIDs of version 7, so that they sort by the time of admission.

Promises: 62 bits of an id are random, so no one can guess one and no two processes make the same. It must never hold
anything about the caller, the recipient or the subject.

source: RFC 9562 sections 5.7 and 6.2 (method 3)
"""

from __future__ import annotations

from gateway.clock import Instant
from gateway.model import TransferId
from gateway.randomness import random_bytes

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_62 = (1 << 62) - 1


def new_transfer_id(at: Instant) -> TransferId:
    """A fresh id for a transfer that was admitted at an instant."""
    milliseconds, micros = divmod(at, 1_000)
    fraction = micros * 4096 // 1_000  # rand_a: the part of the millisecond, in 12 bits
    random = int.from_bytes(random_bytes(8), "big") & _RANDOM_62
    text = f"{milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | random:032x}"
    return TransferId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")

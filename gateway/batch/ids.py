"""What a record is called: the id of its transfer follows from whose batch it is in, and from its number.

A batch that is started again meets the ids that stand in the log, so no record is made twice, whatever was killed when,
and nothing beside the log has to be kept. Where nothing of a record left, its next try has the next id.

Promises: ids of one batch are neighbours in their order, and no one without the gateway's key can tell the next one.
What a record said is kept as a keyed fingerprint: a changed record is seen, and nothing can be guessed from it.

source: RFC 9562 section 5.8 (UUID version 8)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from gateway.errors import MalformedRequest
from gateway.model import CallerId, TransferId

BATCH_ID: Final = re.compile(r"[!-~]{1,255}\Z")  # as any Idempotency-Key
FINGERPRINT_BYTES: Final = 16
TRIES: Final = 64  # of a record that could not be sent

_VERSION_8: Final = 0x8 << 76
_VARIANT: Final = 0b10 << 62
_TAIL_BITS: Final = 42
_LOW_BITS: Final = 20  # of the number, below the variant; the 12 above them stand before it


class RecordIds:
    """The ids and fingerprints of one batch of one caller."""

    def __init__(
        self, digest: Callable[[bytes], bytes], caller: CallerId, recipient: str, purpose: str, batch: str
    ) -> None:
        """`digest` is the keyring's. Raises MalformedRequest for what names no batch."""
        if BATCH_ID.match(batch) is None:
            raise MalformedRequest(
                "the batch has no name of 1 to 255 visible ASCII characters",
                hint="a name of your own for this delivery, such as register-2026-11: under it no record goes twice",
            )
        self._digest = digest
        self._batch = digest(_joined(b"batch", caller.encode(), recipient.encode(), purpose.encode(), batch.encode()))
        self._head = int.from_bytes(self._batch[:6], "big")

    def id_of(self, number: int, attempt: int = 0) -> TransferId:
        """The id of a record's transfer, at its first try or a later one."""
        told = self._digest(b"record" + self._batch + number.to_bytes(8, "big") + attempt.to_bytes(2, "big"))
        tail = int.from_bytes(told[:6], "big") & (1 << _TAIL_BITS) - 1
        high, low = number >> _LOW_BITS & 0xFFF, number & (1 << _LOW_BITS) - 1
        value = self._head << 80 | _VERSION_8 | high << 64 | _VARIANT | low << _TAIL_BITS | tail
        text = f"{value:032x}"
        return TransferId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")

    def fingerprint(self, number: int, digest: bytes) -> bytes:
        """What tells that a record is what it was, given the digest of what came."""
        return self._digest(b"content" + self._batch + number.to_bytes(8, "big") + digest)[:FINGERPRINT_BYTES]


def _joined(*parts: bytes) -> bytes:
    """The parts with their lengths: nothing can move from one into the next."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)

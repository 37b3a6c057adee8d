"""One envelope for many records of a registry: each with its own entry, field digests and proof.

    JWS of {iss aud jti iat exp purpose map_version retain_until data_type records log}
      each record: {transfer subject data index leaf shared fields_key proof}
      log: {origin checkpoint}, the signed checkpoint under which all of them stand
    inside a compact JWE, as any envelope

Under `protection: tls` it is one body: an array of what would have been the bodies (JSON), or their records one after
the other (NDJSON, CSV).

Promises: an `Envelope` of many is made here and nowhere else, only from what was recorded under one map and one
checkpoint; a record can be taken out of it and proven by itself. It must never carry two maps or two recipients.

source: DESIGN 6.4; c2sp.org/tlog-proof for what `proof` and `checkpoint` mean
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import orjson

from gateway.canonical import Node, b64
from gateway.clock import MICROSECONDS, Instant
from gateway.errors import GatewayError
from gateway.formats import blank
from gateway.formats.document import record_list
from gateway.model import Envelope, Protection, PurposeMap, Recorded
from gateway.seal.envelope import DAY, JSON_TYPE, LIFETIME_SECONDS, SEALED_TYPE, Sealer, data_of, retain_until
from gateway.seal.signing import Unsigned, sign

MAX_SHARED_BYTES: Final = 2 << 20
"""Of disclosures, that one envelope carries: with their entries, and base64 twice, that stays below what opens."""

ENTRY_BYTES: Final = 2_500
"""What a record's entry, proof and names come to, about."""


class SharedSealer(Sealer):
    """Seals as `Sealer` does, and for many records at once."""

    def seal_all(self, recorded: Sequence[Recorded]) -> Envelope:
        """One envelope for records under one map and one checkpoint. Raises GatewayError as `seal` does."""
        first = recorded[0]
        permitted, checkpoint = first.disclosure.permitted, first.receipt.checkpoint
        if any(_under(one) != _under(first) for one in recorded):
            raise GatewayError("records of two maps cannot share an envelope")
        if any(one.receipt.checkpoint != checkpoint for one in recorded):
            raise GatewayError("records of two groups cannot share an envelope")
        recipient = permitted.map.recipient
        route = permitted.admitted.route or permitted.map.route
        if recipient.protection is Protection.TLS:
            body, headers, content_type = self._in_the_clear(recorded)
        else:
            now = self._clock.now()
            signed = self._signers[recipient.suite].sign(self._shared_claims(recorded, now))
            body, headers, content_type = self._encrypter(recipient, now).encrypt(signed), {}, SEALED_TYPE
        digest = b64(hashlib.sha256(body).digest())
        return Envelope(first, content_type, body, digest, route, route.path, headers, tuple(recorded[1:]))

    def _shared_claims(self, recorded: Sequence[Recorded], now: Instant) -> bytes:
        first = recorded[0]
        permitted = first.disclosure.permitted
        recipient = permitted.map.recipient
        issued_at = now // MICROSECONDS
        return orjson.dumps(
            {
                "iss": self._origin,
                "aud": recipient.id,
                "jti": permitted.admitted.transfer_id,
                "iat": issued_at,
                "exp": issued_at + LIFETIME_SECONDS,
                "purpose": permitted.map.purpose,
                "map_version": permitted.map.version,
                "retain_until": retain_until(now // DAY, permitted.map.retention),
                "data_type": first.disclosure.media_type,
                "records": [self._record(one) for one in recorded],
                "log": {"origin": self._origin, "checkpoint": first.receipt.checkpoint.decode("utf-8")},
            }
        )

    def _record(self, recorded: Recorded) -> dict[str, object]:
        admitted, receipt = recorded.disclosure.permitted.admitted, recorded.receipt
        shared = receipt.entry.shared
        return {
            "transfer": admitted.transfer_id,
            "subject": self._keyring.pairwise(recorded.disclosure.permitted.map.recipient.id, admitted.subject),
            "data": orjson.Fragment(data_of(recorded.disclosure)),
            "index": receipt.index,
            "leaf": b64(receipt.entry.leaf),
            "shared": {"salt": b64(shared.salt), "body": b64(shared.body)},
            "fields_key": b64(recorded.fields_key),
            "proof": [b64(part) for part in receipt.proof],
        }

    def _in_the_clear(self, recorded: Sequence[Recorded]) -> tuple[bytes, dict[str, str], str]:
        """Body, headers and content type as the recipient's API takes many records, signed last (law 11)."""
        disclosure = recorded[0].disclosure
        permitted = disclosure.permitted
        body = _one_body(permitted.map, recorded)
        if permitted.map.recipient.signer is None:
            return body, {}, disclosure.media_type
        path = (permitted.admitted.route or permitted.map.route).path
        unsigned = Unsigned(path=path, body=body, transfer_id=permitted.admitted.transfer_id)
        signed = sign(permitted.map.recipient.signer, unsigned, self._secrets)
        if signed.fields:
            raise GatewayError("this recipient's protocol signs single fields, which many records have not")
        return body, dict(signed.headers), disclosure.media_type


def _under(recorded: Recorded) -> tuple[str, str, str]:
    found = recorded.disclosure.permitted.map
    return found.recipient.id, found.purpose, found.version


def _one_body(purpose_map: PurposeMap, recorded: Sequence[Recorded]) -> bytes:
    if purpose_map.media_type == JSON_TYPE:
        return b"[" + b",".join([one.disclosure.body for one in recorded]) + b"]"
    records: list[Node] = []
    for one in recorded:
        records += record_list(one.disclosure.data, purpose_map.media_type)
    return blank(purpose_map.media_type).write({"records": records})

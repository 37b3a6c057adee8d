"""The sealer: what was recorded becomes signed claims inside an encrypted envelope, fresh for every attempt.

    JWS of {iss aud jti iat exp purpose map_version retain_until subject data data_type log}
      inside a compact JWE (cty: JWT, kid: thumbprint of the recipient's key), posted as application/jose

`log` proves that the transfer was written down first: where it stands, the opening of the half of the entry that the
recipient may see, the key that ties each logged field digest to the data, and a tlog-proof with a signed checkpoint.

Promises: an `Envelope` is made here or in `plain` and nowhere else, and only from a `Recorded`; numbers in `data` keep
their digits (law 9); nothing but constants and a key's name stands in the clear (T45). It must never reuse a content
key: each seal draws an ephemeral key of its own (T43), and never seal to a key that is past its `not_after`.

Recipients whose library is joserfc must raise its limits (64 KiB of ciphertext) for large disclosures.

source: RFC 7515, 7516, 7519 section 5.2 and appendix A.2; DESIGN 6.4
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import orjson

from gateway.canonical import b64, write
from gateway.clock import MICROSECONDS, Clock, Instant
from gateway.errors import GatewayError
from gateway.model import Disclosure, Envelope, Protection, Recipient, RecipientKey, Recorded, Retention, Suite
from gateway.seal.compact import CompactEncrypter, CompactSigner
from gateway.seal.keyring import Keyring, SigningKey
from gateway.seal.plain import plain
from gateway.seal.suites import ALGORITHMS, import_public

LIFETIME_SECONDS: Final = 300
SEALED_TYPE: Final = "application/jose"
JSON_TYPE: Final = "application/json"

DAY: Final = 86_400 * MICROSECONDS
_EPOCH: Final = date(1970, 1, 1)

WriteProof = Callable[[int, tuple[bytes, ...], bytes], str]
"""Spells a tlog-proof: index, hashes, checkpoint note (`transfer_log.proof.write_proof`; stages do not import each
other)."""


class Sealer:
    """Seals for every recipient of this gateway; keys are imported once each. Safe to share between threads."""

    def __init__(
        self, keyring: Keyring, origin: str, clock: Clock, write_proof: WriteProof, secrets: Mapping[str, str]
    ) -> None:
        self._keyring = keyring
        self._origin = origin
        self._clock = clock
        self._write_proof = write_proof
        self._secrets = secrets
        self._signers = {suite: _signer(keyring.signing_key(suite)) for suite in Suite}
        self._encrypters: dict[tuple[str, Suite], CompactEncrypter] = {}

    def seal(self, recorded: Recorded) -> Envelope:
        """The envelope of one attempt. Raises GatewayError where the recipient has no key that may still be used.

        Under `protection: tls` it is the disclosure itself, as the recipient's API takes it.
        """
        disclosure = recorded.disclosure
        recipient = disclosure.permitted.map.recipient
        if recipient.protection is Protection.TLS:
            return plain(recorded, self._secrets)
        now = self._clock.now()
        encrypter = self._encrypter(recipient, now)
        signed = self._signers[recipient.suite].sign(self._claims(recorded, now))
        body = encrypter.encrypt(signed)
        route = disclosure.permitted.admitted.route or disclosure.permitted.map.route
        return Envelope(recorded, SEALED_TYPE, body, b64(hashlib.sha256(body).digest()), route, route.path)

    def _claims(self, recorded: Recorded, now: Instant) -> bytes:
        disclosure = recorded.disclosure
        permitted = disclosure.permitted
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
                "subject": self._keyring.pairwise(recipient.id, permitted.admitted.subject),
                "data": orjson.Fragment(data_of(disclosure)),
                "data_type": disclosure.media_type,
                "log": self._log(recorded),
            }
        )

    def _log(self, recorded: Recorded) -> dict[str, object]:
        receipt = recorded.receipt
        shared = receipt.entry.shared
        return {
            "origin": self._origin,
            "index": receipt.index,
            "leaf": b64(receipt.entry.leaf),
            "shared": {"salt": b64(shared.salt), "body": b64(shared.body)},
            "fields_key": b64(recorded.fields_key),
            "proof": self._write_proof(receipt.index, receipt.proof, receipt.checkpoint),
        }

    def _encrypter(self, recipient: Recipient, now: Instant) -> CompactEncrypter:
        """To the newest key that may be used now: the one that stays usable longest, the first of equals."""
        usable = [key for key in recipient.keys if key.not_after is None or now < key.not_after]
        for key in sorted(usable, key=_stays_usable, reverse=True):
            found = self._imported(key, recipient.suite)
            if found is not None:
                return found
        raise GatewayError(
            f"recipient {recipient.id}: no key that may be used now",
            hint="add a key with a later not_after to its file",
        )

    def _imported(self, key: RecipientKey, suite: Suite) -> CompactEncrypter | None:
        """The key, imported at its first use; None where it is not of the suite, or not what its `kid` says."""
        found = self._encrypters.get((key.kid, suite))
        if found is None:
            found = _import(key, suite)
            if found is not None:
                self._encrypters[key.kid, suite] = found
        return found


def _signer(signing: SigningKey) -> CompactSigner:
    return CompactSigner(signing.key, signing.kid)


def _import(key: RecipientKey, suite: Suite) -> CompactEncrypter | None:
    try:
        imported = import_public(key.jwk, ALGORITHMS[suite].sealing)
        return CompactEncrypter(imported, key.kid) if imported.thumbprint() == key.kid else None
    except ValueError:
        return None


def _stays_usable(key: RecipientKey) -> float:
    return float("inf") if key.not_after is None else key.not_after


def data_of(disclosure: Disclosure) -> bytes:
    """The disclosure as JSON; where it already is, the bytes that were made for it."""
    return disclosure.body if disclosure.media_type == JSON_TYPE else write(disclosure.data)


@lru_cache(maxsize=256)  # a handful of retentions, one day at a time
def retain_until(day: int, retention: Retention) -> str:
    """The last day (UTC) on which the recipient may have it: months first, the last day of a short month, then days."""
    disclosed = _EPOCH + timedelta(days=day)
    months = disclosed.month - 1 + retention.months + 12 * retention.years
    year, month = disclosed.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return (date(year, month, min(disclosed.day, last)) + timedelta(days=retention.days)).isoformat()

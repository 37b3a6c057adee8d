"""The naive gateway's envelope: ES256 JWS inside an ECDH-ES (P-256) A256GCM JWE, by jwcrypto. Keys are read once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from jwcrypto import jwe, jwk, jws

_HOUR = 3600
_YEAR = 365 * 24 * _HOUR


class Sealer:
    """Signs and encrypts disclosures to one recipient."""

    def __init__(self, issuer: str, signing_key: dict[str, str], recipient_key: dict[str, str], secret: bytes) -> None:
        self._issuer = issuer
        self._signing_key = jwk.JWK(**signing_key)
        self._recipient_key = jwk.JWK(**recipient_key)
        self._secret = secret
        self._signed = {"alg": "ES256", "kid": self._signing_key.thumbprint(), "typ": "JWT"}
        self._sealed = {
            "alg": "ECDH-ES",
            "enc": "A256GCM",
            "cty": "JWT",
            "kid": self._recipient_key.thumbprint(),
        }

    def seal(self, transfer_id: str, recipient: str, purpose: str, subject: str, data: Any) -> str:
        """The compact JWE."""
        now = int(time.time())  # noqa: TID251 - as a team would in a day
        claims = {
            "iss": self._issuer,
            "aud": recipient,
            "jti": transfer_id,
            "iat": now,
            "exp": now + _HOUR,
            "purpose": purpose,
            "retain_until": now + _YEAR,
            "subject": hmac.digest(self._secret, f"{recipient}\n{subject}".encode(), hashlib.sha256).hex(),
            "data": data,
        }
        signed = jws.JWS(json.dumps(claims, ensure_ascii=False))  # noqa: TID251 - as a team would in a day
        signed.add_signature(self._signing_key, protected=self._signed)
        sealed = jwe.JWE(signed.serialize(compact=True), protected=self._sealed)
        sealed.add_recipient(self._recipient_key)
        return str(sealed.serialize(compact=True))

"""The two compact serialisations that this gateway writes, spelled out over `cryptography`: a JWS, and a JWE around it.

    protected . payload . signature                    signed: ES256 or Ed25519
    protected .. iv . ciphertext . tag                 sealed: ECDH-ES agreed directly, A256GCM

One key and one header for each object, built once; per envelope only the ephemeral key changes. It costs half of what
a general JOSE library takes, which is why it is here; opening stays with joserfc, as what arrives may be hostile.

Promises: the algorithm in a header is that of the key behind it; coordinates and halves of a signature have their full
length, zeros in front included; each sealing draws an ephemeral key and a nonce of its own, in every thread and after
every fork, and the key that they give is used once (T43). It must never seal to a key that contributes nothing to the
agreement (T38), nor keep an ephemeral key.

source: RFC 7515 section 7.1; RFC 7516 sections 5.1, 7.1; RFC 7518 sections 3.4, 4.6, 5.3; RFC 8037 section 3
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Callable
from typing import Final, TypeAlias

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.model import Suite
from gateway.randomness import random_bytes
from gateway.seal.suites import ALGORITHMS, ENCRYPTION, KEY_AGREEMENT, CurveKey

_P256: Final = ec.SECP256R1()
_ECDH: Final = ec.ECDH()
_ES256: Final = ec.ECDSA(SHA256())
_FIELD_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_BITS: Final = 256
_FIRST_ROUND: Final = (1).to_bytes(4, "big")

Sign: TypeAlias = Callable[[bytes], bytes]
"""A raw signature of the bytes."""

Agree: TypeAlias = Callable[[], tuple[bytes, bytes]]
"""Draws an ephemeral key: its public members as they stand in `epk`, and the secret agreed with the recipient's key."""


class CompactSigner:
    """Signs with one key. Safe to share between threads."""

    def __init__(self, key: CurveKey, kid: str) -> None:
        """Raises ValueError where the key signs for no suite."""
        suite, self._sign = _signature(key)
        self._protected = segment(orjson.dumps({"alg": ALGORITHMS[suite].signature, "kid": kid, "typ": "JWT"})) + b"."

    def sign(self, payload: bytes) -> bytes:
        """The compact JWS of the payload."""
        signed = self._protected + segment(payload)
        return b"%b.%b" % (signed, segment(self._sign(signed)))


class CompactEncrypter:
    """Seals to one key. Safe to share between threads."""

    def __init__(self, key: CurveKey, kid: str) -> None:
        """Raises ValueError where no suite seals to the key, or nothing can be agreed with it."""
        suite, self._agree = _agreement(key)
        curve = ALGORITHMS[suite].sealing
        header = {"alg": KEY_AGREEMENT, "enc": ENCRYPTION, "kid": kid, "cty": "JWT"}
        epk = {"kty": curve.kty, "crv": curve.crv}
        self._header = orjson.dumps({**header, "epk": epk}).removesuffix(b"}}") + b","
        self._agree()  # a point of low order is told now, not at the first transfer

    def encrypt(self, plaintext: bytes) -> bytes:
        """The compact JWE of the plaintext: no part of it repeats, whatever is sealed."""
        epk, secret = self._agree()
        protected = segment(self._header + epk + b"}}")
        nonce = random_bytes(_NONCE_BYTES)
        sealed = memoryview(AESGCM(derived_key(secret, _OTHER_INFO)).encrypt(nonce, plaintext, protected))
        return b"%b..%b.%b.%b" % (
            protected,
            segment(nonce),
            segment(sealed[:-_TAG_BYTES]),
            segment(sealed[-_TAG_BYTES:]),
        )


def segment(raw: bytes | memoryview) -> bytes:
    """Base64url without padding, as bytes (RFC 7515 section 2)."""
    return b2a_base64(raw, newline=False).rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")


def other_info(algorithm: bytes, bits: int, party_u: bytes = b"", party_v: bytes = b"") -> bytes:
    """What a derived key is bound to (RFC 7518 section 4.6.2); envelopes name no parties."""
    told = b"".join(len(part).to_bytes(4, "big") + part for part in (algorithm, party_u, party_v))
    return told + bits.to_bytes(4, "big")


def derived_key(secret: bytes, info: bytes) -> bytes:
    """Concat KDF with SHA-256, in the one round that 256 bits need (NIST SP 800-56A 5.8.1)."""
    return hashlib.sha256(_FIRST_ROUND + secret + info).digest()


def raw_signature(der: bytes) -> bytes:
    """An ECDSA signature on P-256 as JOSE spells it: r and s, each at its full length."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_FIELD_BYTES, "big") + s.to_bytes(_FIELD_BYTES, "big")


def p256_members(key: ec.EllipticCurvePublicKey) -> bytes:
    """The coordinates of a key as members of its JWK, each at its full length."""
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)  # 0x04, x, y
    x, y = point[1 : 1 + _FIELD_BYTES], point[1 + _FIELD_BYTES :]
    return b'"x":"%b","y":"%b"' % (segment(x), segment(y))


_OTHER_INFO: Final = other_info(ENCRYPTION.encode("ascii"), _KEY_BITS)


def _signature(key: CurveKey) -> tuple[Suite, Sign]:
    private = key.private_key
    if isinstance(private, Ed25519PrivateKey):
        return Suite.OKP, private.sign
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return Suite.P256, lambda told: raw_signature(private.sign(told, _ES256))
    raise ValueError("expected a private key that signs for a suite")


def _agreement(key: CurveKey) -> tuple[Suite, Agree]:
    public = key.public_key
    if isinstance(public, X25519PublicKey):
        return Suite.OKP, lambda: _agree_x25519(public)
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return Suite.P256, lambda: _agree_p256(public)
    raise ValueError("expected a key that a suite seals to")


def _agree_p256(public: ec.EllipticCurvePublicKey) -> tuple[bytes, bytes]:
    ephemeral = ec.generate_private_key(_P256)
    return p256_members(ephemeral.public_key()), ephemeral.exchange(_ECDH, public)


def _agree_x25519(public: X25519PublicKey) -> tuple[bytes, bytes]:
    ephemeral = X25519PrivateKey.generate()
    return b'"x":"%b"' % segment(ephemeral.public_key().public_bytes_raw()), ephemeral.exchange(public)

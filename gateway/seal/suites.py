"""The suites: which algorithms sign and seal for a recipient, and how a JWK becomes a key of one of them.

Promises: a key has exactly the type and curve that its suite names, and its `kid` is the RFC 7638 thumbprint of what
was imported, never of what a JWK claims. It must never accept a symmetric key, RSA, `dir`, PBES2 or compression:
the two registries below are all that this house verifies and opens with.

source: RFC 7515-7518, 7638, 8037, 9864; DESIGN 6.4
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import DictKey, ECKey, OKPKey
from joserfc.jws import JWSRegistry

from gateway.model import Suite

KEY_AGREEMENT: Final = "ECDH-ES"
ENCRYPTION: Final = "A256GCM"
MAX_ENVELOPE_BYTES: Final = 8 << 20  # a mebibyte of small fields, each with its logged digest, twice base64
MAX_HEADER_BYTES: Final = 512

CurveKey: TypeAlias = ECKey | OKPKey
Jwk: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Curve:
    """A key type and curve: all that a key must be."""

    kty: Literal["EC", "OKP"]
    crv: Literal["P-256", "Ed25519", "X25519"]
    members: tuple[str, ...]  # public members of a JWK of this curve


@dataclass(frozen=True, slots=True)
class Algorithms:
    """What stands behind one suite: `signature` made by a `signing` key, agreement with a `sealing` key."""

    signature: Literal["ES256", "Ed25519"]
    signing: Curve
    sealing: Curve


P256: Final = Curve("EC", "P-256", ("kty", "crv", "x", "y"))
ED25519: Final = Curve("OKP", "Ed25519", ("kty", "crv", "x"))
X25519: Final = Curve("OKP", "X25519", ("kty", "crv", "x"))

ALGORITHMS: Final[Mapping[Suite, Algorithms]] = MappingProxyType(
    {
        Suite.P256: Algorithms("ES256", P256, P256),
        Suite.OKP: Algorithms("Ed25519", ED25519, X25519),
    }
)


class _SignatureRegistry(JWSRegistry):
    """joserfc stops at 128 kB of payload; an envelope may be as large as `MAX_ENVELOPE_BYTES`."""

    max_header_length = MAX_HEADER_BYTES
    max_payload_length = MAX_ENVELOPE_BYTES


class _EncryptionRegistry(JWERegistry):
    """joserfc stops at 64 KiB of ciphertext; an envelope may be as large as `MAX_ENVELOPE_BYTES`."""

    max_protected_header_length = MAX_HEADER_BYTES
    max_ciphertext_length = MAX_ENVELOPE_BYTES


SIGNATURES: Final = _SignatureRegistry(algorithms=[one.signature for one in ALGORITHMS.values()])
ENCRYPTIONS: Final = _EncryptionRegistry(algorithms=[KEY_AGREEMENT, ENCRYPTION])


def import_public(jwk: Jwk, curve: Curve) -> CurveKey:
    """The public key of a JWK, private members left out. Raises ValueError where it is no key of `curve`."""
    return _import(jwk, curve, curve.members)


def import_private(jwk: Jwk, curve: Curve) -> CurveKey:
    """The private key of a JWK. Raises ValueError where it is no private key of `curve`."""
    key = _import(jwk, curve, (*curve.members, "d"))
    if public_jwk(key, curve) != {name: jwk[name] for name in curve.members}:
        raise ValueError("its private member belongs to another public key")
    return key


def generate(curve: Curve) -> CurveKey:
    """A new private key."""
    return ECKey.generate_key("P-256") if curve is P256 else OKPKey.generate_key(_okp(curve))


def generate_recipient_key(suite: Suite) -> tuple[dict[str, str], dict[str, str]]:
    """A key pair for a recipient as JWKs: the private one, which only the recipient may have, and the public one."""
    curve = ALGORITHMS[suite].sealing
    key = generate(curve)
    public = public_jwk(key, curve) | {"use": "enc", "alg": KEY_AGREEMENT, "kid": key.thumbprint()}
    return public | {"d": private_member(key)}, public


def public_jwk(key: CurveKey, curve: Curve) -> dict[str, str]:
    """The public members of a key, and nothing else."""
    told = key.as_dict(private=False)
    return {name: str(told[name]) for name in curve.members}


def private_member(key: CurveKey) -> str:
    """The `d` of a private key, base64url."""
    return str(key.as_dict(private=True)["d"])


def _import(jwk: Jwk, curve: Curve, members: tuple[str, ...]) -> CurveKey:
    told: DictKey = {name: text for name in members if type(text := jwk.get(name)) is str}
    if told.get("kty") != curve.kty or told.get("crv") != curve.crv or len(told) != len(members):
        raise ValueError(f"expected a JWK of {curve.kty} {curve.crv} with {', '.join(members)}")
    try:
        if curve is P256:
            return ECKey.import_key(
                ECKey.import_key(told).raw_value
            )  # through the raw key: its own spelling of x and y
        return OKPKey.import_key(OKPKey.import_key(told).raw_value)
    except (JoseError, ValueError):
        raise ValueError(f"not a key of {curve.kty} {curve.crv}") from None  # the cause may quote the key


def _okp(curve: Curve) -> Literal["Ed25519", "X25519"]:
    return "Ed25519" if curve is ED25519 else "X25519"

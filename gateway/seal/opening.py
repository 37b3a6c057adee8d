"""The opener: an envelope becomes verified claims, still as bytes. Steps 1 to 5 of `gateway.receiver`.

Promises: a key is found by thumbprint among those that the recipient has or was given, and fixes the one suite that
is accepted with it (T35, T39); nothing is decoded before its size was checked, nothing decrypted before its header
was, nothing returned before its signature was. It must never decompress (T36), run a password-based derivation (T37),
or fetch or believe a key that an envelope names.

source: RFC 7515, 7516, 8725 (JWT best current practices)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import jiter
from cryptography.exceptions import InvalidTag
from joserfc import jwe, jws
from joserfc.errors import JoseError

from gateway.canonical import unb64
from gateway.errors import ConfigError
from gateway.model import Suite
from gateway.seal.checks import Check, check, rejected
from gateway.seal.suites import (
    ALGORITHMS,
    ENCRYPTION,
    ENCRYPTIONS,
    KEY_AGREEMENT,
    MAX_ENVELOPE_BYTES,
    MAX_HEADER_BYTES,
    SIGNATURES,
    CurveKey,
    Jwk,
    import_private,
    import_public,
)

_JWE_PARTS: Final = 5
_JWS_PARTS: Final = 3
_JWE_MEMBERS: Final = frozenset({"alg", "enc", "kid", "cty", "epk"})
_JWS_MEMBERS: Final = frozenset({"alg", "kid", "typ"})
_FAULTS: Final = (JoseError, InvalidTag, ValueError, TypeError, KeyError, AssertionError)  # what joserfc may raise


class Opener:
    """A recipient's private keys and the issuer's public ones, imported once. Safe to share between threads."""

    def __init__(self, keys: Sequence[Jwk], jwks: Jwk) -> None:
        """Raises ConfigError with every problem: a key of no suite, a JWK Set that holds no key of ours."""
        problems: list[str] = []
        self._keys = _private_keys(keys, problems)
        self._signers = _signers(jwks, problems)
        if problems:
            raise ConfigError(problems)

    def open(self, token: bytes) -> bytes:
        """The claims that the issuer signed and sealed to us. Raises EnvelopeRejected."""
        # 1. Size.
        check(len(token) <= MAX_ENVELOPE_BYTES, Check.SIZE)
        # 2, 3. Decrypt.
        suite, signed = self._decrypt(token)
        # 4, 5. Verify.
        return self._verify(signed, suite)

    def _decrypt(self, token: bytes) -> tuple[Suite, bytes]:
        # 2. Form, algorithms, header: exactly ours.
        parts = token.split(b".", _JWE_PARTS)
        check(len(parts) == _JWE_PARTS, Check.JWE_FORM)
        header = _header(parts[0], Check.JWE_HEADER)
        check((header.get("alg"), header.get("enc")) == (KEY_AGREEMENT, ENCRYPTION), Check.JWE_ALGORITHM)
        check(header.keys() == _JWE_MEMBERS and header["cty"] == "JWT", Check.JWE_HEADER)
        check(not parts[1], Check.JWE_FORM)  # direct agreement has no encrypted key
        # 3. Our key; decryption.
        kid = header["kid"]
        found = self._keys.get(kid) if isinstance(kid, str) else None
        if found is None:
            raise rejected(Check.JWE_KEY)
        suite, key = found
        check(_is_public(header["epk"], suite), Check.JWE_HEADER)
        try:
            return suite, jwe.decrypt_compact(token, key, registry=ENCRYPTIONS).plaintext or b""
        except _FAULTS:
            raise rejected(Check.DECRYPTION) from None

    def _verify(self, signed: bytes, suite: Suite) -> bytes:
        # 4. Form, algorithm, header: exactly the suite of the key that decrypted.
        parts = signed.split(b".", _JWS_PARTS)
        check(len(parts) == _JWS_PARTS, Check.JWS_FORM)
        header = _header(parts[0], Check.JWS_HEADER)
        algorithm = ALGORITHMS[suite].signature
        check(header.get("alg") == algorithm, Check.JWS_ALGORITHM)
        check(header.keys() == _JWS_MEMBERS and header["typ"] == "JWT", Check.JWS_HEADER)
        # 5. The issuer's key; signature.
        kid = header["kid"]
        key = self._signers.get((kid, algorithm)) if isinstance(kid, str) else None
        if key is None:
            raise rejected(Check.JWS_KEY)
        try:
            return jws.deserialize_compact(signed, key, registry=SIGNATURES).payload
        except _FAULTS:
            raise rejected(Check.SIGNATURE) from None


def _header(segment: bytes, one: Check) -> dict[str, Any]:
    """A protected header with one meaning: a second `alg` under the same name is refused, not chosen from."""
    check(len(segment) <= MAX_HEADER_BYTES, one)
    try:
        header = jiter.from_json(unb64(segment.decode("ascii")), catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError:
        raise rejected(one) from None
    if not isinstance(header, dict):
        raise rejected(one)
    return header


def _is_public(epk: object, suite: Suite) -> bool:
    """Whether the ephemeral key has the form of our suite's curve; that it lies on it, the decryption checks (T38)."""
    curve = ALGORITHMS[suite].sealing
    return (
        isinstance(epk, dict)
        and epk.keys() == set(curve.members)
        and all(isinstance(text, str) for text in epk.values())
        and (epk["kty"], epk["crv"]) == (curve.kty, curve.crv)
    )


def _private_keys(keys: Sequence[Jwk], problems: list[str]) -> dict[str, tuple[Suite, CurveKey]]:
    """Our keys by thumbprint, each with the suite that it belongs to."""
    found: dict[str, tuple[Suite, CurveKey]] = {}
    suites: dict[str, Suite] = {algorithms.sealing.crv: suite for suite, algorithms in ALGORITHMS.items()}
    for at, jwk in enumerate(keys):
        suite = suites.get(str(jwk.get("crv")))
        if suite is None:
            problems.append(f"private key {at}: expected a curve of {', '.join(suites)}")
            continue
        try:
            key = import_private(jwk, ALGORITHMS[suite].sealing)
        except ValueError as error:
            problems.append(f"private key {at}: {error}")
        else:
            found[key.thumbprint()] = (suite, key)
    if not keys:
        problems.append("private keys: none")
    return found


def _signers(jwks: Jwk, problems: list[str]) -> dict[tuple[str, str], CurveKey]:
    """The issuer's signing keys by thumbprint and algorithm; keys of other kinds in the set are not ours to judge."""
    published = jwks.get("keys")
    found: dict[tuple[str, str], CurveKey] = {}
    for jwk in published if isinstance(published, list) else []:
        for algorithms in ALGORITHMS.values():
            if isinstance(jwk, dict) and (jwk.get("use"), jwk.get("alg")) == ("sig", algorithms.signature):
                try:
                    key = import_public(jwk, algorithms.signing)
                except ValueError as error:
                    problems.append(f"JWK Set: {error}")
                else:
                    found[key.thumbprint(), algorithms.signature] = key
    if not found:
        problems.append("JWK Set: it holds no signing key of any suite")
    return found

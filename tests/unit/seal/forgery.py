"""Envelopes as a hostile or broken issuer makes them: every layer can be changed, and is signed and sealed well."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import orjson
from joserfc import jwe, jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey

from gateway.canonical import Node, b64, unb64, write
from gateway.model import Suite
from gateway.seal.suites import ENCRYPTIONS, SIGNATURES
from tests.unit.seal.samples import World

Change = Callable[[dict[str, Any]], object]
_KEEP: Change = lambda _: None  # noqa: E731


class _AnyJws(jws.JWSRegistry):
    max_header_length = max_payload_length = 1 << 24


class _AnyJwe(jwe.JWERegistry):
    max_protected_header_length = max_ciphertext_length = 1 << 24


def claims_of(world: World, token: bytes) -> dict[str, Any]:
    """The claims of a true envelope, to be changed."""
    private = (ECKey if world.suite is Suite.P256 else OKPKey).import_key(dict(world.private))
    signed = jwe.decrypt_compact(token, private, registry=ENCRYPTIONS).plaintext or b""
    payload = jws.deserialize_compact(signed, world.keyring.signing_key(world.suite).key, registry=SIGNATURES).payload
    told: dict[str, Any] = orjson.loads(payload)
    return told


def forge(
    world: World,
    claims: dict[str, Any],
    *,
    payload: bytes | None = None,
    inner: Change = _KEEP,
    outer: Change = _KEEP,
    signing_key: Key | None = None,
    sealing_key: Key | None = None,
) -> bytes:
    """Signed and sealed with valid keys, whatever the claims and the headers say."""
    signing = world.keyring.signing_key(world.suite)
    header: dict[str, Any] = {"alg": signing.algorithm, "kid": signing.kid, "typ": "JWT"}
    inner(header)
    told = write_claims(claims) if payload is None else payload
    return seal(world, sign(header, told, signing_key or signing.key), outer=outer, sealing_key=sealing_key)


def sign(header: dict[str, Any], payload: bytes, key: Key) -> bytes:
    """A compact JWS with any header that JOSE knows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        registry = _AnyJws(algorithms=list(jws.JWSRegistry.algorithms), strict_check_header=False)
        return jws.serialize_compact(header, payload, key, registry=registry).encode()


def seal(world: World, signed: bytes, *, outer: Change = _KEEP, sealing_key: Key | None = None) -> bytes:
    """A compact JWE with any header that JOSE knows."""
    bare = {name: text for name, text in world.public.items() if name not in ("use", "alg")}
    public = (ECKey if world.suite is Suite.P256 else OKPKey).import_key(dict(bare))
    header: dict[str, Any] = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": world.public["kid"], "cty": "JWT"}
    outer(header)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = [name for kind in ("alg", "enc", "zip") for name in jwe.JWERegistry.algorithms[kind]]
        registry = _AnyJwe(algorithms=every, strict_check_header=False)
        return jwe.encrypt_compact(header, signed, sealing_key or public, registry=registry).encode()


def write_claims(claims: dict[str, Any]) -> bytes:
    """The claims as the sealer writes them; `data` may hold exact numbers."""
    data: Node = claims.get("data")
    told: dict[str, Any] = {**claims, "data": orjson.Fragment(write(data))} if "data" in claims else claims
    return orjson.dumps(told)


def with_header(token: bytes, change: Change) -> bytes:
    """The same bytes under another protected header: it no longer authenticates."""
    first, rest = token.split(b".", 1)
    header = orjson.loads(unb64(first.decode()))
    change(header)
    return b64(orjson.dumps(header)).encode() + b"." + rest


def shared_key() -> OctKey:
    """A symmetric key, for the algorithms that want one."""
    return OctKey.import_key(bytes(range(32)))

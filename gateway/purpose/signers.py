"""A recipient's signer, read: how its protocol wants requests signed after stripping (law 11).

Promises: a signer names each secret that its kind needs, and no other; an option that its kind would not read is a
problem, not a hope. It must never hold a secret: names only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.model import RESERVED_HEADERS, SIGNER_SECRETS, Digest, Signer, SignerKind
from gateway.purpose.yaml_files import Report

_OPTIONS: Mapping[SignerKind, frozenset[str]] = {
    SignerKind.API_KEY: frozenset({"header", "scheme"}),
    SignerKind.HMAC: frozenset({"header", "digest", "base64", "prefix"}),
    SignerKind.OAUTH2: frozenset({"token_url", "scope"}),
    SignerKind.ROBOKASSA: frozenset({"digest"}),
}
_AUTHORIZATION = frozenset({SignerKind.BEARER, SignerKind.BASIC, SignerKind.OAUTH2, SignerKind.CLOUDPAYMENTS})
_BY_NAME = frozenset({SignerKind.FREEDOMPAY, SignerKind.ROBOKASSA})
_NAMED = frozenset({"application/json", "application/x-www-form-urlencoded", "multipart/form-data"})
_OWN_HEADER = frozenset({SignerKind.API_KEY, SignerKind.HMAC})


def read_signer(given: Mapping[str, Any] | None, address: Callable[[str], bool], report: Report) -> Signer | None:
    """The signer that a recipient's file states; an `address` is one that tokens may be fetched from."""
    if given is None:
        return None
    kind: SignerKind = given["kind"]
    secrets: dict[str, str] = given["secrets"]
    options = {name: value for name, value in given.items() if name not in ("kind", "secrets")}
    for role in sorted(SIGNER_SECRETS[kind] - secrets.keys()):
        report(("signer", "secrets"), f"{kind} needs {role}: expected the name of a secret")
    for role in sorted(secrets.keys() - SIGNER_SECRETS[kind]):
        report(("signer", "secrets", role), f"means nothing to {kind}")
    for name in sorted(options.keys() - _OPTIONS.get(kind, frozenset())):
        report(("signer", name), f"means nothing to {kind}")
    if kind is SignerKind.OAUTH2 and not address(options.get("token_url", "")):
        report(("signer", "token_url"), "expected https://host[:port]/path, where tokens are fetched")
    if options.get("header", "").lower() in RESERVED_HEADERS:
        report(("signer", "header"), "expected a header that the gateway does not set itself")
    if kind is SignerKind.HMAC and options.get("digest") is Digest.MD5:
        report(("signer", "digest"), "expected sha256 or sha512")
    return Signer(kind=kind, secrets=MappingProxyType(dict(secrets)), **options)


def signs(signer: Signer | None, media_type: str) -> bool:
    """True unless the signer signs fields by their names, and a body of this type has none."""
    return signer is None or signer.kind not in _BY_NAME or media_type in _NAMED


def headers_of(signer: Signer | None) -> frozenset[str]:
    """The headers that a signer sets, in small letters."""
    if signer is None:
        return frozenset()
    own = {signer.header.lower()} if signer.kind in _OWN_HEADER else set()
    return frozenset(
        own
        | ({"authorization"} if signer.kind in _AUTHORIZATION else set())
        | ({"x-request-id"} if signer.kind is SignerKind.CLOUDPAYMENTS else set())
    )

"""What a recipient's own protocol signs, signed last: over what is left after stripping (law 11).

Promises: pure functions of a signer, a request that is ready but for its signature, and the secrets of the settings;
they say what must be added and change nothing. No secret, and nothing made of one, stands in a repr or an error. It
must never see what was withheld, nor sign anything but what leaves.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

from gateway.formats.head import is_header_value, is_token
from gateway.model import RESERVED_HEADERS, SIGNER_SECRETS, Digest, Signer, SignerKind, TransferId

SALT_BYTES: Final = 16

# What Robokassa signs between the number of the invoice and the password, in this order, where it is sent at all
# (docs.robokassa.ru, pay interface).
ROBOKASSA_BETWEEN: Final = (
    "OutSumCurrency",
    "UserIp",
    "Receipt",
    "StepByStep",
    "ResultUrl2",
    "SuccessUrl2",
    "SuccessUrl2Method",
    "FailUrl2",
    "FailUrl2Method",
    "Token",
)

_IN_HEADER: Final = frozenset({SignerKind.BEARER, SignerKind.API_KEY})
_PREFIX: Final = re.compile(r"[!-~]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAME_PART: Final = re.compile(r"[^\[\]]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A request that is ready but for its signature: the stripped body, never the payload."""

    path: str = field(repr=False)  # as it is sent; a query after it is no part of a signature
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)  # of a form or a query: flat names → texts
    body: bytes = field(default=b"", repr=False)  # exactly what leaves
    transfer_id: TransferId


@dataclass(frozen=True, slots=True)
class Signed:
    """What must be added: fields to where the fields came from, in place of any of the same name, and headers."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def sign(signer: Signer, unsigned: Unsigned, secrets: Mapping[str, str]) -> Signed:
    """What this signer adds to this request; nothing for OAuth2, whose token the transport fetches and adds.

    Raises KeyError where `signer_problems` would have named a missing secret.
    """
    held = {role: secrets[name] for role, name in signer.secrets.items()}
    return Signed(_fields(signer, unsigned, held), _headers(signer, unsigned, held))


def signer_problems(signer: Signer, secrets: Mapping[str, str]) -> list[str]:
    """All that keeps this signer from signing, found at load; never the text of a secret."""
    problems: list[str] = []
    for role in sorted(SIGNER_SECRETS[signer.kind] ^ signer.secrets.keys()):
        wanted = "is missing" if role in SIGNER_SECRETS[signer.kind] else f"means nothing to {signer.kind}"
        problems.append(f"signer: {role} {wanted}")
    for role, name in sorted(signer.secrets.items()):
        if name not in secrets:
            problems.append(f"signer: {role}: no secret named {name!r}; set GATEWAY_SECRET_{name.upper()}")
        elif not _usable(signer.kind, role, secrets[name]):
            problems.append(f"signer: {role}: the secret {name!r} has characters that {signer.kind} cannot carry")
    return problems + _option_problems(signer)


def _usable(kind: SignerKind, role: str, secret: str) -> bool:
    if secret != secret.strip() or not secret or _CONTROL.search(secret) is not None:
        return False
    if kind in _IN_HEADER:
        return is_header_value(secret)
    return role not in {"login", "public_id"} or ":" not in secret  # RFC 7617: it would end the login early


def _option_problems(signer: Signer) -> list[str]:
    problems: list[str] = []
    if signer.kind in {SignerKind.API_KEY, SignerKind.HMAC} and (
        not is_token(signer.header) or signer.header.lower() in RESERVED_HEADERS
    ):
        problems.append(f"signer: header {signer.header!r} cannot carry a signature")
    if signer.scheme and not is_token(signer.scheme):
        problems.append("signer: scheme has characters that no header may have")
    if _PREFIX.fullmatch(signer.prefix) is None:
        problems.append("signer: prefix has characters that no header may have")
    if signer.kind is SignerKind.HMAC and signer.digest is Digest.MD5:
        problems.append("signer: digest: an HMAC takes sha256 or sha512")
    return problems


def _headers(signer: Signer, unsigned: Unsigned, held: Mapping[str, str]) -> Mapping[str, str]:
    match signer.kind:
        case SignerKind.BEARER:
            return {"Authorization": f"Bearer {held['token']}"}
        case SignerKind.BASIC:
            return {"Authorization": _basic(held["login"], held["password"])}
        case SignerKind.API_KEY:
            return {signer.header: f"{signer.scheme} {held['key']}".lstrip()}
        case SignerKind.HMAC:
            return {signer.header: signer.prefix + _hmac(signer, unsigned.body, held["key"])}
        case SignerKind.CLOUDPAYMENTS:
            credentials = _basic(held["public_id"], held["api_secret"])
            # Their idempotency key: the same for every attempt of one transfer.
            return {"Authorization": credentials, "X-Request-ID": unsigned.transfer_id}
        case SignerKind.OAUTH2 | SignerKind.FREEDOMPAY | SignerKind.ROBOKASSA:
            return {}


def _fields(signer: Signer, unsigned: Unsigned, held: Mapping[str, str]) -> Mapping[str, str]:
    if signer.kind is SignerKind.FREEDOMPAY:
        return _freedompay(unsigned, held["secret_key"])
    if signer.kind is SignerKind.ROBOKASSA:
        return {"SignatureValue": _robokassa(signer.digest, unsigned.fields, held["password1"])}
    return {}


def _basic(login: str, password: str) -> str:
    """RFC 7617, in UTF-8."""
    return "Basic " + b64encode(f"{login}:{password}".encode()).decode("ascii")


def _hmac(signer: Signer, body: bytes, key: str) -> str:
    """RFC 2104 over the bytes of the body."""
    raw = hmac.digest(key.encode(), body, signer.digest.value)
    return b64encode(raw).decode("ascii") if signer.base64 else raw.hex()


def _freedompay(unsigned: Unsigned, secret_key: str) -> dict[str, str]:
    """The MD5 of the script's name, all values in the order of their names, and the key, joined by `;`.

    Source: docs.freedompay.kz, Signature Formation.
    """
    salt = token_hex(SALT_BYTES)
    signed = {**unsigned.fields, "pg_salt": salt}
    signed.pop("pg_sig", None)
    script = unsigned.path.partition("?")[0].rpartition("/")[2]
    text = ";".join((script, *(signed[name] for name in sorted(signed, key=_nested)), secret_key))
    # MD5 is what this protocol demands; what it protects from is in TLS.
    return {"pg_salt": salt, "pg_sig": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}


def _nested(name: str) -> tuple[tuple[bool, int, str], ...]:
    """`a[10][b]` sorts as a field b of a list's item 10 of a: each level by itself, numbers as numbers."""
    if "[" not in name:
        return ((True, 0, name),)
    parts = _NAME_PART.findall(name)
    return tuple((False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts)


def _robokassa(digest: Digest, fields: Mapping[str, str], password1: str) -> str:
    """The hash of shop, sum, invoice, what else was sent, Password1 and the shop's own fields by name, joined by `:`.

    Source: docs.robokassa.ru, pay interface.
    """
    own = sorted(name for name in fields if name[:4].lower() == "shp_")
    text = ":".join(
        (
            *(fields.get(name, "") for name in ("MerchantLogin", "OutSum", "InvId")),
            *(fields[name] for name in ROBOKASSA_BETWEEN if name in fields),
            password1,
            *(f"{name}={fields[name]}" for name in own),
        )
    )
    # MD5 is one of the hashes that a shop may be set to; a new one should choose another.
    return hashlib.new(digest.value, text.encode(), usedforsecurity=False).hexdigest()

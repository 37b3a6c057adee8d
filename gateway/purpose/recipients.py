"""A recipient's file read: who it is, where it is, how what it gets is protected.

Promises: what could send data to the wrong place, over an open line or under an unusable key is refused at load: https
only, no redirecting tricks in the address, public keys only, of the suite's own curve. It must never hold a secret:
credentials are named here and live in the gateway's settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, ip_address
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.x509 import load_pem_x509_certificates
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from gateway.clock import Instant, from_datetime
from gateway.identifiers import is_bin, is_iin
from gateway.model import (
    RESERVED_HEADERS,
    Credentials,
    Protection,
    PurposeId,
    Recipient,
    RecipientId,
    RecipientKey,
    Suite,
)
from gateway.purpose.calls import read_calls
from gateway.purpose.lint import HOST
from gateway.purpose.sandbox import read_sandbox
from gateway.purpose.service import Scope, Service, read_scopes, read_service
from gateway.purpose.signers import headers_of, read_signer
from gateway.purpose.yaml_files import Document, KeyPath, Report

HOME = "KZ"
_LONGEST_SECONDS = 120
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})\Z", re.ASCII)
_ADDRESS = re.compile(r"\[[0-9a-f:.]+\]\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_CURVES = {Suite.P256: ("EC", "P-256"), Suite.OKP: ("OKP", "X25519")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_NOTES = {"use": "enc", "kid": None, "alg": None}  # what a published JWK may say beside the key itself


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientFile:
    """A recipient, the attributes that conditions may read, and what it serves."""

    recipient: Recipient
    attributes: Mapping[str, str]
    services: Mapping[PurposeId, Service]
    document: Document
    scopes: tuple[Scope, ...] = ()  # of every purpose


def read_recipient(
    document: Document, values: Mapping[str, Any], directory: FilePath
) -> tuple[RecipientFile, list[str]]:
    """The recipient of a file that conforms to its schema, and what is wrong with it."""
    report = Report(document)
    if PurePosixPath(document.file).name != f"{values['id']}.yaml":
        report(("id",), f"expected this recipient in a file named {values['id']}.yaml")
    if not (is_bin(values["bin"]) or is_iin(values["bin"])):
        report(("bin",), "expected 12 digits with the right check digit")
    for name in ("country", "storage_country"):
        if values[name] != HOME:
            report((name,), f"expected {HOME}: consent to cross-border transfer is not carried yet")
    timeout_seconds = float(values["timeout_seconds"])
    if not 0 < timeout_seconds <= _LONGEST_SECONDS:
        report(("timeout_seconds",), f"expected more than 0, at most {_LONGEST_SECONDS}")
    signer = read_signer(values.get("signer"), _is_address, report)
    recipient = Recipient(
        id=RecipientId(values["id"]),
        recipient_class=values["recipient_class"],
        title=MappingProxyType(dict(values["title"])),
        bin=values["bin"],
        country=values["country"],
        storage_country=values["storage_country"],
        base_url=_base_url(values["base_url"], report),
        protection=values["protection"],
        protection_reason=values.get("protection_reason"),
        suite=values["suite"],
        keys=_keys(values["keys"], values["suite"], report),
        credentials=_credentials(values.get("credentials"), report),
        signer=signer,
        sandbox=read_sandbox(values.get("sandbox"), values["base_url"], signer, _is_address, report),
        ca_file=_ca_file(values.get("ca_file"), directory, report),
        timeout_seconds=timeout_seconds,
        in_flight=values["in_flight"],
        calls=read_calls(values.get("calls"), report),
    )
    _check_protection(recipient, values["keys"], report)
    services = {PurposeId(name): read_service(name, one, report) for name, one in values["purposes"].items()}
    file = RecipientFile(
        recipient=recipient,
        attributes=_attributes(values, report),
        services=services,
        document=document,
        scopes=read_scopes(("serves",), values["serves"], report),
    )
    return file, report.problems


def _attributes(values: Mapping[str, Any], report: Report) -> dict[str, str]:
    fixed = {
        "id": values["id"],
        "class": values["recipient_class"],
        "country": values["country"],
        "storage_country": values["storage_country"],
        "protection": values["protection"].value,
        **({"role": values["role"]} if "role" in values else {}),
    }
    for name in values["traits"]:
        if name in (*fixed, "role"):
            report(("traits", name), "is an attribute of every recipient; expected a trait of its own name")
    return {**values["traits"], **fixed}


def _base_url(text: str, report: Report) -> str:
    if not _is_address(text):
        report(
            ("base_url",), "expected https://host[:port][/path], without user, query, fragment or a slash at the end"
        )
    return text


def _is_address(text: str) -> bool:
    """True if `text` is an https address that two readers take for the same place (T26)."""
    try:
        parts = urlsplit(text)
        host, port = parts.netloc.rsplit(":", 1)[0] if parts.port else parts.netloc, parts.port
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \\@?#%")
    path_ok = not parts.path.endswith("/") and ".." not in parts.path and "//" not in parts.path
    host_ok = HOST.match(host) is not None or _ADDRESS.match(host) is not None
    return parts.scheme == "https" and plain and path_ok and host_ok and port != 0 and _is_one_spelling(host)


def _is_one_spelling(host: str) -> bool:
    """False for an address in another spelling than its own: `127.1` and `0x7f.1` are 127.0.0.1 to some readers."""
    if not host.startswith("[") and _NUMBER.match(host.rpartition(".")[2]) is None:
        return True
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return str(found) == host.strip("[]") and (isinstance(found, IPv4Address) or found.ipv4_mapped is None)


def _check_protection(recipient: Recipient, keys: Sequence[object], report: Report) -> None:
    if recipient.protection is Protection.JWE and not keys:
        report(("protection",), "jwe needs a key: expected `keys` with at least one public JWK")
    if recipient.protection is Protection.TLS and recipient.protection_reason is None:
        report(("protection",), "tls leaves the payload readable to the recipient's edge: expected protection_reason")
    if recipient.protection is not Protection.TLS and recipient.signer is not None:
        report(("signer",), "signs what its API reads: needs protection: tls")
    if recipient.credentials and recipient.credentials.header.lower() in headers_of(recipient.signer):
        report(("credentials", "header"), "is the one that the signer sets; expected one of the two")


def _keys(given: list[Mapping[str, Any]], suite: Suite, report: Report) -> tuple[RecipientKey, ...]:
    return tuple(key for place, one in enumerate(given) for key in _key(("keys", place), one, suite, report))


def _key(at: KeyPath, one: Mapping[str, Any], suite: Suite, report: Report) -> Iterator[RecipientKey]:
    jwk: dict[str, str] = one["jwk"]
    kty, crv = _CURVES[suite]
    members = {"kty", "crv", "x"} | ({"y"} if suite is Suite.P256 else set())
    not_after = _instant((*at, "not_after"), one.get("not_after"), report)
    if _PRIVATE & jwk.keys():
        report((*at, "jwk"), "this is a private key; only its public half may stand here, and this one is now known")
    elif (jwk.get("kty"), jwk.get("crv")) != (kty, crv) or not members <= jwk.keys():
        report((*at, "jwk"), f"suite {suite} expected {', '.join(sorted(members))} of kty {kty}, crv {crv}")
    elif jwk.keys() - members - _NOTES.keys() or jwk.get("use", "enc") != "enc":
        report((*at, "jwk"), "expected nothing beside the key but kid, alg and `use: enc`")
    else:
        bare: dict[str, str | list[str]] = {name: jwk[name] for name in sorted(members)}
        try:
            key = ECKey.import_key(bare) if suite is Suite.P256 else OKPKey.import_key(bare)
            if isinstance(key.public_key, X25519PublicKey):
                X25519PrivateKey.generate().exchange(key.public_key)  # a point of low order agrees with no one (T38)
            yield RecipientKey(key.thumbprint(), MappingProxyType({name: jwk[name] for name in bare}), not_after)
        except (ValueError, JoseError):
            report((*at, "jwk"), f"expected a point of {crv}")


def _instant(at: KeyPath, text: str | None, report: Report) -> Instant | None:
    if text is None:
        return None
    try:
        if _RFC3339.match(text):
            return from_datetime(datetime.fromisoformat(text))
    except ValueError:
        pass
    report(at, "expected a time such as 2027-01-01T00:00:00Z")
    return None


def _credentials(given: Mapping[str, str] | None, report: Report) -> Credentials | None:
    if given is None:
        return None
    if given["header"].lower() in RESERVED_HEADERS:
        report(("credentials", "header"), "expected a header that the gateway does not set itself")
    return Credentials(given["header"], given["secret"], given["scheme"])


def _ca_file(name: str | None, directory: FilePath, report: Report) -> str | None:
    if name is None:
        return None
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        report(("ca_file",), "expected a path below the folder of the maps")
        return None
    file = directory / path
    try:
        load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        report(("ca_file",), "expected a readable file of PEM certificates")
    return str(file)

"""Is it the recipient that calls? Its secret, its address, its certificate, as its file asks for them.

Promises: all that a file asks for must hold; secrets are compared in constant time, and nothing says which of them was
wrong; what a proxy says of an address or a certificate counts only where the connection comes from a trusted one. It
must never say a secret, an address or a header that came.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, TypeAlias

from gateway.model import Calls, Network

Address: TypeAlias = IPv4Address | IPv6Address
_AUTHORIZATION: Final = "authorization"
_LINKS_MOST: Final = 16  # of a chain of proxies


@dataclass(frozen=True, slots=True)
class Knock:
    """Who stands at the door: the other end of the connection, and the headers by their names in small letters."""

    peer: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Which proxies are believed, and the headers in which they say what they know; names in small letters."""

    proxies: tuple[Network, ...] = ()
    peer: str | None = None
    fingerprint: str | None = None
    subject: str | None = None

    def address(self, knock: Knock) -> Address | None:
        """Who calls; where a trusted proxy stands between, whom it says it speaks for. None where that is unclear."""
        found = _address(knock.peer)
        if found is None or not self.believes(knock):
            return found
        if self.peer is None:
            return None  # it may speak for anyone
        chain = knock.headers.get(self.peer, "").split(",")
        for text in reversed(chain[-_LINKS_MOST:]):
            found = _address(text.strip())
            if found is None or not _in(found, self.proxies):
                return found
        return None  # proxies all the way: nobody called

    def believes(self, knock: Knock) -> bool:
        """Whether the other end of the connection is a trusted proxy."""
        found = _address(knock.peer)
        return found is not None and _in(found, self.proxies)

    def said(self, header: str | None, knock: Knock) -> str | None:
        """What a trusted proxy says in a header."""
        return knock.headers.get(header) if header is not None and self.believes(knock) else None


class Door:
    """What one recipient must show. Safe to share between threads."""

    def __init__(self, calls: Calls, secrets: Mapping[str, str], trust: Trust) -> None:
        """Raises KeyError where a secret is missing; `door_problems` finds that at the start."""
        self._calls = calls
        self._trust = trust
        self._token = None if calls.token is None else _digest(secrets[calls.token])
        pair = (calls.login, calls.password)
        self._login, self._password = (None if name is None else _digest(secrets[name]) for name in pair)

    def opens(self, knock: Knock) -> bool:
        """Whether all that is asked for is there; each is looked at, whatever the others say."""
        return all(list(self._judged(knock)))

    def _judged(self, knock: Knock) -> Iterator[bool]:
        calls = self._calls
        if self._token is not None:
            yield _same(_after(calls.scheme, knock.headers.get(calls.header, "")), self._token)
        if self._login is not None and self._password is not None:
            login, password = _basic(knock.headers.get(_AUTHORIZATION, ""))
            yield _same(login, self._login) & _same(password, self._password)
        if calls.networks:
            found = self._trust.address(knock)
            yield found is not None and _in(found, calls.networks)
        if calls.fingerprints:
            said = self._trust.said(self._trust.fingerprint, knock)
            yield said is not None and said.replace(":", "").lower() in calls.fingerprints
        if calls.subjects:
            yield self._trust.said(self._trust.subject, knock) in calls.subjects


def door_problems(calls: Calls, secrets: Mapping[str, str], trust: Trust) -> list[str]:
    """What the settings lack for a recipient's calls; never a secret's text."""
    problems = [
        f"calls: no secret named {name!r}; set GATEWAY_SECRET_{name.upper()}"
        for name in (calls.token, calls.login, calls.password)
        if name is not None and not secrets.get(name)
    ]
    for asked, header, setting in (
        (calls.fingerprints, trust.fingerprint, "GATEWAY_CERTIFICATE_FINGERPRINT_HEADER"),
        (calls.subjects, trust.subject, "GATEWAY_CERTIFICATE_SUBJECT_HEADER"),
    ):
        if asked and header is None:
            problems.append(f"calls: certificate: no proxy passes it on; set {setting} and GATEWAY_TRUSTED_PROXIES")
    return problems


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()


def _same(text: str, digest: bytes) -> bool:
    """In a time that tells nothing: digests are of one length."""
    return hmac.compare_digest(_digest(text), digest)


def _after(scheme: str, value: str) -> str:
    if not scheme:
        return value
    stated, _, rest = value.partition(" ")
    return rest.strip() if stated.lower() == scheme.lower() else ""


def _basic(authorization: str) -> tuple[str, str]:
    """Login and password of RFC 7617; nothing where it is no such header."""
    try:
        text = base64.b64decode(_after("basic", authorization), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        text = ""
    login, _, password = text.partition(":")
    return login, password


def _address(text: str | None) -> Address | None:
    try:
        found = ip_address(text or "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)

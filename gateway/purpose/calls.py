"""How a recipient that calls us proves who it is, read from its file.

Promises: what a file asks for is asked whole, and a file that declares pulls asks for something; networks are spelled
as networks, fingerprints as SHA-256. It must never hold a secret: names only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from gateway.model import RESERVED_HEADERS, Calls, Network
from gateway.purpose.yaml_files import KeyPath, Report

AUTHORIZATION = "authorization"
_AT: KeyPath = ("calls",)


def read_calls(given: Mapping[str, Any] | None, report: Report) -> Calls | None:
    """What a recipient's file asks of it when it calls; None where it never does."""
    if given is None:
        return None
    token, basic, certificate = given.get("token", {}), given.get("basic", {}), given.get("certificate", {})
    header = token.get("header", AUTHORIZATION).lower()
    if not given:
        report(_AT, "expected at least one of token, basic, networks, certificate")
    if "certificate" in given and not certificate:
        report((*_AT, "certificate"), "expected fingerprints or subjects")
    if header in RESERVED_HEADERS or header.startswith("x-forwarded-"):
        report((*_AT, "token", "header"), "expected a header of its own, such as Authorization or X-API-Key")
    if token and basic and header == AUTHORIZATION:
        report((*_AT, "basic"), "stands in Authorization, as the token does; expected one of the two")
    return Calls(
        token=token.get("secret"),
        header=header,
        scheme=token.get("scheme", ""),
        login=basic.get("login"),
        password=basic.get("password"),
        networks=tuple(_networks(given.get("networks", ()), report)),
        fingerprints=frozenset(certificate.get("fingerprints", ())),
        subjects=frozenset(certificate.get("subjects", ())),
    )


def _networks(texts: list[str], report: Report) -> Iterator[Network]:
    for place, text in enumerate(texts):
        try:
            found = ip_network(text)
        except ValueError:
            report((*_AT, "networks", place), "expected a network such as 192.0.2.0/24, or an address")
            continue
        if not found.prefixlen:
            report((*_AT, "networks", place), "expected less than every address there is")
        yield found

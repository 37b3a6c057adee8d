"""How a recipient that calls us proves who it is: names of secrets, networks, certificates; never a secret itself."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """All that a recipient must show when it calls; what is None or empty is not asked for, and something is."""

    token: str | None = None  # the name of the secret that stands in `header`, after `scheme`
    header: str = "Authorization"
    scheme: str = ""
    login: str | None = None  # of HTTP Basic: the name of a secret, as the password's
    password: str | None = None
    networks: tuple[Network, ...] = ()  # that its address must be of
    fingerprints: frozenset[str] = frozenset()  # SHA-256 of its certificate, 64 hex digits
    subjects: frozenset[str] = frozenset()  # of its certificate, as the trusted proxy spells them

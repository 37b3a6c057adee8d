"""The way to a recipient's sandbox: invented payloads, tried one after another, to learn what its API needs.

What goes this way was recorded nowhere (law 3 is about payloads of people), so it may lead nowhere else: only to an
address that the recipient's file lists under `sandbox`, which is never the host that transfers go to, and with the
sandbox's own secrets. Whoever sends has seen that the payload is invented (`minimise.invented`).

Promises: another address is refused before a name is looked up or a socket opened; a total deadline, no redirect, a
capped answer, as for a transfer. It must never carry a secret of the recipient itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import requests

from gateway.clock import Clock
from gateway.errors import ConfigError
from gateway.formats.head import BODYLESS, is_header_value
from gateway.model import Answer, Cause, Recipient, Signer, SignerKind
from gateway.transport.flight import Broken, Flight
from gateway.transport.request import USER_AGENT, spelled
from gateway.transport.token import Tokens
from gateway.transport.way import Way

PREFIX: Final = "sandbox_"
"""Before the name of each secret: `GATEWAY_SECRET_SANDBOX_CDEK_TOKEN` is the sandbox's `cdek_token`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One invented request."""

    method: str
    target: str = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class SandboxWay:
    """To one sandbox of one recipient."""

    def __init__(
        self, recipient: Recipient, base_url: str, secrets: Mapping[str, str], answer_cap_bytes: int, clock: Clock
    ) -> None:
        """Raises ConfigError where the file does not list this address, or a secret of the sandbox is missing."""
        if recipient.sandbox is None or base_url not in recipient.sandbox.base_urls:
            listed = recipient.sandbox.base_urls if recipient.sandbox is not None else ()
            raise ConfigError(
                [f"recipient {recipient.id}: its file lists no such sandbox"],
                hint=f"there are: {', '.join(listed)}" if listed else "sandbox: {base_urls: [https://…]}, in its file",
            )
        self.secrets = sandbox_secrets(recipient, secrets)
        self._base_url = spelled(base_url).rstrip("/")
        self._fixed = {
            "Host": urlsplit(self._base_url).netloc,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        credentials = recipient.credentials
        if credentials is not None:
            self._fixed[credentials.header] = f"{credentials.scheme} {self.secrets[credentials.secret]}".lstrip()
        try:
            self._way = Way(base_url, recipient.ca_file, 1, answer_cap_bytes)
            self._tokens = _tokens(recipient, self.secrets, clock)
        except OSError:
            raise ConfigError([f"recipient {recipient.id}: ca_file: no CA certificates can be read from it"]) from None
        self._timeout = recipient.timeout_seconds
        self._monotonic = clock.monotonic

    def ask(self, tried: Tried) -> Answer | Cause:
        """What it answers; the cause where no whole answer came in time."""
        flight = Flight(self._monotonic() + self._timeout, self._monotonic, self._way.allowance)
        request = requests.PreparedRequest()
        request.method, request.url, request.body = tried.method, self._base_url + tried.target, tried.body
        headers = {**self._fixed, **tried.headers}
        if tried.content_type:
            headers["Content-Type"] = tried.content_type
        if tried.body or tried.method not in BODYLESS:
            headers["Content-Length"] = str(len(tried.body))
        try:
            if self._tokens is not None:
                headers["Authorization"] = self._tokens.authorization(flight)
            request.headers = headers  # type: ignore[assignment]  # as in RequestTemplate
            return self._way.ask(flight, request)
        except Broken as broken:
            return broken.cause

    def close(self) -> None:
        """Close what is open and idle."""
        self._way.close()
        if self._tokens is not None:
            self._tokens.close()


def sandbox_secrets(recipient: Recipient, secrets: Mapping[str, str]) -> dict[str, str]:
    """The sandbox's secrets, by the names that the recipient's file gives its own. Raises ConfigError."""
    names = set(recipient.signer.secrets.values()) if recipient.signer is not None else set()
    if recipient.credentials is not None:
        names.add(recipient.credentials.secret)
    problems = [
        f"recipient {recipient.id}: no secret of its sandbox; set GATEWAY_SECRET_{(PREFIX + name).upper()}"
        for name in sorted(names)
        if not is_header_value(secrets.get(PREFIX + name, ""))
    ]
    if problems:
        raise ConfigError(problems, hint="the sandbox's own: the recipient's secrets never go there")
    return {name: secrets[PREFIX + name] for name in names}


def _tokens(recipient: Recipient, secrets: Mapping[str, str], clock: Clock) -> Tokens | None:
    signer, sandbox = recipient.signer, recipient.sandbox
    if signer is None or sandbox is None or signer.kind is not SignerKind.OAUTH2:
        return None
    own = Signer(kind=signer.kind, secrets=signer.secrets, token_url=sandbox.token_url, scope=signer.scope)
    return Tokens(recipient, own, secrets, clock)

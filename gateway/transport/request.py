"""What leaves: one prepared request per recipient, whose few changing parts are filled in for each transfer.

Promises: the headers are exactly those of `RequestTemplate.fill`, built here from constants, the recipient's file, the
transfer id and what the envelope says (T21, T22); the URL is a declared one. It must never take anything from a caller
or the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from gateway.formats.head import BODYLESS, is_header_value, is_token
from gateway.model import RESERVED_HEADERS, Envelope, Recipient, TransferId

USER_AGENT = "gateway"  # without versions: they help nobody but an attacker


class RequestTemplate:
    """The request of one recipient, all but the envelope."""

    def __init__(self, recipient: Recipient, secrets: Mapping[str, str]) -> None:
        self._base_url = spelled(recipient.base_url).rstrip("/")
        self._fixed = {
            "Host": urlsplit(self._base_url).netloc,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        credentials = recipient.credentials
        if credentials is not None:
            self._fixed[credentials.header] = f"{credentials.scheme} {secrets[credentials.secret]}".lstrip()

    def fill(self, transfer_id: TransferId, envelope: Envelope) -> requests.PreparedRequest:
        """The request that carries this envelope."""
        prepared = requests.PreparedRequest()
        prepared.method = envelope.route.method
        prepared.url = self._base_url + envelope.target
        prepared.body = envelope.body
        headers = {**self._fixed, **envelope.headers}
        if envelope.content_type:
            headers["Content-Type"] = envelope.content_type
        if envelope.body or envelope.route.method not in BODYLESS:
            headers["Content-Length"] = str(len(envelope.body))
        headers["Idempotency-Key"] = transfer_id
        prepared.headers = headers  # type: ignore[assignment]  # a plain dict: its copies are cheap, its order is ours
        return prepared


def head_bytes(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    """A request's head as it stands on the wire. Raises ValueError where one of its parts would make two."""
    lines = [f"{method} {path} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()], "", ""]
    head = "\r\n".join(lines)
    if head.count("\r") != len(lines) - 1 or head.count("\n") != len(lines) - 1:
        raise ValueError("a line break inside a line of the head")
    return head.encode("latin-1")


def origin(base_url: str) -> tuple[str, int]:
    """Host and port to connect to; the host as the name system spells it."""
    url = urlsplit(spelled(base_url))
    return str(url.hostname), 443 if url.port is None else url.port


def is_bare(base_url: str) -> bool:
    """Whether it is an https address, and nothing but an address."""
    try:
        url = urlsplit(spelled(base_url))
        origin(base_url)
    except (ValueError, requests.RequestException):
        return False
    return url.scheme == "https" and "@" not in url.netloc and not url.query and not url.fragment


def request_problems(recipient: Recipient, secret: str | None) -> list[str]:
    """What in the recipient's file or in the settings keeps a request from being built; never the secret's text."""
    where = f"recipient {recipient.id}"
    problems: list[str] = []
    if not is_bare(recipient.base_url):
        problems.append(f"{where}: base_url: an https:// address without a user, query or fragment is needed")
    if recipient.credentials is None:
        return problems
    header = recipient.credentials.header
    if not is_token(header) or header.lower() in RESERVED_HEADERS:
        problems.append(f"{where}: credentials: header {header!r} cannot carry them")
    if secret is None:
        name = recipient.credentials.secret
        problems.append(f"{where}: credentials: no secret named {name!r}; set GATEWAY_SECRET_{name.upper()}")
    elif not is_header_value(secret) or not _is_scheme(recipient.credentials.scheme):
        problems.append(f"{where}: credentials: the secret or its scheme has characters that no header may have")
    return problems


def _is_scheme(text: str) -> bool:
    return not text or is_token(text)


def spelled(url: str) -> str:
    """The URL in the one spelling that goes on the wire. Raises requests.RequestException."""
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url)

"""What leaves: one prepared request per route, whose few changing parts are filled in for each transfer.

Promises: the headers are exactly those of `RequestTemplate.headers`, built here from constants, the recipient's file and
the transfer id (T21, T22); the URL is the declared one. It must never take anything from a caller or the environment.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import requests

from gateway.model import Recipient, Route, TransferId

USER_AGENT = "gateway"  # without versions: they help nobody but an attacker
RESERVED_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "idempotency-key",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


class RequestTemplate:
    """The request of one route of one recipient, all but the envelope."""

    def __init__(self, recipient: Recipient, route: Route, secret: str | None) -> None:
        prepared = requests.PreparedRequest()
        prepared.prepare(method=route.method, url=recipient.base_url.rstrip("/") + route.path)
        self._method = prepared.method
        self._url = prepared.url
        self._fixed = {
            "Host": urlsplit(str(prepared.url)).netloc,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        if recipient.credentials is not None and secret is not None:
            self._fixed[recipient.credentials.header] = f"{recipient.credentials.scheme} {secret}".lstrip()

    def fill(self, transfer_id: TransferId, content_type: str, body: bytes) -> requests.PreparedRequest:
        """The request that carries this body."""
        prepared = requests.PreparedRequest()
        prepared.method = self._method
        prepared.url = self._url
        prepared.body = body
        prepared.headers = {  # type: ignore[assignment]  # a plain dict: its copies are cheap, its order is ours
            **self._fixed,
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "Idempotency-Key": transfer_id,
        }
        return prepared


def request_problems(recipient: Recipient, secret: str | None) -> list[str]:
    """What in the recipient's file or in the settings keeps a request from being built; never the secret's text."""
    where = f"recipient {recipient.id}"
    problems: list[str] = []
    try:
        url = urlsplit(recipient.base_url)
        good = url.scheme == "https" and url.hostname and not url.username and not url.query and not url.fragment
        good = good and (url.port is None or url.port > 0)
        requests.PreparedRequest().prepare_url(recipient.base_url, None)
    except (ValueError, requests.RequestException):
        good = False
    if not good:
        problems.append(f"{where}: base_url: an https:// address without a user, query or fragment is needed")
    if recipient.credentials is None:
        return problems
    header = recipient.credentials.header
    if _TOKEN.fullmatch(header) is None or header.lower() in RESERVED_HEADERS:
        problems.append(f"{where}: credentials: header {header!r} cannot carry them")
    if secret is None:
        problems.append(f"{where}: credentials: no secret named {recipient.credentials.secret!r} is set")
    elif _FIELD_VALUE.fullmatch(f"{recipient.credentials.scheme} {secret}".lstrip()) is None:
        problems.append(f"{where}: credentials: the secret or its scheme has characters that no header may have")
    return problems

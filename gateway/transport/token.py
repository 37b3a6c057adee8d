"""The access token of one recipient, by OAuth2 client credentials (RFC 6749 section 4.4).

Promises: fetched when first needed, kept until shortly before it ends, asked for by one thread while the others wait.
What the token's server says is read for the token and its seconds and for nothing else. It must never show the
credentials or a token: not in an error, not in a repr, not in a line of diagnostics.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import requests

from gateway.canonical import Number
from gateway.clock import Clock
from gateway.errors import MalformedRequest
from gateway.formats import form
from gateway.formats.head import is_header_value
from gateway.formats.strict_json import parse
from gateway.model import Answer, Cause, Recipient, Signer
from gateway.transport.flight import Broken, Flight
from gateway.transport.request import USER_AGENT
from gateway.transport.way import Way

ANSWER_CAP_BYTES: Final = 65_536
EARLY_SECONDS: Final = 30.0  # before its end a token is fetched anew: it must not end on its way
SECONDS_UNSAID: Final = 300.0  # where the server does not say how long it lasts (RFC 6749 section 5.1: recommended)
SECONDS_MOST: Final = 86_400.0
_GRANTED: Final = 200


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    ends_at: float  # seconds of `monotonic`


class Tokens:
    """The token of one recipient. Safe to share between threads."""

    def __init__(self, recipient: Recipient, signer: Signer, secrets: Mapping[str, str], clock: Clock) -> None:
        self._way = Way(signer.token_url, recipient.ca_file, 1, ANSWER_CAP_BYTES)
        self._signer = signer
        self._held = {role: secrets[name] for role, name in signer.secrets.items()}
        self._monotonic = clock.monotonic
        self._token: _Token | None = None
        self._fetching = threading.Lock()

    def authorization(self, flight: Flight) -> str:
        """The value of `Authorization`, within the time of this flight. Raises Broken: nothing was sent."""
        token = self._usable()
        if token is not None:
            return f"Bearer {token.text}"
        if not self._fetching.acquire(timeout=flight.remaining()):
            raise Broken(Cause.DEADLINE)
        try:
            token = self._usable()  # another thread may have been first
            if token is None:
                self._token = token = self._fetch(flight)
            return f"Bearer {token.text}"
        finally:
            self._fetching.release()

    def forget(self) -> None:
        """The recipient did not take the token: the next transfer fetches another."""
        self._token = None

    def close(self) -> None:
        """Close what is open and idle."""
        self._way.close()

    def _usable(self) -> _Token | None:
        token = self._token
        return token if token is not None and self._monotonic() < token.ends_at else None

    def _fetch(self, flight: Flight) -> _Token:
        own = Flight(flight.deadline, self._monotonic, self._way.allowance)  # what leaves here is not the transfer
        try:
            answer = self._way.ask(own, self._request())
        except Broken as broken:
            raise Broken(Cause.DEADLINE if broken.cause is Cause.DEADLINE else Cause.CREDENTIALS) from None
        token = _read(answer, self._monotonic())
        if token is None:
            raise Broken(Cause.CREDENTIALS)
        return token

    def _request(self) -> requests.PreparedRequest:
        fields = {"grant_type": "client_credentials", "client_id": self._held["client_id"]}
        fields["client_secret"] = self._held["client_secret"]
        if self._signer.scope:
            fields["scope"] = self._signer.scope
        body = form.write({**fields})
        request = requests.PreparedRequest()
        request.method, request.url, request.body = "POST", self._signer.token_url, body
        request.headers = {  # type: ignore[assignment]  # as in RequestTemplate
            "Host": urlsplit(self._signer.token_url).netloc,
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        return request


def _read(answer: Answer, now: float) -> _Token | None:
    """The token of an answer that grants one."""
    if answer.status != _GRANTED:
        return None
    try:
        told = parse(answer.body)
    except MalformedRequest:
        return None
    text = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(told, dict) or type(text) is not str or not is_header_value(text):  # a `Number` is a `str` too
        return None
    if str(told.get("token_type", "bearer")).lower() != "bearer":
        return None
    lasts = told.get("expires_in")
    seconds = min(float(lasts), SECONDS_MOST) if isinstance(lasts, Number) else SECONDS_UNSAID
    return _Token(text, now + max(seconds - EARLY_SECONDS, seconds / 2))

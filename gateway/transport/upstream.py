"""The platform's own service, asked when a recipient asks us: one guarded way, with our own credentials.

Promises: what is asked is a declared method and path, typed values, and headers of ours; whatever comes of it is an
answer whole and in time, or `UpstreamFailed`, which says nothing of what the service said. It must never pass on a
header of the recipient's request, follow a redirect, or ask twice: asking may be a payment.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

import requests

from gateway.clock import Clock
from gateway.errors import ConfigError, UpstreamFailed
from gateway.formats import form
from gateway.formats.head import BODYLESS, is_header_value, named_segments, with_segments
from gateway.model import Answer, RecipientId, Route
from gateway.transport.flight import Broken, Flight
from gateway.transport.request import USER_AGENT, is_bare, spelled
from gateway.transport.way import Way

IN_FLIGHT: Final = 32
WAIT_SECONDS: Final = 0.25
"""So long a question waits for its place: whoever waits holds a thread, and a slow service must not hold them all."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the platform is asked: a declared route, and the typed values for its segments and its query."""

    recipient: RecipientId
    route: Route
    answer_type: str
    values: Mapping[str, str] = field(repr=False)


class Upstream:
    """The way to the platform's own service. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        ca_file: str | None,
        token: str | None,
        *,
        timeout_seconds: float,
        answer_cap_bytes: int,
        clock: Clock,
    ) -> None:
        """Raises ConfigError with every problem of what the settings say."""
        problems = [] if is_bare(base_url) else ["GATEWAY_UPSTREAM_URL: expected https://host[:port][/path]"]
        if token is not None and not is_header_value(token):
            problems.append("GATEWAY_UPSTREAM_TOKEN: has characters that no header may have")
        if problems:
            raise ConfigError(problems)
        self._base_url = spelled(base_url).rstrip("/")
        try:
            self._way = Way(base_url, ca_file, IN_FLIGHT, answer_cap_bytes)
        except OSError:
            raise ConfigError(["GATEWAY_UPSTREAM_CA_FILE: no CA certificates can be read from it"]) from None
        self._fixed = {
            "Host": urlsplit(self._base_url).netloc,
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity",
        }
        if token is not None:
            self._fixed["Authorization"] = f"Bearer {token}"
        self._timeout = timeout_seconds
        self._monotonic = clock.monotonic
        self._places = threading.BoundedSemaphore(IN_FLIGHT)

    def ask(self, question: Question) -> Answer:
        """What the service answers, whatever its status. Raises UpstreamFailed."""
        flight = Flight(self._monotonic() + self._timeout, self._monotonic, self._way.allowance)
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise UpstreamFailed("too much is asked of it at once")
        try:
            return self._way.ask(flight, self._request(question))
        except Broken as broken:
            raise UpstreamFailed(f"no whole answer: {broken.cause}") from None
        finally:
            self._places.release()

    def close(self) -> None:
        """Close what is open and idle."""
        self._way.close()

    def _request(self, question: Question) -> requests.PreparedRequest:
        route, values = question.route, question.values
        path = with_segments(route.path, lambda name: quote(values[name], safe=""))
        named = named_segments(route.path)
        query = form.write({name: value for name, value in values.items() if name not in named}).decode("ascii")
        request = requests.PreparedRequest()
        request.method, request.body = route.method, b""
        request.url = f"{self._base_url}{path}" + (f"?{query}" if query else "")
        length = {} if route.method in BODYLESS else {"Content-Length": "0"}
        request.headers = {  # type: ignore[assignment]  # as in RequestTemplate
            **self._fixed,
            "Accept": question.answer_type,
            "Gateway-Recipient": question.recipient,
            **length,
        }
        return request

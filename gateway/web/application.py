"""Flask, cut to what a gateway needs on every request: the request, the answer, and the application between them.

Promises: every answer leaves with the headers of the house, and leaves one line of diagnostics; a route is found by its
path and method alone. It must never run a hook, open a session, or look at `Host`: `before_request`, `after_request`
and `teardown_request` register in vain, and a test holds that nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.routing import MapAdapter

from gateway import __name__ as package
from gateway.clock import Clock
from gateway.model import CallerId, Receipt, TransferId
from gateway.web.diagnostics import Diagnostics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.local import LocalProxy

_NOT_SNIFFED = ("X-Content-Type-Options", "nosniff")


class Visit(Request):
    """One request while it is answered, and what became known of it."""

    began: float = 0.0
    caller: CallerId | None = None
    transfer_id: TransferId | None = None
    log_index: int | None = None

    def recorded(self, transfer_id: TransferId, receipt: Receipt) -> None:
        """From here on, every problem of this request carries the transfer's id and where it stands in the log."""
        self.transfer_id = transfer_id
        self.log_index = receipt.index


visit = cast("LocalProxy[Visit]", request)._get_current_object  # noqa: SLF001 -- public, in spite of its name
"""The request that is being answered. Hold on to it: each look through Flask's `request` is a search."""


class Reply(Response):
    """An answer of ours: whole bytes, whose headers stand as they were set.

    `Location` is a path and stays one (RFC 9110 section 10.2.2).
    """

    problem: str | None = None
    caching: str = "no-store"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with a list, which a server sends in one piece; through an iterator it would walk."""
        start_response(self.status, [*self.headers, _NOT_SNIFFED, ("Cache-Control", self.caching)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else cast("list[bytes]", self.response)


class NoSessions(SessionInterface):
    """No request has a session."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002 -- Flask's signature
        """The session that cannot be written to."""
        return self._none


class Application(Flask):
    """Flask, less what a gateway does not need on every request."""

    request_class = Visit
    response_class = Reply
    session_interface = NoSessions()

    def __init__(self, clock: Clock, diagnostics: Diagnostics) -> None:
        super().__init__(package, static_folder=None)
        self.url_map.merge_slashes = False  # a redirect would repeat the path that came
        self._clock = clock
        self._diagnostics = diagnostics

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view here is synchronous: nothing to find out, time and again."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Every route is for every host."""
        if request is None:
            return None
        return MapAdapter(self.url_map, "", "/", "", "http", request.path, request.method)

    def preprocess_request(self) -> None:
        """The request has begun."""
        visit().began = self._clock.monotonic()

    def process_response(self, response: Response) -> Response:
        """The request has its answer: write the line."""
        asked, reply = visit(), cast("Reply", response)  # Flask made it one of `response_class`
        rule = asked.url_rule
        self._diagnostics.request(
            method=asked.method if rule else None,
            route=rule.rule if rule else None,
            status=reply.status_code,
            code=reply.problem,
            transfer_id=asked.transfer_id,
            caller=asked.caller,
            ms=round((self._clock.monotonic() - asked.began) * 1_000, 1),
        )
        return reply

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Nothing was built up for this request."""

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """Nothing was built up for this request."""

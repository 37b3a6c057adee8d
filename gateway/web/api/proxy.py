"""`/v1/proxy/{recipient}/{purpose}/…`: the recipient's own API, with the minimum leaving.

A caller changes the base URL and keeps its library: method, path, query and body are those of the recipient, and its
status and answer come back. Around them stand our headers: `Gateway-Token`, `Gateway-Subject` and `Gateway-Basis` on
the way in, `Gateway-Transfer`, `Gateway-Outcome`, `Gateway-Withheld` and, where something was found in free text,
`Gateway-Findings` on the way out; an answer of our own making
carries `Gateway-Problem`, one that is told again under its `Idempotency-Key` carries `Gateway-Replayed`. A library that
can set no header states the token as its bearer token or its password; beside `Gateway-Token`, its `Authorization` is
the recipient's affair. It is never passed on.
"""

from __future__ import annotations

from typing import Final

from flask_smorest import Blueprint

from gateway.errors import MalformedRequest
from gateway.model import Answer, Attempted, Proxied
from gateway.web import replies
from gateway.web.access import token_and_subject
from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import TAKES, TRANSFER, Described, any_body
from gateway.web.application import Reply, Visit, visit
from gateway.web.passage import Passage

ROUTE: Final = "/v1/proxy/<recipient>/<purpose>/<path:path>"
METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
_WITHOUT_BODY: Final = frozenset({204, 304})  # nor a length of one (RFC 9110 section 8.6)
_ANSWER: Final[dict[str, object]] = {}  # whatever it is


class ProxyViews:
    """What the route does."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def proxy(self, recipient: str, purpose: str, path: str) -> Reply:
        """A request to a recipient's own API, the minimum of it leaving; its answer comes back."""
        asked = visit()
        came = asked.environ
        token, named = token_and_subject(asked)
        proxied = Proxied(
            recipient=recipient,
            purpose=purpose,
            method=asked.method,
            path=f"/{path}",
            query=came.get("QUERY_STRING", ""),
            headers=request_headers(asked),
            subject=_one_subject(came.get("HTTP_GATEWAY_SUBJECT"), named),
            basis=came.get("HTTP_GATEWAY_BASIS"),
        )
        return self._passage.carry(asked, token, _answered, proxied)


def blueprint(passage: Passage) -> Blueprint:
    """The routes of the proxy."""
    routes = Blueprint("proxy", __name__, description="Recipients' own APIs, with the minimum leaving")
    told = Described(
        problems=("unknown_route", *TRANSFER),
        takes=("Gateway-Subject", "Gateway-Basis", "Idempotency-Key"),
        gives=("Gateway-Transfer", "Gateway-Outcome", "Gateway-Withheld", "Gateway-Findings", "Gateway-Replayed"),
        bodies=any_body({"type": ["object", "array"]}, examples.ORDER),
        body_required=False,
        asked_with={name: TAKES[name]["example"] for name in ("Gateway-Subject", "Gateway-Basis")},
        done="The recipient's own answer, of any status",
        relays=True,
    )
    declare(routes, METHODS, ROUTE, ProxyViews(passage).proxy, answer=_ANSWER, content_type="*/*", told=told)
    return routes


def request_headers(asked: Visit) -> dict[str, str]:
    """The headers of a request, by their names in small letters."""
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in asked.environ.items()
        if name.startswith("HTTP_")
    }


def _one_subject(stated: str | None, named: str | None) -> str | None:
    if stated is not None and named is not None and stated != named:
        raise MalformedRequest("Gateway-Subject names another subject than the token")
    return named if stated is None else stated


def _as_it_is(answer: Answer) -> Reply:
    reply = Reply(answer.body, answer.status)
    del reply.headers["Content-Type"]  # Flask's own, which would say of any body that it is HTML
    if answer.status in _WITHOUT_BODY:
        del reply.headers["Content-Length"]
    for name, value in answer.headers.items():
        reply.headers.add(name, value)
    return reply


def _answered(attempted: Attempted) -> Reply:
    """The recipient's answer as it is; a problem where there is none, or not a whole one."""
    answer = attempted.sent.answer
    reply = replies.failed(attempted) if answer is None or attempted.sent.cause is not None else _as_it_is(answer)
    disclosure = attempted.recorded.disclosure
    reply.headers.add("Gateway-Transfer", disclosure.permitted.admitted.transfer_id)
    reply.headers.add("Gateway-Outcome", attempted.sent.outcome.value)
    reply.headers.add("Gateway-Withheld", str(len(disclosure.withheld)))
    if disclosure.findings:
        told = ", ".join(f"{kind}={count}" for kind, count in sorted(disclosure.findings.items()))
        reply.headers.add("Gateway-Findings", told)
    return reply

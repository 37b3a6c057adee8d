"""`POST /v1/preview`: the decision and the disclosure, before anything is sent.

Promises: the verdict is what stages 2 and 3 of the path say of the same request, a blocked subject included; a refusal
is an answer like any other. Nothing is recorded as a transfer, nothing sent, and no quota spent but for what is out of
scope, so that no one can list by guessing whom a recipient serves. It answers with the values that would leave, and
with names that no map knows as they came: to the caller who sent them, and nowhere else. With `Gateway-Observe: 1` the
shape of this one request is counted, for `map advise`; no setting turns that on, so none can leave it on (T51).
"""

from __future__ import annotations

from typing import Final, cast

from flask_smorest import Blueprint

from gateway.admission.preview import read_route
from gateway.admission.request import Previewed, TransferSchema
from gateway.canonical import Node, write
from gateway.errors import MalformedRequest
from gateway.minimise.verdict import in_the_clear, told
from gateway.model import Disclosure, Proxied, Refused, RefusedReason
from gateway.transfer import preview
from gateway.web.access import caller_token
from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import PREVIEW, Described, any_body
from gateway.web.api.proxy import request_headers
from gateway.web.application import Reply, Visit, visit
from gateway.web.passage import Passage
from gateway.web.ports import Served
from gateway.web.schemas import VerdictSchema

ROUTE: Final = "/v1/preview"
_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_WITH_RECIPIENT: Final = ("HTTP_GATEWAY_SUBJECT", "HTTP_GATEWAY_BASIS", "HTTP_GATEWAY_ROUTE")
_TAKES: Final = (
    "Gateway-Recipient",
    "Gateway-Purpose",
    "Gateway-Subject",
    "Gateway-Basis",
    "Gateway-Route",
    "Gateway-Observe",
)


class PreviewViews:
    """What the route does."""

    def __init__(self, served: Served, passage: Passage) -> None:
        self._served = served
        self._house = served.house
        self._passage = passage

    def post_preview(self) -> Reply:
        """Decide and minimise, and show what would leave.

        The body is that of `/v1/transfers`. A body of any other content type is the payload alone, and the headers
        `Gateway-Recipient`, `Gateway-Purpose`, `Gateway-Subject` and `Gateway-Basis` say the rest; `Gateway-Route`, if
        it is there, has it read as the proxy would read it. NDJSON and CSV get a verdict for each record, one a line.
        `Gateway-Observe: 1` has the paths, types and verdicts counted, and no value kept, for `gateway map advise`.
        """
        asked = visit()
        observing = _is_observing(asked)
        call = self._passage.call(asked, caller_token(asked), _stated(asked))
        previewed = self._served.admit_preview(call)
        asked.caller = previewed.caller.id
        results = self._results(previewed)
        self._passage.count_guesses(previewed.caller.id, results)
        if observing:
            self._passage.count_observed(previewed.caller.id, len(results), self._served.observe(results))
        verdicts = [write(cast("Node", told(result))) for result in results]
        if previewed.records:
            return Reply(b"".join([line + b"\n" for line in verdicts]), content_type=_NDJSON)
        return Reply(verdicts[0], content_type=_JSON)

    def _results(self, previewed: Previewed) -> list[Disclosure | Refused]:
        snapshot, now = self._house.maps(), self._house.clock.now()
        pairwise, in_set = self._house.pairwise, self._house.in_set
        results = [preview(one, snapshot, now, in_the_clear, pairwise, in_set=in_set) for one in previewed.each]
        if any(isinstance(result, Disclosure) for result in results) and self._served.restricted(previewed.subject):
            return [_restricted(result) if isinstance(result, Disclosure) else result for result in results]
        return results


def blueprint(served: Served, passage: Passage) -> Blueprint:
    """The route of previews."""
    routes = Blueprint("preview", __name__, description="What would leave, before anything is sent")
    views = PreviewViews(served, passage)
    told = Described(
        problems=PREVIEW,
        takes=_TAKES,
        bodies=any_body(TransferSchema, examples.TRANSFER),
        answers={_NDJSON: {"schema": {"type": "string", "description": "a verdict for each record, one a line"}}},
        done="The verdict; a refusal is one too",
        answered=examples.VERDICT,
    )
    declare(routes, "POST", ROUTE, views.post_preview, answer=VerdictSchema, told=told)
    return routes


def _is_observing(asked: Visit) -> bool:
    stated = asked.environ.get("HTTP_GATEWAY_OBSERVE")
    if stated not in (None, "1"):
        raise MalformedRequest("Gateway-Observe is 1 or is not there")
    return stated is not None


def _stated(asked: Visit) -> Proxied | None:
    """What the headers say the body is for; None where the body must say it. Raises MalformedRequest."""
    came = asked.environ
    recipient, purpose = came.get("HTTP_GATEWAY_RECIPIENT"), came.get("HTTP_GATEWAY_PURPOSE")
    if recipient is None and purpose is None:
        if any(name in came for name in _WITH_RECIPIENT):  # passed over, they would be in no verdict
            raise MalformedRequest("Gateway-Subject, -Basis and -Route stand with Gateway-Recipient and -Purpose")
        return None
    if recipient is None or purpose is None:
        raise MalformedRequest("Gateway-Recipient and Gateway-Purpose stand together")
    route = came.get("HTTP_GATEWAY_ROUTE")
    method, path, query = ("POST", "", "") if route is None else read_route(route)
    return Proxied(
        recipient=recipient,
        purpose=purpose,
        method=method,
        path=path,
        query=query,
        headers=request_headers(asked),
        subject=came.get("HTTP_GATEWAY_SUBJECT"),
        basis=came.get("HTTP_GATEWAY_BASIS"),
    )


def _restricted(disclosure: Disclosure) -> Refused:
    """The refusal that recording this disclosure would end in."""
    permitted = disclosure.permitted
    return Refused(
        admitted=permitted.admitted,
        reason=RefusedReason.RESTRICTED,
        map=permitted.map,
        policy_version=permitted.policy_version,
        withheld=disclosure.withheld,
        alarms=disclosure.alarms,
    )

"""`/v1/transfers`: make a transfer, and look at one of one's own.

Promises: a reply says what the path of a transfer said; a caller sees its own transfers and no other's, and cannot tell
another's from one that never was (T48). It must never parse, decide or send: it asks `gateway.transfer`.
"""

from __future__ import annotations

from typing import Final

from flask import Request, Response, g, request
from flask_smorest import Blueprint

from gateway.admission.quota import RefusalQuota
from gateway.admission.request import TransferSchema
from gateway.admission.tokens import authenticate
from gateway.errors import GatewayError, MalformedRequest, UnsupportedMediaType
from gateway.model import Attempted, Call, Declined, OutcomeCode, Recorded, TransferId
from gateway.transfer import House, accept, attempt
from gateway.web import replies
from gateway.web.access import caller_token
from gateway.web.api.declare import declare
from gateway.web.metrics import Metrics
from gateway.web.ports import Served
from gateway.web.problems import problem, recorded
from gateway.web.schemas import DeliveredSchema, LifeSchema

ROUTE: Final = "/v1/transfers"


class TransferViews:
    """What the two routes do; `house` is the gateway's, its admission guarded by `quota`."""

    def __init__(self, served: Served, house: House, quota: RefusalQuota, metrics: Metrics) -> None:
        self._served = served
        self._house = house
        self._quota = quota
        self._metrics = metrics

    def post_transfer(self) -> Response:
        """Decide, minimise, record, seal and send; answer with what the recipient answered."""
        clock = self._house.clock
        began = clock.monotonic()
        token = caller_token(request)
        authenticate(self._served.store.callers.lookup, token)  # before a byte of the body is waited for
        result = accept(_call(request, token), self._house)
        if isinstance(result, Declined):
            return self._declined(result)
        attempted = self._attempted(result)
        if attempted is None:
            return problem("outcome_unknown")
        self._metrics.attempted(attempted, clock.monotonic() - began)
        sent = attempted.sent
        plain = sent.outcome is OutcomeCode.DELIVERED and sent.cause is None
        return replies.delivered(attempted) if plain else replies.failed(attempted)

    def get_transfer(self, transfer_id: str) -> Response:
        """A transfer's life so far."""
        store = self._served.store
        caller = authenticate(store.callers.lookup, caller_token(request))
        g.caller = caller.id
        found = store.transfers.find(TransferId(transfer_id))
        if found is None or found.caller != caller.id:
            return problem("not_found")
        return replies.life(transfer_id, found)

    def _declined(self, declined: Declined) -> Response:
        admitted = declined.refused.admitted
        g.caller = admitted.caller.id
        recorded(admitted.transfer_id, declined.receipt)
        self._quota.spend(admitted.caller.id)
        self._metrics.declined(declined)
        return replies.refused(declined)

    def _attempted(self, result: Recorded) -> Attempted | None:
        """How the attempt ended; None where the gateway failed in it, when bytes may already have left."""
        admitted = result.disclosure.permitted.admitted
        g.caller = admitted.caller.id
        recorded(admitted.transfer_id, result.receipt)
        try:
            return attempt(admitted.transfer_id, self._house)
        except GatewayError:
            return None


def blueprint(served: Served, house: House, quota: RefusalQuota, metrics: Metrics) -> Blueprint:
    """The routes of transfers."""
    routes = Blueprint("transfers", __name__, description="Transfers of personal data to recipients")
    views = TransferViews(served, house, quota, metrics)
    declare(routes, "POST", ROUTE, views.post_transfer, answer=DeliveredSchema, request=TransferSchema)
    declare(routes, "GET", f"{ROUTE}/<transfer_id>", views.get_transfer, answer=LifeSchema)
    return routes


def _call(request: Request, token: str | None) -> Call:
    """The call as it came. A body over the limit is refused by its stated length, before it is read."""
    came = request.environ  # each header once, without a look through all of them
    if "HTTP_CONTENT_ENCODING" in came:
        raise UnsupportedMediaType("the body must come without a Content-Encoding")
    body = request.get_data(cache=False)
    if (request.content_length or 0) > len(body):
        raise MalformedRequest("the body ended before its Content-Length")
    return Call(
        token=token,
        content_type=came.get("CONTENT_TYPE", ""),
        body=body,
        idempotency_key=came.get("HTTP_IDEMPOTENCY_KEY"),
    )

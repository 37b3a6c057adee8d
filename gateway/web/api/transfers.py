"""`/v1/transfers`: make a transfer, and look at one of one's own.

Promises: a reply says what the path of a transfer said; a caller sees its own transfers and no other's, and cannot tell
another's from one that never was (T48). It must never parse, decide or send: it asks `gateway.transfer`.
"""

from __future__ import annotations

from typing import Final

from flask_smorest import Blueprint
from werkzeug.wsgi import get_content_length

from gateway.admission.quota import RefusalQuota
from gateway.admission.request import TransferSchema
from gateway.admission.tokens import authenticate
from gateway.errors import GatewayError, MalformedRequest, UnsupportedMediaType
from gateway.model import Attempted, Call, Declined, OutcomeCode, Recorded, TransferId
from gateway.transfer import House, accept, attempt
from gateway.web import replies
from gateway.web.access import caller_token
from gateway.web.api.declare import declare
from gateway.web.application import Reply, Visit, visit
from gateway.web.metrics import Metrics
from gateway.web.ports import Served
from gateway.web.problems import problem
from gateway.web.schemas import DeliveredSchema, LifeSchema

ROUTE: Final = "/v1/transfers"


class TransferViews:
    """What the two routes do; `house` is the gateway's, its admission guarded by `quota`."""

    def __init__(self, served: Served, house: House, quota: RefusalQuota, metrics: Metrics) -> None:
        self._served = served
        self._house = house
        self._quota = quota
        self._metrics = metrics
        self._longest = served.settings.max_body_bytes

    def post_transfer(self) -> Reply:
        """Decide, minimise, record, seal and send; answer with what the recipient answered."""
        asked = visit()
        token = caller_token(asked)
        authenticate(self._served.store.callers.lookup, token)  # before a byte of the body is waited for
        result = accept(_call(asked, token, self._longest), self._house)
        if isinstance(result, Declined):
            return self._declined(asked, result)
        attempted = self._attempted(asked, result)
        if attempted is None:
            return problem("outcome_unknown")
        self._metrics.attempted(attempted, self._house.clock.monotonic() - asked.began)
        sent = attempted.sent
        plain = sent.outcome is OutcomeCode.DELIVERED and sent.cause is None
        return replies.delivered(attempted) if plain else replies.failed(attempted)

    def get_transfer(self, transfer_id: str) -> Reply:
        """A transfer's life so far."""
        store = self._served.store
        asked = visit()
        caller = authenticate(store.callers.lookup, caller_token(asked))
        asked.caller = caller.id
        found = store.transfers.find(TransferId(transfer_id))
        if found is None or found.caller != caller.id:
            return problem("not_found")
        return replies.life(transfer_id, found)

    def _declined(self, asked: Visit, declined: Declined) -> Reply:
        admitted = declined.refused.admitted
        asked.caller = admitted.caller.id
        asked.recorded(admitted.transfer_id, declined.receipt)
        self._quota.spend(admitted.caller.id)
        self._metrics.declined(declined)
        return replies.refused(declined)

    def _attempted(self, asked: Visit, result: Recorded) -> Attempted | None:
        """How the attempt ended; None where the gateway failed in it, when bytes may already have left."""
        admitted = result.disclosure.permitted.admitted
        asked.caller = admitted.caller.id
        asked.recorded(admitted.transfer_id, result.receipt)
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


def _call(asked: Visit, token: str | None, longest: int) -> Call:
    """The call as it came."""
    came = asked.environ  # each header once, without a look through all of them
    if "HTTP_CONTENT_ENCODING" in came:
        raise UnsupportedMediaType("the body must come without a Content-Encoding")
    return Call(
        token=token,
        content_type=came.get("CONTENT_TYPE", ""),
        body=_body(asked, longest),
        idempotency_key=came.get("HTTP_IDEMPOTENCY_KEY"),
    )


def _body(asked: Visit, longest: int) -> bytes:
    """The body, in one read of its stated length; over the limit it is refused by that length, before it is read."""
    stated = get_content_length(asked.environ)
    if not stated or stated > longest:
        return asked.get_data(cache=False)  # werkzeug refuses what is too long, and cuts off what states no length
    try:
        body: bytes = asked.environ["wsgi.input"].read(stated)
    except (OSError, ValueError):  # the connection broke
        body = b""
    if len(body) < stated:
        raise MalformedRequest("the body ended before its Content-Length")
    return body

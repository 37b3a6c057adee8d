"""`/v1/transfers`: make a transfer, and look at one of one's own.

Promises: a reply says what the path of a transfer said; a caller sees its own transfers and no other's, and cannot tell
another's from one that never was (T48). It must never parse, decide or send: it asks `gateway.transfer`.
"""

from __future__ import annotations

from typing import Final

from flask_smorest import Blueprint

from gateway.admission.request import TransferSchema
from gateway.admission.tokens import authenticate
from gateway.model import Attempted, TransferId
from gateway.web import replies
from gateway.web.access import caller_token
from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import TRANSFER, Described
from gateway.web.application import Reply, visit
from gateway.web.passage import Passage, plainly_delivered
from gateway.web.ports import Served
from gateway.web.problems import problem
from gateway.web.schemas import DeliveredSchema, LifeSchema

ROUTE: Final = "/v1/transfers"


class TransferViews:
    """What the two routes do."""

    def __init__(self, served: Served, passage: Passage) -> None:
        self._served = served
        self._passage = passage

    def post_transfer(self) -> Reply:
        """Decide, minimise, record, seal and send; answer with what the recipient answered."""
        asked = visit()
        return self._passage.carry(asked, caller_token(asked), _answered)

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


def blueprint(served: Served, passage: Passage) -> Blueprint:
    """The routes of transfers."""
    routes = Blueprint("transfers", __name__, description="Transfers of personal data to recipients")
    views = TransferViews(served, passage)
    made = Described(
        problems=TRANSFER,
        takes=("Idempotency-Key",),
        gives=("Location", "Gateway-Replayed"),
        done="Delivered: the recipient answered 2xx",
        asked=examples.TRANSFER,
        answered=examples.DELIVERED,
    )
    seen = Described(problems=(), done="Its entries so far", answered=examples.LIFE)
    declare(routes, "POST", ROUTE, views.post_transfer, answer=DeliveredSchema, request=TransferSchema, told=made)
    declare(routes, "GET", f"{ROUTE}/<transfer_id>", views.get_transfer, answer=LifeSchema, told=seen)
    return routes


def _answered(attempted: Attempted) -> Reply:
    return replies.delivered(attempted) if plainly_delivered(attempted) else replies.failed(attempted)

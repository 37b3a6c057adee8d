"""`/v1/recipients/{id}/scope/{name}`: the sets that say whose data a recipient may have, kept by the platform.

Promises: only a caller whom an operator let keep this recipient's sets may look at one or change it, and only at a set
that the recipient's file names; who may not learns nothing of what there is. A body is not read before that is known.
It must never show a value, which may be a person or a house: only how many there are, and since when.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from flask_smorest import Blueprint

from gateway.admission.kept_set import LONGEST_BODY, Change, ChangeSchema, SetSchema, read_change, read_set
from gateway.admission.tokens import authenticate
from gateway.canonical import Node, write
from gateway.clock import iso
from gateway.errors import PayloadTooLarge, UnsupportedMediaType
from gateway.model import CallerId, RecipientId
from gateway.purpose import kept_sets
from gateway.web.access import caller_token
from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import READS, Described
from gateway.web.application import Reply, Visit, visit
from gateway.web.passage import read_body
from gateway.web.ports import KeptSetView, Served
from gateway.web.problems import problem
from gateway.web.schemas import KeptSetSchema

ROUTE: Final = "/v1/recipients/<recipient_id>/scope/<name>"
_HOW: Final = "an operator lets a caller keep a recipient's sets: gateway caller grant CALLER --keeps RECIPIENT"


class ScopeViews:
    """What the routes do."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._named = kept_sets(served.snapshot)

    def get_scope(self, recipient_id: str, name: str) -> Reply:
        """How many values a set holds, and since when."""
        asked = visit()
        recipient, refused, _ = self._may(asked, recipient_id, name)
        return refused or _told(recipient, name, self._served.kept_set(recipient, name))

    def put_scope(self, recipient_id: str, name: str) -> Reply:
        """Let a set hold these values and no others; every process follows within two seconds."""
        return self._keep(recipient_id, name, read_set)

    def patch_scope(self, recipient_id: str, name: str) -> Reply:
        """Take values out of a set and put others in, at once; every process follows within two seconds."""
        return self._keep(recipient_id, name, read_change)

    def _keep(self, recipient_id: str, name: str, read: Callable[[str, bytes], Change]) -> Reply:
        asked = visit()
        recipient, refused, caller = self._may(asked, recipient_id, name)
        if refused is not None:
            return refused
        if "HTTP_CONTENT_ENCODING" in asked.environ:
            raise UnsupportedMediaType("the body must come without a Content-Encoding")
        asked.max_content_length = LONGEST_BODY + 1  # of this route alone: a set is larger than a transfer
        body = read_body(asked, LONGEST_BODY)
        if len(body) > LONGEST_BODY:
            raise PayloadTooLarge(f"the body is longer than {LONGEST_BODY} bytes", hint="PATCH takes parts")
        change = read(asked.environ.get("CONTENT_TYPE", ""), body)
        return _told(recipient, name, self._served.keep(recipient, name, change, caller))

    def _may(self, asked: Visit, recipient_id: str, name: str) -> tuple[RecipientId, Reply | None, CallerId]:
        """Which recipient is meant, the answer where nothing may be done, and who asks. Raises Unauthenticated."""
        caller = authenticate(self._served.store.callers.lookup, caller_token(asked))
        asked.caller = caller.id
        recipient = RecipientId(recipient_id)
        if recipient not in caller.keeps:
            return recipient, problem("not_granted", _HOW), caller.id
        if (recipient, name) not in self._named:
            return recipient, problem("unknown_set", "`serves` of the recipient's file names its sets"), caller.id
        return recipient, None, caller.id


def blueprint(served: Served) -> Blueprint:
    """The routes of kept sets."""
    routes = Blueprint("scope", __name__, description="Whose data a recipient may have: sets that the platform keeps")
    views = ScopeViews(served)

    def told(*more: str, asked: object = None) -> Described:
        return Described(
            problems=("not_granted", "unknown_set", *more),
            done="What the set holds now",
            asked=asked,
            answered=examples.KEPT_SET,
        )

    whole = told(*READS, asked={"values": ["prem_0101", "prem_0102"]})
    part = told(*READS, asked={"add": ["prem_0103"], "remove": ["prem_0101"]})
    declare(routes, "GET", ROUTE, views.get_scope, answer=KeptSetSchema, told=told())
    declare(routes, "PUT", ROUTE, views.put_scope, answer=KeptSetSchema, request=SetSchema, told=whole)
    declare(routes, "PATCH", ROUTE, views.patch_scope, answer=KeptSetSchema, request=ChangeSchema, told=part)
    return routes


def _told(recipient: RecipientId, name: str, kept: KeptSetView | None) -> Reply:
    told = {
        "recipient": recipient,
        "name": name,
        "count": 0 if kept is None else kept.count,
        "updated_at": None if kept is None else iso(kept.updated_at),
    }
    return Reply(write(cast("Node", told)), content_type="application/json")

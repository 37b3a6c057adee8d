"""`/v1/pull/{recipient}/…`: recipients that ask us, in their own protocol, and get the minimum.

What the platform answers takes the whole path: decide, minimise, record, and only then the recipient has it. What it is
told otherwise stands in its file; where nothing stands there, and for whoever is not known, a status and no word. It
must never say a word of ours or of the platform's to a recipient: no problem documents, no headers of the house.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from flask_smorest import Blueprint

from gateway.admission.knock import Knock
from gateway.admission.quota import RefusalQuota
from gateway.errors import (
    AdmissionError,
    GatewayError,
    MalformedRequest,
    NothingFound,
    Unauthenticated,
    UnknownRoute,
    UpstreamFailed,
)
from gateway.model import (
    Admitted,
    Call,
    Caller,
    CallerId,
    Declined,
    Envelope,
    Pull,
    PullFault,
    Recorded,
    SubjectIn,
    TransferId,
)
from gateway.transfer import House, accept, attempt
from gateway.web.api.declare import declare
from gateway.web.api.described import Access, Described
from gateway.web.api.proxy import request_headers
from gateway.web.application import Reply, Visit, visit
from gateway.web.handed import NEVER_BEGUN, Handed, Waiting
from gateway.web.metrics import Metrics
from gateway.web.ports import Served
from gateway.web.problems import bare, problem

ROUTE: Final = "/v1/pull/<recipient>/<path:path>"
METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
AT_ONCE: Final = 16  # records of one register
FROM_ONE: Final = 16
"""So many requests of one recipient are answered at once: else whoever asks much holds every thread of a process."""

WAIT_SECONDS: Final = 0.25  # for a place among them: whoever waits holds a thread too
_NO_CALL: Final = Call(None, "", b"")
_RECORDS: Final = "records"
_FAULTS: Final[Mapping[type[GatewayError], PullFault]] = {
    MalformedRequest: PullFault.MALFORMED,
    NothingFound: PullFault.NOT_FOUND,
}
_WITHOUT_A_WORD: Final = {"description": "A status without a body"}
_AS_ITS_FILE_SAYS: Final = {"description": "As the recipient's file says, or a status without a body"}
_CHALLENGE: Final = 'Basic realm="pull", charset="UTF-8"'


class PullViews:
    """What the route does."""

    def __init__(self, served: Served, quota: RefusalQuota, metrics: Metrics) -> None:
        self._pulled = served.pulled
        self._house = served.house
        self._quota = quota
        self._metrics = metrics
        self._places: dict[CallerId, threading.BoundedSemaphore] = {}

    def pull(self, recipient: str, path: str) -> Reply:
        """What a recipient asks us for, the minimum of it, as its own protocol has it.

        It proves who it is as its file says, and gets a status without a body where it does not.
        """
        asked = visit()
        way = f"/{path}"
        try:
            caller = self._pulled.caller(recipient, Knock(asked.remote_addr, request_headers(asked)))
            pull = self._pulled.pull(recipient, asked.method, way)
        except (Unauthenticated, UnknownRoute) as error:
            self._metrics.admission_error(error.code)
            reply = problem(error.code)
            if isinstance(error, Unauthenticated):  # the same whoever it was: recipients cannot be listed
                reply.headers["WWW-Authenticate"] = _CHALLENGE
            return reply
        asked.caller = caller.id
        values: dict[str, str] = {}
        try:
            _require_no_body(asked)
            values = self._pulled.asked(pull, way, asked.environ.get("QUERY_STRING", ""))
            self._quota.require(caller.id)
            with self._place(caller.id):
                return self._answered(asked, pull, values)
        except GatewayError as error:
            return self._failed(pull, caller, values, error)

    @contextmanager
    def _place(self, caller: CallerId) -> Iterator[None]:
        """One of the places that a recipient has. Raises UpstreamFailed where it holds them all."""
        places = self._places.setdefault(caller, threading.BoundedSemaphore(FROM_ONE))
        if not places.acquire(timeout=WAIT_SECONDS):
            raise UpstreamFailed("the recipient asks for too much at once")
        try:
            yield
        finally:
            places.release()

    def _answered(self, asked: Visit, pull: Pull, values: Mapping[str, str]) -> Reply:
        monotonic = self._house.clock.monotonic
        waiting = Waiting(self._house.recorder, lambda one: self._metrics.attempted(one, monotonic() - asked.began))
        admitted = self._pulled.admit(pull, values)
        try:
            self._carry(asked, admitted, self._under(pull, waiting))
        except BaseException:
            waiting.end(NEVER_BEGUN)
            raise
        if not waiting.envelopes:
            waiting.end(NEVER_BEGUN)
            return _told(pull, PullFault.REFUSED, values)
        places = {one.transfer_id: place for place, one in enumerate(admitted)}
        envelopes = sorted(waiting.envelopes, key=lambda one: places[_transfer_of(one)])
        reply = Handed(_body(pull, envelopes), content_type=envelopes[0].content_type)
        reply.waiting = waiting
        return reply

    def _under(self, pull: Pull, waiting: Waiting) -> House:
        """The house for this one request: its own maps, and outcomes that wait for the answer's end."""
        snapshot = self._pulled.snapshot_of(pull)
        return replace(self._house, maps=lambda: snapshot, recorder=waiting, send=waiting.send)

    def _carry(self, asked: Visit, admitted: tuple[Admitted, ...], house: House) -> None:
        """Each payload through the whole path, many at once so that they share commits; what is refused is left out."""
        if len(admitted) == 1:
            self._carry_one(asked, admitted[0], house)
            return
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull") as pool:
            for _ in pool.map(lambda one: self._carry_one(asked, one, house), admitted):
                pass

    def _carry_one(self, asked: Visit, one: Admitted, house: House) -> None:
        own = replace(house, admit=lambda _: one)  # admission is over
        result = accept(_NO_CALL, own)
        if isinstance(result, Declined):
            asked.recorded(one.transfer_id, result.receipt)
            self._quota.spend(one.caller.id)
            self._metrics.declined(result)
        elif isinstance(result, Recorded):
            asked.recorded(one.transfer_id, result.receipt)
            attempt(one.transfer_id, own)

    def _failed(self, pull: Pull, caller: Caller, values: Mapping[str, str], error: GatewayError) -> Reply:
        if isinstance(error, AdmissionError):
            self._metrics.admission_error(error.code)
        fault = next((one for kind, one in _FAULTS.items() if isinstance(error, kind)), PullFault.UNAVAILABLE)
        if fault is PullFault.NOT_FOUND:  # else a recipient could find out for ever which accounts there are
            self._quota.spend(caller.id)
        reply = _told(pull, fault, values)
        reply.problem = error.code
        return reply


def blueprint(served: Served, quota: RefusalQuota, metrics: Metrics) -> Blueprint:
    """The routes of pulls."""
    routes = Blueprint("pull", __name__, description="Recipients that ask us")
    told = Described(
        Access.RECIPIENT,
        done="What the recipient's file lets go back",
        beside=dict.fromkeys(("401", "404", "500"), _WITHOUT_A_WORD) | {"default": _AS_ITS_FILE_SAYS},
    )
    view = PullViews(served, quota, metrics).pull
    declare(routes, METHODS, ROUTE, view, answer={}, content_type="*/*", told=told)
    return routes


def _transfer_of(envelope: Envelope) -> TransferId:
    return envelope.recorded.disclosure.permitted.admitted.transfer_id


def _require_no_body(asked: Visit) -> None:
    """All that a recipient asks for stands in its path and query. Raises MalformedRequest."""
    came = asked.environ
    if came.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in came:
        raise MalformedRequest("a pull takes no body")


def _told(pull: Pull, fault: PullFault, values: Mapping[str, str]) -> Reply:
    """What the recipient's file says that it is told."""
    said = pull.faults[fault]
    if not said.content_type:
        return bare(said.status, fault.value)
    reply = Reply(said.write(values), said.status, content_type=said.content_type)
    reply.problem = fault.value
    return reply


def _body(pull: Pull, envelopes: list[Envelope]) -> bytes:
    """The body of the answer; of records that were each a transfer of its own, all that may go back, in their order."""
    if pull.subject_in is not SubjectIn.RECORD:
        return envelopes[0].body
    disclosed = [envelope.recorded.disclosure for envelope in envelopes]
    records = [
        record
        for one in disclosed
        if isinstance(one.data, dict) and isinstance(found := one.data.get(_RECORDS), list)
        for record in found
    ]
    return disclosed[0].write({_RECORDS: records})

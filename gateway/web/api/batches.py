"""`POST /v1/batches`: a registry as NDJSON or CSV in, one verdict per record out, both streamed.

Promises: who asks is known before a byte of the body is waited for, what is wrong with the registry as a whole is a
problem document, and from then on there is a line for each record and a last one for all of them: where that is
missing, the connection broke, and the same request goes on from there. The body is never whole in memory: the server
hands it over as it comes. A few registries at a time, so that they cannot take every thread (T71). It must never
answer with a value.

Verdicts that no one reads yet wait on disk, so a caller may send all before it reads.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

import orjson
from flask_smorest import Blueprint

from gateway.admission.quota import RefusalQuota
from gateway.admission.request import basis_in
from gateway.admission.tokens import authenticate
from gateway.batch import Asked, Begun, Run
from gateway.errors import MalformedRequest, UnsupportedMediaType
from gateway.formats.registry import Read, dialect_of
from gateway.model import Caller
from gateway.web.access import caller_token
from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import READS, Described
from gateway.web.application import Reply, Visit, visit
from gateway.web.metrics import Metrics
from gateway.web.ports import Served
from gateway.web.problems import problem
from gateway.web.schemas import RecordVerdictSchema
from gateway.web.spool import Spool

ROUTE: Final = "/v1/batches"
AT_ONCE: Final = 4
"""Registries under way in one process."""

_NDJSON: Final = "application/x-ndjson"
_NEEDS: Final = ("Idempotency-Key", "Gateway-Recipient", "Gateway-Purpose")
_TAKES: Final = (
    "Gateway-Basis",
    "Gateway-Subject-Field",
    "Gateway-Basis-Field",
)
_UNDER_WAY: Final[weakref.WeakSet[Run]] = weakref.WeakSet()


def end_soon() -> None:
    """Let every registry of this process end after its group: the process was told to end."""
    for run in list(_UNDER_WAY):
        run.stop()


class BatchViews:
    """What the route does."""

    def __init__(self, served: Served, quota: RefusalQuota, metrics: Metrics) -> None:
        self._served = served
        self._quota = quota
        self._metrics = metrics
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def post_batch(self) -> Reply:
        """Take each record of a registry through the path of a transfer; a verdict for each, as it becomes known.

        `Idempotency-Key` names the batch: under the same name no record is sent twice, whatever was broken off when.
        `Gateway-Subject-Field` names the column or path that says whom a record is about. The last line counts.
        """
        asked = visit()
        token = caller_token(asked)
        lookup = self._served.store.callers.lookup
        caller = authenticate(lookup, token)
        asked.caller = caller.id
        stated = _stated(asked, lambda: authenticate(lookup, token))
        if not self._places.acquire(blocking=False):
            return problem("too_many_batches")
        try:
            begun = self._served.begin(stated, _body(asked), lambda: self._quota.take(caller.id))
            spool = Spool(lambda: self._told(begun, stated, caller.id), ended=self._places.release)
        except BaseException:
            self._places.release()
            raise
        _UNDER_WAY.add(begun.run)
        return Reply(_Lines(spool, begun.run), content_type=_NDJSON)

    def _told(self, begun: Begun, stated: Asked, caller: str) -> Iterator[bytes]:
        for verdict in begun.run.verdicts(begun.rows):
            self._metrics.record(caller, stated.recipient, stated.purpose, verdict)
            yield orjson.dumps(verdict, option=orjson.OPT_APPEND_NEWLINE)
        yield orjson.dumps(begun.run.summary(), option=orjson.OPT_APPEND_NEWLINE)


class _Lines:
    """The lines of an answer; where no one reads it any more, the registry ends after its group."""

    def __init__(self, spool: Spool, run: Run) -> None:
        self._spool = spool
        self._run = run

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._spool)

    def close(self) -> None:
        """End the registry, if it has not ended."""
        self._run.stop()
        self._spool.close()


def blueprint(served: Served, quota: RefusalQuota, metrics: Metrics) -> Blueprint:
    """The route of registries."""
    routes = Blueprint("batches", __name__, description="Registries: many records, each a transfer of its own")
    views = BatchViews(served, quota, metrics)
    told = Described(
        problems=(*READS, "too_many_batches"),
        needs=_NEEDS,
        takes=_TAKES,
        bodies={
            _NDJSON: {"schema": {"type": "string"}, "example": examples.REGISTRY},
            "text/csv": {"schema": {"type": "string"}},
        },
        asked_with=examples.REGISTRY_HEADERS,
        done="A verdict for each record, one a line, and a last line for all of them",
    )
    declare(routes, "POST", ROUTE, views.post_batch, answer=RecordVerdictSchema, content_type=_NDJSON, told=told)
    return routes


def _stated(asked: Visit, who: Callable[[], Caller]) -> Asked:
    came = asked.environ
    if "HTTP_CONTENT_ENCODING" in came:
        raise UnsupportedMediaType("the body must come without a Content-Encoding")
    recipient, purpose = came.get("HTTP_GATEWAY_RECIPIENT"), came.get("HTTP_GATEWAY_PURPOSE")
    batch, basis = came.get("HTTP_IDEMPOTENCY_KEY"), came.get("HTTP_GATEWAY_BASIS")
    if not recipient or not purpose or not batch:
        raise MalformedRequest("Gateway-Recipient, Gateway-Purpose and Idempotency-Key say what the records are for")
    return Asked(
        who=who,
        recipient=recipient,
        purpose=purpose,
        batch=batch,
        basis=None if basis is None else basis_in(basis),
        subject_field=_text(came.get("HTTP_GATEWAY_SUBJECT_FIELD")),
        basis_field=_text(came.get("HTTP_GATEWAY_BASIS_FIELD")),
        dialect=dialect_of(came.get("CONTENT_TYPE", "")),
        ends_whole=_length(asked) is not None,
    )


def _text(header: str | None) -> str | None:
    """What a header says, percent-encoded where it is not ASCII: columns have names of any script."""
    return None if header is None else unquote(header)


def _length(asked: Visit) -> int | None:
    stated = asked.environ.get("CONTENT_LENGTH")
    return int(stated) if stated and stated.isdecimal() else None


def _body(asked: Visit) -> Read:
    """The body as it comes; one that ends before its stated length has broken off, and is no whole registry."""
    stream, left = asked.environ["wsgi.input"], _length(asked)

    def read(size: int) -> bytes:
        nonlocal left
        if left == 0:
            return b""
        try:
            piece: bytes = stream.read(size if left is None else min(size, left))
        except (OSError, ValueError):
            piece = b""
        if left is not None:
            left -= len(piece)
            if not piece:
                raise MalformedRequest("the body ended before its Content-Length; nothing of its last line was read")
        return piece

    return read

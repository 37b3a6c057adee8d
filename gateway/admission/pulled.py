"""A recipient that asks us: who it is, which of its routes it takes, and what the platform answers, as payloads.

Promises: the recipient is known before anything of its request is read; only declared and typed values of it reach the
platform; the platform's answer becomes a payload like any other, about the person that it names, and is never passed on
as it came. It must never say to anyone a value of the request or of the platform's answer.

source: DESIGN law 12, 6.5 (direction `answer`)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from gateway.admission.knock import Door, Knock, Trust
from gateway.admission.proxied import read_query, text_at
from gateway.admission.request import basis_in, opaque_subject
from gateway.admission.transfer_id import new_transfer_id
from gateway.canonical import Node
from gateway.clock import Clock
from gateway.errors import AdmissionError, MalformedRequest, NothingFound, Unauthenticated, UnknownRoute, UpstreamFailed
from gateway.formats import Document, read
from gateway.formats.head import path_pattern
from gateway.model import (
    Admitted,
    Answer,
    Basis,
    Caller,
    CallerId,
    Direction,
    Projection,
    Pull,
    RecipientId,
    Snapshot,
    SubjectId,
    SubjectIn,
    WithheldReason,
)

RECORDS_MOST: Final = 10_000
_RECORDS: Final = "records"
_OK: Final = 200
_NOT_FOUND: Final = 404
_UNASKED: Final = frozenset({WithheldReason.NOT_IN_MAP, WithheldReason.NEVER, WithheldReason.SPECIAL_CATEGORY})
"""What a request may hold beside what its route takes: it goes nowhere."""


class Ask(Protocol):
    """The way to the platform's own service."""

    def __call__(self, pull: Pull, values: Mapping[str, str], /) -> Answer:
        """What it answers. Raises UpstreamFailed."""


class Pulled:
    """Stage 1 where the recipient is the one that asks."""

    def __init__(self, snapshot: Snapshot, secrets: Mapping[str, str], trust: Trust, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._pulls: dict[RecipientId, list[Pull]] = {}
        for pull in snapshot.pulls:
            self._pulls.setdefault(pull.recipient, []).append(pull)
        self._doors = {
            one: Door(calls, secrets, trust)
            for one in self._pulls
            if (calls := snapshot.recipients[one].calls) is not None
        }
        self._callers = {one: _caller(one, pulls) for one, pulls in self._pulls.items()}
        self._snapshots = {id(pull): under_pull(pull, snapshot) for pull in snapshot.pulls}

    def caller(self, recipient: str, knock: Knock) -> Caller:
        """The recipient as a caller, if it is the one that knocks. Raises Unauthenticated, whatever was wrong."""
        door = self._doors.get(RecipientId(recipient))
        if door is None or not door.opens(knock):
            raise Unauthenticated("the recipient did not prove who it is, or may ask for nothing")
        return self._callers[RecipientId(recipient)]

    def pull(self, recipient: str, method: str, path: str) -> Pull:
        """The declared way that a request takes. Raises UnknownRoute."""
        for pull in self._pulls.get(RecipientId(recipient), ()):
            if pull.route.method == method and path_pattern(pull.route.path).fullmatch(path) is not None:
                return pull
        raise UnknownRoute("the recipient's file declares no such pull")

    def snapshot_of(self, pull: Pull) -> Snapshot:
        """The maps as this pull sees them: its own, of what goes back, and no other."""
        return self._snapshots[id(pull)]

    def asked(self, pull: Pull, path: str, query: str) -> dict[str, str]:
        """What a request asks for, by the names that its route takes. Raises MalformedRequest."""
        segments = path_pattern(pull.route.path).fullmatch(path)
        payload: dict[str, Node] = {"path": dict(segments.groupdict()) if segments else {}, "query": read_query(query)}
        projection = pull.takes({name: part for name, part in payload.items() if part}, _unnamed)
        if projection.failures or any(one.reason not in _UNASKED for one in projection.withheld):
            raise MalformedRequest("what is asked is not what the route takes")
        return dict(_texts(projection))

    def admit(self, pull: Pull, values: Mapping[str, str]) -> tuple[Admitted, ...]:
        """What the platform answers, as payloads: each about one person. Raises NothingFound, UpstreamFailed."""
        received_at = self._clock.now()
        document = _document(self._ask(pull, values), pull)
        tree = document.tree
        is_same = document.media_type.partition(";")[0] == pull.map.media_type
        return tuple(
            Admitted(
                transfer_id=new_transfer_id(received_at),
                caller=self._callers[pull.recipient],
                recipient=pull.recipient,
                purpose=pull.purpose,
                subject=subject,
                basis=basis,
                payload=payload,
                received_at=received_at,
                media_type=document.media_type if is_same else None,
                write=document.write if is_same else None,
                direction=Direction.ANSWER,
            )
            for payload, subject, basis in _payloads(tree, pull, values)
        )


def _caller(recipient: RecipientId, pulls: list[Pull]) -> Caller:
    """No caller of the platform's has a colon in its id, so none can be taken for this."""
    return Caller(CallerId(f"pull:{recipient}"), frozenset((recipient, pull.purpose) for pull in pulls))


def under_pull(pull: Pull, snapshot: Snapshot) -> Snapshot:
    """The maps as a pull sees them: its own, of what goes back, and no other."""
    maps = {(pull.recipient, pull.purpose): pull.map}
    return Snapshot(snapshot.version, snapshot.purposes, snapshot.recipients, maps)


def _unnamed(_name: str) -> str:
    return "~"


def _texts(projection: Projection) -> Iterator[tuple[str, str]]:
    parts = projection.data.values() if isinstance(projection.data, dict) else ()
    for part in parts:
        for name, leaf in part.items() if isinstance(part, dict) else ():
            if isinstance(leaf, bool):
                yield name, "true" if leaf else "false"
            elif isinstance(leaf, str):
                yield name, str(leaf)


def _document(answer: Answer, pull: Pull) -> Document:
    """The platform's answer, read. Raises NothingFound, UpstreamFailed."""
    if answer.status == _NOT_FOUND:
        raise NothingFound("the platform knows no such thing")
    if answer.status != _OK:
        raise UpstreamFailed(f"the platform's service answered {answer.status}")
    content_type = answer.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != pull.answer_type:
        raise UpstreamFailed(f"the platform's service did not answer {pull.answer_type}")
    try:
        return read(content_type, answer.body)
    except AdmissionError:
        raise UpstreamFailed(f"the platform's answer is not {pull.answer_type}") from None


def _payloads(tree: Node, pull: Pull, values: Mapping[str, str]) -> list[tuple[Node, SubjectId, Basis | None]]:
    """Each payload, whom it is about, and on which basis. Raises NothingFound, UpstreamFailed."""
    if pull.subject_in is not SubjectIn.RECORD:
        _echo(tree, pull, values)
        where: Node = {**values} if pull.subject_in is SubjectIn.ASKED else tree
        named = text_at(where, pull.subject_from)
        if named is None:
            raise NothingFound("the platform's answer is about no one")
        return [(tree, _subject(named), _basis(tree, pull))]
    records = tree.get(_RECORDS) if isinstance(tree, dict) else None
    if not isinstance(records, list) or len(records) > RECORDS_MOST:
        raise UpstreamFailed(f"the platform's answer has no records, or more than {RECORDS_MOST}")
    if not records:
        raise NothingFound("the platform's answer has no records")
    named_each = [(record, text_at(record, pull.subject_from)) for record in records]
    if any(named is None for _, named in named_each):
        raise UpstreamFailed("a record of the platform's answer is about no one")
    return [({_RECORDS: [record]}, _subject(named or ""), _basis(record, pull)) for record, named in named_each]


def _echo(tree: Node, pull: Pull, values: Mapping[str, str]) -> None:
    """What the recipient asked stands where its protocol wants it again, whatever the platform says there."""
    for keys, name in pull.echo:
        node = tree
        for key in keys[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node[keys[-1]] = values[name]


def _subject(named: str) -> SubjectId:
    try:
        return opaque_subject(named)
    except MalformedRequest:
        raise UpstreamFailed("the platform's answer names its subject by what is no opaque id") from None


def _basis(node: Node, pull: Pull) -> Basis | None:
    stated = text_at(node, pull.basis_from)
    if stated is None:
        return pull.basis
    try:
        return basis_in(stated)
    except MalformedRequest:
        raise UpstreamFailed("the platform's answer states a basis that is none") from None

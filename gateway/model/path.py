"""The values that travel the path, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.canonical import Node
from gateway.clock import Instant
from gateway.formats import Write
from gateway.model.log import Claim, Receipt
from gateway.model.maps import Failure, PurposeMap, Released, Route, Withheld
from gateway.model.words import (
    BasisKind,
    CallerId,
    Cause,
    Direction,
    OutcomeCode,
    PurposeId,
    RecipientId,
    RefusedReason,
    Standing,
    SubjectId,
    TransferId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """A request that was meant for a recipient's own API, as it came: what `/v1/transfers` says in its body."""

    recipient: str
    purpose: str
    method: str
    path: str = field(repr=False)  # below the recipient's base URL, decoded, with its first slash
    query: str = field(repr=False)  # raw
    headers: Mapping[str, str] = field(repr=False)  # by their names in small letters
    subject: str | None = field(repr=False)  # as stated: whether it is the platform's own id is not known yet
    basis: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """What came in, before anything is known about it. `content_type` as sent; `body` raw."""

    token: str | None = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)
    idempotency_key: str | None = field(default=None, repr=False)  # as sent: it may be anything
    proxied: Proxied | None = None
    fingerprint: bytes | None = field(default=None, repr=False)  # what a repeat must equal; None: all that came


@dataclass(frozen=True, slots=True)
class Basis:
    """The legal basis that the caller states, as it states it."""

    kind: BasisKind
    ref: str
    given_at: str  # RFC 3339
    text_version: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """An internal system that may ask, and exactly what for."""

    id: CallerId
    grants: frozenset[tuple[RecipientId, PurposeId]]
    basis: Basis | None = None  # set by an operator, for a request that states none
    keeps: frozenset[RecipientId] = frozenset()  # whose sets of values it may keep up to date


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A well-formed request of a known caller. The payload is whole: nothing of it may be logged or shown."""

    transfer_id: TransferId
    caller: Caller
    recipient: str  # as asked: not known to be one yet
    purpose: str
    subject: SubjectId = field(repr=False)
    basis: Basis | None = field(repr=False)
    payload: Node = field(repr=False)
    received_at: Instant
    route: Route | None = None  # that it came by; None for the first that the map declares
    media_type: str | None = None  # of the body that came, where it leaves as it came; None for the map's
    write: Write | None = field(default=None, repr=False)  # back into that body's own dialect
    unread: tuple[str, ...] = field(default=(), repr=False)  # names in a query, where the recipient takes none
    claim: Claim | None = None  # of the Idempotency-Key that it came with
    direction: Direction = Direction.REQUEST


@dataclass(frozen=True, slots=True)
class Permitted:
    """This recipient may have data for this purpose, about this subject, now; which data, the map says."""

    admitted: Admitted
    map: PurposeMap
    policy_version: str  # of the snapshot that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The transfer may not happen; a result, not an error (law 8)."""

    admitted: Admitted
    reason: RefusedReason
    map: PurposeMap | None = None
    policy_version: str = ""
    failures: tuple[Failure, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Exactly what will leave, and the account of it. Built from the map; never the payload with things removed."""

    permitted: Permitted
    data: Node = field(repr=False)
    body: bytes = field(repr=False)  # `data`, or its part `body`, as bytes of `media_type`
    media_type: str
    write: Write = field(repr=False)  # a tree in the dialect of `media_type`; what signs last needs it once more
    released: tuple[Released, ...]
    withheld: tuple[Withheld, ...]
    alarms: tuple[str, ...]
    findings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A disclosure whose intent is durable: the only thing that may be sealed."""

    disclosure: Disclosure
    attempt: int
    receipt: Receipt
    fields_key: bytes = field(repr=False)  # opens the field digests of this transfer, to those who have the fields
    deadline_at: Instant
    deadline: float  # the same on the monotonic clock, seconds
    answer_key: bytes | None = field(default=None, repr=False)  # seals what its caller is told; None without a claim


@dataclass(frozen=True, slots=True)
class Declined:
    """A refusal that is durable."""

    refused: Refused
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Repeated:
    """A request under an `Idempotency-Key` that is held: nothing of it was decided, recorded or sent."""

    admitted: Admitted
    transfer_id: TransferId  # of the transfer that holds the key
    index: int  # of its intent
    standing: Standing
    answer: Answer | None = None  # what its caller was told, where that is KEPT


@dataclass(frozen=True, slots=True)
class Envelope:
    """What goes on the wire for one attempt: sealed, or plain under TLS where the recipient's file says why."""

    recorded: Recorded
    content_type: str
    body: bytes = field(repr=False)
    digest: str  # SHA-256 of `body`, base64url
    route: Route
    target: str = field(repr=False)  # path and query below the recipient's base URL
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # beside those of every request
    also: tuple[Recorded, ...] = ()  # the other records of a registry that it carries


@dataclass(frozen=True, slots=True)
class Answer:
    """What the recipient answered: status, a short list of headers, at most the capped body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """How one attempt ended."""

    outcome: OutcomeCode
    cause: Cause | None = None
    status: int | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt, from its intent to its outcome."""

    recorded: Recorded
    sent: Sent

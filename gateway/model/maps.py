"""What the purpose maps say, compiled: rules, recipients, the snapshot that is swapped whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gateway.canonical import Node, Path
from gateway.clock import Instant
from gateway.model.calls import Calls
from gateway.model.words import (
    BasisKind,
    Digest,
    FieldType,
    Location,
    MapVersion,
    Protection,
    PurposeId,
    RecipientId,
    RefusedReason,
    SignerKind,
    SubjectId,
    Suite,
    Transform,
    WithheldReason,
)

if TYPE_CHECKING:
    from gateway.model.pulls import Pull


@dataclass(frozen=True, slots=True)
class Match:
    """One line of a condition: the value at `path` must be one of `values` (texts; booleans as `true`, `false`)."""

    path: Path
    values: tuple[str, ...]


When = tuple[tuple[Match, ...], ...]
"""A list of tables, any of which suffices (OR) if all its lines hold (AND). Empty: always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One field that a purpose may have (DESIGN 6.1), conditions on the recipient already decided."""

    path: Path
    sources: tuple[Path, ...]  # where it comes from in the payload; usually the path itself
    category: str
    type: FieldType
    transform: Transform | None = None
    required: bool = False
    when: When = ()
    one_of: tuple[str, ...] = ()
    pattern: str | None = None
    max_length: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    places: int | None = None  # most decimal places
    max_items: int | None = None  # of the innermost array in the path
    min_items: int | None = None  # the same; that many must leave
    hosts: tuple[str, ...] = ()  # for URLs
    template: str | None = None  # for Transform.TEMPLATE: text with {path} of other fields' sources
    generic: str | None = None  # for Transform.GENERIC: the text that stands in the value's place
    location: Location = Location.BODY  # what of the request carries it
    because: str = ""  # the sentence that justifies it, citing the policy


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the recipient may keep what it gets, counted from the disclosure."""

    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """One declared way into a recipient's API; a segment of its path in braces is a field, `path.<name>`."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A public JWK of a recipient and the instant from which it may not be used."""

    kid: str  # RFC 7638 thumbprint
    jwk: Mapping[str, str]
    not_after: Instant | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A static header that the recipient wants; the secret lives in the gateway's settings, not in the file."""

    header: str
    secret: str  # the name under which settings hold it
    scheme: str = ""  # e.g. "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """How requests to a recipient are signed after stripping: names of secrets only, never their texts."""

    kind: SignerKind
    secrets: Mapping[str, str]  # what SIGNER_SECRETS asks for → the name under which settings hold it
    header: str = "Authorization"  # where an API key or an HMAC stands
    scheme: str = ""  # before an API key, e.g. "Token"
    digest: Digest = Digest.SHA256  # of an HMAC and of Robokassa
    base64: bool = False  # an HMAC as base64 instead of hex
    prefix: str = ""  # of an HMAC, e.g. "sha256="
    token_url: str = ""  # where OAuth2 tokens are fetched
    scope: str = ""  # what OAuth2 tokens are asked for


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where a recipient's API may be tried with invented payloads; none of its addresses is where transfers go."""

    base_urls: tuple[str, ...]
    token_url: str = ""  # where its OAuth2 tokens are fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A third party, as its file in `purpose_maps/recipients/` describes it."""

    id: RecipientId
    recipient_class: str
    title: Mapping[str, str]
    bin: str
    country: str
    storage_country: str
    base_url: str
    protection: Protection
    protection_reason: str | None = None
    suite: Suite = Suite.P256
    keys: tuple[RecipientKey, ...] = ()
    credentials: Credentials | None = None
    signer: Signer | None = None
    sandbox: Sandbox | None = None
    ca_file: str | None = None  # path of a PEM file, else the system's roots
    timeout_seconds: float = 10.0
    in_flight: int = 16
    calls: Calls | None = None  # how it proves who it is, where it calls us


@dataclass(frozen=True, slots=True)
class Released:
    """A field that leaves: its path and the rule that let it."""

    path: str
    rule: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A field that stays: its path (names that no map knows concealed) and why."""

    path: str
    reason: WithheldReason
    rule: str | None = None  # that a value failed, e.g. "phone", "max_length 64"; never the value


@dataclass(frozen=True, slots=True)
class Failure:
    """A required field that cannot leave, and so refuses the transfer."""

    path: str
    reason: RefusedReason
    rule: str  # what the value failed, e.g. "phone", "max_length 64"; never the value


@dataclass(frozen=True, slots=True)
class Projection:
    """What a compiled map makes of one payload."""

    data: Node
    released: tuple[Released, ...]
    withheld: tuple[Withheld, ...]
    alarms: tuple[str, ...]  # groups of special categories whose keys were met
    findings: Mapping[str, int]  # what the recognisers replaced in text, by kind
    failures: tuple[Failure, ...]
    forbidden: tuple[str, ...]  # groups met that the taxonomy sets to refuse the transfer
    out_of_scope: bool = False  # it is about someone whom the recipient does not serve


Conceal = Callable[[str], str]
"""Spells a name that no map knows: `~` and a keyed digest on the path, the name itself in `map try`."""

Pairwise = Callable[[RecipientId, SubjectId], str]
"""A subject's pseudonym for one recipient: another one for each."""

InSet = Callable[[RecipientId, str, str], bool]
"""Whether a value (the last) is in the set of this name that the platform keeps for a recipient."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom the data is about, as far as a projection may know."""

    subject: SubjectId | None = field(repr=False)
    pseudonym: Callable[[], str]  # for the recipient, made where a rule asks for it
    in_set: Callable[[str, str], bool] | None = None  # of the recipient: name, value; None: no set holds anyone


class Project(Protocol):
    """A compiled map at work."""

    def __call__(self, payload: Node, conceal: Conceal, whose: Whose = ..., /) -> Projection:
        """What the map makes of a payload; without `whose`, of data that is about no one yet."""
        ...


@dataclass(frozen=True, slots=True)
class Serves:
    """Whose data a recipient may have at all: the value at `path` must be one of `values`, or of a kept set."""

    path: Path
    values: frozenset[str] | None  # listed in the recipient's file, or
    set: str | None  # the name of a set that the platform keeps up to date


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a projection is compiled from: what may leave, what is kept home, and whose data it may be."""

    rules: tuple[FieldRule, ...]
    narrowed: tuple[Path, ...]
    lexicon: Lexicon
    # Of an array, the leaf of its items that must equal the transfer's subject.
    about: Mapping[Path, Path] = field(default_factory=dict)
    serves: tuple[Serves, ...] = ()
    keeps_null: bool = False  # a null under a name that the map has is null and not absent: so libraries read answers


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeMap:
    """What one recipient may have for one purpose; compiled at load, the same for every transfer."""

    recipient: Recipient
    purpose: PurposeId
    version: MapVersion
    policy_clause: str
    bases: frozenset[BasisKind]
    retention: Retention
    route: Route
    fields: tuple[FieldRule, ...]
    project: Project
    routes: tuple[Route, ...] = ()  # every declared one; `route` is the first
    located: bool = False  # the payload is `{body, path, query, header}`, not the body alone
    query: frozenset[str] = frozenset()  # names that a route may carry there
    headers: frozenset[str] = frozenset()  # the same, in small letters
    media_type: str = "application/json"  # of the body
    serves: tuple[Serves, ...] = ()
    subject_from: Path | None = None  # where the payload itself names its subject
    answer: Project | None = None  # what of the recipient's answer may come back
    records_per_envelope: int = 1  # of a registry, that one envelope may carry


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All maps at one moment; swapped whole, never changed."""

    version: str  # 64 hex digits over everything that was loaded
    purposes: frozenset[PurposeId]
    recipients: Mapping[RecipientId, Recipient]
    maps: Mapping[tuple[RecipientId, PurposeId], PurposeMap]
    words: frozenset[str] = frozenset()  # that the taxonomy's listed names are made of (`canonical.key_tokens`)
    pulls: tuple[Pull, ...] = ()  # what recipients may ask us for


@dataclass(frozen=True, slots=True)
class SpecialCategory:
    """One group of special categories (policy section 3, last line): how its keys and words are known."""

    group: str
    title: Mapping[str, str]
    keys: frozenset[tuple[str, ...]]  # token sequences of key names (`canonical.key_tokens`)
    words: tuple[str, ...]  # of free text: whole words, or stems where they end in `*`; casefolded
    refuse: bool  # a key met refuses the whole transfer instead of staying home


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names that no map can let through, from the taxonomy."""

    never: frozenset[tuple[str, ...]]  # token sequences of key names
    special: tuple[SpecialCategory, ...]

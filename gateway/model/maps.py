"""What the purpose maps say, compiled: rules, recipients, the snapshot that is swapped whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.canonical import Node, Path
from gateway.clock import Instant
from gateway.model.words import (
    BasisKind,
    FieldType,
    MapVersion,
    Protection,
    PurposeId,
    RecipientId,
    RefusedReason,
    Suite,
    Transform,
    WithheldReason,
)


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
    hosts: tuple[str, ...] = ()  # for URLs
    template: str | None = None  # for Transform.TEMPLATE: text with {path} of other fields' sources
    because: str = ""  # the sentence that justifies it, citing the policy


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the recipient may keep what it gets, counted from the disclosure."""

    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """One declared way into a recipient's API."""

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
    ca_file: str | None = None  # path of a PEM file, else the system's roots
    timeout_seconds: float = 10.0
    in_flight: int = 16


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


Conceal = Callable[[str], str]
"""Spells a name that no map knows: `~` and a keyed digest on the path, the name itself in `map try`."""

Project = Callable[[Node, Conceal], Projection]


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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All maps at one moment; swapped whole, never changed."""

    version: str  # 64 hex digits over everything that was loaded
    purposes: frozenset[PurposeId]
    recipients: Mapping[RecipientId, Recipient]
    maps: Mapping[tuple[RecipientId, PurposeId], PurposeMap]


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

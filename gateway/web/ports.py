"""What the web asks of the house behind it; `gateway.bootstrap.Gateway` is that, and so are the fakes of tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gateway.admission.kept_set import Change
from gateway.admission.pulled import Pulled
from gateway.admission.request import Previewed
from gateway.batch import Asked, Begun
from gateway.canonical import Json
from gateway.clock import Instant
from gateway.formats.registry import Read
from gateway.model import (
    Call,
    Caller,
    CallerId,
    Disclosure,
    RecipientId,
    Refused,
    Snapshot,
    SubjectId,
    TransferId,
)
from gateway.transfer import House


class WebSettings(Protocol):
    """The settings that the web reads."""

    @property
    def max_body_bytes(self) -> int:
        """The largest request body."""

    @property
    def metrics_token(self) -> str | None:
        """Opens /metrics and the detail of /readyz beyond loopback."""

    @property
    def tls_terminated(self) -> bool:
        """Whether a proxy in front ends TLS."""

    @property
    def refusals_per_minute(self) -> int:
        """How many recorded refusals a caller may cause."""


class PublicKeys(Protocol):
    """The keyring, as far as it is public."""

    def public_jwks(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """The signing keys, as a JWK Set."""


class CallerLookup(Protocol):
    """The callers."""

    def lookup(self, token_hash: bytes, /) -> Caller | None:
        """The caller who holds a token."""


class EntryView(Protocol):
    """One entry, with what its openings say; None for a half that was erased."""

    @property
    def index(self) -> int:
        """Where it stands in the log."""

    @property
    def kind(self) -> str:
        """What it stands for."""

    @property
    def at(self) -> Instant:
        """When it was made."""

    @property
    def shared(self) -> Mapping[str, Json] | None:
        """What a recipient may know of it."""

    @property
    def private(self) -> Mapping[str, Json] | None:
        """What only the gateway knows of it."""


class TransferView(Protocol):
    """One transfer's life so far."""

    @property
    def caller(self) -> CallerId:
        """Whose it is."""

    @property
    def entries(self) -> Sequence[EntryView]:
        """Its intent or refusal, then its outcomes."""


class TransferFinder(Protocol):
    """The transfers, to those who read."""

    def find(self, transfer_id: TransferId, /) -> TransferView | None:
        """One transfer. Raises LogUnavailable."""


class CheckpointReader(Protocol):
    """The transfer log, to those who read."""

    def newest_checkpoint(self) -> bytes | None:
        """The newest signed note, None while the log is empty. Raises LogUnavailable."""


class WebStore(Protocol):
    """What the web reads from the store; it never writes there."""

    @property
    def callers(self) -> CallerLookup:
        """The callers."""

    @property
    def transfers(self) -> TransferFinder:
        """The transfers."""

    @property
    def entries(self) -> CheckpointReader:
        """The entries."""

    def ping(self) -> None:
        """Return if the database answers. Raises LogUnavailable."""


class KeptSetView(Protocol):
    """A set that the platform keeps, as far as it is told."""

    @property
    def count(self) -> int:
        """How many values it holds."""

    @property
    def updated_at(self) -> Instant:
        """When it was written last."""


class Served(Protocol):
    """One process of the gateway, as the web sees it."""

    @property
    def settings(self) -> WebSettings:
        """Its settings."""

    @property
    def house(self) -> House:
        """What the path of a transfer needs."""

    @property
    def keyring(self) -> PublicKeys:
        """Its keys."""

    @property
    def store(self) -> WebStore:
        """Its database."""

    @property
    def snapshot(self) -> Snapshot:
        """The maps that it began with."""

    @property
    def pulled(self) -> Pulled:
        """What recipients may ask us for."""

    def admit_preview(self, call: Call, /) -> Previewed:
        """What a preview is asked about. Raises AdmissionError."""

    def begin(self, asked: Asked, read: Read, spend: Callable[[], bool], /) -> Begun:
        """A registry over a stream. Raises MalformedRequest for what is wrong with it as a whole."""

    def restricted(self, subject: SubjectId, /) -> bool:
        """Whether a subject is blocked now. Raises LogUnavailable."""

    def observe(self, results: Sequence[Disclosure | Refused], /) -> int:
        """Count the shapes of some previews; how often writing them has failed since this was asked last."""

    def kept_set(self, recipient: RecipientId, name: str, /) -> KeptSetView | None:
        """A set that the platform keeps; None if it was never written. Raises LogUnavailable."""

    def keep(self, recipient: RecipientId, name: str, change: Change, by: CallerId, /) -> KeptSetView:
        """Change such a set. Raises MalformedRequest, LogUnavailable."""

    def empty_sets(self) -> Sequence[str]:
        """Those that recipients' files name and that hold no one. Raises LogUnavailable."""

"""A verdict on a payload without a database: what `map try`, `map check` and the demo show.

It assumes a caller with the grant, a stated basis and an unrestricted subject, and spells unknown names plainly: it
is for the people who write maps, on their own terminal. A set that the platform keeps is what `--scope` states; one
that is not stated is assumed to hold whatever it is asked for, and whoever shows the verdict says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.admission.preview import Part
from gateway.admission.proxied import text_at
from gateway.canonical import Node
from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.minimise.verdict import in_the_clear, told
from gateway.model import (
    Admitted,
    Basis,
    BasisKind,
    Caller,
    CallerId,
    Disclosure,
    InSet,
    PurposeId,
    RecipientId,
    Refused,
    Snapshot,
    SubjectId,
    TransferId,
)
from gateway.transfer import preview

__all__ = ["StatedSets", "told", "try_map", "try_part"]

_SOMEONE = "subject"
_PSEUDONYM = "~pseudonym"  # without keys there is none; it shows where one will stand


class StatedSets:
    """Kept sets as the options `NAME=value,value` state them; `assumed` were asked for and are not stated."""

    def __init__(self, stated: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        """Raises ConfigError for an option that is none, or names a set that is not among the `known`."""
        self.assumed: set[str] = set()
        self._stated: dict[str, frozenset[str]] = {}
        known = sorted(known)
        for option in stated:
            name, equals, values = option.partition("=")
            if not equals or name not in known:
                there_are = ", ".join(known) or "none here"
                raise ConfigError(["--scope: expected NAME=value,value, NAME a set"], hint=f"there are: {there_are}")
            self._stated[name] = self._stated.get(name, frozenset()) | frozenset(filter(None, values.split(",")))

    def __call__(self, _recipient: RecipientId, name: str, value: str) -> bool:
        """Whether the set holds the value."""
        if name in self._stated:
            return value in self._stated[name]
        self.assumed.add(name)
        return True


def try_map(
    snapshot: Snapshot,
    recipient: str,
    purpose: str,
    payload: Node,
    subject: str | None = None,
    *,
    in_set: InSet | None = None,
) -> Disclosure | Refused:
    """Stages 2 and 3 on one payload, as a neutral tree."""
    return try_part(snapshot, recipient, purpose, Part(payload), subject, in_set=in_set)


def try_part(
    snapshot: Snapshot,
    recipient: str,
    purpose: str,
    part: Part,
    subject: str | None = None,
    *,
    in_set: InSet | None = None,
) -> Disclosure | Refused:
    """Stages 2 and 3 on one payload, as it came; about `subject`, or whom the payload itself names, or someone."""
    pair = RecipientId(recipient), PurposeId(purpose)
    found = snapshot.maps.get(pair)
    kind = min(found.bases) if found is not None and found.bases else BasisKind.CONSENT
    named = text_at(part.tree, found.subject_from) if found is not None else None
    now = SystemClock().now()
    admitted = Admitted(
        transfer_id=TransferId("map-try"),
        caller=Caller(CallerId("map-try"), frozenset({pair})),
        recipient=recipient,
        purpose=purpose,
        subject=SubjectId(subject or named or _SOMEONE),
        basis=Basis(kind, "assumed", "1970-01-01T00:00:00Z", None),
        payload=part.tree,
        received_at=now,
        route=part.route,
        media_type=None if part.document is None else part.document.media_type,
        write=None if part.document is None else part.document.write,
    )
    return preview(admitted, snapshot, now, in_the_clear, lambda *_: _PSEUDONYM, in_set=in_set or StatedSets())

"""What a recipient may ask us for, compiled: its route, what is asked of the platform, the map of what goes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.canonical import Path
from gateway.model.maps import Project, PurposeMap, Route
from gateway.model.path import Basis
from gateway.model.words import PurposeId, RecipientId


class PullFault(StrEnum):
    """Why a recipient that asked does not get what it asked for; its file says how each is told in its protocol."""

    MALFORMED = "malformed"  # what it asks is not what the route takes
    NOT_FOUND = "not_found"  # the platform knows no such thing, or answers about no one
    REFUSED = "refused"  # it may not have it; or had it no longer, just before the answer
    UNAVAILABLE = "unavailable"  # the platform gives no answer that can be used, or the log cannot be written


class SubjectIn(StrEnum):
    """Where it stands whom an answer is about."""

    ANSWER = "answer"  # in the platform's answer
    RECORD = "record"  # in each of its records, and each is a transfer of its own
    ASKED = "asked"  # in what the recipient asked for


@dataclass(frozen=True, slots=True)
class FaultReply:
    """What a recipient is told in its own protocol; `write` gets what it asked for, by name."""

    status: int
    content_type: str
    write: Callable[[Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """One declared way in which a recipient asks us."""

    recipient: RecipientId
    purpose: PurposeId
    route: Route  # below `/v1/pull/{recipient}`
    takes: Project  # what it asks for, judged like a payload: `{path, query}`
    ask: Route  # of the platform's own API
    answer_type: str  # the media type of the platform's answer
    map: PurposeMap  # of what goes back
    subject_in: SubjectIn
    subject_from: Path
    basis: Basis | None = None  # where the platform's answer states none
    basis_from: Path | None = None  # where it may state one, in the answer or in each record
    echo: tuple[tuple[tuple[str, ...], str], ...] = ()  # keys of the answer → what was asked, put there for sure
    faults: Mapping[PullFault, FaultReply]

"""The words in which routes are described: who may ask, which headers go in and out, which problems there are.

Promises: a header, a way to say who asks and a part of a path are described once, here, and routes name them. It must
never decide anything: what stands here is told, and tests hold the running gateway against it.

source: OpenAPI 3.1; RFC 9457 (problem documents)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Self, TypeAlias

from gateway.admission import forms
from gateway.model import OutcomeCode, RefusedReason
from gateway.web.problems import MEDIA_TYPE, PROBLEMS, TYPE_PREFIX

Said: TypeAlias = dict[str, Any]
"""A part of the description, as OpenAPI has it."""


class Access(Enum):
    """Who may ask: the security requirements of a route, any one of which is enough."""

    PUBLIC = "public"
    CALLER = "caller"
    OPERATIONS = "operations"
    DETAIL = "detail"
    RECIPIENT = "recipient"

    def required(self) -> list[Said]:
        """As OpenAPI has it."""
        return [{name: []} if name else {} for name in _REQUIRED[self]]


_REQUIRED: Final[Mapping[Access, tuple[str, ...]]] = {
    Access.PUBLIC: (),
    Access.CALLER: ("gatewayToken", "bearerToken", "tokenAsPassword"),
    Access.OPERATIONS: ("", "metricsToken"),  # the empty one: from loopback, nothing is asked
    Access.DETAIL: ("metricsToken", ""),  # nothing is asked; the detail is shown as operations are
    Access.RECIPIENT: ("recipientToken", "recipientLogin", ""),  # as its file says; the empty: by address, certificate
}


SECURITY: Final[Mapping[str, Said]] = {
    "gatewayToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Gateway-Token",
        "description": "A caller's token, `gw_<caller>_<random>`.",
    },
    "bearerToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The same token, where a library lets one set nothing else.",
    },
    "tokenAsPassword": {
        "type": "http",
        "scheme": "basic",
        "description": "The same token as the password, under any login.",
    },
    "recipientToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "A recipient that pulls, where its file asks for a token.",
    },
    "recipientLogin": {
        "type": "http",
        "scheme": "basic",
        "description": "A recipient that pulls, where its file asks for login and password.",
    },
    "metricsToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The operator's `GATEWAY_METRICS_TOKEN`; not needed from loopback.",
    },
}

_BASIS_FORM: Final = (
    rf"^kind=(consent|obligation); ref={forms.REFERENCE}; given_at={forms.TIME}(; text_version={forms.TEXT_VERSION})?$"
)
TAKES: Final[Mapping[str, Said]] = {
    "Idempotency-Key": {
        "description": "Yours, fresh for each transfer; to repeat one safely, the same key with the same bytes.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "example": "0d9f6c1e-5a3b-4b0e-9c59-1f1d2f0f7a11",
    },
    "Gateway-Subject": {
        "description": "Your own opaque id of the person: never a phone, e-mail, IIN or card.",
        "schema": {"type": "string", "pattern": f"^{forms.SUBJECT}$"},
        "example": "usr_0001",
    },
    "Gateway-Basis": {
        "description": "The legal basis: its kind, your reference, when it was given, and which text, if you have it.",
        "schema": {"type": "string", "pattern": _BASIS_FORM},
        "example": "kind=consent; ref=consent-2026-11; given_at=2026-11-01T09:00:00+05:00",
    },
    "Gateway-Recipient": {
        "description": "Whom the payload would go to; together with `Gateway-Purpose`.",
        "schema": {"type": "string", "pattern": f"^{forms.NAME}$"},
    },
    "Gateway-Purpose": {
        "description": "What for; together with `Gateway-Recipient`.",
        "schema": {"type": "string", "pattern": f"^{forms.NAME}$"},
    },
    "Gateway-Route": {
        "description": "Have the body read as the proxy would read it under this method and path.",
        "schema": {"type": "string", "pattern": r"^(DELETE|GET|PATCH|POST|PUT) /[^?#\s]*(\?[^#\s]*)?$"},
        "example": "POST /v2/orders",
    },
    "Gateway-Subject-Field": {
        "description": "Of a registry: the path, or column, that names whom a record is about; percent-encoded.",
        "schema": {"type": "string", "minLength": 1},
        "example": "resident.id",
    },
    "Gateway-Basis-Field": {
        "description": "Of a registry: the path, or the column, of a record's own basis; percent-encoded.",
        "schema": {"type": "string", "minLength": 1},
        "example": "basis",
    },
    "Gateway-Observe": {
        "description": "Count the paths, types and verdicts of this preview, and no value, for `gateway map advise`.",
        "schema": {"const": "1"},
    },
}
"""Headers of requests."""
NEEDED: Final = {
    f"{name}-needed": {"name": name, **TAKES[name], "required": True}
    for name in ("Idempotency-Key", "Gateway-Recipient", "Gateway-Purpose")
}
"""Headers without which some routes take no request."""

GIVES: Final[Mapping[str, Said]] = {
    "Location": {
        "description": "Where the transfer's life is told.",
        "required": True,
        "schema": {"type": "string", "pattern": "^/v1/transfers/[0-9a-f-]{36}$"},
    },
    "Gateway-Transfer": {"description": "The transfer's id.", "schema": {"type": "string", "format": "uuid"}},
    "Gateway-Outcome": {"description": "How the attempt ended.", "schema": {"enum": [*OutcomeCode]}},
    "Gateway-Withheld": {
        "description": "How many fields stayed.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Gateway-Findings": {
        "description": "What was replaced in free text: kinds and how many, never what; absent where nothing was.",
        "schema": {"type": "string", "pattern": "^[a-z_]+=[0-9]+(, [a-z_]+=[0-9]+)*$"},
        "example": "flat=1, phone=2",
    },
    "Gateway-Replayed": {
        "description": "The answer is the kept one of the first request under this Idempotency-Key.",
        "schema": {"const": "1"},
    },
    "Gateway-Problem": {
        "description": "The problem's code. Where it is absent, the answer is the recipient's.",
        "required": True,
        "schema": {"enum": sorted(PROBLEMS)},
    },
    "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "The challenge.", "required": True, "schema": {"type": "string"}},
}
"""Headers of answers."""
SOMETIMES: Final = {
    f"{name}-sometimes": {**GIVES[name], "required": False}
    for name in ("Gateway-Problem", "Retry-After", "WWW-Authenticate")
}
"""Headers of answers that may be someone else's."""

_ANY_NAME: Final[Said] = {"schema": {"type": "string", "pattern": f"^{forms.NAME}$"}}
IN_PATH: Final[Mapping[str, Said]] = {
    "recipient": _ANY_NAME | {"description": "The recipient's id, as its file has it.", "example": "carrier-cdek-test"},
    "recipient_id": _ANY_NAME | {"description": "The recipient's id, as its file has it.", "example": "mc-primer-uk"},
    "purpose": _ANY_NAME | {"description": "What for.", "example": "goods_delivery"},
    "name": _ANY_NAME | {"description": "The set's name, as `serves` has it.", "example": "premises"},
    "path": {
        "description": "The path in the recipient's own API; it may hold slashes.",
        "schema": {"type": "string", "minLength": 1},
        "example": "v2/orders",
    },
    "transfer_id": {
        "description": "As `Location` gave it.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "01977420-0c1b-7c7a-9d5e-3f2b8a6c1d40",
    },
}
"""Parts of paths, by the name that a rule gives them."""

LOG: Final = (
    "log_unavailable",
    "log_locked",
    "log_read_only",
    "log_full",
    "log_gone",
    "log_damaged",
)
READS: Final = ("malformed_request", "payload_too_large", "unsupported_media_type")
TRANSFER: Final = (
    *READS,
    *(reason.value for reason in RefusedReason),
    "too_many_refusals",
    "not_supported_yet",
    "no_longer_permitted",
    "recipient_rejected",
    "recipient_unreachable",
    "recipient_tls",
    "recipient_credentials",
    "recipient_busy",
    "deadline",
    "outcome_unknown",
    "idempotency_in_flight",
    "idempotency_mismatch",
    "answer_not_kept",
    "answer_too_large",
    "answer_malformed",
    "log_diverged",
    *LOG,
)
"""What any route that makes a transfer may answer with."""
PREVIEW: Final = (*READS, "unknown_route", "too_many_refusals", "not_supported_yet")
"""What a route that only shows may answer with: a refusal is no problem there."""


_OTHER_BODIES: Final = {
    "application/x-www-form-urlencoded": "object",
    "multipart/form-data": "object",
    "application/x-ndjson": "string",
    "text/csv": "string",
    "application/xml": "string",
    "text/xml": "string",
}


@dataclass(frozen=True, slots=True)
class Described:
    """What is told of a route beyond the shapes of its request and answer."""

    access: Access = Access.CALLER
    problems: tuple[str, ...] | None = None  # codes, without those that follow from `access`; None: any of them
    needs: tuple[str, ...] = ()  # headers that a request must have, by their names in TAKES
    takes: tuple[str, ...] = ()  # headers that it may have
    gives: tuple[str, ...] = ()  # headers of the answer, by their names in GIVES
    bodies: Mapping[str, Said] = field(default_factory=lambda: MappingProxyType({}))  # other content types it takes
    answers: Mapping[str, Said] = field(default_factory=lambda: MappingProxyType({}))  # its other content types
    beside: Mapping[str, Said] = field(default_factory=lambda: MappingProxyType({}))  # other answers, by their status
    done: str = "Done"  # what 200 means
    relays: bool = False  # whether an answer of any status may be someone else's, passed on
    body_required: bool = True
    asked: Any = None  # an example of a request
    asked_with: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # the headers of that example
    answered: Any = None  # an example of an answer

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself: it is frozen, and flask-smorest copies all that it is told, twice."""
        return self


def path_parameters(rule: str) -> list[Said]:
    """The parts of a rule's path."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
    return [{"in": "path", "name": name, "required": True} | IN_PATH.get(name, _ANY_NAME) for name in names]


def header_answers(names: Iterable[str]) -> Said:
    """Headers of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def sometimes_answers(names: Iterable[str]) -> Said:
    """Headers of an answer that is ours or someone else's."""
    return {name: {"$ref": f"#/components/headers/{name}-sometimes"} for name in names}


def problem_answers(said: Described, path: str) -> dict[str, Said]:
    """The problems of a route, by status, each with the codes that it may have."""
    if said.access is Access.RECIPIENT:
        return {}  # to recipients that ask, no problem of ours is told
    if said.problems is None:
        return {"default": _problems(sorted(PROBLEMS))}
    codes = {*said.problems, "internal_error"}
    if "{" in path:
        codes.add("not_found")  # a part of a path that cannot be one
    if said.access in (Access.CALLER, Access.OPERATIONS):
        codes.add("unauthenticated")
    if said.access is Access.CALLER:
        codes |= {*LOG}  # who calls is asked of the database
    by_status: dict[int, list[str]] = {}
    for code in PROBLEMS:
        if code in codes:
            by_status.setdefault(PROBLEMS[code].status, []).append(code)
    return {str(status): _problems(by_status[status]) for status in sorted(by_status)}


def _problems(codes: list[str]) -> Said:
    headers = {name for code in codes for name, _ in PROBLEMS[code].headers}
    always = {name for name in headers if all(name in dict(PROBLEMS[code].headers) for code in codes)}
    narrowed = {"type": "object", "properties": {"code": {"enum": codes}}}
    return {
        "description": "A problem: " + ", ".join(f"`{code}`" for code in codes),
        "headers": header_answers(["Gateway-Problem", *sorted(always)]),
        "content": {
            MEDIA_TYPE: {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, narrowed]},
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


def any_body(json: Any, example: Any) -> dict[str, Said]:
    """A body of any content type that is read: JSON of a shape, and the other formats."""
    others = {name: {"schema": {"type": kind}} for name, kind in _OTHER_BODIES.items()}
    return {"application/json": {"schema": json, "example": example}} | others


def problem_example(code: str) -> Said:
    """The least that a problem of a code says."""
    kind = PROBLEMS[code]
    return {"type": TYPE_PREFIX + code, "title": kind.title, "status": kind.status, "code": code}

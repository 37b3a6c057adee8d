"""Problem documents (RFC 9457): the one place that turns a code into an HTTP status.

Promises: every error of ours is one of `PROBLEMS`, under a stable `type` and `code`, with `Gateway-Problem: <code>` so
that no one takes it for a recipient's answer; after recording it carries the transfer id and the log index. An
unexpected error says nothing of its cause (T86). It must never say a value of a payload, a token, a path that came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, cast

from flask import Flask
from werkzeug.exceptions import HTTPException

from gateway.canonical import Node, write
from gateway.errors import AdmissionError, GatewayError, LogUnavailable
from gateway.web.application import Reply, visit
from gateway.web.diagnostics import Diagnostics
from gateway.web.metrics import Metrics

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:problem-type:gateway:"
RETRY_AFTER_SECONDS: Final = "1"
FOR_RECIPIENTS: Final = "/v1/pull/"
"""Below it, recipients ask us: to them, no problem of ours is told."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem."""

    status: int
    title: str
    headers: tuple[tuple[str, str], ...] = ()


_RETRY: Final = (("Retry-After", RETRY_AFTER_SECONDS),)
_CHALLENGE: Final = (("WWW-Authenticate", 'Bearer realm="gateway"'),)

PROBLEMS: Final = MappingProxyType(
    {
        # What came never became a transfer; nothing is recorded.
        "malformed_request": Kind(400, "The request is not what the route takes"),
        "unauthenticated": Kind(401, "A valid token is needed", _CHALLENGE),
        "not_found": Kind(404, "There is nothing here"),
        "unknown_set": Kind(404, "The recipient's file names no such set"),
        "unknown_route": Kind(404, "The recipient's file declares no such route"),
        "method_not_allowed": Kind(405, "The route does not take this method"),
        "idempotency_in_flight": Kind(409, "The first request under this Idempotency-Key has no outcome yet", _RETRY),
        "payload_too_large": Kind(413, "The body is too large"),
        "unsupported_media_type": Kind(415, "The content type or encoding is not taken"),
        "idempotency_mismatch": Kind(422, "The Idempotency-Key belongs to another request"),
        "too_many_refusals": Kind(429, "The quota of recorded refusals is used up", (("Retry-After", "60"),)),
        "not_supported_yet": Kind(501, "This release does not offer it"),
        # The transfer was refused; the refusal is recorded, and nothing left.
        "not_granted": Kind(403, "The caller has no grant for this recipient and purpose"),
        "special_category": Kind(403, "The payload holds a special category of personal data"),
        "restricted": Kind(403, "The subject is restricted"),
        "basis_missing": Kind(403, "No accepted legal basis is stated"),
        "out_of_scope": Kind(403, "The recipient may not have this person's data"),
        "no_longer_permitted": Kind(403, "Asked again before the send, the answer was no"),
        "unknown_recipient": Kind(422, "No map names this recipient"),
        "unknown_purpose": Kind(422, "The recipient has no map for this purpose"),
        "empty_map": Kind(422, "Nothing in the payload may leave under the map"),
        "required_missing": Kind(422, "A required field is missing"),
        "required_invalid": Kind(422, "A required field is not what the map asks for"),
        "key_unusable": Kind(422, "The recipient has no key that may be used"),
        # The transfer is recorded; the failure is the recipient's, or the way's.
        "recipient_rejected": Kind(502, "The recipient did not accept it"),
        "recipient_unreachable": Kind(502, "The recipient cannot be reached; nothing was sent"),
        "recipient_tls": Kind(502, "The recipient's TLS is not to be trusted; nothing was sent"),
        "recipient_credentials": Kind(502, "The recipient gave no access token; nothing was sent"),
        "recipient_busy": Kind(503, "Too many transfers to this recipient are under way; nothing was sent", _RETRY),
        "deadline": Kind(504, "The recipient did not answer in time"),
        "answer_not_kept": Kind(410, "The transfer has ended, and its answer is not kept"),
        "outcome_unknown": Kind(504, "It is not known whether the recipient has it"),
        "answer_too_large": Kind(502, "The recipient's answer is too large"),
        "answer_malformed": Kind(502, "The recipient's answer cannot be read"),
        "upstream_failed": Kind(502, "The platform's own service gave no answer that can be used"),
        # The failure is ours.
        "log_unavailable": Kind(503, "The transfer log cannot be used now; nothing was sent", _RETRY),
        "log_locked": Kind(503, "The transfer log is locked by another program; nothing was sent", _RETRY),
        "log_read_only": Kind(503, "The transfer log is read-only; nothing was sent", _RETRY),
        "log_full": Kind(503, "The transfer log or its disk is full; nothing was sent", _RETRY),
        "log_gone": Kind(503, "The transfer log is not where it was; nothing was sent", _RETRY),
        "log_damaged": Kind(503, "The transfer log is damaged; nothing was sent", _RETRY),
        "log_diverged": Kind(500, "The transfer log contradicts itself"),
        "too_many_batches": Kind(503, "As many registries as this process takes are under way", _RETRY),
        "not_ready": Kind(503, "The gateway is not ready", _RETRY),
        "internal_error": Kind(500, "Something in the gateway failed"),
    }
)

_BY_STATUS: Final = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "payload_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
_KEPT_HEADERS: Final = frozenset({"allow", "retry-after", "www-authenticate"})


def bare(status: int, code: str) -> Reply:
    """A status without a word: what a recipient that calls us is told where its own protocol has no word for it."""
    reply = Reply(b"", status)
    del reply.headers["Content-Type"]
    reply.problem = code
    return reply


def problem(code: str, detail: str = "", members: Mapping[str, object] = MappingProxyType({})) -> Reply:
    """The problem document of a code, with what the transfer's record adds to it."""
    kind = PROBLEMS[code]
    asked = visit()
    if asked.path.startswith(FOR_RECIPIENTS):
        return bare(kind.status, code)
    document: dict[str, object] = {
        "type": TYPE_PREFIX + code,
        "title": kind.title,
        "status": kind.status,
        "code": code,
    }
    if detail:
        document["detail"] = detail
    if asked.transfer_id is not None:
        document |= {
            "instance": f"/v1/transfers/{asked.transfer_id}",
            "transfer_id": asked.transfer_id,
            "log": {"index": asked.log_index},
        }
    document |= members
    body = write(cast("Node", document))
    reply = Reply(body, kind.status, content_type=MEDIA_TYPE)
    reply.problem = code
    reply.headers.add("Gateway-Problem", code)
    reply.headers.extend(kind.headers)
    return reply


def install(app: Flask, metrics: Metrics, diagnostics: Diagnostics) -> None:
    """Answer every error of an app, those of Flask and the unexpected ones included, with a problem document."""

    def of_the_house(error: GatewayError) -> Reply:
        if isinstance(error, AdmissionError):
            metrics.admission_error(error.code)
        if error.code not in PROBLEMS:
            return unexpected(error)
        if isinstance(error, LogUnavailable):
            return problem(error.code)
        detail = f"{error} ({error.hint})" if error.hint else str(error)
        return problem(error.code, detail if isinstance(error, AdmissionError) else "")

    def of_http(error: HTTPException) -> Reply:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        family = "malformed_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
        reply = problem(_BY_STATUS.get(HTTPStatus(status), family))
        for name, value in error.get_headers(visit().environ):
            if name.lower() in _KEPT_HEADERS:
                reply.headers[name] = value
        return reply

    def unexpected(error: Exception) -> Reply:
        diagnostics.unexpected(error, transfer_id=visit().transfer_id)
        return problem("internal_error")

    app.register_error_handler(GatewayError, of_the_house)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(Exception, unexpected)

"""The exceptions of the house: what went wrong, as a stable code and a sentence that is safe to show.

A refusal is not here: it is the product working, a value (`model.Refused`). A delivery that failed is not here
either: it is an outcome. What is here never carries a value of a payload, nor a name that no map knows.

    GatewayError
    ├─ ConfigError              the settings, keys or files this process needs are not right (all problems at once)
    ├─ PurposeMapError          the purpose maps do not load (all problems at once)
    ├─ AdmissionError           what came never became a transfer
    │   ├─ Unauthenticated
    │   ├─ MalformedRequest
    │   ├─ UnknownRoute
    │   ├─ UnsupportedMediaType
    │   ├─ PayloadTooLarge
    │   ├─ NotSupportedYet
    │   ├─ TooManyRefusals
    │   ├─ NothingFound         the platform has nothing to answer a recipient that asked
    │   └─ UpstreamFailed       the platform gave no answer that can be used
    ├─ LogError                 the transfer log
    │   ├─ LogUnavailable       it cannot be written now; nothing has left
    │   │   ├─ LogLocked        another program holds the database
    │   │   ├─ LogReadOnly
    │   │   ├─ LogFull          the database or its disk
    │   │   ├─ LogGone          the database file is not where it was
    │   │   └─ LogDamaged       the file is broken, or is no database of the gateway
    │   └─ LogDiverged          it contradicts itself or its settings; stop
    └─ EnvelopeRejected         the receiver's side: what came is not proven

Every class has one stable `code`; `web/problems.py` is the only place that turns a code into an HTTP status.
"""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """Base of all: `str(error)` is one safe sentence, `hint` what to do next (may be empty)."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ProblemList(GatewayError):
    """An error that lists every problem found, each a line such as `file:line: key: what was expected`."""

    def __init__(self, problems: list[str], *, hint: str = "") -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = tuple(problems)


class ConfigError(ProblemList):
    """Settings, keys or files that this process needs are missing or wrong: it does not start (law 10)."""

    code = "config_invalid"


class PurposeMapError(ProblemList):
    """The purpose maps do not load: an empty or broken map allows nothing and stops the start (laws 1, 10)."""

    code = "maps_invalid"


class AdmissionError(GatewayError):
    """What came is not a transfer: not recorded, counted in metrics, answered with a problem document."""

    code = "malformed_request"


class Unauthenticated(AdmissionError):
    """No token, an unknown token or a revoked one; which of the three is not said."""

    code = "unauthenticated"


class MalformedRequest(AdmissionError):
    """The body is not the strict JSON, or not the shape, that the route takes."""

    code = "malformed_request"


class UnknownRoute(AdmissionError):
    """The recipient's file declares no such route for this purpose."""

    code = "unknown_route"


class UnsupportedMediaType(AdmissionError):
    """The content type or content encoding is not one that this route parses."""

    code = "unsupported_media_type"


class PayloadTooLarge(AdmissionError):
    """The body is over the limit of bytes."""

    code = "payload_too_large"


class NotSupportedYet(AdmissionError):
    """A documented part of the contract that this release does not offer; taking it silently would be a lie."""

    code = "not_supported_yet"


class TooManyRefusals(AdmissionError):
    """The caller is over its quota of recorded refusals (T57); nothing was decided, recorded or sent."""

    code = "too_many_refusals"


class NothingFound(AdmissionError):
    """The platform knows nothing of what a recipient asked for, or answered about no one."""

    code = "not_found"


class UpstreamFailed(AdmissionError):
    """The platform's own service gave no answer that can be used; what it said is not told."""

    code = "upstream_failed"


class LogError(GatewayError):
    """The transfer log did not do what it was asked."""

    code = "log_unavailable"


class LogUnavailable(LogError):
    """The log cannot be used now, for a reason without a class of its own: nothing was recorded, nothing has left."""

    code = "log_unavailable"


class LogLocked(LogUnavailable):
    """Another program holds the database."""

    code = "log_locked"


class LogReadOnly(LogUnavailable):
    """The database may be read and not written."""

    code = "log_read_only"


class LogFull(LogUnavailable):
    """The database, or the disk under it, takes no more."""

    code = "log_full"


class LogGone(LogUnavailable):
    """The database file is not where it was; no new one is made in its place."""

    code = "log_gone"


class LogDamaged(LogUnavailable):
    """The database file is broken, or is not one of the gateway."""

    code = "log_damaged"


class LogDiverged(LogError):
    """The log contradicts itself, its settings or an outside memory of it: this process must stop."""

    code = "log_diverged"


class EnvelopeRejected(GatewayError):
    """An envelope that a receiver must not accept; `check` names the check that failed."""

    code = "envelope_rejected"

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check

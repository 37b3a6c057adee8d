"""The shapes of answers, for the API's description; the answers themselves are written from values, not through these.

Promises: tests hold real answers against them. It must never be used to load a request: admission does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields

from gateway.model import Cause, EntryKind, OutcomeCode, RefusedReason, WithheldReason
from gateway.web.problems import PROBLEMS, TYPE_PREFIX


def _word(of: Iterable[str], text: str = "", **options: Any) -> fields.String:
    """One word of a closed list."""
    words = [*(str(word) for word in of), *([None] if options.get("allow_none") else [])]
    return fields.String(metadata={"enum": words} | ({"description": text} if text else {}), **options)


def _text(text: str, **options: Any) -> fields.String:
    return fields.String(metadata={"description": text}, **options)


def _count(text: str = "", **options: Any) -> fields.Integer:
    return fields.Integer(metadata={"minimum": 0} | ({"description": text} if text else {}), **options)


def _status(**options: Any) -> fields.Integer:
    return fields.Integer(metadata={"minimum": 100, "maximum": 999, "description": "of HTTP"}, **options)


def _time(text: str, **options: Any) -> fields.String:
    return fields.String(metadata={"format": "date-time", "description": text}, **options)


def _transfer_id(**options: Any) -> fields.String:
    return fields.String(metadata={"format": "uuid", "description": "UUID of version 7"}, **options)


def _alarms(**options: Any) -> fields.List[str]:
    said = {"description": "groups of special categories whose key names were seen"}
    return fields.List(fields.String(), metadata=said, **options)


def _findings(**options: Any) -> fields.Dict:
    said = {
        "description": "what was scrubbed from free text: how many of each kind; `emergency`: so many texts speak of "
        "one beside a special category; `little_left`: of so many texts few letters are left. Ask for other words."
    }
    return fields.Dict(keys=fields.String(), values=_count(), metadata=said, **options)


class ReleasedSchema(Schema):
    """A field that left, and the rule that let it."""

    path = fields.String(required=True)
    rule = fields.String(required=True)


class WithheldSchema(Schema):
    """A field that stayed, and why; a name that no map knows is `~` and a digest."""

    path = fields.String(required=True)
    reason = _word(WithheldReason, required=True)
    rule = _text("that the value failed")


class FailureSchema(Schema):
    """A required field that could not leave, and the rule that it failed."""

    path = fields.String(required=True)
    reason = fields.String(required=True)
    rule = fields.String(required=True)


class LogSchema(Schema):
    """Where the transfer stands in the transfer log."""

    index = _count(required=True)
    checkpoint = _text("C2SP signed note")
    proof = _text("C2SP tlog-proof; where the recipient's protection is tls")


class AnswerSchema(Schema):
    """What the recipient answered."""

    status = _status(required=True)
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.Raw(allow_none=True, metadata={"description": "JSON, text, or {base64: …}"})


class DeliveredSchema(Schema):
    """The reply to a transfer that the recipient took."""

    transfer_id = _transfer_id(required=True)
    outcome = _word([OutcomeCode.DELIVERED], required=True)
    released = fields.List(fields.Nested(ReleasedSchema), required=True)
    withheld = fields.List(fields.Nested(WithheldSchema), required=True)
    alarms = _alarms(required=True)
    findings = _findings(required=True)
    log = fields.Nested(LogSchema, required=True)
    answer = fields.Nested(AnswerSchema, required=True)


class ProblemSchema(Schema):
    """RFC 9457; after recording, with the transfer's account."""

    type = _word((TYPE_PREFIX + code for code in sorted(PROBLEMS)), "a stable name for the code", required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True, metadata={"minimum": 400, "maximum": 599})
    code = _word(sorted(PROBLEMS), "stable; the page /docs says of each what to do", required=True)
    detail = _text("what to change, without a value")
    instance = fields.String(metadata={"format": "uri-reference", "description": "where the transfer's life is told"})
    transfer_id = _transfer_id()
    outcome = _word(OutcomeCode)
    cause = _word(Cause, "what stood behind an outcome that is not a plain answer")
    released = fields.List(fields.Nested(ReleasedSchema))
    withheld = fields.List(fields.Nested(WithheldSchema))
    alarms = _alarms()
    findings = _findings()
    failures = fields.List(fields.Nested(FailureSchema))
    log = fields.Nested(LogSchema)
    answer = fields.Nested(AnswerSchema)
    checks = fields.Dict(keys=fields.String(), values=_word(["ok", "failed"]))
    empty_sets = fields.List(fields.String())


class VerdictSchema(Schema):
    """What would leave, or why nothing would; names that no map knows stand as they came."""

    decision = _word(["permitted", "refused"], required=True)
    reason = _word(RefusedReason, required=True, allow_none=True)
    disclosure = fields.Raw(required=True, allow_none=True, metadata={"description": "what would leave, as a tree"})
    released = fields.List(fields.Nested(ReleasedSchema), required=True)
    withheld = fields.List(fields.Nested(WithheldSchema), required=True)
    alarms = _alarms(required=True)
    findings = _findings(required=True)
    failures = fields.List(fields.Nested(FailureSchema), required=True)


class EntrySchema(Schema):
    """One entry of the transfer log, without a value; what was erased is not there."""

    index = _count(required=True)
    kind = _word(EntryKind, required=True)
    at = _time("when it was made", required=True)
    recipient = fields.String()
    purpose = fields.String()
    map = _text("the map's version")
    attempt = _count()
    outcome = _word(OutcomeCode)
    cause = _word(Cause)
    status = _status()
    reason = _word(RefusedReason)
    released = fields.List(fields.String())
    withheld = fields.List(fields.Nested(WithheldSchema))
    alarms = _alarms()
    findings = _findings()
    failures = fields.List(fields.Nested(FailureSchema))


class LifeSchema(Schema):
    """A transfer's life so far."""

    transfer_id = _transfer_id(required=True)
    entries = fields.List(fields.Nested(EntrySchema), required=True)


class KeptSetSchema(Schema):
    """A set of values that the platform keeps: how many and since when, never which."""

    recipient = fields.String(required=True)
    name = fields.String(required=True)
    count = _count(required=True)
    updated_at = _time("null: never written", required=True, allow_none=True)


class JwksSchema(Schema):
    """A JWK Set (RFC 7517)."""

    keys = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)


class StateSchema(Schema):
    """Whether the process is alive, or ready."""

    status = _word(["alive", "ready"], required=True)
    checks = fields.Dict(keys=fields.String(), values=_word(["ok", "failed"]))
    empty_sets = fields.List(fields.String(), metadata={"description": "kept sets that hold no one: recipient:name"})


class RecordVerdictSchema(Schema):
    """One line of the answer to a registry: a record's, or the last one, which counts them."""

    record = _count("its number in the registry, from 1")
    decision = _word(["permitted", "refused", "unreadable", "already", "changed", "not_recorded"])
    transfer_id = fields.String(metadata={"format": "uuid", "description": "UUID of version 8"})
    outcome = _word(OutcomeCode, "absent where it was refused", allow_none=True)
    cause = _word(Cause, allow_none=True)
    status = fields.Integer(allow_none=True)
    reason = _word(RefusedReason)
    fault = _text("why it cannot be read, without a value")
    failures = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    withheld = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    alarms = _alarms()
    log = fields.Nested(LogSchema)
    batch = _text("in the last line: its name")
    ended = _word(["whole", "stopped"], "in the last line")
    code = _text("in the last line: why it stopped")

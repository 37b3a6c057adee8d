"""The shapes of answers, for the API's description; the answers themselves are written from values, not through these.

Promises: tests hold real answers against them. It must never be used to load a request: admission does that.
"""

from __future__ import annotations

from marshmallow import Schema, fields


class ReleasedSchema(Schema):
    """A field that left, and the rule that let it."""

    path = fields.String(required=True)
    rule = fields.String(required=True)


class WithheldSchema(Schema):
    """A field that stayed, and why; a name that no map knows is `~` and a digest."""

    path = fields.String(required=True)
    reason = fields.String(required=True)
    rule = fields.String()  # that a value failed


class FailureSchema(Schema):
    """A required field that could not leave, and the rule that it failed."""

    path = fields.String(required=True)
    reason = fields.String(required=True)
    rule = fields.String(required=True)


class LogSchema(Schema):
    """Where the transfer stands in the transfer log."""

    index = fields.Integer(required=True)
    checkpoint = fields.String(metadata={"description": "C2SP signed note"})
    proof = fields.String(metadata={"description": "C2SP tlog-proof; where the recipient's protection is tls"})


class AnswerSchema(Schema):
    """What the recipient answered."""

    status = fields.Integer(required=True)
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.Raw(allow_none=True, metadata={"description": "JSON, text, or {base64: …}"})


class _AccountSchema(Schema):
    transfer_id = fields.String()
    outcome = fields.String()
    released = fields.List(fields.Nested(ReleasedSchema))
    withheld = fields.List(fields.Nested(WithheldSchema))
    alarms = fields.List(fields.String())
    findings = fields.Dict(keys=fields.String(), values=fields.Integer())
    log = fields.Nested(LogSchema)
    answer = fields.Nested(AnswerSchema)


class DeliveredSchema(_AccountSchema):
    """The reply to a transfer that the recipient took."""


class ProblemSchema(_AccountSchema):
    """RFC 9457; after recording, with the transfer's account."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    instance = fields.String()
    cause = fields.String()
    failures = fields.List(fields.Nested(FailureSchema))
    checks = fields.Dict(keys=fields.String(), values=fields.String())


class VerdictSchema(Schema):
    """What would leave, or why nothing would; names that no map knows stand as they came."""

    decision = fields.String(required=True, metadata={"enum": ["permitted", "refused"]})
    reason = fields.String(required=True, allow_none=True)
    disclosure = fields.Raw(required=True, allow_none=True, metadata={"description": "what would leave, as a tree"})
    released = fields.List(fields.Nested(ReleasedSchema), required=True)
    withheld = fields.List(fields.Nested(WithheldSchema), required=True)
    alarms = fields.List(fields.String(), required=True)
    findings = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    failures = fields.List(fields.Nested(FailureSchema), required=True)


class EntrySchema(Schema):
    """One entry of the transfer log, without a value; what was erased is not there."""

    index = fields.Integer(required=True)
    kind = fields.String(required=True)
    at = fields.String(required=True)
    recipient = fields.String()
    purpose = fields.String()
    map = fields.String()
    attempt = fields.Integer()
    outcome = fields.String()
    cause = fields.String()
    status = fields.Integer()
    reason = fields.String()
    released = fields.List(fields.String())
    withheld = fields.List(fields.Nested(WithheldSchema))
    alarms = fields.List(fields.String())
    findings = fields.Dict(keys=fields.String(), values=fields.Integer())
    failures = fields.List(fields.Nested(FailureSchema))


class LifeSchema(Schema):
    """A transfer's life so far."""

    transfer_id = fields.String(required=True)
    entries = fields.List(fields.Nested(EntrySchema), required=True)


class KeptSetSchema(Schema):
    """A set of values that the platform keeps: how many and since when, never which."""

    recipient = fields.String(required=True)
    name = fields.String(required=True)
    count = fields.Integer(required=True)
    updated_at = fields.String(required=True, allow_none=True, metadata={"description": "null: never written"})


class JwksSchema(Schema):
    """A JWK Set (RFC 7517)."""

    keys = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)


class StateSchema(Schema):
    """Whether the process is alive, or ready."""

    status = fields.String(required=True)
    checks = fields.Dict(keys=fields.String(), values=fields.String())
    empty_sets = fields.List(fields.String(), metadata={"description": "kept sets that hold no one: recipient:name"})

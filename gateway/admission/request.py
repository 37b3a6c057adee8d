"""The request of a transfer: from a call to an `Admitted`, which only this module makes.

Promises: the caller is known before a byte of the body is parsed; what comes is strict JSON of one declared shape, in
one declared media type, under the limit of bytes. It must never say in an error what a token, a key or a value was:
an error names the fields of `TransferSchema` and the rule that failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields

from gateway.admission.glance import Glance, Text
from gateway.admission.tokens import authenticate
from gateway.admission.transfer_id import new_transfer_id
from gateway.canonical import Node
from gateway.clock import Clock
from gateway.errors import (
    MalformedRequest,
    NotSupportedYet,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from gateway.formats.strict_json import parse
from gateway.identifiers import identifier_kind
from gateway.model import Admitted, Basis, BasisKind, Call, Caller, SubjectId

_JSON = re.compile(r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?\Z', re.IGNORECASE)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_NOT_AN_OBJECT: Final = "is not an object"
_DESCRIBED: Final = {
    "iin": "an IIN",
    "bin": "a BIN",
    "card": "a card number",
    "iban": "an account number",
    "phone": "a phone number",
    "email": "an e-mail address",
}


def _written_in(alphabet: str, longest: int) -> Callable[[str], None]:
    form = re.compile(rf"[{alphabet}]{{1,{longest}}}\Z", re.ASCII)

    def judge(text: str) -> None:
        if form.match(text) is None:
            raise ValidationError(f"is not 1 to {longest} of {alphabet}")

    return judge


def _reference(longest: int) -> Callable[[str], None]:
    """A name of the platform's own records: it is kept in the log, and so may not be an identifier of a person."""
    form = _written_in("A-Za-z0-9_.:/-", longest)

    def judge(text: str) -> None:
        form(text)
        kind = identifier_kind(text)
        if kind is not None:
            raise ValidationError(f"reads as {_DESCRIBED.get(kind, kind)}; give the reference of your own record")

    return judge


def _one_of(*words: str) -> Callable[[str], None]:
    def judge(text: str) -> None:
        if text not in words:
            raise ValidationError(f"is not one of: {', '.join(words)}")

    return judge


def opaque_subject(text: str) -> SubjectId:
    """The platform's own id of a person. Raises MalformedRequest where it is not one, or is an identifier itself."""
    try:
        _opaque(text)
    except ValidationError as error:
        raise MalformedRequest(f"the subject {error.messages[0]}") from None
    return SubjectId(text)


_LONGEST_SUBJECT: Final = 64
_SUBJECT = _written_in("A-Za-z0-9_.:-", _LONGEST_SUBJECT)


def _opaque(subject: str) -> None:
    """The platform's own id: an identifier that the world knows would itself be a disclosure."""
    kind = identifier_kind(subject) if len(subject) <= _LONGEST_SUBJECT else None
    if kind is not None:
        raise ValidationError(f"reads as {_DESCRIBED.get(kind, kind)}; give the platform's own opaque id of the person")
    _SUBJECT(subject)


def _rfc_3339(text: str) -> None:
    try:
        well_formed = _RFC_3339.match(text) is not None and datetime.fromisoformat(text.upper()) is not None
    except ValueError:
        well_formed = False
    if not well_formed:
        raise ValidationError("is not an RFC 3339 time with its offset, such as 2026-05-01T10:00:00+05:00")


def _object_or_array(payload: object) -> None:
    if not isinstance(payload, dict | list):
        raise ValidationError("is not an object or an array")


class _Strict(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"type": _NOT_AN_OBJECT}  # noqa: RUF012 -- as above


class BasisSchema(_Strict):
    """The legal basis that the caller states."""

    kind = Text(_one_of(*BasisKind), required=True)
    ref = Text(_reference(128), required=True)
    given_at = Text(_rfc_3339, required=True)
    text_version = Text(_reference(64), load_default=None)


class TransferSchema(_Strict):
    """What `POST /v1/transfers` takes."""

    recipient = Text(_written_in("A-Za-z0-9_.-", 64), required=True)
    purpose = Text(_written_in("A-Za-z0-9_.-", 64), required=True)
    subject = Text(_opaque, required=True)
    basis = fields.Nested(BasisSchema, load_default=None, allow_none=True)
    payload = fields.Raw(
        required=True,
        validate=_object_or_array,
        error_messages={"required": "is missing", "null": "is null"},
        metadata={"description": "what the platform has; only what the purpose map names leaves"},
    )
    delivery = Text(_one_of("wait", "queue"), load_default="wait")


_SCHEMA: Final = TransferSchema()  # built once: building it costs more than using it
_GLANCE: Final = Glance(_SCHEMA)


class Admission:
    """Stage 1 of the path."""

    def __init__(self, lookup: Callable[[bytes], Caller | None], clock: Clock, max_body_bytes: int) -> None:
        self._lookup = lookup
        self._clock = clock
        self._max_body_bytes = max_body_bytes

    def admit(self, call: Call) -> Admitted:
        """The request of a known caller, whole and well formed. Raises AdmissionError for anything else."""
        received_at = self._clock.now()
        caller = authenticate(self._lookup, call.token)
        if call.idempotency_key is not None:
            raise NotSupportedYet("Idempotency-Key is not supported yet", hint="send the request without this header")
        if _JSON.match(call.content_type) is None:
            raise UnsupportedMediaType("the body must be application/json, in UTF-8")
        if len(call.body) > self._max_body_bytes:
            raise PayloadTooLarge(f"the body is longer than {self._max_body_bytes} bytes")
        asked = load_transfer(parse(call.body))
        if asked["delivery"] == "queue":
            raise NotSupportedYet("delivery: queue is not supported yet", hint="use delivery: wait")
        return Admitted(
            transfer_id=new_transfer_id(received_at),
            caller=caller,
            recipient=asked["recipient"],
            purpose=asked["purpose"],
            subject=SubjectId(asked["subject"]),
            basis=_basis(asked["basis"]),
            payload=asked["payload"],
            received_at=received_at,
        )


def load_transfer(tree: Node) -> dict[str, Any]:
    """The fields of `TransferSchema` in a neutral tree. Raises MalformedRequest with every field that is wrong."""
    if not isinstance(tree, dict):
        raise MalformedRequest("the request is not a transfer: the body is not an object")
    try:
        return _GLANCE.at(tree)
    except ValidationError:
        return _judged(tree)


def _judged(tree: Mapping[str, Any]) -> dict[str, Any]:
    """By the schema, which tells every fault and not only that there is one."""
    try:
        loaded: dict[str, Any] = _SCHEMA.load(tree)
    except ValidationError as error:
        raise MalformedRequest("the request is not a transfer: " + "; ".join(_told(error.messages, _SCHEMA))) from None
    return loaded


def _basis(stated: Mapping[str, Any] | None) -> Basis | None:
    if stated is None:
        return None
    return Basis(BasisKind(stated["kind"]), stated["ref"], stated["given_at"], stated["text_version"])


def _told(messages: Any, schema: Schema, prefix: str = "") -> list[str]:
    """Every field and its rule; keys that the schema does not know are counted, for a key can be personal (law 4)."""
    lines: list[str] = []
    unknown = 0
    for name, told in messages.items():
        declared = schema.fields.get(name)
        if declared is None and told == [_NOT_AN_OBJECT]:
            lines.append(f"{prefix.removesuffix('.')} {_NOT_AN_OBJECT}")
        elif declared is None:
            unknown += 1
        elif isinstance(declared, fields.Nested) and isinstance(told, dict):
            lines += _told(told, declared.schema, f"{prefix}{name}.")
        else:
            lines.append(f"{prefix}{name} {', '.join(told)}")
    if unknown:
        lines.append(f"{unknown} unknown {'key' if unknown == 1 else 'keys'}{' in ' + prefix[:-1] if prefix else ''}")
    return lines

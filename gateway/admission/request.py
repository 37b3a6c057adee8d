"""The request of a transfer: from a call to an `Admitted`, which only this module makes.

Promises: the caller is known before a byte of the body is parsed; what comes is strict JSON of one declared shape, in
one declared media type, under the limit of bytes. It must never say in an error what a token, a key or a value was:
an error names the fields of `TransferSchema` and the rule that failed. Where a request states no basis, the default
that an operator set for the caller counts; one that is stated and malformed is refused, never replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from marshmallow import RAISE, Schema, ValidationError, fields

from gateway.admission import forms
from gateway.admission.glance import Glance, Text
from gateway.admission.idempotency import ClaimDigest, new_claim
from gateway.admission.preview import Part, read_parts
from gateway.admission.proxied import read_basis, read_payload, text_at
from gateway.admission.tokens import authenticate
from gateway.admission.transfer_id import new_transfer_id
from gateway.canonical import Node
from gateway.clock import Clock, Instant
from gateway.errors import (
    MalformedRequest,
    NotSupportedYet,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from gateway.formats.strict_json import parse
from gateway.identifiers import identifier_kind
from gateway.model import (
    Admitted,
    Basis,
    BasisKind,
    Call,
    Caller,
    Claim,
    Proxied,
    PurposeId,
    RecipientId,
    Snapshot,
    SubjectId,
)

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


_NAME: Final = _written_in("A-Za-z0-9_.-", 64)
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

    kind = Text(_one_of(*BasisKind), required=True, metadata=forms.KIND_SAID)
    ref = Text(_reference(128), required=True, metadata=forms.REFERENCE_SAID)
    given_at = Text(_rfc_3339, required=True, metadata=forms.TIME_SAID)
    text_version = Text(_reference(64), load_default=None, metadata=forms.TEXT_VERSION_SAID)


class TransferSchema(_Strict):
    """What `POST /v1/transfers` takes."""

    recipient = Text(_NAME, required=True, metadata=forms.RECIPIENT_SAID)
    purpose = Text(_NAME, required=True, metadata=forms.PURPOSE_SAID)
    subject = Text(_opaque, required=True, metadata=forms.SUBJECT_SAID)
    basis = fields.Nested(BasisSchema, load_default=None, allow_none=True)
    payload = fields.Raw(
        required=True,
        validate=_object_or_array,
        error_messages={"required": "is missing", "null": "is null"},
        metadata={"type": ["object", "array"], "description": "What you have; only what the purpose map names leaves."},
    )
    delivery = Text(_one_of("wait", "queue"), load_default="wait", metadata=forms.DELIVERY_SAID)


_SCHEMA: Final = TransferSchema()  # built once: building it costs more than using it
_GLANCE: Final = Glance(_SCHEMA)
_BASIS_SCHEMA: Final = BasisSchema()
_BASIS_GLANCE: Final = Glance(_BASIS_SCHEMA)


PREVIEWED_MOST: Final = 10_000
"""So many records may be previewed at once: their verdicts are longer than they are."""


class Previewed(NamedTuple):
    """What a preview is asked about: each record, where the content type has records; else the one payload."""

    caller: Caller
    subject: SubjectId
    each: tuple[Admitted, ...]
    records: bool


class Admission:
    """Stage 1 of the path."""

    def __init__(
        self,
        lookup: Callable[[bytes], Caller | None],
        maps: Callable[[], Snapshot],
        clock: Clock,
        max_body_bytes: int,
        claim_digest: ClaimDigest,
    ) -> None:
        self._lookup = lookup
        self._maps = maps
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._claim_digest = claim_digest

    def admit(self, call: Call) -> Admitted:
        """The request of a known caller, whole and well formed. Raises AdmissionError for anything else."""
        received_at = self._clock.now()
        caller = self._known(call)
        if call.proxied is not None:
            return self._admit_proxied(call, call.proxied, caller, received_at)
        return _admit_stated(call, caller, received_at, self._claim(call, caller, received_at))

    def admit_preview(self, call: Call) -> Previewed:
        """What a known caller wants to see before it sends; `call.proxied` where headers say what it is for.

        Nothing of it becomes a transfer, so an Idempotency-Key means nothing here. Raises AdmissionError.
        """
        received_at = self._clock.now()
        caller = self._known(call)
        if call.proxied is not None:
            return self._previewed(call, call.proxied, caller, received_at)
        if _JSON.match(call.content_type) is None:
            raise MalformedRequest(
                "a body that is not application/json cannot say what it is for",
                hint="Gateway-Recipient, Gateway-Purpose, Gateway-Subject and Gateway-Basis say it",
            )
        one = _admit_stated(call, caller, received_at)
        return Previewed(caller, one.subject, (one,), records=False)

    def _known(self, call: Call) -> Caller:
        """Who calls, before anything is read."""
        caller = authenticate(self._lookup, call.token)
        if len(call.body) > self._max_body_bytes:
            raise PayloadTooLarge(f"the body is longer than {self._max_body_bytes} bytes")
        return caller

    def _claim(self, call: Call, caller: Caller, now: Instant, headers: Iterable[str] = ()) -> Claim | None:
        key = call.idempotency_key
        return None if key is None else new_claim(call, key, caller.id, now, self._claim_digest, headers=headers)

    def _previewed(self, call: Call, stated: Proxied, caller: Caller, received_at: Instant) -> Previewed:
        declared = self._maps().maps.get((RecipientId(stated.recipient), PurposeId(stated.purpose)))
        whole, records = read_parts(call, stated, declared)
        if records is not None and len(records) > PREVIEWED_MOST:
            raise PayloadTooLarge(f"a preview takes at most {PREVIEWED_MOST} records", hint="preview a part of them")
        named = None if declared is None else text_at(whole.tree, declared.subject_from)
        subject = opaque_subject(_subject(stated.subject, named))
        basis = caller.basis if stated.basis is None else basis_in(stated.basis)
        shown = new_transfer_id(received_at)  # no transfer has it

        def admitted(part: Part) -> Admitted:
            return Admitted(
                transfer_id=shown,
                caller=caller,
                recipient=stated.recipient,
                purpose=stated.purpose,
                subject=subject,
                basis=basis,
                payload=part.tree,
                received_at=received_at,
                route=part.route,
                media_type=None if part.document is None else part.document.media_type,
                write=None if part.document is None else part.document.write,
                unread=part.unread,
            )

        each = tuple(admitted(part) for part in ((whole,) if records is None else records))
        return Previewed(caller, subject, each, records=records is not None)

    def _admit_proxied(self, call: Call, proxied: Proxied, caller: Caller, received_at: Instant) -> Admitted:
        """A request in the recipient's own API. Where no map stands behind it, that is for `decide` to say."""
        declared = self._maps().maps.get((RecipientId(proxied.recipient), PurposeId(proxied.purpose)))
        if declared is None:
            _check_names(proxied)
        payload = None if declared is None else read_payload(call, proxied, declared)
        named = None if declared is None or payload is None else text_at(payload.tree, declared.subject_from)
        document = None if payload is None else payload.document
        return Admitted(
            transfer_id=new_transfer_id(received_at),
            caller=caller,
            recipient=proxied.recipient,
            purpose=proxied.purpose,
            subject=opaque_subject(_subject(proxied.subject, named)),
            basis=caller.basis if proxied.basis is None else basis_in(proxied.basis),
            payload={} if payload is None else payload.tree,
            received_at=received_at,
            route=None if payload is None else payload.route,
            media_type=None if document is None else document.media_type,
            write=None if document is None else document.write,
            unread=() if payload is None else payload.unread,
            claim=self._claim(call, caller, received_at, () if declared is None else declared.headers),
        )


def _admit_stated(call: Call, caller: Caller, received_at: Instant, claim: Claim | None = None) -> Admitted:
    """A request whose JSON body says what it is for."""
    if _JSON.match(call.content_type) is None:
        raise UnsupportedMediaType("the body must be application/json, in UTF-8")
    asked = load_transfer(parse(call.body))
    if asked["delivery"] == "queue":
        raise NotSupportedYet("delivery: queue is not supported yet", hint="use delivery: wait")
    return Admitted(
        transfer_id=new_transfer_id(received_at),
        caller=caller,
        recipient=asked["recipient"],
        purpose=asked["purpose"],
        subject=SubjectId(asked["subject"]),
        basis=caller.basis if asked["basis"] is None else _basis(asked["basis"]),
        payload=asked["payload"],
        received_at=received_at,
        claim=claim,
    )


def _check_names(proxied: Proxied) -> None:
    """What no map names is recorded as it was asked for: it must be a name, as in a transfer."""
    for part, name in (("recipient", proxied.recipient), ("purpose", proxied.purpose)):
        try:
            _NAME(name)
        except ValidationError as error:
            raise MalformedRequest(f"the path is not of the proxy: {part} {error.messages[0]}") from None


def _subject(stated: str | None, named: str | None) -> str:
    """Who it is about: by the header, or by the payload where the recipient's file says so; never two people."""
    if stated is None and named is None:
        raise MalformedRequest("the request does not say who it is about", hint="Gateway-Subject: your own id of them")
    if stated is not None and named is not None and stated != named:
        raise MalformedRequest("Gateway-Subject and the payload name two people")
    return stated or named or ""


def basis_in(stated: str) -> Basis:
    """The basis that a `Gateway-Basis` header states; an operator states a caller's default in the same words.

    Whatever its kind, it needs all that a basis in a body needs. Raises MalformedRequest.
    """
    members = read_basis(stated)
    try:
        return _basis(_BASIS_GLANCE.at(members))
    except ValidationError:
        pass
    try:
        return _basis(_BASIS_SCHEMA.load(members))
    except ValidationError as error:
        raise MalformedRequest("Gateway-Basis: " + "; ".join(_told(error.messages, _BASIS_SCHEMA))) from None


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


def _basis(stated: Mapping[str, Any]) -> Basis:
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

"""What a recipient may ask us for, and how it proves who it is. source: DESIGN 6.2, law 12."""

from __future__ import annotations

from marshmallow import fields, validate

from gateway.model import BasisKind, FieldType
from gateway.purpose.scalars import Anything, Flag, Text, Whole
from gateway.purpose.schemas.parts import (
    MEDIA_TYPES,
    SECRET_NAME,
    SOME,
    Bounds,
    Strict,
    choice,
    matching,
    one_of,
    table,
)
from gateway.purpose.schemas.shape import Meaning, Place, Served


class _Taken(Bounds):
    type = choice(FieldType, required=True)
    required = Flag(load_default=False)
    max_length = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))


class _Told(Strict):
    status = Whole(required=True, validate=validate.Range(200, 599, error="expected 200 to 599"))
    body = Anything()


class _OnError(Strict):
    malformed = fields.Nested(_Told)
    not_found = fields.Nested(_Told)
    refused = fields.Nested(_Told)
    unavailable = fields.Nested(_Told)


class _Basis(Strict):
    kind = choice(BasisKind, required=True)
    ref = Text(required=True)
    given_at = Text(required=True)
    text_version = Text(validate=matching(r"[A-Za-z0-9_.:/-]{1,64}", "1 to 64 of A-Za-z0-9_.:/-"))


class Pull(Strict):
    """One way in which a recipient may ask us."""

    route = Text(required=True)
    takes = table(fields.Nested(_Taken), load_default=dict)
    ask = Text(required=True)
    ask_media_type = Text(validate=one_of(MEDIA_TYPES))
    media_type = Text(load_default="application/json", validate=one_of(MEDIA_TYPES))
    subject_from = Text(required=True)
    basis = fields.Nested(_Basis)
    basis_from = Text()
    withhold = fields.List(Text(), load_default=list)
    shape = table(Place(), validate=SOME)
    means = table(Meaning(), load_default=dict)
    items_ = table(Text(), load_default=dict, data_key="items")
    serves = table(Served(), load_default=dict)
    echo = table(Text(), load_default=dict)
    on_error = fields.Nested(_OnError, load_default=dict)


class Credentials(Strict):
    """A header that carries a secret, by the name of the secret."""

    header = Text(required=True, validate=matching(r"[A-Za-z0-9-]{1,64}", "the name of a header"))
    secret = Text(required=True, validate=SECRET_NAME)
    scheme = Text(load_default="", validate=matching(r"[A-Za-z0-9-]{0,32}", "the name of a scheme"))


class _Basic(Strict):
    login = Text(required=True, validate=SECRET_NAME)
    password = Text(required=True, validate=SECRET_NAME)


class _Certificate(Strict):
    fingerprints = fields.List(
        Text(validate=matching(r"[0-9a-f]{64}", "the SHA-256 of a certificate: 64 of 0-9a-f")), validate=SOME
    )
    subjects = fields.List(Text(), validate=SOME)


class Calls(Strict):
    """How a recipient proves who it is; all that is stated must hold."""

    token = fields.Nested(Credentials)
    basic = fields.Nested(_Basic)
    networks = fields.List(Text(), validate=SOME)
    certificate = fields.Nested(_Certificate)

"""One recipient's file. source: DESIGN 6.2."""

from __future__ import annotations

from marshmallow import fields, validate

from gateway.model import Digest, Protection, SignerKind, Suite, TextMode
from gateway.purpose.scalars import Either, Exact, Flag, Plain, Text, Whole
from gateway.purpose.schemas.parts import (
    ID,
    MEDIA_TYPES,
    SECRET_NAME,
    SOME,
    Answered,
    Strict,
    Title,
    choice,
    matching,
    one_of,
    table,
)
from gateway.purpose.schemas.pull import Calls, Credentials, Pull
from gateway.purpose.schemas.shape import Meaning, Place, Served


class _Key(Strict):
    jwk = table(Text(), required=True)
    not_after = Text()


class _Signer(Strict):
    kind = choice(SignerKind, required=True)
    secrets = table(
        Text(validate=SECRET_NAME),
        required=True,
        validate=SOME,
    )
    header = Text(validate=matching(r"[A-Za-z0-9-]{1,64}", "the name of a header"))
    scheme = Text(validate=matching(r"[A-Za-z0-9-]{0,32}", "the name of a scheme"))
    digest = choice(Digest)
    base64 = Flag()
    prefix = Text(validate=matching(r"[!-~]{1,32}", "plain characters without blanks"))
    token_url = Text()
    scope = Text(validate=matching(r"[!-~]+(?: [!-~]+)*", "words with one blank between them"))


class _Service(Strict):
    routes = fields.List(Text(), load_default=list, validate=SOME)
    pulls = fields.List(fields.Nested(Pull), load_default=list, validate=SOME)
    media_type = Text(load_default="application/json", validate=one_of(MEDIA_TYPES))
    withhold = fields.List(Text(), load_default=list)
    text = choice(TextMode, load_default=TextMode.SCRUB)
    shape = table(Place(), validate=SOME)
    means = table(Meaning(), load_default=dict)
    items_ = table(Text(), load_default=dict, data_key="items")
    serves = table(Served(), load_default=dict)
    subject_from = Text()
    records_per_envelope = Whole(load_default=1, validate=validate.Range(1, 1_000, error="expected 1 to 1000"))
    answer = table(fields.Nested(Answered), validate=validate.Length(min=1, error="an empty answer map is none"))


class RecipientSchema(Strict):
    """`recipients/<id>.yaml`: one third party."""

    id = Text(required=True, validate=ID)
    recipient_class = Text(required=True, data_key="class")
    role = Text(validate=ID)
    title = fields.Nested(Title, required=True)
    bin = Text(required=True)
    country = Text(required=True)
    storage_country = Text(required=True)
    base_url = Text(required=True)
    protection = choice(Protection, required=True)
    protection_reason = Text()
    suite = choice(Suite, load_default=Suite.P256)
    keys = fields.List(fields.Nested(_Key), load_default=list)
    credentials = fields.Nested(Credentials)
    signer = fields.Nested(_Signer)
    sandbox = table(Either(Text()))
    calls = fields.Nested(Calls)
    ca_file = Text()
    timeout_seconds = Exact(load_default="10")
    in_flight = Whole(load_default=16, validate=validate.Range(1, 1_000, error="expected 1 to 1000"))
    traits = table(Plain(), load_default=dict)
    serves = table(Served(), load_default=dict)
    purposes = table(fields.Nested(_Service), required=True, validate=SOME)

"""The taxonomy, the map of a class of recipients, and the examples. source: DESIGN 6.1."""

from __future__ import annotations

from marshmallow import fields, validate

from gateway.model import BasisKind, TextMode
from gateway.purpose.scalars import Anything, Either, Flag, Text
from gateway.purpose.schemas.parts import ID, SOME, Answered, Strict, Title, choice, matching, one_of, table, when


class _Category(Strict):
    title = fields.Nested(Title, required=True)
    dpv = fields.List(Text(), load_default=list)


class _SpecialCategory(Strict):
    title = fields.Nested(Title, required=True)
    keys = fields.List(Text(), required=True, validate=SOME)
    words = fields.List(Text(), load_default=list)
    refuse = Flag(load_default=False)


class _RecipientClass(Strict):
    title = fields.Nested(Title, required=True)
    purposes = fields.List(Text(validate=ID), required=True, validate=SOME)


class TaxonomySchema(Strict):
    """`taxonomy.yaml`: the words of the privacy policy."""

    categories = table(fields.Nested(_Category), required=True)
    recipient_classes = table(fields.Nested(_RecipientClass), required=True, validate=SOME)
    never = table(fields.List(Text(), validate=SOME), required=True, validate=SOME)
    special_categories = table(fields.Nested(_SpecialCategory), required=True, validate=SOME)


class _Retention(Strict):
    period = Text(required=True, data_key="for")
    after = Text(required=True, validate=one_of(["disclosure"]))


class _Field(Answered):
    sources = Either(Text(), data_key="from")
    required = Flag(load_default=False)
    when = when()
    template = Text()


class _Purpose(Strict):
    title = fields.Nested(Title, required=True)
    policy_clause = Text(required=True)
    dpv = Text(required=True, validate=matching(r"https://w3id\.org/dpv[#/]\S+", "an IRI of the DPV"))
    basis = fields.List(choice(BasisKind), required=True, validate=SOME)
    retention = fields.Nested(_Retention, required=True)
    text = choice(TextMode, load_default=TextMode.SCRUB)
    items_ = table(Text(), load_default=dict, data_key="items")
    fields_ = table(
        fields.Nested(_Field),
        required=True,
        data_key="fields",
        validate=validate.Length(min=1, error="a purpose without fields allows nothing"),
    )


class ClassMapSchema(Strict):
    """`<class>.yaml`: what one class of recipients may know, per purpose."""

    recipient_class = Text(required=True)
    purposes = table(fields.Nested(_Purpose), required=True, validate=SOME)


class _Expectation(Strict):
    decision = Text(required=True, validate=one_of(["permitted", "refused"]))
    reason = Text()
    disclosure = Anything()
    withheld = table(Text())
    alarms = fields.List(Text())


class ExampleSchema(Strict):
    """`examples/<recipient>/<purpose>/<name>.yaml`: a payload and what must become of it."""

    title = Text(required=True)
    payload = Anything(required=True)
    expect = fields.Nested(_Expectation, required=True)

"""What the schemas of all files are made of.

Promises: a key that is not known is a problem at every level, because a misspelt `when` that is ignored would be a
field without its condition.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from gateway.model import FieldType, Transform
from gateway.purpose.scalars import Either, Limit, Plain, Text, Whole


class Strict(Schema):
    """A table whose keys are all known."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        known = sorted(str(one.data_key or name) for name, one in self.fields.items())
        self.error_messages = {**self.error_messages, "unknown": f"unknown key; expected one of {', '.join(known)}"}


SOME = validate.Length(min=1, error="expected at least one")


def one_of(values: Any) -> validate.OneOf:
    """One of a closed list."""
    return validate.OneOf(list(values), error="expected one of {choices}")


def choice(words: type[StrEnum], **more: Any) -> fields.Enum[Any]:
    """One word of an enumeration."""
    return fields.Enum(words, by_value=True, error_messages={"unknown": "expected one of {choices}"}, **more)


def matching(pattern: str, expected: str) -> validate.Regexp:
    """A whole text by a pattern; what was `expected` is told in plain words."""
    return validate.Regexp(pattern + r"\Z", error=f"expected {expected}")


MEDIA_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/x-ndjson",
    "text/csv",
    "application/xml",
)
"""What a body may be written as."""


ID = matching(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", "small letters, digits, - and _")


SECRET_NAME = matching(r"[a-z][a-z0-9_]{0,63}", "the name of a secret, not the secret")


def table(values: fields.Field[Any], **more: Any) -> fields.Dict:
    """A table whose keys are the file's own."""
    return fields.Dict(keys=Text(), values=values, **more)


def when() -> Either:
    """A condition: one table, or several of which any suffices."""
    return Either(table(fields.List(Plain(), validate=SOME), validate=SOME), load_default=list)


class Title(Strict):
    """What people read, in three languages."""

    kk = Text(required=True)
    ru = Text(required=True)
    en = Text(required=True)


class Bounds(Strict):
    """What bounds a value, whatever it is."""

    one_of = fields.List(Plain(), validate=SOME)
    pattern = Text()
    minimum = Limit()
    maximum = Limit()
    places = Whole(validate=validate.Range(0, 10, error="expected 0 to 10"))
    max_items = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))
    min_items = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))


class Answered(Bounds):
    """A field of an answer map: what a class's field is too, without condition and source."""

    category = Text(required=True)
    type = choice(FieldType, required=True)
    transform = choice(Transform, data_key="as")
    because = Text(required=True)
    max_length = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))
    hosts = fields.List(Text(), validate=SOME)
    generic = Text(data_key="text")

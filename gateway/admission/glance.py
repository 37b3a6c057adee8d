"""A schema's answer where all is plainly well formed, without what it costs a schema to tell what is not.

Promises: where a glance answers, the schema would answer the same: fields, defaults and judges are the schema's own,
read once. Whatever is odd it leaves to the schema: a key that is missing or unknown, a null, a value that its judge
refuses. It must never have a rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from marshmallow import Schema, ValidationError, fields, missing

Look: TypeAlias = Callable[[Any], Any]
"""A value as it is loaded. Raises ValidationError."""


class Text(fields.String):
    """A JSON string of one declared form: a JSON number, though its text is kept, is not one.

    The form is judged here and not by validators: a transfer has nine such fields.
    """

    default_error_messages = {"required": "is missing", "null": "is null", "invalid": "is not a string"}  # noqa: RUF012 -- marshmallow's name and type

    def __init__(self, judge: Callable[[str], None], **options: Any) -> None:
        super().__init__(**options)
        self._judge = judge

    def look(self, value: object) -> str:
        """The text, if it is one and of the form. Raises ValidationError."""
        if type(value) is not str:  # `Number` is a subclass
            raise self.make_error("invalid")
        self._judge(value)
        return value

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:  # noqa: ARG002 -- marshmallow's
        return self.look(value)


class Glance:
    """One schema, of `Text`, `Raw` and `Nested` fields."""

    def __init__(self, schema: Schema) -> None:
        self._looks = [(name, _look(field), field.load_default) for name, field in schema.load_fields.items()]

    def at(self, tree: Any) -> dict[str, Any]:
        """What the schema would load. Raises ValidationError where the schema must be asked; what it says is no use."""
        if type(tree) is not dict:
            raise ValidationError("not an object")
        loaded: dict[str, Any] = {}
        found = 0
        for name, look, default in self._looks:
            if name in tree:
                loaded[name] = look(tree[name])
                found += 1
            elif default is missing:
                raise ValidationError("a key is missing")
            else:
                loaded[name] = default
        if found != len(tree):
            raise ValidationError("a key is unknown")
        return loaded


def _look(field: fields.Field[Any]) -> Look:
    if isinstance(field, Text):
        return field.look
    if isinstance(field, fields.Nested):
        return Glance(field.schema).at
    return _validated(field.validators)


def _validated(validators: list[Callable[[Any], Any]]) -> Look:
    def look(value: Any) -> Any:
        for validate in validators:
            validate(value)
        return value

    return look

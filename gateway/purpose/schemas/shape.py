"""How a recipient's body binds to its class's fields, what its values mean, and whose data it may have.

source: DESIGN 6.2
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from gateway.model import FieldType, Transform
from gateway.purpose.scalars import Either, Flag, Plain, Text, Whole
from gateway.purpose.schemas.parts import ID, SOME, Bounds, Strict, choice, table, when


class _Constant(Bounds):
    type = choice(FieldType, required=True, data_key="operational")
    required = Flag(load_default=False)
    when = when()


class _Binding(Bounds):
    field = Text(required=True)
    sources = Either(Text(), data_key="from")
    transform = choice(Transform, data_key="as")
    generic = Text(data_key="text")
    required = Flag()
    when = when()
    max_length = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))


class Place(fields.Field[dict[str, Any]]):
    """What one of their paths is: the class's field by name, the same narrowed, or a constant of their API."""

    _binding = _Binding()
    _constant = _Constant()
    ways = (Text(), fields.Nested(_Binding), fields.Nested(_Constant))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> dict[str, Any]:  # noqa: ARG002
        given = {"field": value} if isinstance(value, str) else value
        schema = self._constant if isinstance(given, dict) and "operational" in given else self._binding
        return dict(schema.load(given))


class Meaning(fields.Field[Any]):
    """One value, or a table from one of their paths: its values, and the class's value that each means."""

    _value = Plain()
    _by_value = table(
        table(Plain(), validate=SOME), validate=validate.Length(equal=1, error="expected one of their paths")
    )
    ways = (_value, _by_value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:  # noqa: ARG002
        return (self._by_value if isinstance(value, dict) else self._value).deserialize(value)


class _Kept(Strict):
    set = Text(required=True, validate=[ID, validate.Length(max=64, error="expected at most 64 characters")])


class Served(fields.Field[Any]):
    """A list of values, or the name of a set that the platform keeps up to date."""

    _values = fields.List(Plain(), validate=SOME)
    _kept = _Kept()
    ways = (_values, fields.Nested(_Kept))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:  # noqa: ARG002
        return dict(self._kept.load(value)) if isinstance(value, dict) else self._values.deserialize(value)

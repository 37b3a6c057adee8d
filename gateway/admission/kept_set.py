"""What a caller says of a kept set: all its values, or which come and which go.

Promises: what comes is strict JSON of one declared shape and under the limits, whole, or nothing of it counts. It must
never say a value in an error: a value may be a person or a house.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields

from gateway.errors import MalformedRequest, UnsupportedMediaType
from gateway.formats.strict_json import parse

MOST_VALUES: Final = 100_000
LONGEST_VALUE: Final = 128
LONGEST_BODY: Final = 16 << 20
"""Bytes: a hundred thousand values of 128 ASCII characters fit; longer ones come in several changes."""

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_JSON: Final = "application/json"
_VALUE_SAID: Final = {
    "minLength": 1,
    "maxLength": LONGEST_VALUE,
    "pattern": r"\S",
    "description": "of characters that print",
}
_UTF_8: Final = frozenset({"", "charset=utf-8", 'charset="utf-8"'})


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a set: `values` are all that it holds then; else some go, then some come."""

    values: frozenset[str] | None = field(default=None, repr=False)
    add: frozenset[str] = field(default=frozenset(), repr=False)
    remove: frozenset[str] = field(default=frozenset(), repr=False)


class Values(fields.List[Any]):
    """A list of texts, judged in one walk: there may be a hundred thousand."""

    default_error_messages = {  # noqa: RUF012 -- marshmallow's name and type
        "required": "is missing",
        "null": "is null",
        "invalid": "is not an array",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(fields.String(metadata=_VALUE_SAID), metadata={"maxItems": MOST_VALUES}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002 -- marshmallow's
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_VALUES:
            raise ValidationError(f"is longer than {MOST_VALUES} values")
        for place, one in enumerate(value):
            if said := _fault(one):
                raise ValidationError(f"[{place}] {said}")
        return frozenset(value)


def _fault(value: object) -> str | None:
    if type(value) is not str:  # `Number` is a subclass
        return "is not a string"
    if not value.strip():
        return "is blank"
    if len(value) > LONGEST_VALUE:
        return f"is longer than {LONGEST_VALUE} characters"
    return None if value.isprintable() else "holds a character that does not print"


class _Strict(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"type": "is not an object", "unknown": "is unknown"}  # noqa: RUF012 -- as above


class SetSchema(_Strict):
    """What `PUT /v1/recipients/{id}/scope/{name}` takes: every value of the set."""

    values = Values(required=True)


class ChangeSchema(_Strict):
    """What `PATCH /v1/recipients/{id}/scope/{name}` takes: values that come, values that go."""

    add = Values(load_default=frozenset())
    remove = Values(load_default=frozenset())


_SET: Final = SetSchema()
_CHANGE: Final = ChangeSchema()


def read_set(content_type: str, body: bytes) -> Change:
    """Every value of a set. Raises UnsupportedMediaType, MalformedRequest."""
    return Change(values=_loaded(_SET, content_type, body)["values"])


def read_change(content_type: str, body: bytes) -> Change:
    """Which values come and which go; none may do both. Raises UnsupportedMediaType, MalformedRequest."""
    told = _loaded(_CHANGE, content_type, body)
    if told["add"] & told["remove"]:
        raise MalformedRequest("a value is both to be added and to be removed")
    return Change(add=told["add"], remove=told["remove"])


def read_lines(text: bytes) -> Change:
    """Every value of a set from a file, one a line; blank lines are none. Raises MalformedRequest."""
    try:
        lines = text.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise MalformedRequest("the values are not UTF-8, one a line") from None
    found = [(number, value) for number, line in enumerate(lines, 1) if (value := line.strip())]
    if len(found) > MOST_VALUES:
        raise MalformedRequest(f"there are more than {MOST_VALUES} values")
    for number, value in found:
        if said := _fault(value):
            raise MalformedRequest(f"line {number} {said}")
    return Change(values=frozenset(value for _, value in found))


def _require_few(body: bytes) -> None:
    """Before anything is made of it: a body of nothing but commas would become a hundred times its size."""
    if _STRING.sub(b"", body).count(b",") > 2 * MOST_VALUES:
        raise MalformedRequest(f"there are more than {MOST_VALUES} values")


def _loaded(schema: Schema, content_type: str, body: bytes) -> dict[str, Any]:
    kind, _, parameter = content_type.partition(";")
    if kind.strip().lower() != _JSON or parameter.strip().lower() not in _UTF_8:
        raise UnsupportedMediaType("the body must be application/json, in UTF-8")
    _require_few(body)
    tree = parse(body)
    if not isinstance(tree, dict):
        raise MalformedRequest("the body is not an object")
    try:
        loaded: dict[str, Any] = schema.load(tree)
    except ValidationError as error:
        raise MalformedRequest("; ".join(_told(schema, error))) from None
    return loaded


def _told(schema: Schema, error: ValidationError) -> list[str]:
    """Every member and its fault; a name that the schema does not know is not said (law 4)."""
    messages: Mapping[str, Any] = error.messages if isinstance(error.messages, dict) else {}
    lines = [f"{name} {' '.join(told)}" for name, told in messages.items() if name in schema.fields]
    unknown = len(messages) - len(lines)
    return lines + ([f"{unknown} unknown {'key' if unknown == 1 else 'keys'}"] if unknown else [])

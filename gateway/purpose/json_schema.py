"""JSON Schema 2020-12 of every map file, for editors: made from the schemas that loading itself uses.

Promises: what an editor marks by this schema does not load, and what `schemas` refuses, an editor marks; what values
mean together is not said here, `gateway map check` says it. A field that this module cannot tell stops it: a schema
that is silent about a key would approve of anything there.

source: JSON Schema 2020-12, core and validation
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields, validate

from gateway.purpose.key_descriptions import DESCRIPTIONS, FILES
from gateway.purpose.recipients import HOME
from gateway.purpose.scalars import Anything, Exact, Flag, Limit, Plain, Text, Whole
from gateway.purpose.schemas import ClassMapSchema, ExampleSchema, RecipientSchema, TaxonomySchema
from gateway.purpose.taxonomy import CATEGORIES, UNSHARED

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
KINDS: Final[Mapping[str, type[Schema]]] = {
    "taxonomy": TaxonomySchema,
    "class": ClassMapSchema,
    "recipient": RecipientSchema,
    "example": ExampleSchema,
}
"""The four kinds of files below a folder of maps."""

Told = dict[str, Any]

_SCALARS: Final[Mapping[type[fields.Field[Any]], Told]] = {
    Text: {"type": "string", "minLength": 1, "pattern": r"\S"},
    Whole: {"type": "integer"},
    Exact: {"type": "number"},
    Limit: {"type": ["number", "string"], "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$"},
    Flag: {"type": "boolean"},
    Plain: {"type": ["string", "number", "boolean"], "minLength": 1},
    Anything: {},
}
_CLOSED: Final[Mapping[tuple[str, str], Told]] = {
    ("Answered", "category"): {"enum": sorted(CATEGORIES - UNSHARED)},
    ("Recipient", "country"): {"const": HOME},
    ("Recipient", "storage_country"): {"const": HOME},
}
"""What loading asks beyond `schemas`, and an editor may complete."""


def json_schema(kind: str) -> Told:
    """The JSON Schema of one kind of file. Raises KeyError for a kind that is none of KINDS."""
    defs: dict[str, Told] = {}
    top = _object(KINDS[kind](), defs)
    return {"$schema": DIALECT, "title": FILES[kind], **top, "$defs": dict(sorted(defs.items()))}


def schema_name(schema: type[Schema]) -> str:
    """The name of a schema in `$defs`, and in the table of descriptions."""
    return schema.__name__.strip("_").removesuffix("Schema")


def _object(schema: Schema, defs: dict[str, Told]) -> Told:
    owners = [schema_name(one) for one in type(schema).__mro__ if issubclass(one, Schema)]
    known = {str(field.data_key or name): field for name, field in schema.fields.items()}
    told = {key: {**_field(field, defs), **_said(owners, key)} for key, field in known.items()}
    required = sorted(key for key, field in known.items() if field.required)
    return {
        "type": "object",
        "properties": told,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _said(owners: list[str], key: str) -> Told:
    """What is said of a key: by its own schema, or by the one that it shares the key with."""
    described = next((DESCRIPTIONS[one][key] for one in owners if key in DESCRIPTIONS.get(one, {})), None)
    closed = next((_CLOSED[one, key] for one in owners if (one, key) in _CLOSED), {})
    return {**closed, **({"description": described} if described else {})}


def _field(field: fields.Field[Any], defs: dict[str, Told]) -> Told:
    return {**_kind(field, defs), **_bounds(field)}


def _kind(field: fields.Field[Any], defs: dict[str, Told]) -> Told:
    if isinstance(field, fields.Nested):
        return _reference(field.schema, defs)
    if isinstance(field, fields.List):
        return {"type": "array", "items": _field(field.inner, defs)}
    if isinstance(field, fields.Dict) and field.value_field is not None:
        return {"type": "object", "additionalProperties": _field(field.value_field, defs)}
    if isinstance(field, fields.Enum):
        return {"enum": [one.value for one in field.enum]}
    ways: tuple[fields.Field[Any], ...] | None = getattr(field, "ways", None)
    if ways is not None:
        return {"anyOf": [_field(way, defs) for way in ways]}
    if type(field) in _SCALARS:
        return dict(_SCALARS[type(field)])
    raise TypeError(f"{type(field).__name__}: expected a field that JSON Schema has a word for")


def _reference(schema: Schema, defs: dict[str, Told]) -> Told:
    name = schema_name(type(schema))
    if name not in defs:
        defs[name] = {}  # stands before it is told: a schema may hold itself
        defs[name] = _object(schema, defs)
    return {"$ref": f"#/$defs/{name}"}


def _bounds(field: fields.Field[Any]) -> Told:
    told: Told = {}
    for one in field.validators:
        told |= _bound(one, field)
    return told


def _bound(one: object, field: fields.Field[Any]) -> Told:
    if isinstance(one, validate.OneOf):
        return {"enum": list(one.choices)}
    if isinstance(one, validate.Regexp):
        pattern = str(one.regex.pattern).removesuffix("\\Z")
        return {"pattern": f"^(?:{pattern})$"}
    if isinstance(one, validate.Range):
        return {name: value for name, value in (("minimum", one.min), ("maximum", one.max)) if value is not None}
    if isinstance(one, validate.Length):
        return _length(one, field)
    raise TypeError(f"{type(one).__name__}: expected a bound that JSON Schema has a word for")


def _length(one: validate.Length, field: fields.Field[Any]) -> Told:
    noun = "Items" if isinstance(field, fields.List) else "Properties" if isinstance(field, fields.Dict) else "Length"
    least, most = (one.equal, one.equal) if one.equal is not None else (one.min, one.max)
    return {f"{end}{noun}": value for end, value in (("min", least), ("max", most)) if value is not None}

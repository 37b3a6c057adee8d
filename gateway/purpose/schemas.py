"""The shape of every file in the purpose maps, validated by marshmallow; built once.

Promises: a key that is not known here, a missing one, or a value of another type is a problem with its place. Unknown
keys are refused at every level, because a misspelt `when` that is ignored would be a field without its condition.
What the values mean together is not judged here but in `lint`. source: DESIGN 6.1, 6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from gateway.model import BasisKind, Digest, FieldType, Protection, SignerKind, Suite, Transform
from gateway.purpose.scalars import Anything, Either, Exact, Flag, Limit, Plain, Text, Whole
from gateway.purpose.yaml_files import Document, KeyPath

_PLAIN_WORDS = {
    "Missing data for required field.": "missing",
    "Field may not be null.": "expected a value; it is empty",
    "Not a valid mapping type.": "expected keys with values",
    "Not a valid list.": "expected a list",
    "Invalid input type.": "expected keys with values",
}


class _Strict(Schema):
    """A table whose keys are all known."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        known = sorted(str(one.data_key or name) for name, one in self.fields.items())
        self.error_messages = {**self.error_messages, "unknown": f"unknown key; expected one of {', '.join(known)}"}


_SOME = validate.Length(min=1, error="expected at least one")


def _one_of(values: Any) -> validate.OneOf:
    return validate.OneOf(list(values), error="expected one of {choices}")


def _choice(words: type[StrEnum], **more: Any) -> fields.Enum[Any]:
    return fields.Enum(words, by_value=True, error_messages={"unknown": "expected one of {choices}"}, **more)


def _matching(pattern: str, expected: str) -> validate.Regexp:
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

_ID = _matching(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", "small letters, digits, - and _")


def _table(values: fields.Field[Any], **more: Any) -> fields.Dict:
    return fields.Dict(keys=Text(), values=values, **more)


class _Title(_Strict):
    kk = Text(required=True)
    ru = Text(required=True)
    en = Text(required=True)


class _Category(_Strict):
    title = fields.Nested(_Title, required=True)
    dpv = fields.List(Text(), load_default=list)


class _SpecialCategory(_Strict):
    title = fields.Nested(_Title, required=True)
    keys = fields.List(Text(), required=True, validate=_SOME)
    words = fields.List(Text(), load_default=list)
    refuse = Flag(load_default=False)


class _RecipientClass(_Strict):
    title = fields.Nested(_Title, required=True)
    purposes = fields.List(Text(validate=_ID), required=True, validate=_SOME)


class TaxonomySchema(_Strict):
    """`taxonomy.yaml`: the words of the privacy policy."""

    categories = _table(fields.Nested(_Category), required=True)
    recipient_classes = _table(fields.Nested(_RecipientClass), required=True, validate=_SOME)
    never = _table(fields.List(Text(), validate=_SOME), required=True, validate=_SOME)
    special_categories = _table(fields.Nested(_SpecialCategory), required=True, validate=_SOME)


class _Retention(_Strict):
    period = Text(required=True, data_key="for")
    after = Text(required=True, validate=_one_of(["disclosure"]))


def _when() -> Either:
    return Either(_table(fields.List(Plain(), validate=_SOME), validate=_SOME), load_default=list)


class _Bounds(_Strict):
    one_of = fields.List(Plain(), validate=_SOME)
    pattern = Text()
    minimum = Limit()
    maximum = Limit()
    places = Whole(validate=validate.Range(0, 10, error="expected 0 to 10"))
    max_items = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))
    min_items = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))


class _Answered(_Bounds):
    category = Text(required=True)
    type = _choice(FieldType, required=True)
    transform = _choice(Transform, data_key="as")
    because = Text(required=True)
    max_length = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))
    hosts = fields.List(Text(), validate=_SOME)
    generic = Text(data_key="text")


class _Field(_Answered):
    sources = Either(Text(), data_key="from")
    required = Flag(load_default=False)
    when = _when()
    template = Text()


class _Purpose(_Strict):
    title = fields.Nested(_Title, required=True)
    policy_clause = Text(required=True)
    dpv = Text(required=True, validate=_matching(r"https://w3id\.org/dpv[#/]\S+", "an IRI of the DPV"))
    basis = fields.List(_choice(BasisKind), required=True, validate=_SOME)
    retention = fields.Nested(_Retention, required=True)
    items_ = _table(Text(), load_default=dict, data_key="items")
    fields_ = _table(
        fields.Nested(_Field),
        required=True,
        data_key="fields",
        validate=validate.Length(min=1, error="a purpose without fields allows nothing"),
    )


class ClassMapSchema(_Strict):
    """`<class>.yaml`: what one class of recipients may know, per purpose."""

    recipient_class = Text(required=True)
    purposes = _table(fields.Nested(_Purpose), required=True, validate=_SOME)


class _Key(_Strict):
    jwk = _table(Text(), required=True)
    not_after = Text()


class _Credentials(_Strict):
    header = Text(required=True, validate=_matching(r"[A-Za-z0-9-]{1,64}", "the name of a header"))
    secret = Text(required=True, validate=_matching(r"[a-z][a-z0-9_]{0,63}", "the name of a secret, not the secret"))
    scheme = Text(load_default="", validate=_matching(r"[A-Za-z0-9-]{0,32}", "the name of a scheme"))


class _Signer(_Strict):
    kind = _choice(SignerKind, required=True)
    secrets = _table(
        Text(validate=_matching(r"[a-z][a-z0-9_]{0,63}", "the name of a secret, not the secret")),
        required=True,
        validate=_SOME,
    )
    header = Text(validate=_matching(r"[A-Za-z0-9-]{1,64}", "the name of a header"))
    scheme = Text(validate=_matching(r"[A-Za-z0-9-]{0,32}", "the name of a scheme"))
    digest = _choice(Digest)
    base64 = Flag()
    prefix = Text(validate=_matching(r"[!-~]{1,32}", "plain characters without blanks"))
    token_url = Text()
    scope = Text(validate=_matching(r"[!-~]+(?: [!-~]+)*", "words with one blank between them"))


class _Constant(_Bounds):
    type = _choice(FieldType, required=True, data_key="operational")
    required = Flag(load_default=False)
    when = _when()


class _Binding(_Bounds):
    field = Text(required=True)
    sources = Either(Text(), data_key="from")
    transform = _choice(Transform, data_key="as")
    generic = Text(data_key="text")
    required = Flag()
    when = _when()
    max_length = Whole(validate=validate.Range(1, 10_000, error="expected 1 to 10000"))


class _Place(fields.Field[dict[str, Any]]):
    """What one of their paths is: the class's field by name, the same narrowed, or a constant of their API."""

    _binding = _Binding()
    _constant = _Constant()

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> dict[str, Any]:  # noqa: ARG002
        given = {"field": value} if isinstance(value, str) else value
        schema = self._constant if isinstance(given, dict) and "operational" in given else self._binding
        return dict(schema.load(given))


class _Meaning(fields.Field[Any]):
    """One value, or a table from one of their paths: its values, and the class's value that each means."""

    _value = Plain()
    _by_value = _table(
        _table(Plain(), validate=_SOME), validate=validate.Length(equal=1, error="expected one of their paths")
    )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:  # noqa: ARG002
        return (self._by_value if isinstance(value, dict) else self._value).deserialize(value)


class _Kept(_Strict):
    set = Text(required=True, validate=[_ID, validate.Length(max=64, error="expected at most 64 characters")])


class _Served(fields.Field[Any]):
    """A list of values, or the name of a set that the platform keeps up to date."""

    _values = fields.List(Plain(), validate=_SOME)
    _kept = _Kept()

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:  # noqa: ARG002
        return dict(self._kept.load(value)) if isinstance(value, dict) else self._values.deserialize(value)


class _Service(_Strict):
    routes = fields.List(Text(), required=True, validate=_SOME)
    media_type = Text(load_default="application/json", validate=_one_of(MEDIA_TYPES))
    withhold = fields.List(Text(), load_default=list)
    shape = _table(_Place(), validate=_SOME)
    means = _table(_Meaning(), load_default=dict)
    items_ = _table(Text(), load_default=dict, data_key="items")
    serves = _table(_Served(), load_default=dict)
    subject_from = Text()
    answer = _table(fields.Nested(_Answered), validate=validate.Length(min=1, error="an empty answer map is none"))


class RecipientSchema(_Strict):
    """`recipients/<id>.yaml`: one third party."""

    id = Text(required=True, validate=_ID)
    recipient_class = Text(required=True, data_key="class")
    role = Text(validate=_ID)
    title = fields.Nested(_Title, required=True)
    bin = Text(required=True)
    country = Text(required=True)
    storage_country = Text(required=True)
    base_url = Text(required=True)
    protection = _choice(Protection, required=True)
    protection_reason = Text()
    suite = _choice(Suite, load_default=Suite.P256)
    keys = fields.List(fields.Nested(_Key), load_default=list)
    credentials = fields.Nested(_Credentials)
    signer = fields.Nested(_Signer)
    ca_file = Text()
    timeout_seconds = Exact(load_default="10")
    in_flight = Whole(load_default=16, validate=validate.Range(1, 1_000, error="expected 1 to 1000"))
    traits = _table(Plain(), load_default=dict)
    serves = _table(_Served(), load_default=dict)
    purposes = _table(fields.Nested(_Service), required=True, validate=_SOME)


class _Expectation(_Strict):
    decision = Text(required=True, validate=_one_of(["permitted", "refused"]))
    reason = Text()
    disclosure = Anything()
    withheld = _table(Text())
    alarms = fields.List(Text())


class ExampleSchema(_Strict):
    """`examples/<recipient>/<purpose>/<name>.yaml`: a payload and what must become of it."""

    title = Text(required=True)
    payload = Anything(required=True)
    expect = fields.Nested(_Expectation, required=True)


def conform(document: Document, schema: Schema) -> tuple[dict[str, Any] | None, list[str]]:
    """The document's values by the names of `schema`, or None and what does not conform."""
    try:
        return dict(schema.load(cast("dict[str, Any]", document.value))), []
    except ValidationError as error:
        return None, list(_flat(document, document.value, (), error.messages))


def _flat(document: Document, node: Any, at: KeyPath, messages: Any) -> list[str]:
    """The nested messages of marshmallow as lines, each at the place in the file that it is about."""
    if isinstance(messages, str):
        return [document.problem(at, _PLAIN_WORDS.get(messages, messages))]
    if isinstance(messages, list):
        return [line for one in messages for line in _flat(document, node, at, one)]
    found: list[str] = []
    for key, below in messages.items():
        stays = key == "_schema" or (key in ("key", "value") and not (isinstance(node, dict) and key in node))
        where = at if stays else (*at, key)
        found += _flat(document, node if stays else _child(node, key), where, below)
    return found


def _child(node: Any, key: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(str(key))
    if isinstance(node, list) and isinstance(key, int) and key < len(node):
        return node[key]
    return None

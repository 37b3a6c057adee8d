"""What does not conform to its schema, each with its place in the file and in plain words, never with the value."""

from __future__ import annotations

from typing import Any, cast

from marshmallow import Schema, ValidationError

from gateway.purpose.yaml_files import Document, KeyPath

_PLAIN_WORDS = {
    "Missing data for required field.": "missing",
    "Field may not be null.": "expected a value; it is empty",
    "Not a valid mapping type.": "expected keys with values",
    "Not a valid list.": "expected a list",
    "Invalid input type.": "expected keys with values",
}


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

"""What a body becomes: the neutral tree, and the way back into the same dialect.

Also what all formats share: their limits, strict decoding, and the text of a leaf. A format promises that a body has
one reading; what two readers may read differently is refused. An error must never say a name or a value of the body.

source: threats T1, T4, T6, T8; DESIGN 6.1 (one neutral tree)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.canonical import Node
from gateway.errors import MalformedRequest

MAX_FIELDS: Final = 1_000  # of a form, of a multipart body, of a CSV header, of an XML element's attributes
MAX_NAME_LENGTH: Final = 256
MAX_RECORDS: Final = 50_000
MAX_NODES: Final = 500_000  # cells of a CSV body; elements and attributes of an XML body

Write: TypeAlias = Callable[[Node], bytes]
"""Writes a tree, mostly a reduced one. Raises MalformedRequest where the dialect of the body cannot spell it."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Document:
    """A body that was read: its tree, the content type that it leaves under, and its writer."""

    tree: Node = field(repr=False)
    media_type: str
    write: Write = field(repr=False)
    records: bool = False  # the tree is {"records": [{…}, …]}


def malformed(kind: str, fault: str) -> MalformedRequest:
    """The refusal of a body; `fault` names places and rules only."""
    return MalformedRequest(f"the body is not strict {kind}: {fault}")


def unspeakable(kind: str, fault: str) -> MalformedRequest:
    """The refusal to write a disclosure that the body's own dialect has no spelling for."""
    return MalformedRequest(f"what may leave cannot be written as {kind}: {fault}")


def decoded(body: bytes, kind: str, charset: str = "utf-8") -> str:
    """The text of a body. Raises MalformedRequest for bytes outside the charset and for controls that no text holds."""
    try:
        text = body.decode(charset)
    except UnicodeDecodeError as error:
        raise malformed(kind, f"it is not {charset.upper()}, at byte {error.start}") from None
    check_controls(text, kind)
    return text


def check_controls(text: str, kind: str) -> None:
    """Tab, line feed and carriage return are text; every other C0 control is refused. Raises MalformedRequest."""
    if _CONTROL.search(text):
        raise malformed(kind, "it holds a control character")


def encoded(text: str, kind: str, charset: str = "utf-8") -> bytes:
    """The bytes of a text. Raises MalformedRequest where the charset lacks one of its characters."""
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        raise unspeakable(kind, f"a character of it is not in {charset.upper()}") from None


def leaf_text(value: Node, kind: str) -> str:
    """A leaf as formats without kinds of values spell it. Raises MalformedRequest for an object or an array."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    raise unspeakable(kind, "a value of it is not a text")


def flat_fields(tree: Node, kind: str) -> list[tuple[str, str]]:
    """The names and texts of a flat tree, in its order; null is absent. Raises MalformedRequest for any other tree."""
    if tree is None:
        return []
    if not isinstance(tree, dict):
        raise unspeakable(kind, "it is not an object of texts")
    return [(name, leaf_text(value, kind)) for name, value in tree.items() if value is not None]


def record_list(tree: Node, kind: str) -> list[dict[str, Node]]:
    """The records of a tree; none where nothing was released. Raises MalformedRequest for any other tree."""
    if tree is None:
        return []
    records = tree.get("records", []) if isinstance(tree, dict) else None
    if not isinstance(records, list):
        raise unspeakable(kind, "its records are not an array")
    for record in records:
        if not isinstance(record, dict):
            raise unspeakable(kind, "a record of it is not an object")
    return records  # type: ignore[return-value] # the loop has looked

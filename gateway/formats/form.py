"""`application/x-www-form-urlencoded`: `{"name": "text"}`.

Promises: one name, one value; `+` is a space, `%XX` a byte of UTF-8. A bad percent sign, a byte that no form writer
leaves raw, an empty name, a field without `=` and a name that comes twice are refused: readers differ on all of them.
One line end after the last field, as files have it, is no part of a value.

source: https://url.spec.whatwg.org/#application/x-www-form-urlencoded; threats T9, T10
"""

from __future__ import annotations

import re
from binascii import unhexlify
from typing import Final

from gateway.canonical import Node
from gateway.formats.document import (
    MAX_FIELDS,
    MAX_NAME_LENGTH,
    Document,
    check_controls,
    encoded,
    flat_fields,
    malformed,
)

_KIND: Final = "form data"
_BAD_BYTE = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^\x20-\x7e]")
_LINE_END = re.compile(rb"\r?\n\Z")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PLAIN = re.compile(r"[A-Za-z0-9*._-]*\Z")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._")
_SPELLED: Final = tuple(
    chr(byte) if byte in _UNRESERVED else "+" if chr(byte) == " " else f"%{byte:02X}" for byte in range(256)
)


def read(media_type: str, body: bytes) -> Document:
    """The document of a form body. Raises MalformedRequest."""
    body = _LINE_END.sub(b"", body)
    fault = _BAD_BYTE.search(body)
    if fault:
        said = "a percent sign without two hex digits" if fault[0] == b"%" else "a byte that is not percent-encoded"
        raise malformed(_KIND, f"{said}, at byte {fault.start()}")
    pairs = body.decode("ascii").split("&") if body else []
    if len(pairs) > MAX_FIELDS:
        raise malformed(_KIND, f"it has more than {MAX_FIELDS} fields")
    tree: dict[str, Node] = {}
    for number, pair in enumerate(pairs, 1):
        raw_name, equals, raw_value = pair.partition("=")
        name = _text(raw_name, number)
        if not equals or not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
            raise malformed(_KIND, _name_fault(name, equals, number))
        if name in tree:
            raise malformed(_KIND, f"field {number} has the name of one before it")
        tree[name] = _text(raw_value, number)
    return Document(tree, media_type, write)


def write(tree: Node) -> bytes:
    """The form body of a flat tree, percent-encoded as HTML forms are. Raises MalformedRequest."""
    return "&".join([f"{_spelled(name)}={_spelled(text)}" for name, text in flat_fields(tree, _KIND)]).encode("ascii")


def _text(raw: str, number: int) -> str:
    """What a name or a value spells: raw characters are ASCII, so each run of escapes is whole UTF-8 or is wrong."""
    if "+" in raw:
        raw = raw.replace("+", " ")
    if "%" not in raw:
        return raw
    try:
        text = _ESCAPES.sub(lambda run: unhexlify(run[0].replace("%", "")).decode("utf-8"), raw)
    except UnicodeDecodeError:
        raise malformed(_KIND, f"field {number} is not UTF-8") from None
    check_controls(text, _KIND)
    return text


def _name_fault(name: str, equals: str, number: int) -> str:
    if not equals:
        return f"field {number} has no equals sign"
    if not name:
        return f"field {number} has no name"
    if len(name) > MAX_NAME_LENGTH:
        return f"the name of field {number} is longer than {MAX_NAME_LENGTH} characters"
    return f"the name of field {number} holds a character that cannot be seen"


def _spelled(text: str) -> str:
    if _PLAIN.match(text):
        return text
    return "".join([_SPELLED[byte] for byte in encoded(text, _KIND)])

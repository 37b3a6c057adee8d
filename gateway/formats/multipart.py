"""`multipart/form-data`: `{"name": "text"}`. Fields only: files are refused, and nothing is ever written to disk.

Promises: the boundary is compared byte for byte, with no preamble, padding or epilogue for two readers to differ on;
a part has `Content-Disposition: form-data; name="…"` and at most `Content-Type: text/plain`, and nothing else. What
leaves has a boundary of our own, chosen anew for each body.

source: RFC 7578, RFC 2046 section 5.1.1; threats T9, T10
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from gateway.canonical import Node
from gateway.errors import UnsupportedMediaType
from gateway.formats.document import (
    MAX_FIELDS,
    MAX_NAME_LENGTH,
    Document,
    Write,
    decoded,
    encoded,
    flat_fields,
    malformed,
    unspeakable,
)

_KIND: Final = "multipart form data"
_HEADER = re.compile(r"([A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*\Z")
_DISPOSITION = re.compile(r'form-data[ \t]*;[ \t]*name="([^"]*)"\Z', re.IGNORECASE)
_PLAIN_TEXT = re.compile(r'text/plain(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?\Z', re.IGNORECASE)
_AMBIGUOUS = re.compile(r'["\\]|%(?:22|0[AaDd])')  # browsers, curl and requests escape a quote in three ways


def read(boundary: str, body: bytes) -> Document:
    """The document of a multipart body. Raises MalformedRequest, UnsupportedMediaType for a file or its like."""
    delimiter = b"\r\n--" + boundary.encode("ascii")
    before, *parts = (b"\r\n" + body).split(delimiter, MAX_FIELDS + 1)
    if before or not parts or parts.pop() not in (b"--", b"--\r\n"):
        raise malformed(_KIND, f"it does not begin and end with its boundary, or has more than {MAX_FIELDS} fields")
    tree: dict[str, Node] = {}
    for number, part in enumerate(parts, 1):
        name, text = _field(part, number)
        if name in tree:
            raise malformed(_KIND, f"part {number} has the name of one before it")
        tree[name] = text
    return _document(tree, _boundary_outside(body))


def blank() -> Document:
    """An empty document, with a boundary of its own."""
    return _document(None, _boundary_outside(b""))


def _document(tree: Node, boundary: str) -> Document:
    return Document(tree, f"multipart/form-data; boundary={boundary}", _writer(boundary))


def _field(part: bytes, number: int) -> tuple[str, str]:
    head, end, content = part.partition(b"\r\n\r\n")
    if not end or not head.startswith(b"\r\n"):
        raise malformed(_KIND, f"part {number} has no headers, or an unclean line at its boundary")
    name: str | None = None
    seen: set[str] = set()
    for line in decoded(head[2:], _KIND).split("\r\n"):
        header = _HEADER.match(line)
        key = header[1].lower() if header else ""
        if header is None or key in seen:
            raise malformed(_KIND, f"part {number} has a header that is not one, or one that comes twice")
        seen.add(key)
        if key == "content-disposition":
            name = _name(header[2], number)
        elif key != "content-type" or _PLAIN_TEXT.match(header[2]) is None:
            raise UnsupportedMediaType(f"part {number} of the body is not a plain text field; files are not taken")
    if name is None:
        raise malformed(_KIND, f"part {number} has no name")
    return name, decoded(content, _KIND)


def _name(disposition: str, number: int) -> str:
    found = _DISPOSITION.match(disposition)
    if found is None:
        raise UnsupportedMediaType(f"part {number} of the body is not a named field; files are not taken")
    name = found[1]
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable() or _AMBIGUOUS.search(name):
        raise malformed(_KIND, f"the name of part {number} is empty, too long, or has more than one reading")
    return name


def _boundary_outside(body: bytes) -> str:
    while True:
        boundary = secrets.token_hex(16)
        if boundary.encode("ascii") not in body:
            return boundary


def _writer(boundary: str) -> Write:
    def write(tree: Node) -> bytes:
        pieces = []
        for name, text in flat_fields(tree, _KIND):
            if not name.isprintable() or _AMBIGUOUS.search(name):
                raise unspeakable(_KIND, "a name of it has more than one reading")
            pieces.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n')
        written = encoded("".join(pieces), _KIND)
        if written.count(boundary.encode("ascii")) != len(
            pieces
        ):  # not in the body, but the map's own texts come later
            raise unspeakable(_KIND, "a value of it holds the boundary")
        return written + f"--{boundary}--\r\n".encode("ascii")

    return write

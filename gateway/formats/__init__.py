"""Formats: each content type has one strict parser into the neutral tree, and one writer back.

`read` knows the content types, compared exactly; anything else is refused (415). `document` is what a body becomes;
`strict_json`, `form`, `multipart`, `ndjson`, `csv` and `xml` hold one format each. They promise that a body has one
reading, that nothing but the tree's own names and values is written back, and that nothing touches the disk. An error
must never say a name or a value of the body, nor the content type that came.

source: RFC 9110 section 8.3; threats T8, T9, T10
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from gateway import canonical
from gateway.errors import UnsupportedMediaType
from gateway.formats import csv, form, multipart, ndjson, xml
from gateway.formats.document import Document, Write
from gateway.formats.strict_json import parse

__all__ = ["Document", "Write", "blank", "read"]

_Reader: TypeAlias = Callable[[bytes], Document]


def read(content_type: str, body: bytes) -> Document:
    """The document of a body. Raises UnsupportedMediaType, MalformedRequest; neither holds anything of the body."""
    return (_READERS.get(content_type) or _reader(content_type))(body)


def blank(media_type: str) -> Document:
    """An empty document, for a disclosure that leaves under another content type than it came in.

    Raises UnsupportedMediaType.
    """
    if media_type not in _BLANK:
        raise _unsupported()
    return _BLANK[media_type]()


def _json(media_type: str, body: bytes) -> Document:
    return Document(parse(body), media_type, canonical.write)


_FORMATS: Final[dict[str, Callable[[str, bytes], Document]]] = {
    "application/json": _json,
    "application/x-www-form-urlencoded": form.read,
    "application/x-ndjson": ndjson.read,
    "application/xml": xml.read,
    "text/xml": xml.read,
}
_CSV: Final = "text/csv"
_MULTIPART: Final = "multipart/form-data"
_BLANK: Final[dict[str, Callable[[], Document]]] = {
    "application/json": lambda: Document(None, "application/json", canonical.write),
    "application/x-www-form-urlencoded": lambda: Document(None, "application/x-www-form-urlencoded", form.write),
    "application/x-ndjson": lambda: Document(None, "application/x-ndjson", ndjson.write, records=True),
    "application/xml": lambda: Document(None, "application/xml", xml.writer(None)),
    "text/xml": lambda: Document(None, "text/xml", xml.writer(None)),
    _CSV: lambda: Document(None, f"{_CSV}; charset=utf-8", csv.writer([], ";", "\r\n", "utf-8"), records=True),
    _MULTIPART: multipart.blank,
}
_CYRILLIC: Final = ("windows-1251", "cp1251")


def _spellings() -> dict[str, _Reader]:
    """The content types as this house spells them, and as libraries most often do."""
    found: dict[str, _Reader] = {_CSV: partial(csv.read, _CSV, "utf-8")}
    for name, reader in _FORMATS.items():
        found[name] = partial(reader, name)
        found[f"{name}; charset=utf-8"] = partial(reader, f"{name}; charset=utf-8")
    for charset in ("utf-8", *_CYRILLIC):
        spelled = f"{_CSV}; charset={charset}"
        found[spelled] = partial(csv.read, spelled, "cp1251" if charset in _CYRILLIC else charset)
    for spelled, one in list(found.items()):
        found[spelled.replace("; ", ";")] = found[spelled.replace("utf-8", "UTF-8")] = one
        found[spelled.replace("; ", ";").replace("utf-8", "UTF-8")] = one
    return found


_READERS: Final = _spellings()

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 -- RFC 9110's word for it
_PARAMETER: Final = rf'[ \t]*;[ \t]*({_TOKEN})=({_TOKEN}|"[^"\\\x00-\x1f\x7f-\uffff]*")'
_CONTENT_TYPE = re.compile(rf"({_TOKEN}/{_TOKEN})({_PARAMETER})?[ \t]*\Z", re.ASCII)
_BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]\Z")


def _reader(content_type: str) -> _Reader:
    """The reader of a content type in an uncommon spelling: letter case, spaces, quotes, a boundary."""
    found = _CONTENT_TYPE.match(content_type)
    if found is None:
        raise _unsupported()
    media_type = found[1].lower()
    name, value = (found[3] or "").lower(), (found[4] or "").strip('"')
    if media_type == _MULTIPART:
        if name != "boundary" or _BOUNDARY.match(value) is None:
            raise UnsupportedMediaType("multipart/form-data needs a boundary of 1 to 70 characters and nothing else")
        return partial(multipart.read, value)
    reader = _READERS.get(f"{media_type}; {name}={value.lower()}" if name else media_type)
    if reader is None:
        raise _unsupported()
    return reader


def _unsupported() -> UnsupportedMediaType:
    known = ", ".join(sorted({*_FORMATS, _CSV, _MULTIPART}))
    return UnsupportedMediaType(
        f"the content type is not one of: {known}", hint="in UTF-8; CSV in windows-1251 too, where its charset says so"
    )

"""What a value of a sample looks like: enough to bind a path, and to know what must stay home.

Promises: a value is looked at and not kept; what looks like a person's number, address or name is called that before it
is called anything else.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from gateway.canonical import Node, Number
from gateway.identifiers import identifier_kind
from gateway.model import FieldType


class Kind(StrEnum):
    """What values at a path look like."""

    PHONE = "phone"
    EMAIL = "e-mail"
    IDENTIFIER = "identity, card or account number"
    NAME = "a person's name"
    DOCUMENT = "a document inside a text"
    URL = "URL"
    DATETIME = "date and time"
    DATE = "date"
    PERIOD = "month"
    INTEGER = "whole number"
    DECIMAL = "decimal number"
    BOOLEAN = "true or false"
    CODE = "code"
    TEXT = "text"


PERSONAL: Final = frozenset({Kind.PHONE, Kind.EMAIL, Kind.IDENTIFIER, Kind.NAME, Kind.DOCUMENT})
"""What is about a person whatever its key is called."""

MAY_BE: Final = {
    FieldType.PHONE: frozenset({Kind.PHONE}),
    FieldType.EMAIL: frozenset({Kind.EMAIL}),
    FieldType.URL: frozenset({Kind.URL}),
    FieldType.DATE: frozenset({Kind.DATE, Kind.DATETIME}),
    FieldType.DATETIME: frozenset({Kind.DATETIME}),
    FieldType.PERIOD: frozenset({Kind.PERIOD}),
    FieldType.INTEGER: frozenset({Kind.INTEGER}),
    FieldType.DECIMAL: frozenset({Kind.INTEGER, Kind.DECIMAL}),
    FieldType.AREA: frozenset({Kind.INTEGER, Kind.DECIMAL}),
    FieldType.BOOLEAN: frozenset({Kind.BOOLEAN}),
    FieldType.STRING: frozenset({Kind.CODE, Kind.TEXT, Kind.INTEGER, Kind.NAME, Kind.PERIOD, Kind.DATE}),
    FieldType.TEXT: frozenset({Kind.CODE, Kind.TEXT, Kind.NAME, Kind.INTEGER}),
    FieldType.SHARE: frozenset({Kind.CODE, Kind.TEXT}),
    FieldType.POSTAL_INDEX: frozenset({Kind.INTEGER, Kind.CODE}),
}
"""Which kinds of values a type of field can be written as."""

_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\Z")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")
_PERIOD = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])\Z")
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,18}[.,][0-9]{1,10}\Z")
_CODE = re.compile(r"[A-Za-z0-9_.:/+-]{1,64}\Z")
_WORD = r"[A-ZА-ЯЁӘІҢҒҮҰҚӨҺ](?:[a-zа-яёәіңғүұқөһ]+|\.)"
_NAME = re.compile(rf"{_WORD}(?:-{_WORD})?(?: ?{_WORD}){{1,3}}\Z")
_SHORT_NUMBER = 8


def kind_of(value: Node) -> Kind:
    """What one leaf looks like."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    text = str(value).strip()
    if text[:1] in ("{", "[", "<"):
        return Kind.DOCUMENT
    short = len(text) <= _SHORT_NUMBER and _INTEGER.match(text)
    if not short and not _DECIMAL.match(text) and (said := _identifier(text)) is not None:
        return said
    if isinstance(value, Number):
        return Kind.INTEGER if _INTEGER.match(text) else Kind.DECIMAL
    return next((kind for shape, kind in _SHAPES if shape.match(text)), Kind.TEXT)


def _identifier(text: str) -> Kind | None:
    if _DATE.match(text) or _DATETIME.match(text):
        return None
    found = identifier_kind(text)
    if found is None:
        return None
    return {"phone": Kind.PHONE, "email": Kind.EMAIL}.get(found, Kind.IDENTIFIER)


_SHAPES: Final = (
    (re.compile(r"https?://"), Kind.URL),
    (_DATETIME, Kind.DATETIME),
    (_DATE, Kind.DATE),
    (_PERIOD, Kind.PERIOD),
    (_INTEGER, Kind.INTEGER),
    (_DECIMAL, Kind.DECIMAL),
    (_NAME, Kind.NAME),
    (_CODE, Kind.CODE),
)

"""What of a sample may be a constant of an API, and what of an answer may come back: closed types only.

Promises: the only values of samples that are ever written down are those of listed constants, few, short and of one
letter case, under a key that lists things, outside every object that is a person, and without any identifier in them
(T14). Where it is not sure, there is no proposal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.canonical import Number, key_tokens
from gateway.purpose.drafted.key_words import ABOUT_MONEY, ABOUT_PEOPLE, LISTED, PEOPLE, about_people, parts, words
from gateway.purpose.drafted.kinds import PERSONAL, Kind
from gateway.purpose.drafted.seen import VALUES_MOST, Leaf

Personal = Callable[[str], bool]
"""Whether a text carries what names a person (stage 3's recognisers)."""

Told = Mapping[str, Any]

_FEW: Final = 8
_CODE = re.compile(r"(?:[A-Z0-9_-]{1,16}|[a-z0-9_-]{1,16})\Z")
_DIGITS = re.compile(r"[0-9]{5}")
_SMALL = re.compile(r"[0-9]{1,3}\Z")
_SECRET_LIKE = re.compile(r"[0-9]{4,}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def looks_personal(leaf: Leaf, personal: Personal) -> bool:
    """True if the values at a path, or its key, speak of a person."""
    if leaf.hidden or leaf.kinds & PERSONAL or any(map(personal, leaf.values)):
        return True
    last = key_tokens(leaf.path[-1].key)
    return bool(set(last) & words(ABOUT_PEOPLE)) or any(part in about_people() for part in parts(last))


def constant_of(leaf: Leaf, personal: Personal) -> Told | None:
    """The constant that a path may hold; None where that is not plain."""
    keys = [set(key_tokens(step.key)) for step in leaf.path]
    if looks_personal(leaf, personal) or any(key & words(PEOPLE) for key in keys):
        return None
    if leaf.kinds == {Kind.BOOLEAN}:
        return {"operational": "boolean"}
    values = sorted(leaf.values)
    lists = leaf.listed or bool(keys[-1] & words(LISTED))
    money = keys[-1] & words(ABOUT_MONEY) and "currency" not in keys[-1]
    if not lists or money or not 0 < len(values) <= _FEW or _one_each(leaf) or _sent_once(leaf):
        return None
    if leaf.kinds == {Kind.INTEGER} and all(_SMALL.match(value) for value in values):
        return {"operational": "integer", "one_of": [Number(value) for value in sorted(values, key=int)]}
    if leaf.kinds <= {Kind.CODE, Kind.INTEGER} and all(map(_is_code, values)):
        return {"operational": "string", "one_of": values}
    return None


def _one_each(leaf: Leaf) -> bool:
    """True if every sample has another value: that is no list, but a number of something."""
    return not leaf.listed and len(leaf.values) > 2 and len(leaf.values) == min(leaf.count, VALUES_MOST)  # noqa: PLR2004


def _sent_once(leaf: Leaf) -> bool:
    """True if a value looks like what is sent to a phone, or opens a door."""
    return not leaf.listed and any(map(_SECRET_LIKE.match, leaf.values))


def _is_code(value: str) -> bool:
    return _CODE.match(value) is not None and _DIGITS.search(value) is None


def answer_of(leaf: Leaf, personal: Personal) -> Told | None:
    """The rule by which a path of an answer may come back, but for its reason; None where it should not."""
    if looks_personal(leaf, personal) and not _is_a_message(leaf):
        return None
    if _is_a_message(leaf):
        return {"category": "operational", "type": "text", "max_length": Number("300")}
    kinds = leaf.kinds
    if kinds == {Kind.BOOLEAN}:
        return {"category": "operational", "type": "boolean"}
    if kinds in ({Kind.DATETIME}, {Kind.DATE}):
        return {"category": "operational", "type": "datetime" if Kind.DATETIME in kinds else "date"}
    if kinds and kinds <= {Kind.INTEGER, Kind.DECIMAL}:
        return _number(leaf)
    return _text(leaf) if kinds <= {Kind.CODE, Kind.INTEGER} else None


def _is_a_message(leaf: Leaf) -> bool:
    """What an API says of an error: scrubbed, it may come back."""
    last = set(key_tokens(leaf.path[-1].key))
    return bool(last & {"message", "error", "errors", "reason", "detail"}) and not leaf.hidden


def _number(leaf: Leaf) -> Told:
    if Kind.DECIMAL in leaf.kinds or set(key_tokens(leaf.path[-1].key)) & words(ABOUT_MONEY):
        bounds = {"minimum": Number("0"), "maximum": Number("9999999999.99"), "places": Number("2")}
        return {"category": "billing", "type": "decimal", **bounds}
    return {"category": "operational", "type": "integer", "minimum": Number("0"), "maximum": Number("1000000")}


def _text(leaf: Leaf) -> Told | None:
    told = {"category": "operational", "type": "string"}
    if leaf.values and all(map(_UUID.match, leaf.values)):
        return {**told, "pattern": "[0-9a-f-]{36}"}
    if leaf.listed and all(map(_is_code, leaf.values)) and len(leaf.values) <= VALUES_MOST:
        return {**told, "one_of": sorted(leaf.values)}
    return {**told, "pattern": "[A-Za-z0-9_-]{1,64}"} if all(map(_PLAIN_ID.match, leaf.values)) else None

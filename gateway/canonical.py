"""One spelling for one thing: canonical JSON bytes, and field paths as text.

`encode` gives RFC 8785 bytes for what entries hold (ASCII keys, strings, booleans, integers below 2^53, null): the
same value is the same bytes on every machine, so a hash of them means something. `write` gives compact JSON of a
disclosure in the map's order, with every number in the digits it came with (law 9).

A path is keys joined by `.`, with `[]` after an array key and odd keys JSON-quoted (DESIGN 6.1):
`records[].charges[].amount`, `fields."@name"`.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import orjson

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"
"""What `encode` takes."""

Node: TypeAlias = "dict[str, Node] | list[Node] | str | bool | None"
"""The neutral tree: what every parser turns bytes into. A number is a `Number`, which is a `str`."""


class Number(str):
    """A number as its text: the digits that came are the digits that leave (law 9)."""

    __slots__ = ()


class Step(NamedTuple):
    """One key of a path; `each` says that the key holds an array and the path goes on in every item."""

    key: str
    each: bool = False


Path: TypeAlias = tuple[Step, ...]

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PLAIN_KEY = re.compile(r"[^\W\d]\w*\Z")
_LETTERS = re.compile(r"[^\W\d_]+")
_STEP = re.compile(r'(?:(?P<plain>[^\W\d]\w*)|(?P<quoted>"(?:[^"\\]|\\.)*"))(?P<each>\[\])?(?P<dot>\.|\Z)')


def encode(value: Json) -> bytes:
    """Canonical bytes of `value` (RFC 8785 for ASCII keys and integers below 2^53; property-tested against it)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def write(node: Node) -> bytes:
    """Compact JSON of a neutral tree, keys in the order they stand, numbers in the digits they came with."""
    return orjson.dumps(node, default=_number, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.encode("ascii"))
    raise TypeError(type(value).__name__)


def b64(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_SAFE).decode("ascii")


def unb64(text: str) -> bytes:
    """Bytes of base64url text without padding; ValueError where it is not that, spelled canonically."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def path_text(path: Path) -> str:
    """The text of a path."""
    return ".".join(key_text(step.key) + ("[]" if step.each else "") for step in path)


def key_text(key: str) -> str:
    """One key as it stands in a path: plain if it is a word, JSON-quoted otherwise."""
    return key if _PLAIN_KEY.match(key) else orjson.dumps(key).decode("utf-8")


def parse_path(text: str) -> Path:
    """The path that `text` spells; ValueError with the place of the fault where it spells none."""
    steps: list[Step] = []
    at = 0
    while at < len(text) or not steps:
        found = _STEP.match(text, at)
        if found is None or (found["dot"] == "." and found.end() == len(text)):
            raise ValueError(f"not a path at character {at}")
        key = found["plain"] if found["plain"] is not None else orjson.loads(found["quoted"])
        steps.append(Step(key, found["each"] is not None))
        at = found.end()
    return tuple(steps)


def key_tokens(key: str) -> tuple[str, ...]:
    """The words of a key name, casefolded: `benefitCategory`, `benefit_category`, `BENEFIT-CATEGORY` are one name."""
    runs = _LETTERS.findall(unicodedata.normalize("NFKC", key))
    return tuple(word.casefold() for run in runs for word in _words(run))


def _words(run: str) -> Iterator[str]:
    """`ownerIIN` → owner, IIN; `IINNumber` → IIN, Number."""
    start = 0
    for at in range(1, len(run)):
        begins = run[at].isupper() and (run[at - 1].islower() or (at + 1 < len(run) and run[at + 1].islower()))
        if begins:
            yield run[start:at]
            start = at
    yield run[start:]

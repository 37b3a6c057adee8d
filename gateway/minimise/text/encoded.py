"""Does a value that is no free text carry something else inside: a document, or text in base64 or hex (T14)?

Promises: a JSON object, and base64 or hex that decodes to readable text, is found wherever it stands in the value, once
percent-decoded by the caller; a name, a number, a code or a random id is not taken for one, but for a few in ten
thousand. Each look costs time in proportion to the value. What is encrypted or packed looks like a random id, and what
is taken apart by spaces like words, and neither is found: bounds and patterns of a field are there for that.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, unhexlify

_RUN = re.compile(r"[A-Za-z0-9+/_-]{6,}")
_BETWEEN = re.compile(r"[+/_-]")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_STANDARD = str.maketrans("-_", "+/")

# Digits encode to few characters of the alphabet, so four of them in base64 are known by their shape.
_DIGITS = re.compile(r"[MNO][DTjz][AEIMQUYcgk][w-z0-5][MNO][DTjz]")
_LEAST_DIGITS = 6  # in hex

# In UTF-8: letters of Russian, Kazakh and English with what stands between them; a short text has letters and digits.
# No two branches begin with the same byte, so that a text which fails is read once.
_CYRILLIC = rb"\xd0[\x81\x86\x90-\xbf]|\xd1[\x80-\x8f\x91\x96]|\xd2[\x92\x93\x9a\x9b\xa2\xa3\xae-\xb1\xba\xbb]"
_CYRILLIC += rb"|\xd3[\x98\x99\xa8\xa9]"
_SHORT = re.compile(rb"(?:[A-Za-z0-9 @.+-]|%b){9,11}" % _CYRILLIC)
_LONG = re.compile(rb"(?:[\t\r\n -~]|%b|\xc2[\xab\xbb]|\xe2(?:\x80[\x93\x94]|\x84\x96))+" % _CYRILLIC)
_SHORT_BYTES, _LONG_BYTES = 9, 12
_SHORTEST = 12  # base64 characters of nine bytes, hex digits of six

_DOCUMENTS_MOST = 8  # braces that are tried in one value; one that holds more is no plain value
_read = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode  # a long number is no reason to stop


def carries_document(value: str) -> bool:
    """True if a JSON object stands in the value, or the value is a JSON array or the text of either."""
    text = value.strip()
    if "{" not in text and text[:1] not in ("[", '"'):
        return False
    found, end = _read_at(text, 0)
    if end == len(text) and isinstance(found, dict | list):
        return True
    if end == len(text) and isinstance(found, str):
        return carries_document(found)
    starts = [at for at, character in enumerate(text) if character == "{"]
    return len(starts) > _DOCUMENTS_MOST or any(isinstance(_read_at(text, at)[0], dict) for at in starts)


def carries_encoded(value: str) -> bool:
    """True if base64 (of either alphabet) or hex of readable text stands in the value."""
    for run in _RUN.findall(value):
        if _DIGITS.search(run) is not None:
            return True
        if len(run) >= _SHORTEST and any(map(_hides_text, (run, *_BETWEEN.split(run)))):
            return True
    return False


def _hides_text(part: str) -> bool:
    """True if the part, without up to three characters before it, is readable text in base64 or hex."""
    for start in range(4):
        text = part[start:]
        if len(text) < _SHORTEST:
            return False
        bare = text[: len(text) - 1] if len(text) % 4 == 1 else text
        if _is_readable(a2b_base64(bare.translate(_STANDARD) + "=" * (-len(bare) % 4))):
            return True
        if (found := _HEX.match(text)) is not None and len(found[0]) >= _SHORTEST:
            decoded = unhexlify(found[0])
            if decoded[:_LEAST_DIGITS].isdigit() or (not text.isdigit() and _is_readable(decoded)):
                return True  # any two digits are the hex of a letter or a digit half of the time
    return False


def _is_readable(decoded: bytes) -> bool:
    """True of a short text that is readable whole, or of one that begins readably for long enough."""
    if _SHORT_BYTES <= len(decoded) < _LONG_BYTES:
        return _SHORT.fullmatch(decoded) is not None
    found = _LONG.match(decoded)
    return found is not None and found.end() >= _LONG_BYTES


def _read_at(text: str, at: int) -> tuple[object, int]:
    """The JSON value that begins there and where it ends; None and 0 where none does."""
    try:
        return _read(text, at)
    except (ValueError, RecursionError):
        return None, 0

"""Does a value that is no free text carry something else inside: a document, or text in base64 or hex (T14)?

Promises: what decodes to readable text is found wherever it stands in the value, once percent-decoded by the caller;
a name, a number, a code or a random id is not taken for one, but for about one in ten thousand. What is encrypted or
packed looks like a random id and is not found: bounds and patterns of a field are there for that.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, unhexlify

_RUN = re.compile(r"[A-Za-z0-9+/_-]{6,}")
_BETWEEN = re.compile(r"[+/_-]")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_STANDARD = str.maketrans("-_", "+/")

# Digits encode to few characters of the alphabet, so four of them in base64 are known by their shape, and six in hex.
_DIGITS = re.compile(r"[MNO][DTjz][AEIMQUYcgk][w-z0-5][MNO][DTjz]|(?:3[0-9]){6}")

# In UTF-8: letters of Russian, Kazakh and English with what stands between them; a short text has letters and digits.
_LETTER = (
    rb"[A-Za-z0-9 @.+-]|\xd0[\x81\x86\x90-\xbf]|\xd1[\x80-\x8f\x91\x96]|\xd2[\x92\x93\x9a\x9b\xa2\xa3\xae-\xb1\xba\xbb]"
)
_LETTER += rb"|\xd3[\x98\x99\xa8\xa9]"
_SHORT = re.compile(rb"(?:%b){9,11}" % _LETTER)
_LONG = re.compile(rb"(?:[\t\r\n -~]|%b|\xc2[\xab\xbb]|\xe2\x80[\x93\x94]|\xe2\x84\x96)+" % _LETTER)
_SHORT_BYTES, _LONG_BYTES = 9, 12
_SHORTEST = 12  # base64 characters of nine bytes

_DOCUMENTS_MOST = 8  # braces that are tried in one value; one that holds more is no plain value
_read = json.JSONDecoder().raw_decode


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
    if len(part) < _SHORTEST:
        return False
    if len(part) % 4 != 1 and _is_readable(a2b_base64(part.translate(_STANDARD) + "=" * (-len(part) % 4))):
        return True
    return _HEX.fullmatch(part) is not None and _is_readable(unhexlify(part))


def _is_readable(decoded: bytes) -> bool:
    if len(decoded) < _LONG_BYTES:
        return len(decoded) >= _SHORT_BYTES and _SHORT.fullmatch(decoded) is not None
    return _LONG.fullmatch(decoded) is not None


def _read_at(text: str, at: int) -> tuple[object, int]:
    """The JSON value that begins there and where it ends; None and 0 where none does."""
    try:
        return _read(text, at)
    except (ValueError, RecursionError):
        return None, 0

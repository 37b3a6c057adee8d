"""Text as a recogniser sees it: the same characters for what a reader takes for the same.

Full-width, mathematical, superscript and foreign digits become ASCII, odd spaces become spaces, and characters
without width are gone. `where` leads back, so that what is replaced is replaced in the text as it was written.
Not folded: Cyrillic letters that look like digits or Latin ones.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_BLOCKS = (
    (0xA0, 0xFF),  # superscripts, no-break space
    (0x0660, 0x0669),
    (0x06F0, 0x06F9),
    (0x0966, 0x096F),
    (0x2000, 0x200A),  # spaces of many widths
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x2070, 0x208F),  # super- and subscript digits
    (0x2460, 0x24EA),  # digits in circles
    (0x3000, 0x3000),
    (0xFE50, 0xFE6F),  # small forms
    (0xFF01, 0xFF5E),  # full-width forms
    (0x1D7CE, 0x1D7FF),  # mathematical digits
)
_WIDTHLESS = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"


def _compatible(code: int) -> str | None:
    char = chr(code)
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.decimal(char))
    folded = unicodedata.normalize("NFKC", char)
    return folded if folded != char and len(folded) == 1 else None


_FOLDS = {code: folded for first, last in _BLOCKS for code in range(first, last + 1) if (folded := _compatible(code))}
_ODD = re.compile("[" + "".join(map(re.escape, map(chr, _FOLDS))) + "]")
_NO_WIDTH = re.compile(f"[{_WIDTHLESS}]+")


class Folded(NamedTuple):
    """Folded text; `where[i]` is the place of its character i in the original (None: the same place)."""

    text: str
    where: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text stands in the original."""
        if self.where is None:
            return start, end
        return self.where[start], self.where[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold the text for reading."""
    if text.isascii():
        return Folded(text, None)
    folded = text.translate(_FOLDS) if _ODD.search(text) is not None else text  # one for one: places stay
    if _NO_WIDTH.search(folded) is None:
        return Folded(folded, None)
    where: list[int] = []
    at = 0
    for gap in _NO_WIDTH.finditer(folded):
        where.extend(range(at, gap.start()))
        at = gap.end()
    where.extend(range(at, len(folded)))
    return Folded(_NO_WIDTH.sub("", folded), where)

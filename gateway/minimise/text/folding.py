"""Text as a recogniser sees it: the same characters for what a reader takes for the same.

Digits of every script, full-width, mathematical and superscript ones become ASCII, odd spaces become spaces, and what
has no width of its own is gone: controls of format, tags, marks over and around letters, blank letters. `where` leads
back, so that what is replaced is replaced in the text as it was written. In a word of two scripts, letters that look
like those of the script that it is written in become them (`инвaлид` with a Latin a, `КZ86` with a Cyrillic К). Not
folded: letters that look like digits, which recognisers of numbers read for themselves, and whole words of look-alikes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_BLOCKS = (
    (0xA0, 0xFF),  # superscripts, no-break space
    (0x2000, 0x200A),  # spaces of many widths
    (0x2024, 0x2024),  # a full stop as a leader
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x2070, 0x208F),  # super- and subscript digits
    (0x2460, 0x24EA),  # digits in circles
    (0x3000, 0x3000),
    (0xFE50, 0xFE6F),  # small forms
    (0xFF01, 0xFF5E),  # full-width forms
)
_SEGMENTED = 0x1FBF0  # digits of a display: no decimals to Python's own tables yet
_IDEOGRAPHIC_STOPS = (0x3002, 0xFF61)
_ASSIGNED = (*range(0x80, 0x20000), *range(0xE0000, 0xE01F0))  # between them: ideographs
_WIDTHLESS = frozenset({"Cf", "Mn", "Me"})
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"

_USUAL = re.compile("[\t\n\r -~«»\u0400-\u0482\u048a-\u052f\u2010-\u201f\u2026\u2116\u20b8]*")
"""What nearly every text here is written in: none of it folds, and all of it has width."""

TAGS = re.compile("[\U000e0000-\U000e007f]+")
"""Letters that no reader sees and a machine does."""


def _compatible(code: int) -> str | None:
    folded = unicodedata.normalize("NFKC", chr(code))
    return folded if folded != chr(code) and len(folded) == 1 else None


def _folds() -> dict[int, str]:
    made = {code: folded for first, last in _BLOCKS for code in range(first, last + 1) if (folded := _compatible(code))}
    made |= {code: str(digit) for code in _ASSIGNED if (digit := unicodedata.decimal(chr(code), None)) is not None}
    made |= {_SEGMENTED + digit: str(digit) for digit in range(10)}
    return made | dict.fromkeys(_IDEOGRAPHIC_STOPS, ".")


_FOLDS = _folds()
_ODD = frozenset(map(chr, _FOLDS))
_NO_WIDTH = frozenset(chr(code) for code in _ASSIGNED if unicodedata.category(chr(code)) in _WIDTHLESS) | {
    *_BLANK_LETTERS,
    *map(chr, range(0xE0000, 0xE0080)),
}


_TWO_SCRIPTS = re.compile("[A-Za-z][\u0400-\u052f]|[\u0400-\u052f][A-Za-z]")
_LETTERS = re.compile("[A-Za-z\u0400-\u052f]+")
_LATIN, _CYRILLIC = "ABCEHKMOPTXYIaceopxyihk", "АВСЕНКМОРТХУІасеорхуіһк"
_TO_LATIN, _TO_CYRILLIC = str.maketrans(_CYRILLIC, _LATIN), str.maketrans(_LATIN, _CYRILLIC)


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
    if _USUAL.fullmatch(text) is not None:
        return Folded(_in_one_script(text), None)
    used = set(text)
    folded = text if used.isdisjoint(_ODD) else text.translate(_FOLDS)  # one for one: places stay
    if used.isdisjoint(_NO_WIDTH):
        return Folded(_in_one_script(folded), None)
    where = [at for at, char in enumerate(folded) if char not in _NO_WIDTH]
    return Folded(_in_one_script("".join([folded[at] for at in where])), where)


def _in_one_script(text: str) -> str:
    """The text with each word that mixes Latin and Cyrillic letters in the script that it is meant in; as long."""
    return text if _TWO_SCRIPTS.search(text) is None else _LETTERS.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    word = found[0]
    if word.isascii() or _TWO_SCRIPTS.search(word) is None:
        return word
    for made in (word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)):
        if _TWO_SCRIPTS.search(made) is None:
            return made
    return word

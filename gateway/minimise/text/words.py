"""Words of special categories in text: illness, faith, convictions and the rest of the lexicon.

Entries are whole words, stems (they end in `*`) or short phrases, compared casefolded, `ё` as `е` and `й` as `и`
(folded text has lost the marks that a decomposed one is written with). Two look-ups per
word of the text, however long the lexicon is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.minimise.text.findings import Finding
from gateway.minimise.text.phrases import phrases
from gateway.model import SpecialCategory

_WORD = re.compile(r"[^\W\d_]+")
_ENTRY_WORD = re.compile(r"([^\W\d_]+)(\*?)")
_HEAD_MOST = 8
_GAP = re.compile(r"[\s\-/,]{1,3}")


class _Part(NamedTuple):
    word: str
    is_stem: bool

    def fits(self, word: str) -> bool:
        return word.startswith(self.word) if self.is_stem else word == self.word


class _Entry(NamedTuple):
    parts: tuple[_Part, ...]
    group: str


class SpecialWords:
    """Finds the words that the taxonomy lists for special categories; a finding's kind is the group."""

    def __init__(self, categories: Sequence[SpecialCategory]) -> None:
        self.kinds = tuple(category.group for category in categories)
        self._entries: dict[str, list[_Entry]] = {}
        entries = [entry for category in categories for entry in _entries(category)]
        stems = [entry.parts[0].word for entry in entries if entry.parts[0].is_stem]
        self._shortest = min(map(len, stems), default=_HEAD_MOST)
        for entry in sorted(entries, key=lambda entry: -len(entry.parts)):
            self._entries.setdefault(entry.parts[0].word[: self._shortest], []).append(entry)

    def find(self, text: str) -> list[Finding]:
        """Every word of the lexicon, with what of its sentence goes with it (`phrases`)."""
        found = self._listed(text)
        return phrases(text, found) if found else found

    def _listed(self, text: str) -> list[Finding]:
        found: list[Finding] = []
        plain = _plain(text)
        if self._entries.keys().isdisjoint([word[: self._shortest] for word in _WORD.findall(plain)]):
            return found  # nearly every text, and a third of the time of what follows
        stays = len(plain) == len(text)  # a few letters fold to two; then each word is folded by itself
        for met in _WORD.finditer(text):
            start, end = met.span()
            word = plain[start:end] if stays else _plain(met[0])
            for entry in self._entries.get(word[: self._shortest], ()):
                if entry.parts[0].fits(word) and (last := _end(text, end, entry.parts[1:])) is not None:
                    found.append(Finding(start, last, entry.group))
                    break
        return found


def _entries(category: SpecialCategory) -> Iterator[_Entry]:
    for words in category.words:
        parts = tuple(_Part(_plain(word), star == "*") for word, star in _ENTRY_WORD.findall(words))
        if parts:
            yield _Entry(parts, category.group)


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е").replace("й", "и")


def _end(text: str, at: int, parts: tuple[_Part, ...]) -> int | None:
    """Where a phrase ends whose first word ends at `at`; None where another word follows."""
    for part in parts:
        gap = _GAP.match(text, at)
        word = gap and _WORD.match(text, gap.end())
        if not word or not part.fits(_plain(word[0])):
            return None
        at = word.end()
    return at

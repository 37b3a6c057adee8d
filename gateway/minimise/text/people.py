"""Names of people in sentences, Russian, Kazakh and in Latin letters.

What is found is the whole name and not the word that brought it in; how that is decided stands in `evidence`. Streets,
companies and places that bear names of people stay, and so does a name that is also a word, where nothing says that it
is a name. One look-up for each word, more only for those that may be names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.minimise.text.evidence import Word, by_ending, decide, goes_on, is_honorific, is_part
from gateway.minimise.text.findings import Finding
from gateway.minimise.text.name_forms import (
    GIVEN,
    INITIAL,
    INTRODUCES,
    NAME,
    PATRONYMIC,
    PATRONYMIC_TAILS,
    SURNAME,
    WEAK,
    known_words,
    plain,
)

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_JOINTS = re.compile("[-'’]")
_INITIALS = re.compile(r"(?<![^\W_])[^\W\d_]\. ?[^\W\d_]\.")
_WITH_INITIALS = re.compile(
    r"(?<![^\W_])(?P<before>[^\W\d_]{4,30}) [^\W\d_]\. ?[^\W\d_]\.(?![^\W_])"
    r"|(?<![^\W_.])[^\W\d_]\. ?[^\W\d_]\. ?(?P<after>[^\W\d_]{4,30})(?![^\W_])"
)
_WORDS_MOST = 5
_TAIL = 3


class People:
    """Finds names of people."""

    kinds = ("person",)

    def __init__(self) -> None:
        self._known = known_words()

    def find(self, text: str) -> Iterator[Finding]:
        """Every name, as a whole."""
        words, candidates = self._read(text)
        reached = 0
        for first in candidates:
            if first < reached or not is_part(text, words, first):
                continue
            reached = first + 1
            while reached < len(words) and reached - first < _WORDS_MOST and goes_on(text, words, first, reached):
                reached += 1
            found = decide(text, words, first, reached)
            if found is not None:
                yield found
        if _INITIALS.search(text) is not None:
            yield from self._in_lower_case(text)

    def _in_lower_case(self, text: str) -> Iterator[Finding]:
        """Surnames with two initials, all in lower case: «примеров т.о.»."""
        low = plain(text)
        for met in _WITH_INITIALS.finditer(low):
            word = met["before"] or met["after"]
            if text[met.start()].islower() and (self._known.get(word, 0) or by_ending(word)) & SURNAME:
                yield Finding(*met.span(), "person")

    def _read(self, text: str) -> tuple[list[Word], list[int]]:
        """The words of the text, and where those stand that a name may begin with."""
        words: list[Word] = []
        candidates: list[int] = []
        low = plain(text)
        known, new = self._known.get, tuple.__new__  # half of the time that a call of `Word` takes
        before = 0
        for met in _WORD.finditer(low):
            start, end = met.span()
            word = met[0]
            mark = known(word, 0)
            if text[start].isupper():
                shape = "U" if end - start == 1 or text[start + 1 : end].isupper() else "T"
                if end - start == 1 and text.startswith(".", end):
                    mark = INITIAL
                elif not mark:
                    word, mark, end = self._by_its_parts(word, start, end)
                candidates.append(len(words))
            else:
                shape = "L"
                if not mark and word[-_TAIL:] in PATRONYMIC_TAILS:
                    mark = by_ending(word) & PATRONYMIC
                elif not mark and "-" in word:
                    word, mark, end = self._by_its_parts(word, start, end)
                if mark & NAME or before & INTRODUCES:
                    candidates.append(len(words))
            words.append(new(Word, (start, end, word, mark, shape)))
            before = mark
        return words, candidates

    def _by_its_parts(self, word: str, start: int, end: int) -> tuple[str, int, int]:
        """What a word is that no list holds, also one with a hyphen, and where the name in it ends: «Айгуль-апай»."""
        if word.isalpha():
            return word, by_ending(word), end
        parts = _JOINTS.split(word)
        first = self._known.get(parts[0], 0)
        if parts[-1] == "s":  # "Aigul's"
            return parts[0], first, start + len(parts[0])
        if is_honorific(parts[-1]):
            return parts[0], (GIVEN if first & (GIVEN | WEAK) else first), start + len(parts[0])
        marks = [self._known.get(part, 0) or by_ending(part) for part in parts]
        is_name = all(mark & NAME for mark in marks)
        return word, ((marks[0] | marks[-1]) & NAME if is_name else 0), end

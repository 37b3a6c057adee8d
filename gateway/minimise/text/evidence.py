"""Whether words that stand beside each other are a name of a person: evidence for it and against it, added up.

For it: a patronymic, initials beside a word, a given name, two words that may be names, a word before them that brings
a name in, a capital letter inside a sentence. Against it: a street, company or place that bears the name, quotation
marks around it, the beginning of a sentence, where any word has a capital letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gateway.minimise.text import surnames, surroundings
from gateway.minimise.text.findings import Finding
from gateway.minimise.text.name_forms import (
    BESIDE,
    BY_ENDING,
    COMMON,
    FAMILY,
    GIVEN,
    INITIAL,
    INTRODUCES,
    JOINED,
    KNOWN,
    NAME,
    NEVER,
    NOUN,
    OBLIQUE,
    PATRONYMIC,
    PLACE_AFTER,
    PLACE_BEFORE,
    PUBLIC,
    SIGNS,
    SURNAME,
    WEAK,
    plain,
)

_GAP = re.compile(r"[ \t\u00a0]{1,3}|-")
_AFTER_INITIAL = re.compile(r"\.?[ \t\u00a0]{0,2}")
_INTRODUCED = re.compile(r"[\s:=,—–-]{1,4}")
_BESIDE = frozenset({" ", "  ", " - ", " — ", " – "})
_BEFORE_A_PLACE = re.compile(r"[ .«\"“„:-]{1,3}")
_ENDS_SENTENCE = re.compile('[.!?…\n:;•("«“*\u2600-\u27bf\U0001f300-\U0001faff]')
_ABBREVIATED = frozenset(surroundings.ABBREVIATED.split())
_NUMBER_AFTER = re.compile(r",?\s{0,2}(?:д\.?|дом|үй)?\s{0,2}\d{1,3}(?!\d| \d)")
_OF_A_FLAT = re.compile(r" (?:из|с|со) (?:кв\.? ?)?\d{1,3}|, кв\.? ?\d")
_IS_LAST = re.compile(r"[ \t.!]{0,3}(?:\n|$)")
_DIGIT = re.compile(r"\d")
_OF_A_MODEL = re.compile(r"-\d")
_ENDS_LINE = re.compile(r"[ \t]{0,3}(?:[.!,]|$|\n)")
_OPENING, _CLOSING = "«\"“„'", "»\"”“'"
_LEAST_IN_LOWER_CASE = 4
_TOO_COMMON = frozenset({"света", "свете", "свету", "мир", "мира", "рахмет", "талап", "жан", "есен", "поля", "роза"})
_OBJECTS = frozenset({"the", "up", "a", "an", "my", "this", "it"})  # "Mark the floor" is no Mark
_OF_TWO_LETTERS = _OF_TWO_WORDS = 2
_SURELY_INTRODUCES = frozenset({"зовут", "зовусь", "атым", "есімім", "аты-жөнім", "жөнім", "zovut", "atym"})
_OF_NO_NAME = ("ои", "ая", "ое", "ого", "ому", "ую", "ых", "их", "ция", "ции", "ость", "ху", "зу", "ние", "ния")
_OF_ADJECTIVES = ("ии", "ого", "ому", "им", "ом", "ая", "ои", "ую", "ие", "их", "ых", "ым", "ыми")
_OF_NO_FIRST = ("те", "ть", "ла", "ли", "ло", "ет", "ит", "ют", "ая", "ыи", "ои", "ии", "ое", "дым", "дім")
_KAZAKH_CASES = ("тың", "ның", "тан", "дан", "пен", "мен", "тар", "лар", "қа", "ға", "ты", "ны", "вмын", "вамын")
_HONORIFICS = frozenset(plain(surroundings.HONORIFICS).split())
_CHILD_OF = frozenset(plain(surroundings.DAUGHTER_OR_SON).split())
_SHORT_SURNAMES = frozenset(surnames.WITHOUT_CASES.split())
_OF_PLACES = frozenset(surroundings.RANKS_OF_PLACE.split())


class Word(NamedTuple):
    """A word of the text: where it stands, its plain spelling, what is known of it, how its letters are written."""

    start: int
    end: int
    plain: str
    mark: int
    shape: str  # T: Title, U: all capitals, L: lower case

    @property
    def is_unknown(self) -> bool:
        """True of a word of which nothing is known."""
        return not self.mark & (NAME | INITIAL | NEVER)


def by_ending(word: str) -> int:
    """What a word that no list holds is by its end; 0 where that says nothing."""
    met = BY_ENDING.fullmatch(word)
    if met is not None and met.lastgroup is not None:
        return FAMILY[met.lastgroup]
    return GIVEN if JOINED.fullmatch(word) is not None else 0


def is_honorific(word: str) -> bool:
    """True of «апай», «аға» and the like, which stand behind a given name."""
    return word in _HONORIFICS


def is_part(text: str, words: Sequence[Word], at: int) -> bool:
    """True of a word that may stand in a name."""
    word = words[at]
    if word.mark & INITIAL or _ends_a_name(text, words, at):
        return True
    if word.mark & NEVER:
        return False
    if word.mark & NAME:
        is_short = word.shape == "L" and word.end - word.start < _LEAST_IN_LOWER_CASE
        if is_short and at + 1 < len(words) and words[at + 1].mark & PATRONYMIC:
            return True
        return not is_short or _is_introduced(text, words, at)
    return (
        word.shape == "T" or bool(word.mark & (PUBLIC | NOUN) and word.shape == "U") or _is_introduced(text, words, at)
    )


def goes_on(text: str, words: Sequence[Word], first: int, at: int) -> bool:
    """True of a word that may stand in a name together with those before it, from `first` on."""
    before, word = words[at - 1], words[at]
    gap = text[before.end : word.start]
    if before.mark & INITIAL:
        if not word.mark & INITIAL and not all(one.mark & INITIAL for one in words[first:at]):
            return False  # the initials stood last: the next sentence begins
        return _AFTER_INITIAL.fullmatch(gap) is not None and word.shape != "L" and is_part(text, words, at)
    if _GAP.fullmatch(gap) is None or (word.is_unknown and _is_full(words[first:at])):
        return False
    if word.shape == "L":
        if before.shape == "L" and not word.mark & ~KNOWN and before.mark & (GIVEN | PATRONYMIC | WEAK):
            wanted = KNOWN if before.mark & WEAK else SURNAME | PATRONYMIC
            return bool((word.mark or by_ending(word.plain)) & wanted)
        if before.shape != "L" and not word.mark & (GIVEN | PATRONYMIC):
            return word.plain in _CHILD_OF and is_part(text, words, at)
    return is_part(text, words, at)


def decide(text: str, words: Sequence[Word], first: int, last: int) -> Finding | None:
    """The name among neighbours that may be one, or None."""
    introduced = _is_introduced(text, words, first)
    while not introduced and first < last and _is_no_name_yet(text, words, first, last):
        first += 1
        introduced = first < last and _is_introduced(text, words, first)
    first = _with_a_surname_before(text, words, first, last)
    group = words[first:last]
    if not group or not (introduced or _is_a_name(text, words, first, group)):
        return None
    if not introduced and not _is_whole(group) and _is_of_a_place(text, words, first, last):
        return None
    end = group[-1].end
    return Finding(group[0].start, end + bool(group[-1].mark & INITIAL and text.startswith(".", end)), "person")


def _with_a_surname_before(text: str, words: Sequence[Word], first: int, last: int) -> int:
    """Where a name in lower case begins: a word before it that ends like a surname belongs to it."""
    if first in {0, last} or words[first].shape != "L" or not words[first].mark & (GIVEN | WEAK | PATRONYMIC):
        return first
    before = words[first - 1]
    if (
        before.shape != "L"
        or text[before.end : words[first].start] != " "
        or before.mark & ~(SURNAME | KNOWN | OBLIQUE)
    ):
        return first
    wanted = SURNAME if any(word.mark & (GIVEN | PATRONYMIC) for word in words[first:last]) else KNOWN
    is_adjective = before.plain.endswith(_OF_ADJECTIVES) and not any(w.mark & PATRONYMIC for w in words[first:last])
    return first - 1 if (before.mark or by_ending(before.plain)) & wanted and not is_adjective else first


def _is_full(group: Sequence[Word]) -> bool:
    """True of a name to which no unknown word belongs: it has a surname, or three words."""
    of_family = any(word.mark & SURNAME for word in group) and any(word.mark & (GIVEN | WEAK) for word in group)
    return of_family or len(group) > _OF_TWO_WORDS


def _ends_a_name(text: str, words: Sequence[Word], at: int) -> bool:
    """True of «ұлы» and «қызы», written apart, and of a surname that is a particle in lower case: «Роман Ли»."""
    word = words[at]
    is_surname = word.plain in _SHORT_SURNAMES and word.shape != "L"
    if not is_surname and word.plain not in _CHILD_OF:
        return False
    before = words[at - 1] if at > 0 else None
    if before is not None and before.mark & (GIVEN | WEAK | PATRONYMIC):
        return text[before.end : word.start] == " "
    return is_surname and at + 1 < len(words) and bool(words[at + 1].mark & INITIAL)


def _is_whole(group: Sequence[Word]) -> bool:
    """True of a name that is no street's: with a patronymic or initials."""
    initials = sum(word.mark & INITIAL > 0 for word in group)
    return 0 < initials < len(group) or any(word.mark & PATRONYMIC for word in group)


def _is_no_name_yet(text: str, words: Sequence[Word], first: int, last: int) -> bool:
    """True of a first word that only begins a sentence, or that stands before a name by chance."""
    word = words[first]
    after = words[first + 1] if first + 1 < last else None
    if after is None:
        return bool(word.mark & INITIAL) or word.is_unknown
    is_before_a_name = bool(after.mark & (NAME | INITIAL))
    if word.mark & INITIAL or (word.mark & PUBLIC and is_before_a_name):
        return False
    begins = _starts_sentence(text, words, first)
    if not word.is_unknown:
        is_weak = word.mark & SURNAME and not word.mark & KNOWN
        return bool(is_weak) and begins and not is_before_a_name
    if not begins or not is_before_a_name:
        return begins
    if after.mark & INITIAL and not words[last - 1].mark & INITIAL:
        return True  # «Ключ А.Б. Примеровой»
    return word.plain.endswith(_OF_NO_FIRST) or not after.mark & (PATRONYMIC | INITIAL)


def _is_a_name(text: str, words: Sequence[Word], first: int, group: Sequence[Word]) -> bool:
    if any(word.mark & (PATRONYMIC | GIVEN) for word in group):
        return True
    named = [word for word in group if word.mark & NAME or (word.shape == "L" and by_ending(word.plain) & KNOWN)]
    initials = sum(word.mark & INITIAL > 0 for word in group)
    if initials:
        return bool(named) or 1 < initials < len(group)
    if len(named) > 1:
        return any(word.shape != "L" or not word.mark & WEAK for word in named)
    if not named:
        return False
    return (_is_given if named[0].mark & WEAK else _is_surname)(text, words, first, group, named[0])


def _is_given(text: str, words: Sequence[Word], first: int, group: Sequence[Word], word: Word) -> bool:
    """True of a given name that is also a word, where something says that it is a name."""
    follows = words[first + len(group)] if first + len(group) < len(words) else None
    if follows is not None and follows.plain in _HONORIFICS and text[word.end : follows.start] == " ":
        return True
    if word.shape != "T" or (follows is not None and follows.plain in _OBJECTS):
        return False
    return len(group) > 1 or not (word.mark & COMMON and _starts_sentence(text, words, first))


def _is_surname(text: str, words: Sequence[Word], first: int, _group: Sequence[Word], word: Word) -> bool:
    """True of what looks like a surname, and stands by itself."""
    if word.mark & KNOWN or word.shape != "T":
        return bool(word.mark & KNOWN) and word.shape != "L"
    before = words[first - 1] if first > 0 else None
    if before is not None and before.plain == "я" and not text[before.end : word.start].strip(" ,—–-"):
        return True
    if not _starts_sentence(text, words, first):
        return not word.mark & OBLIQUE
    if _IS_LAST.match(text, word.end) is not None:
        return not word.mark & OBLIQUE  # a line of its own at the end of a letter
    return word.plain.endswith(_KAZAKH_CASES) or _OF_A_FLAT.match(text, word.end) is not None


def _is_introduced(text: str, words: Sequence[Word], at: int) -> bool:
    """True of a word before which one says that a name follows."""
    if at == 0 or words[at].mark & NEVER:
        return False
    word, before = words[at], words[at - 1]
    gap = text[before.end : word.start]
    if before.mark & INTRODUCES:
        surely = before.plain in _SURELY_INTRODUCES and word.end > word.start + _OF_TWO_LETTERS
        return _INTRODUCED.fullmatch(gap) is not None and (word.shape != "L" or bool(word.mark & NAME) or surely)
    if before.mark & SIGNS:
        is_last = _ENDS_LINE.match(text, word.end) is not None
        return ("," in gap or "\n" in gap) and _INTRODUCED.fullmatch(gap) is not None and word.shape == "T" and is_last
    if before.mark & BESIDE:
        if gap not in _BESIDE or (word.is_unknown and word.plain.endswith(_OF_NO_NAME)):
            return False
        return word.shape == "T" or (bool(word.mark & (GIVEN | WEAK)) and word.plain not in _TOO_COMMON)
    return before.plain == "is" and at > 1 and words[at - 2].plain == "name" and word.end > word.start + 1


def _is_of_a_place(text: str, words: Sequence[Word], first: int, last: int) -> bool:
    """True of a name that a street, a company or a place bears."""
    start, end = words[first].start, words[last - 1].end
    is_quoted = start > 0 and text[start - 1] in _OPENING and text[end : end + 1] in {*_CLOSING}
    is_public = any(word.mark & PUBLIC for word in words[first:last])
    if is_quoted or is_public or _OF_A_MODEL.match(text, end) is not None:
        return True
    after = words[last] if last < len(words) else None
    if after is not None and after.mark & PLACE_AFTER and _GAP.fullmatch(text[end : after.start]) is not None:
        return True
    before = words[first - 1] if first > 0 else None
    if before is None:
        return False
    gap = text[before.end : start]
    if before.mark & PLACE_BEFORE and _BEFORE_A_PLACE.fullmatch(gap) is not None:
        return before.plain in _ABBREVIATED if "." in gap else len(before.plain) > 1
    return before.plain in _OF_PLACES and last - first == 1 and _NUMBER_AFTER.match(text, end) is not None


def _starts_sentence(text: str, words: Sequence[Word], at: int) -> bool:
    if at == 0:
        return True
    before = words[at - 1]
    if _DIGIT.search(text, before.end, words[at].start) is not None:
        return True  # «тел. 555 Лифт стоит»: people forget the dot after a number
    met = _ENDS_SENTENCE.search(text, before.end, words[at].start)
    return met is not None and not (met[0] == "." and (before.plain in _ABBREVIATED or before.mark & INITIAL))

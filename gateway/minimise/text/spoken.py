"""Phones said in words: «восемь семьсот ноль ноль ноль сто двадцать три сорок пять», «сегіз жеті жүз ...».

Words of numbers in Russian, Kazakh and English that follow one another, digits among them, are read as people dictate
them: «сто двадцать три» is 123, «семьсот ноль» 700 0, «три нуля» 000. What reads as ten to twelve digits, or as five
to seven behind a word of calling, is a phone; fewer words are no number of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.identifiers import is_bare_phone, is_card, is_iin
from gateway.minimise.text.contexts import is_called
from gateway.minimise.text.findings import Finding

_ONES = (
    "ноль нуль нөл zero oh|один одна единица раз бір one|два две двойка екі two|три тройка үш three"
    "|четыре четверка төрт four|пять пятерка бес five|шесть шестерка алты six|семь семерка жеті seven"
    "|восемь восьмерка сегіз eight|девять девятка тоғыз nine"
)
_TEENS = (
    "десять ten|одиннадцать eleven|двенадцать twelve|тринадцать thirteen|четырнадцать fourteen|пятнадцать fifteen"
    "|шестнадцать sixteen|семнадцать seventeen|восемнадцать eighteen|девятнадцать nineteen"
)
_TENS = (
    "он|двадцать жиырма twenty|тридцать отыз thirty|сорок қырық forty|пятьдесят елу fifty|шестьдесят алпыс sixty"
    "|семьдесят жетпіс seventy|восемьдесят сексен eighty|девяносто тоқсан ninety"
)
_HUNDREDS = "сто|двести|триста|четыреста|пятьсот|шестьсот|семьсот|восемьсот|девятьсот"
_MANY = "нуля ноля нулей нолей|единицы|двойки|тройки|четверки|пятерки|шестерки|семерки|восьмерки|девятки"
_TIMES_A_HUNDRED = frozenset({"жүз", "hundred"})
_PLUS = frozenset({"плюс", "plus", "қосу"})


def _numbered(words: str, first: int, step: int) -> dict[str, int]:
    return {one: first + step * at for at, same in enumerate(words.split("|")) for one in same.split()}


_ONE, _TEEN, _TEN = _numbered(_ONES, 0, 1), _numbered(_TEENS, 10, 1), _numbered(_TENS, 10, 10)
_HUNDRED, _TIMES = _numbered(_HUNDREDS, 100, 100), _numbered(_MANY, 0, 1)
_NEVER_ADDED = 1_000
_WORTH = {  # what a word adds, how much room it needs behind what was said, and what room it leaves
    **{word: (worth, 10 if worth else _NEVER_ADDED, 1) for word, worth in _ONE.items()},
    **{word: (worth, 100, 0) for word, worth in _TEEN.items()},
    **{word: (worth, 100, 10) for word, worth in _TEN.items()},
    **{word: (worth, _NEVER_ADDED, 100) for word, worth in _HUNDRED.items()},
    **dict.fromkeys(_TIMES_A_HUNDRED, (100, _NEVER_ADDED, 100)),
}
_ALL = frozenset({*_ONE, *_TEEN, *_TEN, *_HUNDRED, *_TIMES, *_TIMES_A_HUNDRED, *_PLUS})

_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[ \t\r\n.,()+:;\u2010-\u2015-]{1,4}")
_APART = re.compile(r"[.,:;\r\n\u2010-\u2015-]")
_WORDS_MOST = 26
_WORDS_FEWEST = 3
_PHONE_DIGITS = (10, 12)
_LOCAL_DIGITS = (5, 7)
_DIGITS_MOST = 16
_CARD, _IIN = 16, 12
_WINDOW = 56


class _Said(NamedTuple):
    word: str
    start: int
    end: int
    is_apart: bool  # from the word before it, by more than a space


class SpokenNumbers:
    """Finds phones, and IIN and cards, that are written in words."""

    kinds = ("phone", "iin", "card")

    def find(self, text: str) -> Iterator[Finding]:
        """Every row of words of numbers that is one of them."""
        low = text.lower()
        if len(low) != len(text):  # a letter that has two small ones
            low = "".join([small if len(small := char.lower()) == 1 else char for char in text])
        low = low.replace("ё", "е")
        if _ALL.isdisjoint(_WORD.findall(low)):
            return
        for row in _rows(low):
            if any(one.word in _ALL for one in row):
                yield from _in_row(low, row)


def _rows(text: str) -> Iterator[list[_Said]]:
    """Words of numbers and short groups of digits that stand side by side."""
    row: list[_Said] = []
    for met in _WORD.finditer(text):
        word = met[0]
        if word not in _ALL and not (word.isascii() and word.isdigit()):
            if len(row) >= _WORDS_FEWEST:
                yield row
            row = []
            continue
        gap = text[row[-1].end : met.start()] if row else ""
        if row and _GAP.fullmatch(gap) is None:
            if len(row) >= _WORDS_FEWEST:
                yield row
            row = []
        row.append(_Said(word, met.start(), met.end(), bool(row) and _APART.search(gap) is not None))
    if len(row) >= _WORDS_FEWEST:
        yield row


def _in_row(text: str, row: list[_Said]) -> Iterator[Finding]:
    at = 0
    while at < len(row):
        found = _longest(row[at : at + _WORDS_MOST]) or _called(text, row[at : at + _WORDS_MOST])
        if found is None:
            at += 1
            continue
        count, kind = found
        yield Finding(row[at].start, row[at + count - 1].end, kind)
        at += count


def _longest(row: list[_Said]) -> tuple[int, str] | None:
    """How many words from the first on are a number of a person, and its kind; one that is valid before any other."""
    likely: tuple[int, str] | None = None
    best: tuple[int, str] | None = None
    for count, digits in _readings(row):
        if all(one.word.isdigit() for one in row[:count]):
            continue
        if is_bare_phone(digits):
            best = count, "phone"
        elif (len(digits) == _IIN and is_iin(digits)) or (len(digits) == _CARD and is_card(digits)):
            best = count, "iin" if len(digits) == _IIN else "card"
        elif _PHONE_DIGITS[0] <= len(digits) <= _PHONE_DIGITS[1] and digits[0] in "789":
            likely = count, "phone"
    return best or likely


def _called(text: str, row: list[_Said]) -> tuple[int, str] | None:
    """A local phone in words, which the word of calling before it tells."""
    start = row[0].start
    if row[0].word.isdigit() or not is_called(text[max(0, start - _WINDOW) : start]):
        return None
    fits = [
        count
        for count, digits in _readings(row)
        if count >= _WORDS_FEWEST and _LOCAL_DIGITS[0] <= len(digits) <= _LOCAL_DIGITS[1]
    ]
    return (fits[-1], "phone") if fits else None


def _readings(row: list[_Said]) -> Iterator[tuple[int, str]]:
    """The digits that the first words of a row are, for ever more of them."""
    done, value, room = "", -1, 0  # `room`: what may still be added to the value: less than a hundred, than ten, or 0
    for count, (word, _, _, is_apart) in enumerate(row, 1):
        if is_apart:
            done, value, room = _shut(done, value), -1, 0
        if word in _PLUS:
            if count > 1:
                return
            continue
        done, value, room = _hear(word, done, value, room)
        digits = _shut(done, value)
        if len(digits) > _DIGITS_MOST:
            return
        yield count, digits


def _shut(done: str, value: int) -> str:
    return done if value < 0 else f"{done}{value}"


def _hear(word: str, done: str, value: int, room: int) -> tuple[str, int, int]:
    """One more word: what is said for good, the value that is being said, and what may still be added to it."""
    if room == 1 and (word in _TIMES_A_HUNDRED or word in _TIMES) and (one := value % 10):
        # The last word belonged to this one: «жеті жүз» is 700 and no 7, «семьсот три нуля» 700 000 and no 703.
        done = done if value == one else f"{done}{value - one}"
        return (done, 100 * one, 100) if word in _TIMES_A_HUNDRED else (done + str(_TIMES[word]) * one, -1, 0)
    if word in _TIMES:
        return _shut(done, value) + str(_TIMES[word]), -1, 0
    if word not in _WORTH:
        return _shut(done, value) + word, -1, 0  # digits
    worth, needs, leaves = _WORTH[word]
    if room >= needs:
        return done, value + worth, leaves
    return _shut(done, value), worth, leaves

"""What of a sentence goes with a word of a special category: the phrase, never the sentence.

The phrase is the word with those beside it, up to punctuation, that say whose it is («у ребёнка астма», «анам мүгедек»,
"my child has asthma") and how heavy it is («инвалид 2 группы»). Any other word ends it, so that what a request is about
stays: «в подъезде дым, у ребёнка астма» keeps the smoke. A listed word that is said of a thing and of nobody
(«пандус для инвалидов», "the alarm is disabled") is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.minimise.text import surroundings
from gateway.minimise.text.findings import Finding
from gateway.minimise.text.name_forms import plain
from gateway.minimise.text.phrase_words import (
    AFTERWARDS,
    KAZAKH_KIN,
    MANNERS,
    NOT_FIRST,
    PERSONS,
    SAID_OF_NOBODY,
    WORDS_OF_EMERGENCY,
)

EMERGENCY, LITTLE_LEFT = "emergency", "little_left"
NOTES = frozenset({EMERGENCY, LITTLE_LEFT})
"""What a reply says of a text beside its findings: words of emergency stand in it; of its letters few are left."""

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_TOKEN_BACK = re.compile(r"([^\W_]+(?:['’-][^\W_]+)*)([ \t]{1,3}|-)$")
_TOKEN_ON = re.compile(r"([ \t]{1,3}|-|, (?=\d[ -](?:топ|гр)))([^\W_]+(?:['’-][^\W_]+)*)")
_LONGEST_WORD = 40
_STEPS = 6
_BETWEEN = re.compile(r"[ ,]{1,3}|,? (?:и|по|және|мен|and) ")

_PERSONS = frozenset(plain(PERSONS + surroundings.RELATIVES).split())
_KAZAKH_KIN = tuple(plain(KAZAKH_KIN).split())
_MANNER = frozenset(plain(MANNERS).split())
_WEAK_EDGE = frozenset(NOT_FIRST.split())
_AFTER = frozenset(plain(AFTERWARDS).split())
_MEASURE = re.compile(
    r"(?:[1-4]|i{1,3})(?:-?(?:и|ая|ои|я|ші|ші|нд|st|nd|rd))?(?:-(?:топ\w*|тип\w*|степен\w*|групп\w*))?"
)
_OF_WHAT = re.compile(r" на (?:[^\W_]+)(?: и [^\W_]+)?|(?: to) (?:[^\W_]+)")
_ALLERGY = ("аллерги", "allerg")

_OF_NOBODY = re.compile("|".join(SAID_OF_NOBODY))

_EMERGENCY = re.compile("(?<![^\\W_])(?:" + "|".join(WORDS_OF_EMERGENCY.split()) + ")(?![^\\W_])")


def phrases(text: str, words: Sequence[Finding]) -> list[Finding]:
    """The phrases around words of special categories; those of one group that only a comma or «и» parts are one."""
    low = plain(text)
    grown: list[Finding] = []
    for word in sorted(words):
        start, is_of_a_person = _back(low, word.start)
        end, of_a_person_after = _on(low, word)
        if not (is_of_a_person or of_a_person_after) and _is_of_a_thing(low, word):
            continue
        last = grown[-1] if grown else None
        joins = last is not None and last.kind == word.kind and _joins(low, last.end, start)
        if last is not None and (joins or (start < last.end and last.kind == word.kind)):
            grown[-1] = Finding(last.start, max(last.end, end), last.kind)
        else:
            grown.append(Finding(start, end, word.kind))
    return grown


def notes(text: str, findings: Sequence[Finding], special: frozenset[str]) -> tuple[str, ...]:
    """What the reply says of a text with these findings, which do not overlap."""
    said: list[str] = []
    if any(finding.kind in special for finding in findings) and _EMERGENCY.search(plain(text)) is not None:
        said.append(EMERGENCY)
    letters = sum(map(str.isalpha, text))
    gone = sum(sum(map(str.isalpha, text[finding.start : finding.end])) for finding in findings)
    if letters and (letters - gone) * 3 < letters:
        said.append(LITTLE_LEFT)
    return tuple(said)


def _is_of_a_thing(low: str, word: Finding) -> bool:
    near = _OF_NOBODY.finditer(low, max(0, word.start - _LONGEST_WORD), word.end + _LONGEST_WORD)
    return any(met.start() <= word.start and word.end <= met.end() for met in near)


def _joins(low: str, end: int, start: int) -> bool:
    return end <= start <= end + _LONGEST_WORD and _BETWEEN.fullmatch(low, end, start) is not None


def _back(low: str, start: int) -> tuple[int, bool]:
    """Where the phrase begins, and whether it names a person."""
    begin, strong, person = start, start, False
    for _ in range(_STEPS):
        met = _TOKEN_BACK.search(low, max(0, begin - _LONGEST_WORD), begin)
        if met is None:
            break
        word = met[1]
        is_person = word in _PERSONS or word.startswith(_KAZAKH_KIN)
        if not is_person and word not in _MANNER:
            break
        begin = met.start(1)
        person = person or is_person
        if word not in _WEAK_EDGE or strong != start or word == "у":
            strong = begin
    return strong, person


def _on(low: str, word: Finding) -> tuple[int, bool]:
    """Where the phrase ends, and whether it names a person."""
    if low.startswith(_ALLERGY, word.start) and (what := _OF_WHAT.match(low, word.end)) is not None:
        return what.end(), False
    end, strong, person = word.end, word.end, False
    for _ in range(_STEPS):
        met = _TOKEN_ON.match(low, end)
        if met is None:
            break
        token = met[2]
        is_measure = _MEASURE.fullmatch(token) is not None
        if not is_measure and token not in _AFTER:
            break
        end = met.end()
        person = person or token in _PERSONS
        if token not in ("с", "по", "since"):
            strong = end
    return strong, person

"""How a value is made less than it was: each transform is a pure function of checked text (`as` in a map)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gateway.identifiers import phone_e164
from gateway.minimise.values import Fault, Leaf, bad
from gateway.model import TAKES, FieldType, Transform

Change = Callable[[Leaf], Leaf | Fault]

_NAME = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏЀ-ҁҊ-ԯ]+(?:[-'’ʼ][A-Za-zÀ-ÖØ-öø-ɏЀ-ҁҊ-ԯ]+)*")
_AFTER_INITIAL = re.compile(r"(?<=\b[^\W\d_])\.")
_WORDS_MOST = 5
_STARS = "***"  # always as many: how long a name is, is a hint
_LAST = 4
_LONG_ENOUGH = 2 * _LAST  # of something shorter, the last four signs would be most of it
_NOT_A_PHONE = bad(FieldType.PHONE)
_NOT_A_NAME = bad(Transform.GIVEN_AND_INITIAL)
_TOO_SHORT = bad(Transform.LAST_FOUR)
_NOTHING_TO_SHOW = bad(Transform.MASK)


def change_for(transform: Transform, field_type: FieldType) -> Change:
    """The transform of one value. Raises ValueError where the type is not one that it takes."""
    if transform not in _CHANGES or field_type not in TAKES[transform]:
        raise ValueError(f"{transform} does not take {field_type}")
    return _CHANGES[transform]


def given_and_initial(full: str) -> str | Fault:
    """«Фамилия Имя Отчество» as «Имя Ф.»; one word alone, which may be the family name, as its initial."""
    words = _words(full)
    if not words:
        return _NOT_A_NAME
    if len(words) == 1:
        return _initial(words[0])
    if len(words[0]) == 1:  # the initial of a given name: what follows may be the family name
        return f"{_initial(words[0])} {_initial(words[-1])}"
    return f"{_given(words[1])} {_initial(words[0])}"


def given_and_initial_of(given: str, family: str) -> str | Fault:
    """A given name (its first word) and a family name as «Имя Ф.»; without a family name, the given name alone."""
    given_words = _words(given)
    family_words = _words(family)
    if not given_words or (family and not family_words):
        return _NOT_A_NAME
    given_name = _given(given_words[0])
    return f"{given_name} {_initial(family_words[0])}" if family_words else given_name


def _given(word: str) -> str:
    return word if len(word) > 1 else _initial(word)


def _words(text: str) -> list[str]:
    """The names in a text; initials, with or without a space between them, are names of one letter."""
    words = _AFTER_INITIAL.sub(" ", unicodedata.normalize("NFC", text)).split()
    return words if len(words) <= _WORDS_MOST and all(map(_NAME.fullmatch, words)) else []


def _initial(word: str) -> str:
    return f"{word[0].upper()}."


def _first_initial(value: Leaf) -> Leaf | Fault:
    words = _words(str(value))
    return _initial(words[0]) if words else bad(Transform.INITIAL)


def _mask(value: Leaf) -> Leaf | Fault:
    first = next((sign for sign in unicodedata.normalize("NFC", str(value)) if sign.isalnum()), None)
    return _NOTHING_TO_SHOW if first is None else first + _STARS


def _last_four(value: Leaf) -> Leaf | Fault:
    signs = [sign for sign in str(value) if sign.isalnum()]
    return "".join(signs[-_LAST:]) if len(signs) >= _LONG_ENOUGH else _TOO_SHORT


def _e164(value: Leaf) -> Leaf | Fault:
    number = phone_e164(str(value))
    return _NOT_A_PHONE if number is None else number


_CHANGES: dict[Transform, Change] = {
    Transform.E164: _e164,
    Transform.LOWER: lambda value: str(value).lower(),
    Transform.DATE_ONLY: lambda value: str(value)[:10],  # the date as it was written, where it was written
    Transform.YEAR: lambda value: str(value)[:4],
    Transform.MONTH: lambda value: str(value)[:7],
    Transform.INITIAL: _first_initial,
    Transform.MASK: _mask,
    Transform.LAST_FOUR: _last_four,
    Transform.GIVEN_AND_INITIAL: lambda value: given_and_initial(str(value)),
}

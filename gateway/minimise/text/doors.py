"""Codes of doors, gates and boxes of keys, by the words that stand beside them: «домофон 45К1234», "gate code #2580".

A code alone looks like any number, so it is known by its word, which stays. An entrance, a floor, a flat are no code; a
sum, a date or a telephone belongs to other recognisers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.minimise.text.findings import Finding

_NAMED = (  # what only a code can follow
    r"домофон\w{0,3}|ключниц\w{1,2}|кейбокс\w{0,2}"
    r"|key ?box|key ?safe|lock ?box|intercom|door ?bell"
)
_CODE_OF = (
    r"(?:код|пароль|пин)\w{0,2}(?: (?:от|для|на|к))? (?:двер\w{1,3}|домофон\w{0,3}|подъезд\w{0,2}|калитк\w{1,2}"
    r"|ворот\w{0,2}|шлагбаум\w{0,2}|сейф\w{0,2}|замк\w{1,2}|вход\w{0,2})"
    r"|(?:есік|есіктің|кіреберіс\w{0,4}|домофон\w{0,4}|қақпа\w{0,4}|сейф\w{0,4}) (?:коды|кодын|құпиясөзі|паролі)"
    r"|(?:door|gate|entry|entrance|building|intercom|alarm|lock|safe) (?:code|pin)"
    r"|(?:code|pin) (?:for|of|to) (?:the )?(?:door|gate|building|lock|safe)"
)
_BETWEEN = r"\s{0,3}(?:[:№=—–-]|код\w{0,2}|is|это|номер)?\s{0,3}[:№=—–-]?\s{0,3}"
_CODE = r"[*#]?(?=[^\W_]{0,6}\d)[^\W_]{2,10}(?:[-*#][^\W_]{1,6}){0,3}[*#]?"
_PHRASE = re.compile(rf"(?<![^\W_])(?:{_CODE_OF}|{_NAMED}){_BETWEEN}({_CODE})(?![^\W_])", re.IGNORECASE)
_BARE = re.compile(
    rf"(?<![^\W_])(?:код|пароль|коды|құпиясөз|code|pin)\s{{0,2}}[:№=—–-]?\s{{0,2}}({_CODE})(?![^\W_])", re.IGNORECASE
)
_OPENS = re.compile(
    r"(?<![^\W_])(?:двер|домофон|подъезд|калитк|ворот|шлагбаум|сейф|замок|замк|вход|ключ|қақпа|есік|кілт|кіреберіс"
    r"|door|gate|lock|key|entrance|intercom)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?\n]")
_NEAR = 40
_DIGIT = re.compile("[0-9]")
_NEEDED = (
    "код",
    "парол",
    "пин",
    "құпиясөз",
    "домофон",
    "ключниц",
    "кейбокс",
    "box",
    "safe",
    "intercom",
    "bell",
    "code",
    "pin",
)
"""One of these stands in every phrase that is looked for."""


class Doors:
    """Finds codes that open something."""

    kinds = ("door_code",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every code behind a word that says so, or behind «код» in a sentence of doors, locks and keys."""
        if _DIGIT.search(text) is None:  # which is known in no time
            return
        folded = text.casefold()
        if not any(word in folded for word in _NEEDED):
            return
        ends: set[int] = set()
        for found in _PHRASE.finditer(text):
            ends.add(found.end(1))
            yield Finding(*found.span(1), "door_code")
        for found in _BARE.finditer(text):
            if found.end(1) in ends:
                continue
            before = _SENTENCE.split(text[max(0, found.start() - _NEAR) : found.start()])[-1]
            behind = _SENTENCE.split(text[found.end() : found.end() + _NEAR])[0]
            if _OPENS.search(before) is not None or _OPENS.search(behind) is not None:
                yield Finding(*found.span(1), "door_code")

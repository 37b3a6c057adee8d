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


class Doors:
    """Finds codes that open something."""

    kinds = ("door_code",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every code that stands behind a word that says so."""
        for found in _PHRASE.finditer(text):
            yield Finding(*found.span(1), "door_code")

"""E-mail addresses as people say them: «тест собака почта точка кз», "test (at) example dot com".

A dog in a yard is none: behind the word for the sign stands a domain, with the word for a dot or an ending that
domains have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.minimise.text.findings import Finding

_DOT = r"(?:\s{0,2}[(\[]?(?<![^\W_])(?:точка|тчк|нүкте|нукте|dot)(?![^\W_])[)\]]?\s{0,2})"
_ENDING = (
    r"(?:com|kz|ru|net|org|info|uz|kg|by|ua|su|biz|me|io|pro|edu|gov|ком|кз|кей ?зет|кз|ру|нет|орг|инфо)(?![^\W_])"
)
_AT = re.compile(
    r"(?<![^\W_])(?:собак[аи]|собачка|сабака|айқұлақ|эт|at)(?![^\W_])|[(\[{](?:at|эт|собака|@)[)\]}]|@", re.IGNORECASE
)
_DOMAIN = re.compile(
    rf"\s{{0,3}}[^\W_][\w-]{{0,62}}(?:(?:{_DOT}|\.)[^\W_][\w-]{{0,62}}){{0,3}}?(?:{_DOT}{_ENDING}|(?<=[A-Za-z0-9])\.{_ENDING})",
    re.IGNORECASE,
)
_SAID_DOMAIN = re.compile(
    rf"\s{{0,3}}[^\W_][\w-]{{0,62}}(?:{_DOT}[^\W_][\w-]{{0,62}}){{0,3}}?{_DOT}{_ENDING}", re.IGNORECASE
)
_LOCAL = re.compile(
    rf"(?<![\w.+-])[\w+-][\w.+-]{{0,63}}(?:(?:{_DOT}|\s(?:подч[её]ркивание|тире|дефис|underscore|dash)\s)[\w+-]{{1,40}}){{0,3}}\s{{0,3}}\Z",
    re.IGNORECASE,
)
_BARE = frozenset({"at", "эт"})
_WINDOW = 80


class SpokenEmails:
    """Finds e-mail addresses whose signs are written as words or in brackets."""

    kinds = ("email",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every word for the sign with a name before it and a domain after it."""
        for sign in _AT.finditer(text):
            pattern = _SAID_DOMAIN if sign[0].lower() in _BARE else _DOMAIN
            domain = pattern.match(text, sign.end(), sign.end() + 3 * _WINDOW)
            if domain is None:
                continue
            first = max(0, sign.start() - _WINDOW)
            local = _LOCAL.search(text[first : sign.start()])
            if local is not None:
                yield Finding(first + local.start(), domain.end(), "email")

"""Names of keys: which of them no map can let through, and how a name is spelled in the account of a transfer.

A key is judged by its words (`canonical.key_tokens`), so `benefitCategory` and `owner_benefit_category` hold the name
`benefit_category`. A name that neither the map nor the lexicon lists may itself be personal (`{"87000000125": "wife"}`)
and is concealed (law 4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from gateway.canonical import key_text, key_tokens
from gateway.model import Conceal, Lexicon, WithheldReason

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 48
_CONCEALS_MOST = 4
_CONCEALED = re.compile(r"~[A-Za-z0-9_-]*\Z")


class Hit(NamedTuple):
    """Why a key may never leave, the groups of special categories that it belongs to, and whether it is only that."""

    reason: WithheldReason
    groups: tuple[str, ...]
    listed: bool  # the key is the listed name itself, and so says nothing else


Classify = Callable[[str], Hit | None]


class _Remembered(dict[str, Hit | None]):
    """The verdicts on names that look like a program's; any other name may be a person's and is not kept."""

    def __init__(self, judge: Classify) -> None:
        self._judge = judge

    def __missing__(self, key: str) -> Hit | None:
        hit = self._judge(key)
        if len(self) < _REMEMBERED and looks_programmed(key):
            self[key] = hit
        return hit


def looks_programmed(key: str) -> bool:
    """True if a program's author may have chosen this name, rather than whoever filled in a form."""
    return key.isascii() and key.isidentifier() and len(key) <= _LONGEST_REMEMBERED


def compile_classify(lexicon: Lexicon) -> Classify:
    """The function that says of a key whether the lexicon forbids it; special categories come before `never`."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for category in lexicon.special:
        for words in category.keys:
            groups.setdefault(words, []).append(category.group)
    sequences = lexicon.never | groups.keys()
    longest = max(map(len, sequences), default=0)
    listed = {spelling for words in sequences for spelling in _spellings(words)}

    def judge(key: str) -> Hit | None:
        held = [words for words in _windows(key_tokens(key), longest) if words in sequences]
        if not held:
            return None
        special = tuple(dict.fromkeys(group for words in held for group in groups.get(words, ())))
        reason = WithheldReason.SPECIAL_CATEGORY if special else WithheldReason.NEVER
        return Hit(reason, special, key in listed)

    return _Remembered(judge).__getitem__


def _windows(tokens: tuple[str, ...], longest: int) -> Iterable[tuple[str, ...]]:
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + longest, len(tokens)) + 1):
            yield tokens[start:end]


def _spellings(words: tuple[str, ...]) -> Iterable[str]:
    """The spellings of a listed name that carry nothing but the name."""
    camel = words[0] + "".join(word.capitalize() for word in words[1:]) if words else ""
    return "_".join(words), "-".join(words), camel, camel[:1].upper() + camel[1:], "_".join(words).upper()


class Spelled(dict[str, str]):
    """Names that no map knows, as they stand in a path; those that look like a program's are spelled once."""

    def __init__(self, conceal: Conceal) -> None:
        self._conceal = conceal

    def __missing__(self, key: str) -> str:
        concealed = self._conceal(key)
        spelled = concealed if _CONCEALED.match(concealed) is not None else key_text(concealed)
        if len(self) < _REMEMBERED and looks_programmed(key):
            self[key] = spelled
        return spelled


class Spellings:
    """The spellings of names, kept apart for each way to conceal them."""

    def __init__(self) -> None:
        self._by_conceal: dict[Conceal, Spelled] = {}

    def under(self, conceal: Conceal) -> Spelled:
        """The spellings under this way to conceal; there are few in one process, the keyring's above all."""
        spelled = self._by_conceal.get(conceal)
        if spelled is None:
            if len(self._by_conceal) >= _CONCEALS_MOST:
                self._by_conceal = {}
            spelled = self._by_conceal[conceal] = Spelled(conceal)
        return spelled

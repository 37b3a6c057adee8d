"""Names of keys: which of them no map can let through, and how a name is spelled in the account of a transfer.

A key is judged by its words (`canonical.key_tokens`), so `benefitCategory` and `owner_benefit_category` hold the name
`benefit_category`. A name that neither the map nor the lexicon lists may itself be personal (`{"87000000125": "wife"}`)
and is concealed (law 4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from gateway.canonical import key_text, key_tokens
from gateway.model import Conceal, Lexicon, WithheldReason

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 48
_CONCEALED = re.compile(r"~[A-Za-z0-9_-]*\Z")


class Hit(NamedTuple):
    """Why a key may never leave, the groups of special categories that it belongs to, and whether it is only that."""

    reason: WithheldReason
    groups: tuple[str, ...]
    listed: bool  # the key is the listed name itself, and so says nothing else


Classify = Callable[[str], Hit | None]


def compile_classify(lexicon: Lexicon) -> Classify:
    """The function that says of a key whether the lexicon forbids it; special categories come before `never`."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for category in lexicon.special:
        for words in category.keys:
            groups.setdefault(words, []).append(category.group)
    sequences = lexicon.never | groups.keys()
    longest = max(map(len, sequences), default=0)
    listed = {spelling for words in sequences for spelling in _spellings(words)}

    def classify(key: str) -> Hit | None:
        tokens = key_tokens(key)
        held = [words for words in _windows(tokens, longest) if words in sequences]
        if not held:
            return None
        special = tuple(dict.fromkeys(group for words in held for group in groups.get(words, ())))
        reason = WithheldReason.SPECIAL_CATEGORY if special else WithheldReason.NEVER
        return Hit(reason, special, key in listed)

    remembered = lru_cache(maxsize=_REMEMBERED)(classify)

    def classify_once(key: str) -> Hit | None:
        # Only what looks like a name in a program is remembered between transfers; the rest may be a person's.
        if key.isascii() and key.isidentifier() and len(key) <= _LONGEST_REMEMBERED:
            return remembered(key)
        return classify(key)

    return classify_once


def _windows(tokens: tuple[str, ...], longest: int) -> Iterable[tuple[str, ...]]:
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + longest, len(tokens)) + 1):
            yield tokens[start:end]


def _spellings(words: tuple[str, ...]) -> Iterable[str]:
    """The spellings of a listed name that carry nothing but the name."""
    camel = words[0] + "".join(word.capitalize() for word in words[1:]) if words else ""
    return "_".join(words), "-".join(words), camel, camel[:1].upper() + camel[1:], "_".join(words).upper()


def spell(key: str, conceal: Conceal) -> str:
    """A name that no map knows, as it stands in a path."""
    spelled = conceal(key)
    return spelled if _CONCEALED.match(spelled) is not None else key_text(spelled)

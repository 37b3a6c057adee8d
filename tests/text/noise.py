"""What typists, telephones and hurry do to a text, piece by piece, so that labels stay exact.

A piece is never empty afterwards where it held a letter or digit, and its letters and digits stay its own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_LOOKS_LATIN = str.maketrans("аосерхАОСЕРХВМТ", "aocepxAOCEPXBMT")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_EMOJI = "🙏😡🙂❗👍😭🔥"
Words = list[str]
Kinds = Sequence[str | None]


def disturb(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    """The pieces after none, one or two kinds of noise."""
    share = chance.random()
    for _ in range(0 if share < 0.45 else 1 if share < 0.85 else 2):
        words = chance.choices(list(_NOISES), weights=list(_NOISES.values()))[0](words, kinds, chance)
    return words


def _lower(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    return [word.lower() for word in words]


def _upper(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    return [word.upper() for word in words]


def _typos(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    """One or two letters of the plain words, seldom of a name, swapped, dropped or doubled."""
    places = [
        (at, found.start())
        for at, word in enumerate(words)
        if kinds[at] is None or (kinds[at] == "person" and chance.random() < 0.1)
        for found in re.finditer(r"(?<=[^\W\d_]{2})[^\W\d_](?=[^\W\d_]{2})", word)
    ]
    made = list(words)
    for at, place in chance.sample(places, min(len(places), 2)):
        word = made[at]
        if place + 1 < len(word):
            letters = word[place : place + 2]
            made[at] = (
                word[:place] + chance.choice((letters[::-1], letters[1], letters[0] + letters)) + word[place + 2 :]
            )
    return made


def _glued(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    """No space after a stop or comma."""
    made = [word if kind else re.sub(r"(?<=[.,!?:]) (?=\w)", "", word) for word, kind in zip(words, kinds, strict=True)]
    for at in range(1, len(made)):
        if made[at] == " " and made[at - 1].endswith((".", "!", "?")) and chance.random() < 0.7:
            made[at] = ""
    return made


def _emoji(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    made = list(words)
    for at, word in enumerate(made):
        if word == " " and chance.random() < 0.6:
            made[at] = f" {chance.choice(_EMOJI)}{chance.choice(_EMOJI)} "
    return [*made[:-1], made[-1] + (" " + chance.choice(_EMOJI) if not kinds[-1] else "")]


def _broken(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    return [chance.choice(("\n", "\n\n", " ")) if word == " " else word for word in words]


def _look_alike(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    """Some letters from the other alphabet: a keyboard that was not switched, or a wish not to be found."""
    made = list(words)
    for at, word in enumerate(made):
        if kinds[at] in {None, "person", "plate"} and chance.random() < 0.5:
            made[at] = "".join(
                char.translate(_LOOKS_LATIN) if at > 0 and chance.random() < 0.2 else char for char in word
            )
    return made


def _odd_digits(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    return [word.translate(_FULL_WIDTH) if kind else word for word, kind in zip(words, kinds, strict=True)]


def _letters_for_digits(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    """The letter O for a nought, as typewriters taught."""
    return [
        word.replace("0", chance.choice("ОO")) if kind in {"phone", "iin", "card"} else word
        for word, kind in zip(words, kinds, strict=True)
    ]


def _widthless(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    return [
        word if not kind or len(word) < 4 else word[:2] + "\u200b" + word[2:]
        for word, kind in zip(words, kinds, strict=True)
    ]


def _said(words: Words, kinds: Kinds, chance: random.Random) -> Words:
    """Voice-typed: no capitals and no stops."""
    return [
        word.lower() if kind else re.sub(r"[.,!?:;«»]", "", word).lower()
        for word, kind in zip(words, kinds, strict=True)
    ]


_NOISES: dict[Callable[[Words, Kinds, random.Random], Words], int] = {
    _lower: 18, _upper: 8, _typos: 16, _glued: 14, _emoji: 12, _broken: 14, _look_alike: 5, _odd_digits: 2,
    _widthless: 2, _letters_for_digits: 1, _said: 9,
}  # fmt: skip

"""Random Unicode against the scrub: `python -m tests.text.fuzz --count 100000 --seed 7`.

Three things are looked for: a crash; a character altered outside the findings (the scrubbed text does not align with
the original); time that grows faster than the text. A find prints its seed and number, which make the string again.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from gateway.minimise.text.folding import fold
from tests.text import numbers, people
from tests.text.corpus import DATA, SIZES, make
from tests.text.measure import Judge

SOURCES = Path(__file__).parents[2] / "gateway" / "minimise" / "text"
_RANGES = (
    (0x20, 0x7E), (0x20, 0x7E), (0x400, 0x52F), (0x400, 0x52F), (0, 0x1F), (0xA0, 0x24F), (0x300, 0x36F),
    (0x2000, 0x206F), (0x660, 0x669), (0xFF01, 0xFF5E), (0x1F300, 0x1F64F), (0xE0000, 0xE007F), (0x600, 0x6FF),
    (0x4E00, 0x4FFF), (0x80, 0xD7FF), (0xD800, 0xDFFF), (0xE000, 0x10FFFF),
)  # fmt: skip
_MARKS = (
    " ",
    "  ",
    "\n",
    "\t",
    ".",
    ",",
    "-",
    "–",
    "/",
    "(",
    ")",
    "+7",
    "№",
    "#",
    "*",
    "@",
    "[",
    "]",
    "\u200b",
    "\u0301",
    ":",
)
_SIZES = (8_000, 16_000, 32_000, 64_000)
_TIMES_LINEAR = 3  # of linear growth from the first size to the last; quadratic growth is eight times of it
_NOISE_SECONDS = 0.004
_TRIED = 4
_FIRST_LOOK = 4_000


@cache
def keywords() -> tuple[str, ...]:
    """Every word in the recognisers' own source and in the corpus' sentences: what a recogniser can wait for."""
    found: set[str] = set()
    for path in sorted(SOURCES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 1:
                found |= set(re.findall(r"[^\W\d_]{2,24}", node.value))
    for path in sorted(DATA.glob("parts_*.txt")):
        found |= set(re.findall(r"[^\W\d_]{2,24}", path.read_text(encoding="utf-8")))
    return tuple(sorted(found))


def string(seed: int, number: int) -> str:
    """A random string: any Unicode, with pieces of names, numbers and keywords in it."""
    chance = random.Random(f"{seed}:{number}")
    makers: tuple[Callable[[], str], ...] = (
        lambda: "".join(map(chr, (chance.randint(*chance.choice(_RANGES)) for _ in range(chance.randrange(1, 12))))),
        lambda: chance.choice(_MARKS) * chance.choice((1, 1, 1, 2, 30)),
        lambda: chance.choice(keywords()),
        lambda: str(chance.randrange(10 ** chance.randrange(1, 20))),
        lambda: chance.choice((numbers.iin, numbers.card, numbers.iban, numbers.plate, numbers.door_code))(chance),
        lambda: numbers.phone(chance, chance.choice(("ru", "kk"))),
        lambda: people.full(people.invent(chance, chance.choice(("ru", "kk", "en"))), "gen", "initials_first"),
        lambda: make(chance.choice(tuple(SIZES)), chance.randrange(10**6)).words[: chance.randrange(60)],
    )
    pieces = [chance.choice(makers)() for _ in range(chance.randrange(12))]
    pieces = [piece[chance.randrange(len(piece) + 1) :] if chance.random() < 0.1 else piece for piece in pieces]
    return chance.choice(("", " ", " ")).join(pieces)


def fault(judge: Judge, text: str) -> str | None:
    """What is wrong with how this text is scrubbed; None where nothing is."""
    try:
        scrubbed = judge.scrub(text)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is a find
        return f"{type(problem).__name__}: {problem}"
    if judge.removed(text, scrubbed.text) is None:
        return f"altered outside findings: {scrubbed.text!r}"
    if not scrubbed.kinds and scrubbed.text != text:
        return f"altered without a finding: {scrubbed.text!r}"
    return None


def faults(judge: Judge, seed: int, count: int) -> Iterator[str]:
    """Every fault in so many strings."""
    for number in range(count):
        text = string(seed, number)
        found = fault(judge, text)
        if found is not None:
            yield f"seed {seed}, string {number}: {text!r}: {found}"


class Growth(NamedTuple):
    """How long a recogniser takes for longer and longer repeats of one pattern."""

    recogniser: str
    pattern: str
    seconds: tuple[float, ...]

    @property
    def linear(self) -> bool:
        """True if the last size took no more than a few times what linear growth allows."""
        allowed = _TIMES_LINEAR * self.seconds[0] * _SIZES[-1] / _SIZES[0]
        return self.seconds[-1] <= allowed + _NOISE_SECONDS

    def __str__(self) -> str:
        each = ", ".join(
            f"{size // 1000}k {1000 * spent:.1f} ms" for size, spent in zip(_SIZES, self.seconds, strict=True)
        )
        return f"{self.recogniser} on repeats of {self.pattern!r}: {each}"


def patterns(seed: int, count: int) -> list[str]:
    """What is repeated: every mark, and keywords as they stand beside each other, a number or a stop."""
    chance = random.Random(seed)
    chosen = list(keywords()) if count >= len(keywords()) else chance.sample(keywords(), count)
    shapes = ("{}", "{} ", "{} 1 ", "{}. ", "{}1-", "1{} ", "{}@", "{}\n")
    many = [
        "1", "1 ", "1-", "1.", "12 ", "a", "a.", "a@", "@", "A", "А", "KZ", "KZ1", "N", "N1", "и", "И.", "И. ", "Иван ",
        "Ив", "-", " ", ". ", "(", "+7", "8 ", "007", "+", "\u200b", "1\u200b", "а\u0301", "\n", "\t", "№ ", "[",
        "ноль ", "сегіз ", "A1", "а1 ", "Иванов И", "собака ", "x собака ", "x точка ", "x dot ", "😀", "\U000e0041",
        "０", "мен ", "жүз ", "А.А.", "Асқарұлы ", "Ивановна ",
    ]  # fmt: skip
    return many + [chance.choice(shapes).format(word) for word in chosen]


def growths(judge: Judge, seed: int, count: int, slowest: int) -> Iterator[Growth]:
    """The patterns that take longest, each through every recogniser (and folding) at doubling sizes."""
    looked = sorted(patterns(seed, count), key=lambda pattern: -_spent(judge.scrub, _repeat(pattern, _FIRST_LOOK)))
    runs: dict[str, Callable[[str], object]] = {"fold": fold, "the whole scrub": judge.scrub}
    for recogniser in judge.recognisers:
        runs[type(recogniser).__name__] = lambda text, recogniser=recogniser: list(recogniser.find(text))  # type: ignore[misc]
    for pattern in looked[:slowest]:
        for name, run in runs.items():
            grown = Growth(name, pattern, ())
            for _ in range(_TRIED):  # another process may have had the core
                again = tuple(_spent(run, _repeat(pattern, size)) for size in _SIZES)
                best = map(min, again, grown.seconds) if grown.seconds else again
                grown = grown._replace(seconds=tuple(best))
                if grown.linear:
                    break
            yield grown


def _repeat(pattern: str, size: int) -> str:
    return (pattern * (size // len(pattern) + 1))[:size]


def _spent(run: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    run(text)
    return time.thread_time() - began


def main() -> int:
    """Run, and end with 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patterns", type=int, default=100_000, help="keywords to repeat (all, where there are fewer)")
    parser.add_argument("--slowest", type=int, default=60, help="patterns to grow to 64,000 characters")
    asked = parser.parse_args()
    judge, began = Judge(), time.monotonic()
    found = list(faults(judge, asked.seed, asked.count))
    print(*found[:20], sep="\n", end="\n" * bool(found))
    print(
        f"seed {asked.seed}: {asked.count} strings in {time.monotonic() - began:.0f} s, {len(found)} faults", flush=True
    )
    grown = list(growths(judge, asked.seed, asked.patterns, asked.slowest))
    steep = [growth for growth in grown if not growth.linear]
    longest = sorted(grown, key=lambda growth: -growth.seconds[-1])[:5]
    print(*(f"longest: {growth}" for growth in longest), *(f"NOT LINEAR: {growth}" for growth in steep), sep="\n")
    print(
        f"{len(keywords())} keywords and {len(patterns(1, 0))} marks repeated,"
        f" {len(grown)} growths, {len(steep)} not linear"
    )
    return bool(found or steep)


if __name__ == "__main__":
    sys.exit(main())

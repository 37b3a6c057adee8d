"""The labelled corpus: sentences from `tests/data/texts`, invented people and numbers, and what typists do to a text.

A text knows exactly where a label stands (what must go, and of which kind), and where its useful parts stand (what must
stay). `<kind|words>` marks words that stand in the file, `<slot:case:form>` asks for invented ones, `{...}` is useful.
`<?|words>` may go or stay. The same seed makes the same corpus.
"""

# ruff: noqa: SIM905 - a line of words is read as one

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.text import numbers, people
from tests.text.noise import disturb

DATA = Path(__file__).parents[1] / "data" / "texts"
SEED = 20261123
SIZES = {"ru": 1200, "kk": 1200, "en": 600, "mixed": 600}
HARMLESS_EACH = 3  # every third text
MAY_GO = "?"
_OFTEN = {"person": 5, "phone": 2, "special": 2}
_LIKE_A_PHONE = 10  # digits: a serial number that begins with 7 could be one
_MARK = re.compile(r"<([a-z_?]+)((?::[a-z_0-9]+)*)(?:\|([^<>]*))?>|([{}])")
_ANY_FORM = ("full", "surname_first", "first_surname", "first_patronymic", "initials", "initials_first")
_MONTHS = {
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split(),
    "en": "January February March April May June July August September October November December".split(),
}


class Piece(NamedTuple):
    """A stretch of a text: its words, the kind of what must go (None: nothing), whether it must stay."""

    words: str
    kind: str | None
    useful: bool


class Span(NamedTuple):
    """Where something stands in a text."""

    start: int
    end: int
    kind: str


class Text(NamedTuple):
    """A text with its labels; a harmless one has none."""

    name: str
    tongue: str
    words: str
    labels: tuple[Span, ...]
    useful: tuple[Span, ...]

    @property
    def harmless(self) -> bool:
        """True where nothing in it must go."""
        return not self.labels


def join(name: str, tongue: str, pieces: list[Piece]) -> Text:
    """The text that these pieces make."""
    labels, useful, at = [], [], 0
    for piece in pieces:
        end = at + len(piece.words)
        if piece.kind is not None:
            labels.append(Span(at, end, piece.kind))
        elif piece.useful and any(map(str.isalnum, piece.words)):
            useful.append(Span(at, end, "useful"))
        at = end
    return Text(name, tongue, "".join(piece.words for piece in pieces), tuple(labels), tuple(useful))


def parse(marked: str, chance: random.Random, tongue: str) -> Iterator[Piece]:
    """The pieces of a marked sentence, its slots filled."""
    at, useful = 0, False
    for mark in _MARK.finditer(marked):
        if mark.start() > at:
            yield Piece(marked[at : mark.start()], None, useful)
        at = mark.end()
        slot, arguments, words, brace = mark.groups()
        if brace is not None:
            useful = brace == "{"
        elif words is not None:
            yield Piece(words, slot, useful=False)
        else:
            made, kind = fill(slot, arguments.split(":")[1:], chance, tongue)
            yield Piece(made, kind, useful)
    if at < len(marked):
        yield Piece(marked[at:], None, useful)


def fill(slot: str, arguments: list[str], chance: random.Random, tongue: str) -> tuple[str, str | None]:
    """What an invented person or number looks like there, and its kind (None: harmless)."""
    if slot == "person":
        return _person(arguments, chance, tongue), "person"
    plain: dict[str, Callable[[], str]] = {
        "iin": lambda: numbers.iin(chance),
        "bin": lambda: numbers.bin_(chance),
        "card": lambda: numbers.card(chance),
        "iban": lambda: numbers.iban(chance),
        "phone": lambda: numbers.phone(chance, tongue),
        "local": lambda: numbers.local_phone(chance),
        "email": lambda: numbers.email(chance, tongue),
        "document": lambda: numbers.document(chance),
        "plate": lambda: numbers.plate(chance),
        "door_code": lambda: numbers.door_code(chance),
        "account": lambda: numbers.account(chance),
        "flat": lambda: str(chance.randrange(1, 240)),
    }
    if slot in plain:
        return plain[slot](), "phone" if slot == "local" else slot
    return _trap(slot, arguments, chance, tongue), None


def _person(arguments: list[str], chance: random.Random, tongue: str) -> str:
    case, form = (*arguments, "any")[:2]
    of = {"mixed": chance.choice(("ru", "kk"))}.get(tongue, tongue)
    person = people.invent(chance, of)
    while form in {"his", "her"} and person.woman is (form == "his"):
        person = people.invent(chance, of)
    form = "first" if form in {"his", "her"} else form
    if form == "latin":
        return f"{people.latin(person.first)} {people.latin(person.surname)}"
    return people.full(person, case, chance.choice(_ANY_FORM) if form == "any" else form)


def _trap(slot: str, arguments: list[str], chance: random.Random, tongue: str) -> str:
    if slot == "n":
        count = int(arguments[0])
        first = chance.choice("1239" if count >= _LIKE_A_PHONE else "123456789")
        return first + "".join(str(chance.randrange(10)) for _ in range(count - 1))
    if slot == "sum":
        whole = f"{chance.randrange(1, 90)} {chance.randrange(100, 1000)}"
        return chance.choice((whole, whole.replace(" ", ""), f"{whole},{chance.randrange(10, 100)}"))
    if slot == "date":
        day, month = chance.randrange(1, 29), chance.randrange(1, 13)
        return chance.choice(
            (f"{day:02}.{month:02}.2026", f"2026-{month:02}-{day:02}", f"{day:02}.{month:02}", f"{day}/{month}/26")
        )
    if slot == "month":
        return chance.choice(_MONTHS.get(tongue, _MONTHS["ru"]))
    if slot == "badiin":
        return _last_changed(numbers.iin_digits(chance))
    if slot == "badcard":
        return _last_changed(numbers.card_digits(chance))
    raise ValueError(slot)


def _last_changed(digits: str) -> str:
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


@cache
def parts(tongue: str) -> dict[str, list[str]]:
    """The sentences of a language by their place in a text."""
    found: dict[str, list[str]] = {}
    for line in (DATA / f"parts_{tongue}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            found[line[3:]] = []
        else:
            found[list(found)[-1]].append(line.replace("\\n", "\n"))
    return found


def make(tongue: str, number: int, seed: int = SEED) -> Text:
    """One text of the corpus; every third is harmless."""
    chance = random.Random(f"{seed}:{tongue}:{number}")
    kept = parts(tongue)
    if number % HARMLESS_EACH == 0:
        lines = chance.sample(kept["harmless"], chance.randrange(1, 3))
    else:
        lines = _clauses(tongue, chance)
        lines.insert(chance.randrange(len(lines)) if chance.random() < 0.3 else 0, chance.choice(kept["problems"]))
    if chance.random() < 0.5:
        lines.insert(0, chance.choice(kept["openings"]))
    if chance.random() < 0.5:
        lines.append(chance.choice(kept["closings"]))
    pieces: list[Piece] = []
    for line in filter(None, lines):
        if pieces:
            pieces.append(Piece(" ", None, useful=False))
        pieces += parse(line, chance, tongue)
    words = disturb([piece.words for piece in pieces], [piece.kind for piece in pieces], chance)
    return join(
        f"{tongue}-{number}", tongue, [piece._replace(words=new) for piece, new in zip(pieces, words, strict=True)]
    )


def _clauses(tongue: str, chance: random.Random) -> list[str]:
    """One to three sentences that hold what must go, of kinds as often as people write them."""
    by_kind: dict[str, list[str]] = {}
    for clause in parts(tongue)["clauses"]:
        by_kind.setdefault(clause.partition("<")[2].split(":")[0].split("|")[0].split(">")[0], []).append(clause)
    weights = [_OFTEN.get(kind, 1) for kind in by_kind]
    kinds = chance.choices(list(by_kind), weights=weights, k=chance.choice((1, 1, 2, 3)))
    return list(dict.fromkeys(chance.choice(by_kind[kind]) for kind in kinds))


def generated(seed: int = SEED) -> list[Text]:
    """The whole generated corpus."""
    return [make(tongue, number, seed) for tongue, size in SIZES.items() for number in range(size)]


def by_hand(name: str) -> list[Text]:
    """Texts written by hand: `## ru` opens one, `##` alone one in the same language."""
    chance, tongue, found = random.Random(name), "ru", list[Text]()
    for number, block in enumerate(
        re.split(r"^##", (DATA / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    ):
        head, _, marked = block.partition("\n")
        tongue = head.strip() or tongue
        found.append(join(f"{name}-{number + 1}", tongue, list(parse(marked.strip("\n"), chance, tongue))))
    return found

"""Kinds of fields: a rule of a purpose map, values that meet it with what must arrive of them, and values that do not.

Every value that can hold one carries a token of its own, so that it is found again wherever it went.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tests.e2e.oracle import Tokens
from tests.fuzz.dialects import Num, Tree

Arrives = str | re.Pattern[str]
"""The text that must arrive, or what it must look like where the gateway chooses it."""

GENERIC: Final = "Товар"
HOST: Final = "partner.example.com"
PHONE_START: Final = "7000000"
"""Invented numbers, +7 700 000 0XXX: with three digits of their own they are found like tokens."""


class Good(NamedTuple):
    """A value that its rule lets through, and what arrives of it."""

    value: Tree
    arrives: Arrives


class Maker:
    """Makes values; everything follows from its seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.tokens = Tokens(self.random)
        self.names: set[str] = set()
        self._phones: list[int] = []

    def word(self) -> str:
        """A token of letters."""
        return self.tokens.word()

    def name(self) -> str:
        """A token for a name that no map knows."""
        self.names.add(name := self.word())
        return name

    def digits(self) -> str:
        """A token of digits."""
        return self.tokens.number()

    def phone(self) -> str:
        """The ten digits of an invented phone, each once in a case."""
        if not self._phones:
            self._phones = self.random.sample(range(1000), 1000)
        return f"{PHONE_START}{self._phones.pop():03d}"

    def chance(self, share: float) -> bool:
        """Yes, so often."""
        return self.random.random() < share


@dataclass(frozen=True)
class Kind:
    """A rule of a map, and how values are made that meet it and that do not; the latter as texts, for flat formats."""

    name: str
    rule: dict[str, Any]
    good: Callable[[Maker], Good]
    bad: Callable[[Maker], str]
    category: str = "operational"
    outside: bool = False  # may stand in a path, a query or a header
    unread: bool = False  # any text will do, for none of it leaves


def _word(make: Maker) -> Good:
    text = make.word()
    form = make.random.choice(["{}", "{}", "Дом «{}»", "ул. {}, 10/1", "={}", '{} & <co> "q"; %41+b', "-{}"])
    return Good(form.format(text), form.format(text))


def _plain(make: Maker) -> Good:
    text = make.word()
    return Good(text, text)


def _too_long(make: Maker) -> str:
    return make.word() * 9


def _not_plain(make: Maker) -> str:
    return make.random.choice([make.word().upper(), f"{make.word()}-1", make.word() * 4])


def _with_identifier(make: Maker) -> str:
    """What no text may carry: an identifier, a document of its own, something encoded."""
    document = f'{{"name": "{make.word()}", "phone": "8{make.phone()}"}}'
    held = [
        f"{make.word()} 4111 1111 1111 1111",
        f"8{make.phone()}",
        f"{make.word()}@example.com",
        document[:28] + '"}',
    ]
    held += [f"{make.word()} 850515200208", base64.b64encode(make.word().encode()).decode()]
    return make.random.choice(held) if make.chance(0.8) else _too_long(make)


def _text(make: Maker) -> Good:
    inner = make.random.choice(["до {} после", 'строка; «{}», "в кавычках"\nвторая', "  {}  ", "{}"]).format(
        make.word()
    )
    if make.chance(0.6):
        return Good(inner, inner)
    hidden = make.random.choice([f"8{make.phone()}", f"+7{make.phone()}", f"{make.word()}@example.com", "850515200208"])
    return Good(f"{inner} звоните {hidden} вечером", re.compile(re.escape(f"{inner} звоните ") + r"\D{3,40} вечером"))


def _decimal(make: Maker) -> Good:
    digits = make.digits() + make.random.choice(["", ".1", ".10", ".00", ".07"])
    return _number(make, digits)


def _integer(make: Maker) -> Good:
    return _number(make, make.digits())


def _number(make: Maker, digits: str) -> Good:
    return Good(Num(digits) if make.chance(0.6) else digits, digits)


def _not_a_number(make: Maker) -> str:
    return make.random.choice(
        [make.word(), f"{make.digits()}e1", f"+{make.digits()}", f"0{make.digits()}", f"{make.digits()}.123"]
    )


def _phone(make: Maker) -> Good:
    phone = make.phone()
    written = make.random.choice([f"8{phone}", f"+7{phone}", f"+7 {phone[:3]} {phone[3:6]} {phone[6:8]} {phone[8:]}"])
    return Good(written, f"+7{phone}")


def _last_of_phone(make: Maker) -> Good:
    text = f"+7{make.phone()}"
    return Good(text, text[-4:])


def _phone_as_it_is(make: Maker) -> Good:
    text = f"+7{make.phone()}"
    return Good(text, text)


def _email(make: Maker) -> Good:
    text = f"{make.word()}@example.com"
    return Good(text, text)


def _email_lower(make: Maker) -> Good:
    text = f"{make.word()}@example.com"
    return Good(text.upper() if make.chance(0.5) else text, text)


def _given_and_initial(make: Maker) -> Good:
    family, patronymic = make.word().capitalize(), make.word().capitalize()
    full = make.random.choice([f"{family} Тест", f"{family} Тест {patronymic}"])
    return Good(full, f"Тест {family[0]}.")


def _cut(change: Callable[[str], str]) -> Callable[[Maker], Good]:
    def good(make: Maker) -> Good:
        text = make.word()
        return Good(text, change(text))

    return good


def _chosen(*pairs: tuple[str, str]) -> Callable[[Maker], Good]:
    def good(make: Maker) -> Good:
        return Good(*make.random.choice(pairs))

    return good


def _same(*texts: str) -> Callable[[Maker], Good]:
    return _chosen(*((text, text) for text in texts))


def _any_word(make: Maker) -> str:
    return make.word()


def _pseudonym(make: Maker) -> Good:
    return Good(make.word(), re.compile(r"[A-Za-z0-9_.:-]{16,80}"))


def _boolean(make: Maker) -> Good:
    value = make.chance(0.5)
    return Good(value if make.chance(0.7) else str(value).lower(), str(value).lower())


def _url(make: Maker) -> Good:
    text = f"https://{HOST}/back/{make.word()}"
    return Good(text, text)


def _bad_url(make: Maker) -> str:
    return make.random.choice(
        [f"https://{HOST}/?who={make.word()}", f"https://{make.word()}.example.com/", make.word()]
    )


_AT = "2026-11-20T08:40:00+05:00"
_STRING = {"type": "string", "max_length": 60}

SWITCH: Final = Kind(
    "switch", {"type": "string", "one_of": ["on", "off"]}, _same("on", "on", "off"), _any_word, outside=True
)
ZONE: Final = Kind("zone", {"type": "string", "one_of": ["north", "south"]}, _same("north"), _any_word, outside=True)
REF: Final = Kind("ref", {"type": "string", "pattern": "[a-z]{4,40}"}, _plain, _not_plain, outside=True)

ONE_OR_TWO: Final = Kind(
    "constant",
    {"operational": "integer", "one_of": [1, 2]},
    lambda _: Good(Num("1"), "1"),
    lambda make: make.digits(),
)

KINDS: Final = (
    Kind("word", _STRING, _word, _with_identifier),
    Kind("word", _STRING, _word, _with_identifier, category="address"),
    Kind("plain", {"type": "string", "pattern": "[a-z]{4,40}"}, _plain, _not_plain, outside=True),
    Kind("text", {"type": "text", "max_length": 400}, _text, lambda make: make.word() * 40),
    Kind(
        "decimal",
        {"type": "decimal", "places": 2, "minimum": 0, "maximum": 999999999999999999},
        _decimal,
        _not_a_number,
        category="billing",
        outside=True,
    ),
    Kind(
        "integer",
        {"type": "integer", "minimum": 0, "maximum": 999999999999999999},
        _integer,
        _not_a_number,
        outside=True,
    ),
    Kind("boolean", {"type": "boolean"}, _boolean, _any_word, outside=True),
    Kind("phone", {"type": "phone", "as": "e164"}, _phone, _any_word, category="phone"),
    Kind("phone", {"type": "phone"}, _phone_as_it_is, _any_word, category="phone"),
    Kind("phone", {"type": "phone", "as": "last_four"}, _last_of_phone, _any_word, category="phone"),
    Kind("email", {"type": "email"}, _email, _any_word, category="email"),
    Kind("email", {"type": "email", "as": "lower"}, _email_lower, _any_word, category="email"),
    Kind(
        "email",
        {"type": "email", "as": "mask"},
        lambda make: Good(_email(make).value, "z***"),
        _any_word,
        category="email",
    ),
    Kind(
        "name",
        {"type": "string", "as": "given_and_initial", "max_length": 80},
        _given_and_initial,
        lambda make: f"{make.word()} 12",
        category="name",
    ),
    Kind("name", _STRING | {"as": "mask"}, _cut(lambda text: f"{text[0]}***"), _too_long, category="name"),
    Kind("name", _STRING | {"as": "initial"}, _cut(lambda text: f"{text[0].upper()}."), _too_long, category="name"),
    Kind("account", _STRING | {"as": "last_four"}, _cut(lambda text: text[-4:]), _too_long, category="billing"),
    Kind("goods", _STRING | {"as": "generic", "text": GENERIC}, _cut(lambda _: GENERIC), _too_long),
    Kind("who", {"type": "string", "as": "pseudonym"}, _pseudonym, _any_word, category="name", unread=True),
    Kind("date", {"type": "date"}, _same("2026-11-20", "2026-02-28"), _any_word, outside=True),
    Kind("date", {"type": "date", "as": "year"}, _chosen(("2026-11-20", "2026")), _any_word, outside=True),
    Kind("date", {"type": "datetime", "as": "date_only"}, _chosen((_AT, "2026-11-20")), _any_word, outside=True),
    Kind("date", {"type": "datetime"}, _same(_AT, "2026-11-20T03:40:00.5Z"), _any_word),
    Kind("period", {"type": "period"}, _same("2026-11"), lambda _: "2026-13", outside=True),
    Kind(
        "area",
        {"type": "area"},
        _chosen(("45,5", "45.5"), ("45.50", "45.50"), ("7", "7")),
        _any_word,
        category="premise",
    ),
    Kind("share", {"type": "share"}, _same("1/2", "1/1"), lambda _: "3/2", category="premise"),
    Kind("index", {"type": "postal_index"}, _same("140000", "S00A1B2"), _any_word, category="operational"),
    Kind("url", {"type": "url", "hosts": [HOST]}, _url, _bad_url),
)

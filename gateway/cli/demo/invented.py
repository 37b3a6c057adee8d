"""The residents whom the demo invents by the hundred: no one is called like this, and no one holds their numbers.

Promises: the same people each time; IINs of people born in the 1800s with a right check digit, phones of the range
+7 700 000 01 2x, the domain example.com.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

_LAST = ("Примеров", "Пробный", "Образцов", "Тестов", "Сынақбаев", "Мысалұлы", "Үлгіұлы")
_FIRST = ("Тест", "Образец", "Мысал", "Сынақ", "Үлгі")
_PATRONYMICS = ("Образцович", "Үлгіұлы", "Мысалұлы")
_STREETS = ("ул. Примерная", "Үлгі көшесі", "ул. Вымышленная")
_WEIGHTS = (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))
_NEVER_ISSUED = 10


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented resident of Pavlodar."""

    number: int
    last_name: str
    first_name: str
    patronymic: str
    birth_date: str
    iin: str
    phone: str
    email: str
    street: str
    house: str
    apartment: str

    @property
    def subject(self) -> str:
        """The platform's opaque id of the person."""
        return f"usr_{1000 + self.number}"

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.last_name} {self.first_name} {self.patronymic}"


def residents(many: int) -> Iterator[Resident]:
    """So many residents, one after another."""
    return (_resident(number) for number in range(1, many + 1))


def _resident(number: int) -> Resident:
    year, month, day = 50 + number % 50, 1 + number % 12, 1 + number % 28
    return Resident(
        number=number,
        last_name=_LAST[number % len(_LAST)],
        first_name=_FIRST[number % len(_FIRST)],
        patronymic=_PATRONYMICS[number % len(_PATRONYMICS)],
        birth_date=f"18{year:02}-{month:02}-{day:02}",
        iin=next(_iins(f"{year:02}{month:02}{day:02}1", number)),
        phone=f"8 (700) 000-01-2{number % 10}",
        email=f"test.{number}@example.com",
        street=_STREETS[number % len(_STREETS)],
        house=str(1 + number // 80),
        apartment=str(1 + number % 80),
    )


def _iins(born: str, serial: int) -> Iterator[str]:
    """The IINs that begin so, from a serial number on: those with which the rule gives a check digit."""
    for last in islice(count(serial), 100):
        digits = f"{born}{last % 10_000:04}"
        for weights in _WEIGHTS:
            check = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
            if check != _NEVER_ISSUED:
                yield f"{digits}{check}"
                break

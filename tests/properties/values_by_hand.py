"""What a value of each type is, and what each transform leaves of it: DESIGN 6.1, DOMAIN 2 and 6, the model's words.

Knows the identifiers of DOMAIN 2 by their published checks, in the spellings that `random_maps` makes; other spellings
are the unit tests' to prove. Free text is judged by its length alone: scrubbing is proven elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from unicodedata import category

from gateway.canonical import Number
from gateway.model import FieldRule, FieldType, Transform, WithheldReason

BAD: Final = WithheldReason.BAD_VALUE
NAME: Final = r"[^\W\d_]+(-[^\W\d_]+)*"
WHOLE: Final = r"-?(0|[1-9][0-9]*)"
SHAPES: Final = {
    FieldType.INTEGER: WHOLE,
    FieldType.DECIMAL: WHOLE + r"(\.[0-9]+)?",
    FieldType.AREA: r"(0|[1-9][0-9]{0,5})([.,][0-9]{1,2})?",
    FieldType.DATE: r"\d{4}-\d\d-\d\d",
    FieldType.DATETIME: r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)",
    FieldType.PERIOD: r"\d{4}-(0[1-9]|1[0-2])",
    FieldType.SHARE: r"[1-9]\d{0,5}/[1-9]\d{0,5}",
    FieldType.POSTAL_INDEX: r"\d{6}|[A-Z]\d\d[A-Z]\d[A-Z]\d",
    FieldType.PHONE: r"(\+7|8)\D*7(\D*\d){9}",
    FieldType.EMAIL: r"[A-Za-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}",
    FieldType.URL: r"https://([a-z0-9.-]+)(/[A-Za-z0-9._/-]*)?",
    FieldType.BOOLEAN: r"true|false",
}
NUMBERS: Final = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.AREA)
MAY_HIDE: Final = (FieldType.STRING, FieldType.INTEGER, FieldType.DECIMAL, FieldType.URL)


def text_of(value: object) -> str | None:
    """A leaf as it is compared and inserted; None for what is no leaf."""
    return str(value).lower() if isinstance(value, bool) else str.__str__(value) if isinstance(value, str) else None


def judged(rule: FieldRule, value: Any) -> Any:
    """The value if its type and bounds have it, else the reason why it stays."""
    kind, text = rule.type, text_of(value) or ""
    too_long = rule.max_length is not None and len(text) > rule.max_length
    if kind is FieldType.TEXT and type(value) is str:
        return WithheldReason.OVER_LIMIT if too_long else value
    another = isinstance(value, bool) if kind is not FieldType.BOOLEAN else isinstance(value, Number)
    fits = [
        not another and (kind in NUMBERS or not isinstance(value, Number)) and kind is not FieldType.TEXT,
        re.fullmatch(SHAPES.get(kind, r".*"), text) and not any(category(one) in ("Cc", "Cf") for one in text),
        not too_long,
        rule.pattern is None or re.fullmatch(rule.pattern, text),
        not rule.one_of or text in rule.one_of,
        rule.places is None or len(text.partition(".")[2]) <= rule.places,
        bool(rule.one_of) or kind not in MAY_HIDE or not names_someone(text),
    ]
    if not all(fits) or not is_one(rule, text):
        return BAD
    return type(value)(text.replace(",", ".")) if kind is FieldType.AREA else value


def is_one(rule: FieldRule, text: str) -> bool:
    """What its spelling alone does not say: a day of the calendar, a part of the whole, a host of the list, a bound."""
    try:
        if rule.type in (FieldType.DATE, FieldType.DATETIME):
            datetime.fromisoformat(text)
    except ValueError:
        return False
    if rule.type is FieldType.SHARE:
        part, whole = map(int, text.split("/"))
        return part <= whole
    if rule.type is FieldType.URL and text.split("/")[2] not in rule.hosts:
        return False
    order: Any = Decimal if rule.type in NUMBERS else str
    over = rule.maximum is not None and order(text) > order(rule.maximum)
    return not over and (rule.minimum is None or order(text) >= order(rule.minimum))


def names_someone(text: str) -> bool:
    """An e-mail address, an IBAN; or digits, however spaced, that are a phone, an IIN, a BIN or a card."""
    runs = [re.sub(r"\D", "", run) for run in (*re.findall(r"\d[\d .()/:-]*", text), *re.findall(r"\d+", text))]
    email = re.search(r"[^\s@]@[^\s@]+\.[a-z]", text) is not None
    phone = any(len(run) == 11 and run[:2] in ("77", "87") for run in runs)
    register = any(is_iin_or_bin(run) for run in runs)
    return email or is_iban(text) or phone or register or any(len(run) == 16 and luhn(run) for run in runs)


def is_iin_or_bin(run: str) -> bool:
    """DOMAIN 2: a date of birth and the digit of century and sex, or the month and two digits of kind; check digit."""
    if len(run) != 12 or not 1 <= int(run[2:4]) <= 12:
        return False
    born, made = 1 <= int(run[4:6]) <= 31 and run[6] <= "6", run[4] in "456" and run[5] in "0123"
    rows = (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))
    sums = [sum(int(digit) * weight for digit, weight in zip(run, row, strict=False)) % 11 for row in rows]
    return (born or made) and int(run[11]) == (sums[0] if sums[0] < 10 else sums[1])


def is_iban(text: str) -> bool:
    found = re.fullmatch(r"KZ\d{5}[A-Z0-9]{13}", text)
    return found is not None and int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def luhn(run: str) -> bool:
    return sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(run))) % 10 == 0


def less(rule: FieldRule, values: list[Any]) -> Any:
    """What a transform leaves of good values, or that it can make nothing of them."""
    if rule.transform is None or rule.transform is Transform.GENERIC:
        return rule.generic or values[0]
    if rule.transform is Transform.GIVEN_AND_INITIAL:
        return given_and_initial([text_of(value) or "" for value in values], whole=len(rule.sources) == 1)
    return CHANGES[rule.transform](text_of(values[0]) or "")


def signs(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


CHANGES: Final[dict[Transform, Callable[[str], Any]]] = {
    Transform.E164: lambda text: "+7" + re.sub(r"\D", "", text)[1:],
    Transform.LOWER: str.lower,
    Transform.DATE_ONLY: lambda text: text[:10],
    Transform.MONTH: lambda text: text[:7],
    Transform.YEAR: lambda text: text[:4],
    Transform.INITIAL: lambda text: f"{text[0].upper()}." if re.fullmatch(rf"{NAME}( {NAME})*", text) else BAD,
    Transform.MASK: lambda text: f"{signs(text)[0]}***" if signs(text) else BAD,
    Transform.LAST_FOUR: lambda text: signs(text)[-4:] if len(signs(text)) >= 8 else BAD,  # hides as much as it shows
}


def given_and_initial(texts: list[str], *, whole: bool) -> Any:
    """The given name as it came, and the family name's initial; one text that has the `whole` has the family first."""
    words, family = texts[0].split(), texts[-1].split() if len(texts) > 1 else []
    if not words or not all(re.fullmatch(NAME, word) for word in (*words, *family)):
        return BAD
    if whole:
        words, family = words[1:], words[:1]
    return " ".join([*words[:1], *(f"{word[0].upper()}." for word in family[:1])])

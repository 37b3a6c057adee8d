"""Number plates of Kazakhstan (123 ABC 14, the older A 123 BCD), of Russia (А 123 ВС 77), in Latin or Cyrillic.

The region of a plate is 01 to 20. What is written with spaces looks like a sum of units («100 КВТ 14 часов») or a
company, and so needs Latin letters or a word of cars before it; what an article or an order's number is called by
before it is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.minimise.text.findings import Finding

_ALIKE = "АВЕКМНОРСТУХавекмнорстух"
_LETTER = f"[A-Za-z{_ALIKE}]"
_REGION = r"(?:0[1-9]|1\d|20)"
_NEW = re.compile(rf"(?<![\w/.,-])(?!000)\d{{3}}([ -]?)({_LETTER}{{2,3}})([ -]?){_REGION}(?![\w/-]|[.,]\d)")
_CAPITAL = f"[A-Z{_ALIKE[:12]}]"
_OLD = re.compile(
    rf"(?<![\w/.,-]){_CAPITAL}[ -]?(?!000)\d{{3}}[ -]?{_CAPITAL}{{2,3}}(?:[ -]?\d{{2,3}})?(?![\w/-]|[.,]\d)"
)
_UNITS = frozenset(
    re.findall(
        r"\w+",
        "квт кв вт мм см км мкм мкр мв ма ах тоо ао ком кск ксу кот том рот рост нет на не во со от то он мы ту та те"
        " вот как так кто век рак сук сор сто все мне",
    )
)
_CARS = re.compile(
    r"(?<![^\W_])(?:авто\w{0,12}|машин\w{1,3}|гос\.?\s?(?:номер\w{0,2}|знак\w{0,2})?|госномер\w{0,2}|номер\w{0,2}|тачк\w{1,2}"
    r"|джип\w{0,2}|парк\w{1,8}|стоит|ст[оа]ян\w{1,4}|көлі\w{1,8}|мәшине\w{0,4}|нөмір\w{0,6}|car|plate\w?|vehicle|parked"
    r"|тойот\w{1,2}|toyota|хонд\w{1,2}|нив\w{1,2}|лад\w{1,2}|bmw|бмв|ауди|audi|kia|киа|hyundai|хендай|lexus|лексус|камри"
    r"|camry|мерседес\w{0,2}|mercedes|газел\w{1,2}|шкод\w{1,2}|nissan|ниссан|mazda|мазд\w{1,2}|такси)(?![^\W_])"
)
_OTHERS = re.compile(
    r"(?<![^\W_])(?:арт|артикул\w{0,2}|заказ\w{0,2}|заявк\w{1,2}|модел\w{1,2}|товар\w{0,2}|парти\w{1,2}|сери[яийю]\w{0,2}"
    r"|договор\w{0,2}|sku|order|model|article|part|тапсырыс\w{0,4}|өтінім\w{0,4}|счётчик\w{0,2}|счетчик\w{0,2}|код\w{0,2})"
    r"[\s:№#.]{0,3}(?:(?:номер\w{0,2}|no|number|№)[\s:№#.]{0,2})?\Z"
)
_WINDOW = 40
_DIGITS = re.compile("[0-9]{3}")


class Plates:
    """Finds number plates."""

    kinds = ("plate",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every place that has the shape of a plate and is not called otherwise."""
        if _DIGITS.search(text) is None:
            return
        for found in _NEW.finditer(text):
            before = text[max(0, found.start() - _WINDOW) : found.start()].lower()
            if _OTHERS.search(before) is None and (_is_plain(found) or _CARS.search(before) is not None):
                yield Finding(*found.span(), "plate")
        for found in _OLD.finditer(text):
            before = text[max(0, found.start() - _WINDOW) : found.start()].lower()
            if _OTHERS.search(before) is None and _CARS.search(before) is not None:
                yield Finding(*found.span(), "plate")


def _is_plain(found: re.Match[str]) -> bool:
    """True if its letters can be no word or unit: Latin capitals, or three of one word with its digits."""
    letters = found[2]
    if letters.lower() in _UNITS:
        return False
    is_one_word = not (found[1] or found[3])
    return is_one_word or (letters.isupper() and (letters.isascii() or " " not in (found[1], found[3])))

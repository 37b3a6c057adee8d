"""Flats in text, for maps that withhold the flat: «кв. 45», "apt 45", «45-пәтер».

The whole phrase goes: a label says that a flat was named. Areas (45 кв. м), quarters of a year (3 кв. 2026) and counts
of flats («в 3 квартирах») are no flat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.minimise.text.findings import Finding

_FLAT = r"\d{1,4}(?:-?[а-яa-z](?![^\W_]))?"
_MORE = rf"(?:\s?(?:и|или|және|мен|and|or|-|–)\s?{_FLAT}(?![^\W_])(?!\s?(?:под|эт|дом|час)))?"
_NOT_AREA = r"(?![^\W_])(?!\s?(?:м²|м2|кв|м\b|квт|тг|тенге))(?![.,:/]\d)"
_PHRASE = re.compile(
    rf"(?<![^\W_])(?:"
    rf"(?:кв(?:арт(?:ир[аеуыо]й?)?)?|пәтер(?:ім|де|ден|ге|дегі)?|апартамент\w{{0,3}}|apt|apartment|flat|unit)\.?"
    rf"\s?(?:№|#|no\.?|номер|нөмірі)?\s?{_FLAT}{_NOT_AREA}{_MORE}"
    rf"|\d{{1,4}}\s?-\s?(?:ая|[яйюе]|ой|ей|ую|ші|шы|інші|ыншы)?\s?(?:квартир(?:[аеуы]|ой)|пәтер\w{{0,6}})"
    rf"|\d{{1,4}}\s(?:квартир(?:[ауе]|ой)|пәтер(?!лер)\w{{0,6}})"
    rf")(?![^\W_])",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"(?:\b[1-4]|\b[IV]{1,3})(?:-й)?\s?\Z")
_DIGIT = re.compile("[0-9]")
_YEAR = re.compile(r"кв(?:артал\w{0,2})?\.?\s?(?:19|20)\d\d", re.IGNORECASE)


class Flats:
    """Finds flats of houses."""

    kinds = ("flat",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every number that the word for a flat stands beside, with the word."""
        if _DIGIT.search(text) is None:  # which is known in no time
            return
        for found in _PHRASE.finditer(text):
            start, end = found.span()
            if _YEAR.fullmatch(found[0]) is not None and _QUARTER.search(text[max(0, start - 6) : start]) is not None:
                continue
            yield Finding(start, end, "flat")

"""What stands in the text in place of a finding: a label in the language of the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.model import SpecialCategory

_KAZAKH = re.compile("[ӘәҒғҚқҢңӨөҰұҮүҺһІі]")
_CYRILLIC = re.compile("[Ѐ-ӿ]")

_LABELS: Mapping[str, Mapping[str, str]] = {
    "iin": {"kk": "[ЖСН]", "ru": "[ИИН]", "en": "[IIN]"},
    "bin": {"kk": "[БСН]", "ru": "[БИН]", "en": "[BIN]"},
    "card": {"kk": "[КАРТА]", "ru": "[КАРТА]", "en": "[CARD]"},
    "iban": {"kk": "[IBAN]", "ru": "[IBAN]", "en": "[IBAN]"},
    "phone": {"kk": "[ТЕЛЕФОН]", "ru": "[ТЕЛЕФОН]", "en": "[PHONE]"},
    "document": {"kk": "[ҚҰЖАТ]", "ru": "[ДОКУМЕНТ]", "en": "[DOCUMENT]"},
    "plate": {"kk": "[МЕМЛЕКЕТТІК НӨМІР]", "ru": "[ГОСНОМЕР]", "en": "[PLATE]"},
    "account": {"kk": "[ШОТ]", "ru": "[СЧЁТ]", "en": "[ACCOUNT]"},
    "flat": {"kk": "[ПӘТЕР]", "ru": "[КВАРТИРА]", "en": "[FLAT]"},
    "person": {"kk": "[АТЫ-ЖӨНІ]", "ru": "[ФИО]", "en": "[NAME]"},
    "door_code": {"kk": "[КОД]", "ru": "[КОД]", "en": "[CODE]"},
    "hidden": {"kk": "[ЖАСЫРЫН]", "ru": "[СКРЫТО]", "en": "[HIDDEN]"},
    "email": {"kk": "[EMAIL]", "ru": "[EMAIL]", "en": "[EMAIL]"},
}


def language(text: str) -> str:
    """The language of a text by its letters: kk, ru, or en where it holds no Cyrillic."""
    if _KAZAKH.search(text) is not None:
        return "kk"
    return "ru" if _CYRILLIC.search(text) is not None else "en"


def labels(special: Sequence[SpecialCategory]) -> dict[str, Mapping[str, str]]:
    """The label of every kind by language; a special category is called by its title in the taxonomy."""
    made = dict(_LABELS)
    for category in special:
        made[category.group] = {
            tongue: f"[{category.title.get(tongue, category.group).upper()}]" for tongue in ("kk", "ru", "en")
        }
    return made

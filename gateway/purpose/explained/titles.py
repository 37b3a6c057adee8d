"""The closed lists of the house in Kazakh, Russian and English: what people read in the place of a code.

Promises: every type, transform, reason, basis and protection has its three titles, and so has every group of names that
the repository's taxonomy keeps home. Categories, classes and purposes have theirs in the maps themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from gateway.model import BasisKind, FieldType, Protection, Transform, WithheldReason


class Language(StrEnum):
    """The three languages in which people are told things."""

    KK = "kk"
    RU = "ru"
    EN = "en"


Titles: TypeAlias = "Mapping[Language, str]"


def _in(kk: str, ru: str, en: str) -> Titles:
    return {Language.KK: kk, Language.RU: ru, Language.EN: en}


TYPES: Final[Mapping[FieldType, Titles]] = {
    FieldType.TEXT: _in(
        "еркін мәтін, жеке деректерден тазартылады",
        "свободный текст, очищается от личных данных",
        "free text, scrubbed",
    ),
    FieldType.STRING: _in("таңбалар тізбегі", "строка", "string"),
    FieldType.INTEGER: _in("бүтін сан", "целое число", "whole number"),
    FieldType.DECIMAL: _in("ондық сан", "десятичное число", "decimal number"),
    FieldType.BOOLEAN: _in("иә немесе жоқ", "да или нет", "true or false"),
    FieldType.DATE: _in("күн", "дата", "date"),
    FieldType.DATETIME: _in("күн мен уақыт", "дата и время", "date and time"),
    FieldType.PERIOD: _in("ай (жылы көрсетілген)", "месяц с годом", "month of a year"),
    FieldType.SHARE: _in("үлес (a/b)", "доля (a/b)", "share (a/b)"),
    FieldType.AREA: _in("аудан, шаршы метр", "площадь, квадратные метры", "area in square metres"),
    FieldType.POSTAL_INDEX: _in("пошта индексі", "почтовый индекс", "postal index"),
    FieldType.PHONE: _in("телефон нөмірі", "номер телефона", "phone number"),
    FieldType.EMAIL: _in("электрондық пошта мекенжайы", "адрес электронной почты", "e-mail address"),
    FieldType.URL: _in("сайт мекенжайы (https)", "адрес сайта (https)", "web address (https)"),
}

TRANSFORMS: Final[Mapping[Transform, Titles]] = {
    Transform.E164: _in(
        "нөмір халықаралық түрде жазылады (+7…)",
        "номер записывается в международном виде (+7…)",
        "the number is written internationally (+7…)",
    ),
    Transform.LOWER: _in("кіші әріппен жазылады", "записывается строчными буквами", "written in small letters"),
    Transform.DATE_ONLY: _in(
        "тек күні қалады, уақыты берілмейді", "остаётся только дата, без времени", "only the date is left, no time"
    ),
    Transform.YEAR: _in("тек жылы қалады", "остаётся только год", "only the year is left"),
    Transform.MONTH: _in("тек жылы мен айы қалады", "остаются только год и месяц", "only year and month are left"),
    Transform.INITIAL: _in("тек бас әрпі қалады", "остаётся только первая буква", "only the initial is left"),
    Transform.GIVEN_AND_INITIAL: _in(
        "аты мен тегінің бас әрпі ғана қалады",
        "остаются имя и первая буква фамилии",
        "the given name and the initial of the family name are left",
    ),
    Transform.MASK: _in(
        "бірінші таңбадан басқасы жұлдызшамен жасырылады",
        "всё, кроме первого знака, скрывается звёздочками",
        "all but the first sign is hidden by stars",
    ),
    Transform.LAST_FOUR: _in(
        "тек соңғы төрт таңбасы қалады", "остаются только последние четыре знака", "only the last four signs are left"
    ),
    Transform.PSEUDONYM: _in(
        "мәннің орнына субъектінің осы алушыға ғана арналған бүркеншік аты жазылады",
        "вместо значения пишется псевдоним субъекта, свой для каждого получателя",
        "the subject's pseudonym stands in its place, another one for each recipient",
    ),
    Transform.GENERIC: _in(
        "мәннің орнына картадағы жалпы мәтін жазылады",
        "вместо значения пишется общий текст из карты",
        "a general text of the map stands in its place",
    ),
    Transform.TEMPLATE: _in(
        "мәннің орнына картадағы үлгі бойынша мәтін жазылады",
        "вместо значения пишется текст по шаблону из карты",
        "a text made by the map's template stands in its place",
    ),
}

REASONS: Final[Mapping[WithheldReason, Titles]] = {
    WithheldReason.NOT_IN_MAP: _in("картада жоқ", "нет в карте", "not in the map"),
    WithheldReason.NEVER: _in(
        "ешқашан берілмейтін деректің атауы", "имя, которое никогда не передаётся", "a name that never leaves"
    ),
    WithheldReason.SPECIAL_CATEGORY: _in("деректердің ерекше санаты", "особая категория данных", "a special category"),
    WithheldReason.CONDITION: _in("шарт орындалмайды", "условие не выполнено", "its condition does not hold"),
    WithheldReason.BAD_VALUE: _in("мәні сәйкес келмейді", "значение не подходит", "the value does not fit"),
    WithheldReason.OVER_LIMIT: _in("шектен асады", "больше допустимого", "over the limit"),
    WithheldReason.OTHER_SUBJECT: _in("басқа адам туралы", "о другом человеке", "about someone else"),
    WithheldReason.NARROWED: _in("бұл алушыға арналмаған", "не для этого получателя", "not for this recipient"),
}

BASES: Final[Mapping[BasisKind, Titles]] = {
    BasisKind.CONSENT: _in("келісім", "согласие", "consent"),
    BasisKind.OBLIGATION: _in("заңдағы міндет", "обязанность по закону", "legal obligation"),
}

PROTECTIONS: Final[Mapping[Protection, Titles]] = {
    Protection.JWE: _in(
        "тек алушы ғана аша алатын мөрленген конверт",
        "запечатанный конверт, который открывает только получатель",
        "a sealed envelope that only the recipient can open",
    ),
    Protection.TLS: _in(
        "тек байланыс арнасы шифрланады (TLS), конверт жоқ",
        "шифруется только соединение (TLS), без конверта",
        "the connection alone is encrypted (TLS), without an envelope",
    ),
}

NEVER: Final[Mapping[str, Titles]] = {
    "identity_numbers": _in("жеке басты куәландыратын нөмірлер", "номера, удостоверяющие личность", "identity numbers"),
    "birth_and_civil_status": _in(
        "туған күні мен азаматтық хал", "рождение и гражданское состояние", "birth and civil status"
    ),
    "relatives": _in("туыстар", "родственники", "relatives"),
    "cards_and_bank_accounts": _in("карталар мен банк шоттары", "карты и банковские счета", "cards and bank accounts"),
    "network_and_device": _in("желі мен құрылғы", "сеть и устройство", "network and device"),
    "use_of_the_platform": _in("платформаны пайдалану", "использование платформы", "use of the platform"),
    "ways_in": _in("үйге кіру жолдары", "как войти в дом", "ways into a home"),
    "precise_place": _in("дәл орналасқан жер", "точное место", "precise place"),
    "credentials": _in("құпиясөздер мен кілттер", "пароли и ключи доступа", "credentials"),
    "pictures_of_people": _in("адамдардың суреттері", "изображения людей", "pictures of people"),
    "vehicles": _in("көлік", "транспорт", "vehicles"),
    "work_and_school": _in("жұмыс пен оқу", "работа и учёба", "work and school"),
}
"""The groups of `never` that the repository's taxonomy has; a group of another taxonomy is told by its own name."""

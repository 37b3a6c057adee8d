"""Invented people, in the cases of Russian and Kazakh and in Latin letters.

Plain common given names and patronymics with surnames that were made up from plants, tools and places. Nothing here was
taken from the recognisers' lists: a list that is measured with itself measures nothing.
"""

# ruff: noqa: SIM905 - a line of words is read as one

from __future__ import annotations

import random
from typing import NamedTuple

MEN = (
    "Иван Пётр Сергей Алексей Дмитрий Николай Виктор Артём Егор Михаил Юрий Олег Константин Роман Максим Геннадий "
    "Павел Илья Фёдор Руслан Тимур Ринат Станислав Анатолий Кирилл Глеб Арсений Матвей Вячеслав Эдуард Вадим Игорь "
    "Саша Коля Миша Серёжа Вова Лёша"
).split()
WOMEN = (
    "Анна Мария Елена Ольга Наталья Татьяна Ирина Светлана Людмила Галина Екатерина Юлия Оксана Валентина Ксения "
    "Марина Алёна Дарья Полина Зинаида Тамара Лариса Алина Жанна Евгения Яна Нина Инна Римма Лидия Раиса "
    "Маша Лена Таня Наташа Света Настя"
).split()
FATHERS = (
    "Иванов Петров Сергеев Николаев Викторов Михайлов Юрьев Олегов Фёдоров Андреев Васильев Александров Степанов "
    "Геннадьев Павлов Тимуров"
).split()
SURNAMES = (
    "Рябинов Берёзкин Топорков Заречнев Колодцев Брусникин Камышов Полянин Стропилин Черепицын Луговской Осинский "
    "Верстаков Кирпичёв Можжевелов Крыжовников Половицын Затонский Подсолнухов Ромашкин"
).split()
STILL_SURNAMES = "Черешненко Лопатенко Дымчук Крутых Седых Ким Цой Пак Шмидт Вебер".split()
KAZAKH_MEN = (
    "Нұрлан Ерлан Асқар Дәурен Бауыржан Серік Қайрат Данияр Әлібек Мұрат Болат Талғат Ержан Айдос Жандос Санжар "
    "Мейрам Арман Бекзат Нұржан Рүстем Ғалым Оразбай Қуаныш Төлеген Диас Әлихан Мирас Ілияс Шыңғыс "
    "Мағжан Ерасыл Нұрсұлтан"
).split()
KAZAKH_WOMEN = (
    "Айгүл Гүлнар Сәуле Динара Әсель Жанар Мәдина Айжан Күлаш Алма Балжан Назгүл Аружан Ақмарал Зәуре Перизат Меруерт "
    "Гүлмира Тоғжан Рауан Бибігүл Шолпан Қарлығаш Жұлдыз Ләззат Ботагөз Ақерке Еркежан Томирис Зере Інжу Сабина Камила"
).split()
KAZAKH_SURNAMES = (
    "Ағашбеков Көлбаев Тасболатов Шалғынбаев Құмдыбаев Өзенбаев Терекбаев Қайыңбеков Жусанов Бұлақбаев Қамысбаев "
    "Балғабеков Шегебаев Есікбаев Қадабаев"
).split()
KAZAKH_PLAIN_SURNAMES = "Тоқсанбай Өтепберген Қойшыбай Сәрсенбі Жаңабай Есенгелді Сейтқали Құдайберген".split()
KAZAKH_FATHERS = "Асқар Серік Болат Қайрат Мұрат Ержан Нұрлан Талғат Бауыржан Самат Әбілқайыр Төлеген Марат".split()
ENGLISH = "John Emily Robert Susan Kevin Laura Peter Daniel Karen Thomas Alice Brian".split()
ENGLISH_SURNAMES = "Hedgerow Millward Brookfield Ashdown Plumley Carver Thatcher Ferndale Oakhurst Winslow".split()

CASES = ("nom", "gen", "dat", "acc", "ins")
_CONSONANT, _PATRONYMIC = ("а", "у", "а", "ом"), ("а", "у", "а", "ем")
_Rules = tuple[tuple[tuple[str, ...], int, tuple[str, str, str, str]], ...]
_IN_A: _Rules = (
    (("ия",), 1, ("и", "и", "ю", "ей")),
    (("я",), 1, ("и", "е", "ю", "ей")),
    (("а",), 1, ("ы", "е", "у", "ой")),
)
_GIVEN_TO_WOMEN: _Rules = _IN_A
_GIVEN_TO_MEN: _Rules = (
    *_IN_A,
    (("й", "ь"), 1, ("я", "ю", "я", "ем")),
    (("ич",), 0, _PATRONYMIC),
    (tuple("бвгджзклмнпрстфхцчшщ"), 0, _CONSONANT),
)
_SURNAMES_OF_MEN: _Rules = (
    (("Цой",), 1, ("я", "ю", "я", "ем")),
    (("ий", "ой"), 2, ("ого", "ому", "ого", "им")),
    (("ов", "ев", "ёв", "ин", "ын"), 0, ("а", "у", "а", "ым")),
    (("ук", "им", "ак", "дт", "ер"), 0, _CONSONANT),
)
_SURNAMES_OF_WOMEN: _Rules = ((("ая",), 2, ("ой", "ой", "ую", "ой")), (("а",), 1, ("ой", "ой", "у", "ой")))
_HUSHED = "гкхжчшщ"
_BACK, _FRONT = "аоұыяуёю", "әеөүіэи"
_VOICELESS, _NASAL = "кқпстфхцчшщгбвд", "мнң"
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch _ y _ e yu ya a g q n o u u h i".split(),
        strict=True,
    )
)


class Person(NamedTuple):
    """A person by parts; the patronymic may be missing."""

    first: str
    surname: str
    patronymic: str
    tongue: str
    woman: bool


def invent(chance: random.Random, tongue: str) -> Person:
    """A person with a name as people have them where this language is spoken."""
    woman = chance.random() < 0.5
    if tongue == "en":
        if chance.random() < 0.4:
            return Person(chance.choice(ENGLISH), chance.choice(ENGLISH_SURNAMES), "", "en", woman)
        other = invent(chance, chance.choice(("ru", "kk")))
        return Person(latin(other.first), latin(other.surname), "", "en", woman)
    if tongue == "kk" and chance.random() < 0.25:
        return invent(chance, "ru")._replace(tongue="kk")
    if tongue == "kk":
        first = chance.choice(KAZAKH_WOMEN if woman else KAZAKH_MEN)
        surname = chance.choice(KAZAKH_SURNAMES) + ("а" if woman else "")
        if chance.random() < 0.2:
            surname = chance.choice(KAZAKH_PLAIN_SURNAMES)
        father = chance.choice(KAZAKH_FATHERS)
        return Person(first, surname, father + ("қызы" if woman else "ұлы"), "kk", woman)
    if chance.random() < 0.4:
        first = chance.choice(KAZAKH_WOMEN if woman else KAZAKH_MEN)
        father = russian_letters(chance.choice(KAZAKH_FATHERS)) + "ов"
        surname = russian_letters(chance.choice(KAZAKH_SURNAMES)) + ("а" if woman else "")
        return Person(russian_letters(first), surname, _patronymic(father, woman=woman), "ru", woman)
    first = chance.choice(WOMEN if woman else MEN)
    if chance.random() < 0.2:
        surname = chance.choice(STILL_SURNAMES)
    else:
        surname = _womans(chance.choice(SURNAMES)) if woman else chance.choice(SURNAMES)
    return Person(first, surname, _patronymic(chance.choice(FATHERS), woman=woman), "ru", woman)


def russian_letters(word: str) -> str:
    """A Kazakh name in the letters that Russian texts write it with."""
    made = word.translate(str.maketrans("әғқңөұүһіӘҒҚҢӨҰҮҺІ", "агкноуухиАГКНОУУХИ"))
    return made + "ь" if made.endswith(("гул", "сел")) else made


def latin(word: str) -> str:
    """The word in Latin letters, as passports and hurried typists have it."""
    made = "".join(_LATIN.get(char, char) for char in word.lower()).replace("_", "")
    return made[:1].upper() + made[1:]


def _womans(surname: str) -> str:
    return surname[:-2] + "ая" if surname.endswith(("ий", "ой")) else surname + "а"


def _patronymic(of_father: str, *, woman: bool) -> str:
    return of_father + ("на" if woman else "ич")


def full(person: Person, case: str, form: str) -> str:
    """The name in one of its written forms: full, surname_first, first_patronymic, initials, initials_first, first."""
    first, surname, patronymic = (decline(part, case, person) for part in person[:3])
    initials = f"{person.first[0]}." + (f"{person.patronymic[0]}." if person.patronymic else "")
    if person.tongue == "kk" and case != "nom":  # Kazakh bends the last word alone
        first, surname, patronymic = person.first, person.surname, person.patronymic
        return {
            "full": f"{surname} {first} {bend(patronymic, case)}",
            "surname_first": f"{surname} {bend(first, case)}",
            "first_surname": f"{first} {bend(surname, case)}",
            "first_patronymic": f"{first} {bend(patronymic, case)}",
            "initials": f"{surname} {initials}",
            "initials_first": f"{initials} {bend(surname, case)}",
            "first": bend(first, case),
        }[form]
    return {
        "full": f"{surname} {first} {patronymic}".strip(),
        "surname_first": f"{surname} {first}",
        "first_surname": f"{first} {surname}",
        "first_patronymic": f"{first} {patronymic or surname}",
        "initials": f"{surname} {initials}",
        "initials_first": f"{initials} {surname}",
        "first": first,
    }[form]


def decline(word: str, case: str, person: Person) -> str:
    """A word of a name in a case of its language; English has none."""
    if not word or case == "nom" or person.tongue == "en":
        return word
    if person.tongue == "kk":
        return bend(word, case)
    return _russian(word, CASES.index(case) - 1, woman=person.woman, surname=word == person.surname)


def _russian(word: str, case: int, *, woman: bool, surname: bool) -> str:
    if word in {"Пётр", "Павел"}:
        return {"Пётр": "Петр", "Павел": "Павл"}[word] + _CONSONANT[case]
    rules = (
        (_SURNAMES_OF_WOMEN if woman else _SURNAMES_OF_MEN) if surname else _GIVEN_TO_WOMEN if woman else _GIVEN_TO_MEN
    )
    for suffixes, cut, endings in rules:
        if word.endswith(suffixes):
            stem = word[: len(word) - cut]
            ending = endings[case]
            return stem + ("и" if ending == "ы" and stem[-1] in _HUSHED else ending)
    return word  # Айгуль, Черешненко, Крутых


def bend(word: str, case: str) -> str:
    """A Kazakh word with the ending of a case, by the harmony of its last vowel and by its last letter."""
    vowels = [char for char in word.lower() if char in _BACK + _FRONT]
    back = not vowels or vowels[-1] in _BACK
    last = word[-1].lower()
    if case == "nom":
        return word
    if case == "gen":
        start = "н" if last in _BACK + _FRONT + _NASAL else "т" if last in _VOICELESS else "д"
        return word + start + ("ың" if back else "ің")
    if case == "dat":
        start = ("қ" if back else "к") if last in _VOICELESS else ("ғ" if back else "г")
        return word + start + ("а" if back else "е")
    if case == "acc":
        start = "н" if last in _BACK + _FRONT else "т" if last in _VOICELESS else "д"
        return word + start + ("ы" if back else "і")
    start = "п" if last in _VOICELESS else "б" if last == "з" else "м"
    return word + start + "ен"

"""How the names that `given_names` lists are met in sentences: in cases, in Russian and in Latin letters.

All forms are made once, when the first map is compiled, so that a word of a text costs one look-up. What no list holds
is known by its end: patronymics, surnames, the second halves that Kazakh names are joined of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from gateway.minimise.text import given_names, surnames, surroundings

GIVEN, WEAK, PATRONYMIC, SURNAME, KNOWN = 1, 2, 4, 8, 16
INTRODUCES, BESIDE, PLACE_BEFORE, PLACE_AFTER, NEVER, PUBLIC, SIGNS = 32, 64, 128, 256, 512, 1024, 2048
NAME = GIVEN | WEAK | PATRONYMIC | SURNAME
OBLIQUE, COMMON, INITIAL, NOUN = 4096, 8192, 16384, 32768
"""A surname in a case that is as well an adjective's: «Садовой»; a given name that sentences begin with as a word; a
capital letter with a dot; a noun that ends like a surname."""

_BACK = given_names.ENDINGS_AFTER_BACK_VOWELS.split()
_FRONT = given_names.ENDINGS_AFTER_FRONT_VOWELS.split()
_BACK_VOWELS = "аоұыуяю"
KAZAKH_ENDINGS = tuple(sorted({*_BACK, *_FRONT, "ым", "ім"}))
_VOWELS = "аеиоуыэюяәіөүұ"
_RUSSIFIED = str.maketrans("әғқңөұүһі", "агкноуухи")
_LATIN = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфыэәғқңөұүһі", "abvgdeziklmnoprstufyeagknouuhi", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ъ": "", "ю": "yu", "я": "ya"}
)
_SPELLINGS = (  # one name is written in several ways, each change by itself and together with those before it
    ("kh", "h"),
    ("zh", "j"),
    ("k", "q"),
    ("ks", "x"),
    ("yu", "iu"),
    ("ya", "ia"),
    ("ei", "ey"),
    ("ai", "ay"),
    ("ii", "iy"),
    ("iy", "y"),
    ("y", "i"),
    ("dzh", "j"),
)
_SPELLED_MOST = 24

_RU_CASES = r"(?:а|у|ом|ым|ем|е|ы|ых|ыми|ои|ою)"
_KK_CASES = "(?:" + "|".join(sorted(KAZAKH_ENDINGS, key=len, reverse=True)) + ")"
_PATRONYMIC_RU = rf"\w{{2,}}(?:[оеь]вич|[аеиоу]евич|ьич|[лнрст]ыч|кузьмич|фомич|лукич)(?:а|у|ем|е|и|{_KK_CASES})?"
_PATRONYMIC_RU += rf"|\w{{2,}}(?:[ое]вн|иничн)(?:а{_KK_CASES}?|ы|е|у|ои|ою)"
_PATRONYMIC_KK = rf"\w{{3,}}(?:[ұ]лы|қызы|кызы|оғлы)(?:н|на|не|нда|{_KK_CASES}|на[нң]|м|мын|мын)?"
_LATIN_PATRONYMIC = r"\w{2,}(?:[oe]vich|[oe]vna|ichna|uly|[qk]yzy|kizi|qizi)"
PATRONYMIC_TAILS = frozenset(given_names.LAST_OF_PATRONYMICS.split())
"""The last three letters of every patronymic: one look-up tells nearly every word that is none."""
BY_ENDING = re.compile(
    rf"(?P<patronymic>(?:{_PATRONYMIC_RU}|{_PATRONYMIC_KK}|{_LATIN_PATRONYMIC}))"
    rf"|(?P<known>\w{{2,}}(?:баев|беков|галиев|ғалиев|жанов|ханов|[мн]бетов|шев|гельдин|гелдин|улин|уллин|иков|нков|енков|ников|алиев|ашев|атов|егенов|ибеков)"
    rf"(?:{_RU_CASES}?|а?{_KK_CASES}|ои)|\w{{3,}}(?:енко|швили|бекова|баева)(?:{_KK_CASES})?"
    r"|\w{2,}(?:[bp]ayeva?|bae?va?|bekova?|galiyeva?|galieva?|zhanova?|khanova?|enko|ashevа?|mbetova?))"
    rf"|(?P<oblique>\w{{2,}}(?:[ое]в|[иы]н)(?:ым|ых|ыми|ои|ою)|\w{{3,}}[сц]к(?:ии|ого|ому|им|ом|ая|ои|ую|ие)|\w{{3,}}ых)"
    rf"|(?P<surname>\w{{2,}}(?:[ое]в|[иы]н)(?:а|у|е|ы)?(?:{_KK_CASES})?|\w{{3,}}(?:чук|ян|юк|дзе|eико)(?:а|у|ом|е)?"
    r"|\w{3,}(?:ov|ova|ev|eva|yeva|yev|sky|skiy|skii|skaya|chuk)|\w{4,}(?:kin|kina|shin|shina|tsin|lin|lina))"
)
JOINED = re.compile(
    r"\w{2,}(?:бек|жан|хан|гүл|гуль|нұр|нур|ғали|гали|мұрат|мурат|болат|берген|гелді|гельды|келді|сұлтан|султан|мұхамед|ғазы|бибі|биби)"
    rf"(?:а|у|ом|ем|ю|я|е|и|{_KK_CASES})?"
)
FAMILY = {"patronymic": PATRONYMIC, "known": SURNAME | KNOWN, "oblique": SURNAME | OBLIQUE, "surname": SURNAME}


def plain(text: str) -> str:
    """A text by which words are compared, of the same length: lower case, `ё` as `е`, `й` as `и`."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join([lower if len(lower := char.lower()) == 1 else char for char in text])
    return low.replace("ё", "е").replace("й", "и")


def cases(name: str) -> Iterator[str]:
    """A Russian name in its cases, as `plain` spells them."""
    yield plain(name)
    last, stem = name[-1], plain(name[:-1])
    if last == "а":
        yield from (stem + end for end in ("ы", "и", "е", "у", "ои", "ою", "еи"))
    elif last == "я":
        yield from (stem + end for end in ("и", "е", "ю", "еи", "ею"))
    elif last == "й":
        yield from (stem + end for end in ("я", "ю", "ем", "е", "и"))
    elif last == "ь":
        yield from (stem + end for end in ("я", "ю", "ем", "е", "и", "ью"))
    elif last not in _VOWELS:
        yield from (plain(name) + end for end in ("а", "у", "ом", "ем", "е"))
    yield from _LOSING_A_VOWEL.get(name, ())


_LOSING_A_VOWEL = {
    "павел": ("павла", "павлу", "павлом", "павле"),
    "лев": ("льва", "льву", "львом", "льве"),
    "петр": (),
    "любовь": ("любови", "любовью"),
}


def kazakh(name: str) -> Iterator[str]:
    """A Kazakh name, or its Russian spelling, with the endings of Kazakh and of Russian."""
    for spelled in {name, name.replace("гүл", "гуль").translate(_RUSSIFIED), name.translate(_RUSSIFIED)}:
        yield from cases(spelled)
        vowels = [letter for letter in spelled if letter in _VOWELS]
        is_back = bool(vowels) and vowels[-1] in _BACK_VOWELS and spelled[-1] != "ь"
        yield from (plain(spelled) + end for end in (_BACK if is_back else _FRONT))


def latin(name: str) -> Iterator[str]:
    """A name in Latin letters, as passports and people spell it."""
    made = [plain(name).translate(_LATIN)]
    if name[0] == "е":
        made.append("y" + made[0])
    for old, new in _SPELLINGS:
        made += [one.replace(old, new) for one in made if old in one][: max(0, _SPELLED_MOST - len(made))]
    return iter(made)


def _marked(words: Iterable[str], mark: int, into: dict[str, int]) -> None:
    for word in words:
        into[plain(word)] = into.get(plain(word), 0) | mark


def family(name: str) -> Iterator[str]:
    """A surname on -ов, -ев, -ин, of a man, a woman and a family, in the cases of Russian and of Kazakh."""
    name = plain(name)
    yield from (name + end for end in ("", "а", "у", "ым", "е", "ы", "ых", "ыми", "ои", "ою"))
    yield from (name + end for end in (*_BACK, *_FRONT) if end[0] != "н")  # «Андреевны» is a patronymic
    yield from (name + "а" + end for end in _BACK)


def _forms() -> dict[str, int]:
    """Every form of every given name, with what it weighs."""
    also, common = set(given_names.ALSO_WORDS.split()), set(given_names.COMMON_WORDS.split())

    def weight(name: str) -> int:
        if name in common:
            return WEAK | COMMON
        return WEAK if name in also else GIVEN

    made: dict[str, int] = {}
    for names, inflect in (
        (given_names.RUSSIAN, cases),
        (given_names.SHORT, cases),
        (given_names.RUSSIAN, kazakh),
        (given_names.KAZAKH, kazakh),
        (given_names.RUSSIAN_OF_KAZAKH, kazakh),
    ):
        for name in names.split():
            weighs = weight(name) | weight(name.translate(_RUSSIFIED))
            _marked(inflect(name), weighs, made)
            _marked((one for one in latin(name) if one not in also), weighs, made)
    for name in (*given_names.ENGLISH.split(), *filter(str.isascii, also | common)):
        made[name] = weight(name)
    return {form: weighs & ~GIVEN if weighs & WEAK else weighs for form, weighs in made.items() if len(form) > 1}


def _with_surnames(made: dict[str, int]) -> None:
    for name in surnames.SURNAMES.split():
        _marked(family(name), SURNAME | KNOWN, made)
        _marked((one + end for one in latin(name) for end in ("", "a")), SURNAME | KNOWN, made)
    for name in surnames.OTHER.split():
        _marked(cases(name), SURNAME | KNOWN, made)


@cache
def known_words() -> dict[str, int]:
    """What is known of a word, by its plain spelling; made when it is asked for first."""
    made = _forms()
    _with_surnames(made)
    beside = (
        (surroundings.NEVER, NEVER),
        (surroundings.INTRODUCES, INTRODUCES | NEVER),
        (surroundings.RELATIVES + surroundings.STAFF, BESIDE | NEVER),
        (surroundings.SIGNS, SIGNS | NEVER),
        (surroundings.PLACE_BEFORE, PLACE_BEFORE | NEVER),
        (surroundings.PLACE_AFTER, PLACE_AFTER | NEVER),
    )
    for words, _ in beside:
        for word in words.split():
            made.pop(plain(word), None)
    for word in surroundings.NOUNS_LIKE_SURNAMES.split():
        made[plain(word)] = NOUN
    for words, mark in (*beside, (surroundings.PUBLIC, PUBLIC)):
        _marked(words.split(), mark, made)
    return made

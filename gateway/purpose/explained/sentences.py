"""What explanations say, in Kazakh, Russian and English: whole sentences, and one voice that speaks them.

Promises: each sentence has its three wordings with the same places for values; a value stands after a colon or in
quotes, so that no wording has to bend it. Nothing that explains holds a word of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.canonical import path_text
from gateway.model import Retention, When
from gateway.purpose.explained.titles import Language, Titles

_KK, _RU, _EN = Language.KK, Language.RU, Language.EN

SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    # Sections of a whole map.
    "section_about": ("Кімге және не үшін", "Кому и зачем", "Who and what for"),
    "section_fields": ("Қандай деректер беріледі", "Что передаётся", "What leaves"),
    "section_stays": (
        "Осы алушыға не берілмейді",
        "Что этому получателю не передаётся",
        "What this recipient does not get",
    ),
    "section_constants": (
        "Алушы интерфейсінің тұрақты шамалары",
        "Постоянные величины интерфейса получателя",
        "Constants of the recipient's API",
    ),
    "section_whose": ("Кімнің деректері", "Чьи это данные", "Whose data"),
    "section_answer": ("Жауаптан қайтарылатын деректер", "Что возвращается из ответа", "What comes back"),
    # About.
    "recipient": (
        "Алушы: {title} ({name}). Алушылар тобы: {group}.",
        "Получатель: {title} ({name}). Класс получателей: {group}.",
        "Recipient: {title} ({name}). Class of recipients: {group}.",
    ),
    "purpose": ("Мақсаты: {title} ({name}).", "Цель: {title} ({name}).", "Purpose: {title} ({name})."),
    "clause": (
        "Құпиялылық саясатының тармағы: {clause}.",
        "Пункт политики конфиденциальности: {clause}.",
        "Clause of the privacy policy: {clause}.",
    ),
    "bases": ("Құқықтық негізі: {bases}.", "Правовое основание: {bases}.", "Legal basis: {bases}."),
    "retention": (
        "Алушы деректерді сақтай алатын мерзім: {period}.",
        "Срок, в течение которого получатель может хранить данные: {period}.",
        "The recipient may keep the data for: {period}.",
    ),
    "protection": ("Қорғау тәсілі: {protection}.", "Защита: {protection}.", "Protection: {protection}."),
    "protection_reason": (
        "Конверт болмауының себебі: «{reason}».",
        "Почему без конверта: «{reason}».",
        "Why there is no envelope: “{reason}”.",
    ),
    "routes": (
        "Рұқсат етілген сұраулар: {routes}.",
        "Разрешённые запросы: {routes}.",
        "Requests let through: {routes}.",
    ),
    "asked": (
        "Бұл деректерді алушы өзі сұрайды: {route}. Платформаға қойылатын сұрақ: {ask}.",
        "Эти данные получатель запрашивает сам: {route}. Вопрос платформе: {ask}.",
        "The recipient asks for this itself: {route}. The platform is asked: {ask}.",
    ),
    "version": ("Картаның нұсқасы: {version}.", "Версия карты: {version}.", "Version of the map: {version}."),
    # A field that leaves.
    "leaves": ("Алушыға беріледі.", "Передаётся получателю.", "It leaves for the recipient."),
    "leaves_if": (
        "Мына шарт орындалғанда ғана беріледі: {condition}.",
        "Передаётся только при условии: {condition}.",
        "It leaves only if {condition}.",
    ),
    "required": (
        "Міндетті өріс: ол болмаса немесе мәні сәйкес келмесе, деректер мүлде берілмейді.",
        "Обязательное поле: если его нет или значение не подходит, вся передача отклоняется.",
        "Required: if it is missing or its value does not fit, the whole transfer is refused.",
    ),
    "optional": (
        "Міндетті емес өріс: мәні сәйкес келмесе, тек осы өріс берілмейді.",
        "Необязательное поле: если значение не подходит, не передаётся только оно.",
        "Optional: if its value does not fit, this field alone stays home.",
    ),
    "category": ("Деректер санаты: {title}.", "Категория данных: {title}.", "Category of data: {title}."),
    "type": ("Мәнінің түрі: {title}.", "Вид значения: {title}.", "Type of value: {title}."),
    "transform": ("Түрлендіру: {title}.", "Преобразование: {title}.", "Transformed: {title}."),
    "sources": (
        "Мәні мына жолдан алынады: {paths}.",
        "Значение берётся из: {paths}.",
        "The value is read from: {paths}.",
    ),
    "feeds": (
        "Мұнда тұрған мән мынадай жолмен беріледі: {paths}.",
        "Отсюда берётся то, что уходит как: {paths}.",
        "What stands here leaves as: {paths}.",
    ),
    "class_field": (
        "Алушылар тобының картасындағы өріс: {field}.",
        "Поле карты класса: {field}.",
        "Field of the class map: {field}.",
    ),
    "one_of": ("Рұқсат етілген мәндер: {value}.", "Допустимые значения: {value}.", "Values: {value}."),
    "pattern": ("Мәннің үлгісі: {value}", "Образец значения: {value}", "Pattern of the value: {value}"),
    "max_length": ("Ең көп таңба саны: {value}.", "Знаков, не больше: {value}.", "Characters, at most: {value}."),
    "minimum": ("Ең кіші мәні: {value}.", "Наименьшее значение: {value}.", "Least value: {value}."),
    "maximum": ("Ең үлкен мәні: {value}.", "Наибольшее значение: {value}.", "Greatest value: {value}."),
    "places": (
        "Үтірден кейінгі ең көп таңба саны: {value}.",
        "Знаков после запятой, не больше: {value}.",
        "Decimal places, at most: {value}.",
    ),
    "max_items": ("Ең көп элемент саны: {value}.", "Элементов, не больше: {value}.", "Items, at most: {value}."),
    "min_items": ("Ең аз элемент саны: {value}.", "Элементов, не меньше: {value}.", "Items, at least: {value}."),
    "hosts": ("Рұқсат етілген сайттар: {value}.", "Допустимые сайты: {value}.", "Hosts: {value}."),
    "generic": (
        "Мәннің орнына жазылатын мәтін: «{value}».",
        "Текст вместо значения: «{value}».",
        "The text in its place: “{value}”.",
    ),
    "template": ("Үлгі мәтін: «{value}».", "Шаблон: «{value}».", "Template: “{value}”."),
    "because": ("Негіздемесі: «{because}».", "Обоснование: «{because}».", "Because: “{because}”."),
    "constant": (
        "Алушы интерфейсінің тұрақты шамасы, адам туралы дерек емес.",
        "Постоянная величина интерфейса получателя, не о человеке.",
        "A constant of the recipient's API, not about a person.",
    ),
    # A field that stays.
    "stays": ("Берілмейді: {reason}.", "Не передаётся: {reason}.", "It stays home: {reason}."),
    "not_in_map": (
        "Картада аталмаған дерек ешқайда берілмейді.",
        "Что карта не называет, никуда не уходит.",
        "What the map does not name never leaves.",
    ),
    "never": (
        "«{word}» атауы ешбір карта өткізе алмайтын атаулар тізімінде тұр ({group}).",
        "Имя «{word}» стоит в списке имён, которые не может пропустить ни одна карта ({group}).",
        "The name “{word}” is on the list of names that no map can let through ({group}).",
    ),
    "special": (
        "«{word}» атауы деректердің ерекше санатын білдіреді ({group}). Мұндай деректер өңделмейді, дабыл беріледі.",
        "Имя «{word}» называет особую категорию данных ({group}). Такие данные не обрабатываются, поднимается тревога.",
        "The name “{word}” names a special category ({group}). Such data is not processed, and an alarm is raised.",
    ),
    "special_refuses": (
        "Мұндай атау кездессе, деректер мүлде берілмейді.",
        "Если такое имя встретилось, отклоняется вся передача.",
        "Where such a name is met, the whole transfer is refused.",
    ),
    "withheld": (
        "Алушының файлы бұл өрісті өзіне бергізбейді (withhold).",
        "Файл получателя оставляет это поле дома (withhold).",
        "The recipient's file keeps this field home (withhold).",
    ),
    "dropped": (
        "Бұл картада адамдар жазған мәтін берілмейді (text: drop).",
        "По этой карте написанный людьми текст не уходит (text: drop).",
        "By this map no text that people wrote leaves (text: drop).",
    ),
    "role": (
        "Алушылар тобының картасы бұл өрісті мына шартпен ғана береді: {condition}. Бұл алушыда: {own}.",
        "Карта класса даёт это поле только при условии: {condition}. У этого получателя: {own}.",
        "The class map has this field only if {condition}. This recipient has: {own}.",
    ),
    "no_word": (
        "Алушылар тобының картасы бұл өрісті мына шартпен ғана береді: {condition}. Бұл алушының интерфейсінде: {own}.",
        "Карта класса даёт это поле только при условии: {condition}. В интерфейсе этого получателя: {own}.",
        "The class map has this field only if {condition}. In this recipient's API {own}.",
    ),
    "unbound": (
        "Алушылар тобының картасында бұл өріс бар, бірақ осы алушының интерфейсінде оған орын жоқ.",
        "В карте класса это поле есть, но в интерфейсе этого получателя ему нет места.",
        "The class map has this field, but this recipient's body has no place for it.",
    ),
    "elsewhere": (
        "Бұл алушыға дене оның өз жолдарымен жіберіледі. Өрістің ондағы жолы: {paths}.",
        "Этому получателю тело отправляют в его собственных путях. Там это поле: {paths}.",
        "Bodies for this recipient are in its own paths. There the field is: {paths}.",
    ),
    "part": (
        "Бұл мән емес, ішінде өрістері бар бөлік. Ішіндегі өрістер: {paths}.",
        "Это не значение, а часть, внутри которой лежат поля: {paths}.",
        "This is no value but a part that holds fields: {paths}.",
    ),
    "below": (
        "Картада бұл жерде бір ғана мән тұр: {path}. Оның ішіндегі дерек берілмейді.",
        "Карта знает здесь одно значение: {path}. Что лежит внутри него, не передаётся.",
        "The map knows one value here: {path}. What lies inside it stays home.",
    ),
    "spelled": (
        "Картада бұл жол былай жазылады: {path}.",
        "В карте этот путь пишется так: {path}.",
        "In the map this path is spelled: {path}.",
    ),
    "read": (
        "Бұл мән тек шешім қабылдау үшін оқылады, өзі берілмейді.",
        "Это значение только читается, чтобы принять решение; само оно не передаётся.",
        "This value is read to decide, and does not leave itself.",
    ),
    "decides": ("Оған мына өрістер тәуелді: {paths}.", "От него зависят поля: {paths}.", "On it depend: {paths}."),
    "means": (
        "Алушының мәндері бұл жол үшін нені білдіреді: {values}.",
        "Что значения получателя означают для этого пути: {values}.",
        "What the recipient's values mean for this path: {values}.",
    ),
    "comes_back": (
        "Алушының жауабынан бұл жол платформаға қайтарылады.",
        "Из ответа получателя этот путь возвращается на платформу.",
        "Of the recipient's answer, this path comes back to the platform.",
    ),
    # Whose data, and what comes back.
    "serves_values": (
        "Тек мына шартқа сай деректер беріледі: {condition}.",
        "Только данные, для которых выполнено: {condition}.",
        "Only data where {condition}.",
    ),
    "serves_set": (
        "«{path}» мәні платформа жүргізетін жиында болуы керек: {name}.",
        "Значение «{path}» должно входить в набор, который ведёт платформа: {name}.",
        "The value of “{path}” must be in a set that the platform keeps: {name}.",
    ),
    "items": (
        "«{array}» ішінен тек субъектінің өзі туралы элементтер беріледі. Кім туралы екенін көрсететін жол: {leaf}.",
        "Из «{array}» передаются только элементы о самом субъекте. Путь, который говорит, о ком элемент: {leaf}.",
        "Of “{array}”, only items about the subject itself leave. The path that says whose an item is: {leaf}.",
    ),
    "subject_from": (
        "Субъект аталатын жол: {path}.",
        "Путь, который называет субъекта: {path}.",
        "The path that names the subject: {path}.",
    ),
    "serves_anyone": (
        "Алушының файлы адамдар шеңберін шектемейді.",
        "Файл получателя не ограничивает круг людей.",
        "The recipient's file does not limit whose data it is.",
    ),
    "answer_none": (
        "Жауап картасы жоқ: алушының жауабы платформаға сол күйінде қайтарылады.",
        "Карты ответа нет: ответ получателя возвращается на платформу как есть.",
        "There is no answer map: the recipient's answer comes back to the platform as it is.",
    ),
    "rest": (
        "Қалғанының бәрі берілмейді.",
        "Всё остальное не передаётся.",
        "Everything else stays home.",
    ),
    # Parts of sentences.
    "line": ("«{path}» мәні — {values}", "значение «{path}» — {values}", "“{path}” is {values}"),
    "no_value": ("көрсетілмеген", "не указано", "not stated"),
    "no_word_for": ("оған орын жоқ", "такого места нет", "a value that has no place"),
    "and": (" және ", " и ", " and "),
    "or": (" немесе ", " или ", " or "),
    "or_else": ("; немесе ", "; или ", "; or "),
}
"""By key: the wordings in Kazakh, Russian and English."""

_SPOKEN: Final[Mapping[Language, int]] = {_KK: 0, _RU: 1, _EN: 2}
_TIMES: Final[Mapping[str, Mapping[Language, tuple[str, str, str]]]] = {
    "years": {_KK: ("жыл",) * 3, _RU: ("год", "года", "лет"), _EN: ("year", "years", "years")},
    "months": {_KK: ("ай",) * 3, _RU: ("месяц", "месяца", "месяцев"), _EN: ("month", "months", "months")},
    "days": {_KK: ("күн",) * 3, _RU: ("день", "дня", "дней"), _EN: ("day", "days", "days")},
}
"""For one, for two to four, for more."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks in one language."""

    language: Language

    def __call__(self, key: str, /, **values: str) -> str:
        """The sentence of this key, with its values in their places."""
        return SENTENCES[key][_SPOKEN[self.language]].format(**values)

    def title(self, titles: Titles | Mapping[str, str]) -> str:
        """One title in this language."""
        return {str(language): text for language, text in titles.items()}[self.language]

    def any_of(self, values: Iterable[str]) -> str:
        """Values, any of which will do."""
        return self("or").join(values)

    def condition(self, when: When) -> str:
        """A condition as part of a sentence."""
        tables = [self("and").join(self.line(path_text(line.path), line.values) for line in table) for table in when]
        return self("or_else").join(tables)

    def line(self, path: str, values: Iterable[str]) -> str:
        """One line of a condition: what the value at a path is."""
        return self("line", path=path, values=self.any_of(values))

    def period(self, retention: Retention) -> str:
        """How long, in words."""
        counted = (("years", retention.years), ("months", retention.months), ("days", retention.days))
        return " ".join(f"{number} {self._counted(unit, number)}" for unit, number in counted if number)

    def _counted(self, unit: str, number: int) -> str:
        one, few, many = _TIMES[unit][self.language]
        if self.language is Language.EN:
            return one if number == 1 else many
        if number % 10 == 1 and number % 100 != 11:  # noqa: PLR2004 -- as Russian counts
            return one
        return few if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else many

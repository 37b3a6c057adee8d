from __future__ import annotations

import re
from pathlib import Path as FilePath
from string import Formatter

import pytest

from gateway.canonical import parse_path
from gateway.model import Match, Retention
from gateway.purpose.explained import sentences
from gateway.purpose.explained.sentences import SENTENCES, Voice
from gateway.purpose.explained.titles import Language
from tests.unit.purpose.explained.conftest import EN, KK, RU

KAZAKH = re.compile("[әіңғүұқөһ]", re.IGNORECASE)
CYRILLIC = re.compile("[а-я]", re.IGNORECASE)


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", SENTENCES)
def test_the_three_wordings_hold_the_same_values(key: str) -> None:
    kk, ru, en = SENTENCES[key]

    assert names(kk) == names(ru) == names(en)
    assert kk.endswith(".") == ru.endswith(".") == en.endswith(".")
    assert CYRILLIC.search(ru)
    assert not CYRILLIC.search(en)
    assert not KAZAKH.search(ru)


@pytest.mark.parametrize("key", SENTENCES)
def test_no_wording_bends_a_value(key: str) -> None:
    """A value stands after a colon, a dash or in quotes or brackets, and no letter follows it at once."""
    bent = [text for text in SENTENCES[key] if re.search(r"\}[^\W_]|\}'|\}-", text)]

    assert bent == []


def test_no_sentence_is_left_unsaid() -> None:
    folder = FilePath(sentences.__file__).parent
    said = "".join(path.read_text("utf-8") for path in folder.glob("*.py") if path.name != "sentences.py")
    spoken = FilePath(sentences.__file__).read_text("utf-8").partition("class Voice")[2]

    bounds = {"max_length", "minimum", "maximum", "places", "max_items", "min_items", "template", "generic"}
    assert [key for key in SENTENCES if f'"{key}"' not in said + spoken and key not in bounds] == []


@pytest.mark.parametrize(
    ("retention", "kk", "ru", "en"),
    [
        (Retention(years=1), "1 жыл", "1 год", "1 year"),
        (Retention(years=5), "5 жыл", "5 лет", "5 years"),
        (Retention(years=2, months=6), "2 жыл 6 ай", "2 года 6 месяцев", "2 years 6 months"),
        (Retention(days=30), "30 күн", "30 дней", "30 days"),
        (Retention(days=11), "11 күн", "11 дней", "11 days"),
        (Retention(days=21, months=1), "1 ай 21 күн", "1 месяц 21 день", "1 month 21 days"),
        (Retention(days=22), "22 күн", "22 дня", "22 days"),
        (Retention(days=112), "112 күн", "112 дней", "112 days"),
    ],
)
def test_a_period_is_counted_as_each_language_counts(retention: Retention, kk: str, ru: str, en: str) -> None:
    assert (KK.period(retention), RU.period(retention), EN.period(retention)) == (kk, ru, en)


def test_a_condition_is_part_of_a_sentence() -> None:
    scope, role = parse_path("ticket.scope"), parse_path("recipient.role")
    when = ((Match(scope, ("apartment", "house")), Match(role, ("carrier",))), (Match(role, ("seller",)),))

    assert EN.condition(when) == (
        "“ticket.scope” is apartment or house and “recipient.role” is carrier; or “recipient.role” is seller"
    )
    assert (
        RU.condition(when[:1]) == "значение «ticket.scope» — apartment или house и значение «recipient.role» — carrier"
    )
    assert KK.condition(when[1:]) == "«recipient.role» мәні — seller"


@pytest.mark.parametrize("language", Language)
def test_a_title_is_the_one_of_the_language(language: Language) -> None:
    assert Voice(language).title({"kk": "kk", "ru": "ru", "en": "en"}) == language

"""What of a sentence goes with a word of a special category, and what stays (T13)."""

from __future__ import annotations

import re
import time

import pytest

from gateway.minimise.text.findings import Finding
from gateway.minimise.text.phrases import EMERGENCY, LITTLE_LEFT, notes, phrases


def gone(text: str, *listed: str) -> list[str]:
    words = [Finding(text.index(word), text.index(word) + len(word), "health") for word in listed]
    return [text[start:end] for start, end, _kind in phrases(text, words)]


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("в подъезде дым, у ребёнка астма", "астма", "у ребёнка астма"),
        ("в подъезде дым у ребёнка астма", "астма", "у ребёнка астма"),
        ("Лифт стоит, а я инвалид второй группы", "инвалид", "я инвалид второй группы"),
        ("Прошу учесть: у моей мамы сахарный диабет 2 типа.", "диабет", "у моей мамы сахарный диабет 2 типа"),
        ("живёт лежачий больной, тише", "лежачий", "лежачий"),
        ("муж после инсульта не спустится", "инсульта", "муж после инсульта"),
        ("у сына аллергия на краску, красьте потом", "аллергия", "у сына аллергия на краску"),
        ("баламда астма бар, түтін көп", "астма", "баламда астма бар"),
        ("Анам мүгедек, 1-топ, лифт тоқтады", "мүгедек", "Анам мүгедек, 1-топ"),
        ("әжемнің қант диабеті бар", "диабеті", "әжемнің қант диабеті бар"),
        ("Smoke here, my child has asthma.", "asthma", "my child has asthma"),
        ("нужен врач, диагноз поставили вчера", "диагноз", "диагноз"),
    ],
)
def test_the_phrase_goes_and_not_the_sentence(text: str, word: str, expected: str) -> None:
    assert gone(text, word) == [expected]


def test_two_phrases_that_a_comma_parts_are_one() -> None:
    assert gone("Мама лежачая, инвалид 1 группы, тише", "лежачая", "инвалид") == ["Мама лежачая, инвалид 1 группы"]


def test_two_phrases_with_words_between_them_are_two() -> None:
    assert gone("я инвалид и прошу учесть диагноз", "инвалид", "диагноз") == ["я инвалид", "диагноз"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("нужен пандус для инвалидов", "инвалидов"),
        ("инвалидная коляска стоит в подъезде", "инвалидная"),
        ("парковка для инвалидов занята", "инвалидов"),
        ("больной вопрос: мусор", "больной"),
        ("желаю вам здоровья", "здоровья"),
        ("аурухананың жанындағы үй", "аурухананың"),
        ("the intercom is disabled", "disabled"),
        ("diagnostics of the boiler", "diagnostics"),
        ("отпечатки обуви на полу", "отпечатки"),
        ("глухая стена во дворе", "глухая"),
    ],
)
def test_what_is_said_of_a_thing_and_of_nobody_stays(text: str, word: str) -> None:
    assert gone(text, word) == []


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("муж на инвалидной коляске", "инвалидной коляске", "муж на инвалидной коляске"),
        ("әжем ауруханада жатыр", "ауруханада", "әжем ауруханада жатыр"),
        ("she is disabled", "disabled", "she is disabled"),
    ],
)
def test_the_same_said_of_a_person_goes(text: str, word: str, expected: str) -> None:
    assert gone(text, word) == [expected]


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("в подъезде дым, у ребёнка астма", "у ребёнка астма", (EMERGENCY,)),
        ("у ребёнка астма, газ", "у ребёнка астма", (EMERGENCY, LITTLE_LEFT)),
        ("у ребёнка астма", "у ребёнка астма", (LITTLE_LEFT,)),
        ("өрт шықты, анам мүгедек", "анам мүгедек", (EMERGENCY,)),
        ("there is a fire, she has asthma", "she has asthma", (EMERGENCY,)),
        ("газовая плита не работает, я инвалид", "я инвалид", ()),
        ("лифт стоит второй день, я инвалид", "я инвалид", ()),
    ],
)
def test_emergencies_beside_it_and_texts_of_which_little_is_left_are_noted(
    text: str, word: str, expected: tuple[str, ...]
) -> None:
    start = text.index(word)

    assert notes(text, [Finding(start, start + len(word), "health")], frozenset({"health"})) == expected


def test_an_emergency_beside_a_number_is_no_note() -> None:
    assert notes("пожар в доме 87000000123", [Finding(13, 24, "phone")], frozenset({"health"})) == ()


def test_a_text_without_letters_has_no_notes() -> None:
    assert notes("87000000123", [Finding(0, 11, "phone")], frozenset({"health"})) == ()


@pytest.mark.parametrize("text", ["у мамы инвалид ", "для инвалидов ", "инвалид, ", "инвалид", "у у у инвалид 1 1 1 "])
def test_time_grows_with_the_length(text: str) -> None:
    took = []
    for times in (500, 4_000):
        once = text * times
        words = [Finding(met.start(), met.end(), "health") for met in re.finditer("инвалид(ов)?", once)]
        began = time.process_time()
        phrases(once, words)
        took.append(time.process_time() - began)

    assert took[1] < 40 * took[0] + 0.05

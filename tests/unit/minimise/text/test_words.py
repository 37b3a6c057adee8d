"""Words of special categories in sentences (T13)."""

from __future__ import annotations

import pytest

from gateway.minimise.text.words import SpecialWords
from tests.rules import HEALTH, LEXICON


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind) for start, end, kind in SpecialWords(LEXICON.special).find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Поставили ДИАГНОЗ вчера", ["ДИАГНОЗ"], id="a whole word, in capitals"),
        pytest.param("диагнозы", [], id="a whole word is not a stem"),
        pytest.param("Мама лежачая, инвалид 1 группы", ["Мама лежачая, инвалид 1 группы"], id="a phrase around"),
        pytest.param("сын-инвалид откроет", ["сын-инвалид"], id="after a hyphen"),
        pytest.param("группа  инвалидности", ["группа  инвалидности"], id="a phrase"),
        pytest.param("бои\u0306", [], id="decomposed, another word"),
        pytest.param("группа жильцов", [], id="half a phrase"),
        pytest.param("Анам мүгедек", ["Анам мүгедек"], id="Kazakh"),
        pytest.param("ауруы", [], id="Kazakh, another word"),
        pytest.param("type 2 Diabetes.", ["Diabetes"], id="English"),
        pytest.param("Straße, инвалид", ["инвалид"], id="after a letter that folds to two"),
        pytest.param("Течёт стояк", [], id="an ordinary sentence"),
    ],
)
def test_listed_words_are_found_and_others_are_not(text: str, expected: list[str]) -> None:
    assert found(text) == [(word, "health") for word in expected]


def test_an_empty_lexicon_finds_nothing() -> None:
    assert list(SpecialWords(()).find("диагноз")) == []


def test_a_phrase_is_found_as_a_whole_whatever_its_end_is_called() -> None:
    assert found("группе инвалидности")[0] == ("группе инвалидности", HEALTH.group)

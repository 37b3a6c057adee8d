"""A label speaks the language of the text that it stands in."""

from __future__ import annotations

import pytest

from gateway.minimise.text.labels import labels, language
from gateway.minimise.text.scrub import registry
from tests.rules import LEXICON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Лифт тоқтап қалды", "kk"),
        ("Ірі", "kk"),
        ("Течёт стояк", "ru"),
        ("The lift stands, ul. Lenina", "en"),
        ("", "en"),
        ("Lift на 5", "ru"),
    ],
)
def test_the_language_shows_in_the_letters(text: str, expected: str) -> None:
    assert language(text) == expected


def test_every_kind_that_can_be_found_has_a_label_in_each_language() -> None:
    named = labels(LEXICON.special)

    for recogniser in registry(LEXICON):
        for kind in recogniser.kinds:
            assert set(named[kind]) == {"kk", "ru", "en"}


def test_a_special_category_is_called_by_its_title_or_else_its_group() -> None:
    named = labels(LEXICON.special)

    assert named["health"]["kk"] == "[ДЕНСАУЛЫҚ]"
    assert named["race"] == {"kk": "[RACE]", "ru": "[НАЦИОНАЛЬНОСТЬ]", "en": "[RACE]"}

"""Every word of the closed lists that people may read has its three titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.model import BasisKind, FieldType, Protection, Transform, WithheldReason
from gateway.purpose.explained.titles import BASES, NEVER, PROTECTIONS, REASONS, TRANSFORMS, TYPES, Language
from tests.unit.purpose.explained.conftest import CDEK, sources


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        (FieldType, TYPES),
        (Transform, TRANSFORMS),
        (WithheldReason, REASONS),
        (BasisKind, BASES),
        (Protection, PROTECTIONS),
        (sources(*CDEK).policy_values["never"], NEVER),
    ],
    ids=["types", "transforms", "reasons", "bases", "protections", "names that never leave"],
)
def test_no_word_lacks_a_title(words: Any, titles: Mapping[str, Mapping[Language, str]]) -> None:
    assert set(words) == set(titles)
    assert all(one.keys() == set(Language) for one in titles.values())


@pytest.mark.parametrize("part", ["categories", "recipient_classes", "special_categories"])
def test_what_the_taxonomy_titles_has_three_titles_too(part: str) -> None:
    titles = [one["title"] for one in sources(*CDEK).policy_values[part].values()]

    assert titles
    assert all(one.keys() == set(Language) and all(one.values()) for one in titles)


@pytest.mark.parametrize("language", Language)
def test_no_two_words_of_a_list_are_told_alike(language: Language) -> None:
    lists: list[Mapping[Any, Mapping[Language, str]]] = [TYPES, TRANSFORMS, REASONS, BASES, PROTECTIONS, NEVER]

    alike = [one for one in lists if len({titles[language] for titles in one.values()}) != len(one)]

    assert alike == []

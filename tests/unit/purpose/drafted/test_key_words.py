from __future__ import annotations

import pytest

from gateway.purpose.drafted.key_words import OTHER_NAMES, about_people, other_names, parts, whose, words
from tests.unit.purpose.explained.conftest import loaded, sources
from tests.unit.purpose.samples import OUR_MAPS


def test_every_name_belongs_to_a_field_of_a_class_map() -> None:
    fields = {rule.path[-1].key for pair in loaded(OUR_MAPS).maps for rule in sources(*pair).rules.fields}

    assert OTHER_NAMES.keys() - fields == set()


def test_a_field_is_known_by_its_other_names_in_three_languages() -> None:
    assert {("tel",), ("телефон",), ("телефон", "нөмірі"), ("phones", "number")} <= other_names("phone")
    assert other_names("no_such_field") == frozenset()


@pytest.mark.parametrize(
    ("key", "groups"),
    [
        ("to_location", {"recipient"}),
        ("senderAddress", {"sender"}),
        ("packages", {"packages"}),
        ("route_points", {"points"}),
        ("Получатель", {"recipient"}),
        ("entity", set()),
    ],
)
def test_a_key_tells_whose_value_it_is(key: str, groups: set[str]) -> None:
    assert whose(key) == groups


def test_what_speaks_of_people_is_known_by_any_of_its_names() -> None:
    assert {("sflat",), ("fio",), ("zip", "code")} <= about_people()
    assert ("code",) not in about_people()
    assert set(parts(("a", "b"))) == {("a",), ("a", "b"), ("b",)}
    assert words("zip_code a") == {"zip", "code", "a"}

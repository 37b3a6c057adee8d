from __future__ import annotations

from gateway.canonical import parse_path
from gateway.purpose.drafted.kinds import Kind
from gateway.purpose.drafted.seen import HIDDEN, VALUES_MOST, Leaf, of_one_kind, see
from tests.unit.purpose.drafted.conftest import leaf, leaves


def test_every_leaf_is_seen_by_its_path() -> None:
    found = leaves('{"a": {"b": [{"c": 1}, {"c": "x", "d": null}]}, "e": ["y"], "f": []}')

    assert found.keys() == {"a.b[].c", "e[]"}
    assert (found["a.b[].c"].count, found["a.b[].c"].kinds) == (2, {Kind.INTEGER, Kind.CODE})


def test_what_has_no_path_is_not_seen() -> None:
    assert leaves("[[1], [2]]") == {}
    assert leaves('{"a": [[1]]}') == {}
    assert leaves('"text"') == {}


def test_a_key_that_may_be_about_a_person_is_hidden() -> None:
    """T14."""
    found = leaves('{"87000000125": "wife", "Примеров Тест": 1, "o.obraztsova@example.com": 2, "ok": 3}')

    assert found.keys() == {'"~"', "ok"}
    assert found['"~"'].hidden
    many = {f"k{number}": "v" for number in range(300)}
    into: dict[object, Leaf] = {}
    see(dict(many), into)  # type: ignore[arg-type] # keys are paths
    assert [one.path[0].key for one in into.values()] == [HIDDEN]


def test_few_values_are_kept_and_none_is_shown() -> None:
    one = leaf("a", *(str(number) for number in range(100)))

    assert (len(one.values), one.count) == (VALUES_MOST, 100)
    assert "values" not in repr(one)


def test_what_is_two_kinds_of_thing_is_neither() -> None:
    paths = ["a", "a.b", "c[].d", "c.d", "e"]

    found = [one.path for one in of_one_kind({parse_path(path): leaf(path, "x") for path in paths})]

    assert found == [parse_path("e")]

from __future__ import annotations

from dataclasses import replace

from gateway.canonical import parse_path
from gateway.model import FieldRule, FieldType, Transform
from gateway.purpose.explained.rules import lines_of, what_it_is
from tests.unit.purpose.explained.conftest import CDEK, EN, KK, RU, sources


def test_every_bound_of_a_rule_is_told() -> None:
    path = parse_path("a[].b")
    bounded = FieldRule(
        path=path,
        sources=(parse_path("a[].c"),),
        category="name",
        type=FieldType.STRING,
        transform=Transform.MASK,
        one_of=("x", "y"),
        pattern="[xy]",
        max_length=1,
        minimum="1",
        maximum="2",
        places=3,
        max_items=4,
        min_items=5,
        hosts=("h.example",),
        template="t {a}",
        generic="g",
        because="§5",
    )

    told = {line.key: line.text for line in what_it_is(bounded, sources(*CDEK), EN)}

    assert told["one_of"] == "Values: x, y."
    assert told["sources"] == "The value is read from: a[].c."
    assert told["template"] == "Template: “t {a}”."
    silent = {"path", "required", "when", "location", "because", "category", "type", "transform", "sources"}
    assert told.keys() == {"category", "type", "transform", "sources"} | (set(FieldRule.__slots__) - silent)


def test_a_rule_says_whether_it_leaves_what_it_is_and_why() -> None:
    found = sources(*CDEK)
    phone = found.leaving[parse_path("recipient.phones[].number")]
    city = found.leaving[parse_path("to_location.city")]

    assert [line.key for line in lines_of(phone, found, RU, "file:1")][:2] == ["leaves", "required"]
    assert next(lines_of(city, found, RU, "file:1")) == (
        "leaves_if",
        "Передаётся только при условии: значение «tariff_code» — 139 или 137.",
        "file:1",
    )
    assert next(lines_of(city, found, KK, "file:1")).text == (
        "Мына шарт орындалғанда ғана беріледі: «tariff_code» мәні — 139 немесе 137."
    )
    assert [line.key for line in lines_of(replace(city, when=()), found, EN, "")][-1] == "because"


def test_a_constant_is_called_one() -> None:
    found = sources(*CDEK)

    told = [line.key for line in lines_of(found.leaving[parse_path("type")], found, EN, "file:1")]

    assert told[-1] == "constant"
    assert "because" not in told

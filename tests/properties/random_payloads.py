"""Random payloads for random plans: right, nearly right and wrong values, what no map knows, and what is in the way."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from gateway.canonical import Node, Number, Path
from gateway.model import FieldType, Plan
from tests.properties.random_maps import (
    CSV,
    CSV_1251,
    FLAT,
    FORMATS,
    GOOD,
    JSON,
    NDJSON,
    SUBJECT,
    XML,
    Leaf,
    random_leaves,
    random_plan,
    root_of,
)

# What only looks like a value of its type, breaks a bound, or names a person where no one may be named.
HIDDEN: Final = (
    "900101100103", "ORD-900101100103", "9001 0110 0103", "87000000123", "заказ +7 700 000 01 23",
    "4111 1111 1111 1111", "test.primerov@example.com", "991240999991", "KZ86125KZT5004100100", "KZ86125KZT5004100101",
)  # fmt: skip
NEARLY: Final[dict[FieldType, tuple[str, ...]]] = {
    FieldType.STRING: (*HIDDEN, "y" * 40, "KZT", "a\u200bb"),
    FieldType.TEXT: ("z" * 60,),
    FieldType.INTEGER: ("5.0", "007", "+5", "1e3", "сто", "900101100103", "900101100104", "4111111111111111"),
    FieldType.DECIMAL: (
        "1,5",
        ".5",
        "1.2.3",
        "007",
        "87000000123",
        "900101100103.00",
        "900101100104.00",
        "90010.1100103",
        "1.235",
    ),
    FieldType.BOOLEAN: ("True", "1", "yes"),
    FieldType.DATE: ("2023-02-29", "20210601", "01.06.2021", "2021-06-01T00:00:00Z"),
    FieldType.DATETIME: ("2026-11-20T08:40:00", "2026-11-20", "2026-02-30T08:40:00Z"),
    FieldType.PERIOD: ("2026-13", "2026-1", "202610"),
    FieldType.AREA: ("1.234", "54 m2", "1000000"),
    FieldType.SHARE: ("2/1", "1/0", "0/1", "1"),
    FieldType.POSTAL_INDEX: ("14000", "s00a1b2", "1400000"),
    FieldType.PHONE: ("900101100103", "55-12-34", "жена: 87000000124"),
    FieldType.EMAIL: ("a@b", "test.primerov", "a@example.com, b@example.com"),
    FieldType.URL: ("http://pay.example.com/cb", "https://evil.example.com/", "https://pay.example.com/u/87000000123"),
}
NAMES: Final = ("Тест", "Примеров Тест", "Примеров Тест Образцович", "Сынақ", "5", "", "Primerov Test")
UNKNOWN: Final = (
    "extra", "iin", "ownerIin", "ip", "diagnosis", "benefit_category", "nationality", "main_diagnosis", "a", "o", "x",
    "Заметка", "made", "door_code",
)  # fmt: skip
NUMERIC: Final = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.AREA)


@dataclass
class Case:
    """One plan, one payload, and the content type that it comes in."""

    content_type: str
    plan: Plan
    payload: Node


def random_case(randomness: random.Random) -> Case:
    """A plan and a payload for it."""
    content_type = randomness.choice(FORMATS)
    leaves = random_leaves(content_type, randomness)
    plan = random_plan(content_type, leaves, randomness)
    tree = _object((), leaves, plan, content_type, randomness)
    if content_type in (NDJSON, CSV, CSV_1251):
        tree.setdefault("records", [])
    return Case(content_type, plan, tree)


def _object(
    base: Path, leaves: list[Leaf], plan: Plan, content_type: str, randomness: random.Random
) -> dict[str, Node]:
    made: dict[str, Node] = {}
    root = root_of(content_type)
    steps = list(dict.fromkeys(leaf.path[len(base)] for leaf in leaves if leaf.path[: len(base)] == base))
    randomness.shuffle(steps)
    for step in steps:
        here = (*base, step)
        if len(here) <= len(root) or randomness.random() > 0.1:
            made[step.key] = _member(here, leaves, plan, content_type, randomness)
    if base[: len(root)] == root:
        _litter(made, content_type, randomness)
    if content_type == XML:
        made = {key: value for key, value in made.items() if value not in (None, "", [])}
    if content_type in FLAT and base == root:
        made = {key: value for key, value in made.items() if value not in (None, "")}
    return made


def _member(here: Path, leaves: list[Leaf], plan: Plan, content_type: str, randomness: random.Random) -> Node:
    found = next((leaf for leaf in leaves if leaf.path == here), None)
    odd = content_type in (JSON, NDJSON) and here != root_of(content_type) and randomness.random() < 0.06
    if here[-1].each:
        if odd:
            return _any_of([None, "text", {"a": "1", "iin": "2"}, Number("7"), [["a"], "b", None]], randomness)
        items: list[Node] = []
        for _ in range(randomness.choice([0, 1, 1, 2, 2, 3, 4])):
            one = _leaf(found, content_type, randomness) if found else None
            items.append(one if found else _item(here, leaves, plan, content_type, randomness))
        return items
    if found:
        return _leaf(found, content_type, randomness)
    if odd:
        return _any_of([None, "text", [], [{"a": "1"}], True], randomness)
    return _object(here, leaves, plan, content_type, randomness)


def _any_of(nodes: list[Node], randomness: random.Random) -> Node:
    return randomness.choice(nodes)


def _item(here: Path, leaves: list[Leaf], plan: Plan, content_type: str, randomness: random.Random) -> Node:
    if content_type in (JSON, NDJSON) and here != root_of(content_type) and randomness.random() < 0.05:
        return _any_of([None, None, "text", ["a"], Number("1")], randomness)
    made = _object(here, leaves, plan, content_type, randomness)
    about = plan.about.get(here)
    alone = not any(isinstance(child, list) for child in made.values())
    if (
        about is not None
        and randomness.random() < 0.7
        and len(about) == len(here) + 1
        and (content_type != XML or alone)
    ):
        made[about[-1].key] = SUBJECT
    return made


def _leaf(leaf: Leaf, content_type: str, randomness: random.Random) -> Node:
    chance = randomness.random()
    nested = content_type in (JSON, NDJSON)
    if chance < 0.06:
        return None
    if nested and chance < 0.12:
        return _any_of([{"iin": "1"}, {"x": "y"}, ["abc"], [], {}, True, Number("7"), [{"diagnosis": "z"}]], randomness)
    if leaf.names and chance < 0.9:
        text = randomness.choice(NAMES)
    else:
        text = randomness.choice((NEARLY if chance < 0.25 else GOOD)[leaf.type])
    if content_type == CSV_1251:
        text = text.encode("cp1251", "ignore").decode("cp1251")
    if nested and leaf.type in NUMERIC and randomness.random() < 0.7 and _is_number(text):
        return Number(text)
    if nested and leaf.type is FieldType.BOOLEAN and text in ("true", "false") and randomness.random() < 0.7:
        return text == "true"
    return text


def _is_number(text: str) -> bool:
    whole, _, rest = text.removeprefix("-").partition(".")
    return whole.isdecimal() and (whole == "0" or whole[0] != "0") and ("." not in text or rest.isdecimal())


def _litter(made: dict[str, Node], content_type: str, randomness: random.Random) -> None:
    """Names that no map has, names that no map may have, and names of the map where they do not belong."""
    while randomness.random() < 0.4:
        key = randomness.choice(UNKNOWN)
        if content_type in FLAT:
            made.setdefault(key, "s")
        elif content_type == XML:
            made.setdefault(f"@{key}", "s")
            if randomness.random() < 0.3 and "#text" not in made:
                made.setdefault(f"{key}-e", [{"@iin": "1"}, {"#text": "s"}])
        else:
            deep: Node = {"iin": "1", "b": {"diagnosis": None}}
            deeper: Node = [{"extra": {"ip": "2"}}, "t", [{"nationality": "n"}]]
            made.setdefault(key, _any_of(["s", True, None, Number("7"), deep, deeper, {}, []], randomness))

"""Random purpose maps and random payloads for them, every leaf with a token of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.deployment import PAIRS
from tests.e2e.oracle import Tokens

CLASSES = {
    "managing_company": ("resident_register", "management_services", "service_request"),
    "marketplace_partner": ("service_fulfilment", "goods_delivery"),
    "payment_provider": ("payment",),
}
_WORDS = ("alpha", "bravo", "delta", "echo", "kilo", "lima", "mike", "oscar", "papa", "romeo", "tango", "zulu")
_UNKNOWN = (
    "diagnosis",
    "iin",
    "passport",
    "birth_date",
    "nationality",
    "benefit_category",
    "intercom_code",
    "extra",
    "~x",
)
_NEVER_TEXT = "§5; §3, invented for a test"

Rule = dict[str, Any]


def random_maps(folder: Path, randomness: random.Random) -> dict[str, dict[str, Rule]]:
    """Write a random class map for every pair of the policy; purpose → path → rule."""
    made: dict[str, dict[str, Rule]] = {}
    yaml = YAML()
    for name, purposes in CLASSES.items():
        path = folder / f"{name}.yaml"
        text = yaml.load(path.read_text(encoding="utf-8"))
        for purpose in purposes:
            made[purpose] = _random_fields(randomness)
            text["purposes"][purpose]["fields"] = made[purpose]
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(text, file)
    for recipient in (folder / "recipients").glob("*.yaml"):
        text = yaml.load(recipient.read_text(encoding="utf-8"))
        for service in text["purposes"].values():
            for stated in ("withhold", "shape", "means", "items", "serves", "answer"):
                service.pop(stated, None)
        with recipient.open("w", encoding="utf-8") as file:
            yaml.dump(text, file)
    for example in (folder / "examples").rglob("*.yaml"):
        example.unlink()
    return made


def _random_fields(randomness: random.Random) -> dict[str, Rule]:
    fields: dict[str, Rule] = {}
    for number in range(randomness.randint(3, 10)):
        top = randomness.choice(_WORDS)
        depth = randomness.randint(0, 2)
        each = "[]" if depth and randomness.random() < 0.4 else ""
        keys = [f"{top}{number}{each}", *[f"{randomness.choice(_WORDS)}{number}" for _ in range(depth)]]
        rule: Rule = {"category": "operational", "because": _NEVER_TEXT, **_random_type(randomness)}
        if randomness.random() < 0.2 and fields:
            other = randomness.choice(list(fields))
            if "[]" not in other and fields[other]["type"] == "string":
                rule["when"] = {other: ["yes"]}
        fields[".".join(keys)] = rule
    return fields


def _random_type(randomness: random.Random) -> Rule:
    return randomness.choice(
        [
            {"type": "string", "max_length": 60},
            {"type": "string", "pattern": "[a-z]{4,40}"},
            {"type": "text", "max_length": 400},
            {"type": "decimal", "places": 2, "minimum": 0, "maximum": 999999999999999999},
            {"type": "integer", "minimum": 0, "maximum": 999999999999999999},
        ]
    )


@dataclass
class Invented:
    """A payload, the tokens that may leave with it and those that must not."""

    recipient: str
    purpose: str
    payload: dict[str, Any]
    may_leave: set[str] = field(default_factory=set)
    must_stay: set[str] = field(default_factory=set)


def random_payload(maps: dict[str, dict[str, Rule]], randomness: random.Random, tokens: Tokens) -> Invented:
    """A payload for a random pair: some fields as the map wants them, some not, and a lot that no map names."""
    recipient, purpose = randomness.choice(PAIRS)
    made = Invented(recipient, purpose, {})
    for path, rule in maps[purpose].items():
        if randomness.random() < 0.75:
            _place(made, path.split("."), rule, randomness, tokens)
    _litter(made, made.payload, randomness, tokens, depth=0)
    return made


def _place(made: Invented, keys: list[str], rule: Rule, randomness: random.Random, tokens: Tokens) -> None:
    node: Any = made.payload
    for key in keys[:-1]:
        bare = key.removesuffix("[]")
        if key.endswith("[]"):
            items = node.setdefault(bare, [{}])
            node = items[0]
        else:
            node = node.setdefault(bare, {})
        if not isinstance(node, dict):
            return
    good = randomness.random() < 0.8
    value, token = _good(rule, tokens) if good else _bad(rule, tokens, randomness)
    (made.may_leave if good else made.must_stay).add(token)
    if keys[-1].endswith("[]"):
        value = [value]
    node[keys[-1].removesuffix("[]")] = value


def _good(rule: Rule, tokens: Tokens) -> tuple[Any, str]:
    if rule["type"] in ("decimal", "integer"):
        token = tokens.number()
        return (f"{token}.10" if rule["type"] == "decimal" else int(token)), token
    token = tokens.word()
    return (f"до {token} после" if rule["type"] == "text" else token), token


def _bad(rule: Rule, tokens: Tokens, randomness: random.Random) -> tuple[Any, str]:
    token = tokens.word()
    if rule["type"] == "text":
        return token * 40, token
    wrong: list[Any] = [{"value": token}, [token], token * 9, f"{token} 4111 1111 1111 1111", {token: True}]
    return randomness.choice(wrong), token


def _litter(made: Invented, node: dict[str, Any], randomness: random.Random, tokens: Tokens, depth: int) -> None:
    """Unknown names, special categories, names that are personal themselves, numbers, nested things."""
    for child in list(node.values()):
        if isinstance(child, dict) and depth < 3 and randomness.random() < 0.6:
            _litter(made, child, randomness, tokens, depth + 1)
    for _ in range(randomness.randint(1, 5)):
        word, number, name = tokens.word(), tokens.number(), tokens.word()
        made.must_stay |= {word, number, name}
        kinds: list[tuple[str, Any]] = [
            (randomness.choice(_UNKNOWN), word),
            (randomness.choice(_UNKNOWN), {"deep": [word, {"deeper": int(number)}], name: None}),
            (name, word),
            (f"{randomness.choice(_UNKNOWN)} {name}", [word, number]),
            (f"extra{name}", float(f"0.{number}")),
        ]
        key, value = randomness.choice(kinds)
        node.setdefault(key, value)

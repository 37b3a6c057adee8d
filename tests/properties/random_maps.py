"""Random plans over random leaves, in the shapes that each content type can spell; `random_payloads` fills them."""

from __future__ import annotations

import random
from typing import Any, Final, NamedTuple

from gateway.canonical import Path, Step, path_text
from gateway.model import TAKES, FieldRule, FieldType, Lexicon, Match, Plan, Serves, SpecialCategory, Transform

HEALTH: Final = SpecialCategory("health", {}, frozenset({("diagnosis",), ("benefit", "category")}), (), refuse=False)
RACE: Final = SpecialCategory("race", {}, frozenset({("nationality",)}), (), refuse=True)
LEXICON: Final = Lexicon(frozenset({("iin",), ("ip",), ("door", "code")}), (HEALTH, RACE))
SUBJECT: Final = "usr_0001"

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b-0"
NDJSON, CSV, CSV_1251, XML = "application/x-ndjson", "text/csv", "text/csv; charset=windows-1251", "application/xml"
FORMATS: Final = (JSON, JSON, JSON, FORM, MULTIPART, NDJSON, NDJSON, CSV, CSV_1251, XML, XML)  # more of what nests
FLAT: Final = (FORM, MULTIPART, CSV, CSV_1251)

GOOD: Final[dict[FieldType, tuple[str, ...]]] = {
    FieldType.STRING: ("on", "off", "S-1", "Павлодар", "ул. Примерная", "abc", "Тест", "x" * 12, "true", "7", SUBJECT),
    FieldType.TEXT: ("Течёт кран", "не греет", "abc", "on"),
    FieldType.INTEGER: ("0", "7", "12", "-3", "99999", "1"),
    FieldType.DECIMAL: ("0.10", "5430.00", "7", "-0.5", "99999.99", "1.125"),
    FieldType.BOOLEAN: ("true", "false"),
    FieldType.DATE: ("2026-11-03", "2024-02-29", "1999-12-31"),
    FieldType.DATETIME: ("2026-11-03T12:00:00Z", "2026-11-20T08:40:00+05:00", "2024-02-29T00:00:00.5Z"),
    FieldType.PERIOD: ("2026-10", "2025-01"),
    FieldType.AREA: ("54.30", "36,10", "54", "0.5"),
    FieldType.SHARE: ("1/2", "1/1", "3/10"),
    FieldType.POSTAL_INDEX: ("140000", "S00A1B2"),
    FieldType.PHONE: ("+77000000123", "8 (700) 000-01-24", "87000000125"),
    FieldType.EMAIL: ("test.primerov@example.com", "Proba@example.com"),
    FieldType.URL: ("https://pay.example.com/cb", "https://shop.example.com/a/b", "https://pay.example.com"),
}
SHAPED: Final = tuple(kind for kind in FieldType if kind is not FieldType.TEXT)


class Leaf(NamedTuple):
    """A leaf that payloads have, and what it is mostly filled with."""

    path: Path
    type: FieldType
    names: bool = False


# ── which leaves there are ──────────────────────────────────────────────────


def random_leaves(content_type: str, randomness: random.Random) -> list[Leaf]:
    places = _containers(content_type, randomness)
    found: dict[Path, Leaf] = {}
    for number in range(randomness.randint(2, 9)):
        base = randomness.choice(places)
        key = randomness.choice("abcdefg") + (str(number) if randomness.random() < 0.5 else "")
        each = content_type in (JSON, NDJSON) and randomness.random() < 0.1
        path = (*base, Step(key, each))
        if content_type == XML:
            path = (*base, *randomness.choice([(Step(f"@{key}"),), (Step(key.upper(), each=True), Step("#text"))]))
        kind = randomness.choice([*FieldType, FieldType.STRING, FieldType.STRING, FieldType.STRING])
        names = kind is FieldType.STRING and randomness.random() < 0.3
        if not any(leaf.path[-1].key == path[-1].key and leaf.path[:-1] == path[:-1] for leaf in found.values()):
            found[path] = Leaf(path, kind, names)
    return list(found.values())


def _containers(content_type: str, randomness: random.Random) -> list[Path]:
    if content_type in FLAT:
        return [root_of(content_type)]
    made = [root_of(content_type)]
    for key in randomness.sample("opxyz", randomness.randint(0, 3)):
        each = content_type == XML or key in "xyz"
        made.append((*randomness.choice(made), Step(key.upper() if content_type == XML else key, each)))
    return made


# ── which rules read them ───────────────────────────────────────────────────


def random_plan(content_type: str, leaves: list[Leaf], randomness: random.Random) -> Plan:
    rules: list[FieldRule] = []
    limits: dict[Path, int | None] = {}
    ruled = [leaf for leaf in leaves if randomness.random() < 0.85]
    rules += [_rule(leaf, leaves, limits, content_type, randomness) for leaf in ruled]
    randomness.shuffle(rules)
    if rules and randomness.random() < 0.2:
        rules += _templates(rules, randomness)
    if randomness.random() < 0.1:
        rules.append(_plain_rule((*root_of(content_type), Step("@iin" if content_type == XML else "iin")), randomness))
    rules = _without_collisions(rules, leaves)
    narrowed = [rule.path for rule in rules if randomness.random() < 0.06]
    whole = [rule.path for rule in rules if rule.sources == (rule.path,)]
    if randomness.random() < 0.05 and whole:
        path = randomness.choice(whole)
        narrowed.append(path[: randomness.randint(1, len(path))])
    about = {}
    for array in {array_of(source) for rule in rules for source in rule.sources if array_of(source)}:
        inside = [leaf.path for leaf in leaves if array_of(leaf.path) == array and leaf.path != array]
        if inside and randomness.random() < 0.15:
            about[array] = randomness.choice(inside)
    serves = []
    read = [source for rule in rules for source in rule.sources]
    if read and randomness.random() < 0.2:
        serves.append(Serves(randomness.choice(read), frozenset(_values(FieldType.STRING, randomness, 6)), None))
    keeps_null = content_type == JSON and randomness.random() < 0.3
    return Plan(tuple(rules), tuple(narrowed), LEXICON, about, tuple(serves), keeps_null)


def _rule(
    leaf: Leaf, leaves: list[Leaf], limits: dict[Path, int | None], content_type: str, randomness: random.Random
) -> FieldRule:
    kind = leaf.type if randomness.random() < 0.95 else randomness.choice([*SHAPED])
    path = leaf.path
    sources: tuple[Path, ...] = (leaf.path,)
    transform = None
    changes: dict[str, Any] = _bounds(kind, randomness)
    if randomness.random() < 0.4:
        fits = [one for one, takes in TAKES.items() if kind in takes and one is not Transform.TEMPLATE]
        transform = randomness.choice([*fits, None])
    if leaf.names and kind is FieldType.STRING and randomness.random() < 0.7:
        transform = Transform.GIVEN_AND_INITIAL
        others = [one.path for one in leaves if one.names and _stands_in(path, array_of(one.path)) and one is not leaf]
        if others and not path[-1].each and randomness.random() < 0.6:
            sources = (path, randomness.choice(others))
    if transform is Transform.GENERIC:
        changes["generic"] = "Товар"
    if transform in (Transform.PSEUDONYM, Transform.GENERIC, Transform.GIVEN_AND_INITIAL):
        changes = {"generic": changes.get("generic")}
    if not path[-1].each and len(sources) == 1 and randomness.random() < 0.15:
        places = [leaf.path[:-1] for leaf in leaves if content_type != XML or leaf.path[-1].key != "#text"]
        path = _elsewhere(path, places, content_type, randomness)
    array = array_of(path)
    if array:
        changes["max_items"] = limits.setdefault(array, randomness.choice([None, None, 1, 2, 3]))
    required, when = randomness.random() < 0.25, _when(path, leaves, randomness)
    if array and required and not any(array_of(line.path) == array for table in when for line in table):
        changes["min_items"] = randomness.choice([None, 1, 2])
    return FieldRule(
        path=path, sources=sources, category="operational", type=kind, transform=transform,
        required=required, when=when, **changes,
    )  # fmt: skip


def _elsewhere(path: Path, places: list[Path], content_type: str, randomness: random.Random) -> Path:
    """Another place for what comes from `path`: beside it, or in an object of our making."""
    if content_type == XML:
        base = randomness.choice([one for one in places if _stands_in(one, path[:-1])] or [path[:-1]])
        return (*base, Step(f"@made{randomness.randint(0, 9)}"))
    deeper = [one for one in places if len(one) > len(path[:-1]) and _stands_in(one, path[:-1])]
    if deeper and randomness.random() < 0.5:
        return (*randomness.choice(deeper), Step(f"made{randomness.randint(0, 9)}"))
    beside = (*path[:-1], Step(f"made{randomness.randint(0, 9)}"))
    if content_type in FLAT or randomness.random() < 0.6:
        return beside
    return (*path[:-1], Step("made"), Step(f"m{randomness.randint(0, 9)}"))


def _plain_rule(path: Path, randomness: random.Random) -> FieldRule:
    return FieldRule(
        path=path, sources=(path,), category="operational", type=FieldType.STRING, required=randomness.random() < 0.3
    )


def _templates(rules: list[FieldRule], randomness: random.Random) -> list[FieldRule]:
    """One of the rules made a template that inserts another; with a condition, as only a recipient's shape can add."""
    inserted = randomness.choice(rules)
    if inserted.type is FieldType.TEXT or inserted.path[-1].each:
        return []
    one = _changed(inserted, required=True, when=inserted.when if randomness.random() < 0.3 else ())
    others = [
        rule for rule in rules
        if rule is not inserted and _stands_in(rule.path, array_of(one.path)) and not rule.path[-1].each
    ]  # fmt: skip
    rules[rules.index(inserted)] = one
    if not others:
        return []
    chosen = randomness.choice(others)
    rules[rules.index(chosen)] = _changed(
        chosen, sources=chosen.sources[:1], type=FieldType.STRING, transform=Transform.TEMPLATE, generic=None,
        template=f"Заказ {{{path_text(one.path)}}}.", one_of=(), pattern=None, max_length=None, minimum=None,
        maximum=None, places=None, hosts=(),
    )  # fmt: skip
    return []


def _changed(rule: FieldRule, **changes: Any) -> FieldRule:
    return FieldRule(**{name: getattr(rule, name) for name in FieldRule.__slots__} | changes)


def _bounds(kind: FieldType, randomness: random.Random) -> dict[str, Any]:
    chosen: dict[FieldType, list[dict[str, Any]]] = {
        FieldType.STRING: [
            {"max_length": 12}, {"max_length": 30}, {"pattern": "[A-Za-z0-9-]{1,40}"}, {"pattern": "[а-яА-Я. ]+"},
            {"one_of": ("on", "off", "Тест")}, {"one_of": ("on", "900101100103")},
        ],
        FieldType.TEXT: [{"max_length": 20}, {"max_length": 5}],
        FieldType.INTEGER: [
            {"minimum": "0", "maximum": "1000"}, {"one_of": ("7", "12")}, {"minimum": "-5", "maximum": "12"},
            {"minimum": "0", "maximum": "9" * 20},
        ],
        FieldType.DECIMAL: [
            {"minimum": "0", "maximum": "99999.99", "places": 2}, {"minimum": "-1", "maximum": "7.0", "places": 1},
            {"minimum": "0", "maximum": "9" * 20, "places": 10},
        ],
        FieldType.DATE: [{}, {"minimum": "2024-01-01"}, {"maximum": "2024-02-29"}],
        FieldType.URL: [{"hosts": ("pay.example.com",)}, {"hosts": ("pay.example.com", "shop.example.com")}],
    }  # fmt: skip
    return dict(randomness.choice(chosen.get(kind, [{}])))


def _when(path: Path, leaves: list[Leaf], randomness: random.Random) -> tuple[tuple[Match, ...], ...]:
    """Conditions on leaves whose item is known where the field stands; a leaf array is no one's."""
    asked = [leaf for leaf in leaves if _stands_in(path, array_of(leaf.path)) and not leaf.path[-1].each]
    if not asked or randomness.random() < 0.65:
        return ()
    return tuple(
        tuple(_match(randomness.choice(asked), randomness) for _ in range(randomness.randint(1, 2)))
        for _ in range(randomness.randint(1, 2))
    )


def _match(leaf: Leaf, randomness: random.Random) -> Match:
    return Match(leaf.path, tuple(_values(leaf.type, randomness, randomness.randint(1, 6))))


def _values(kind: FieldType, randomness: random.Random, most: int) -> list[str]:
    return [randomness.choice((*GOOD[kind], *GOOD[FieldType.STRING][:2])) for _ in range(most)]


def _without_collisions(rules: list[FieldRule], leaves: list[Leaf]) -> list[FieldRule]:
    """The rules whose path is taken by no other rule, nor by a leaf that is not their source."""
    taken: dict[Path, FieldRule] = {}
    bare = {tuple(step.key for step in leaf.path): leaf.path for leaf in leaves}
    for rule in rules:
        keys = tuple(step.key for step in rule.path)
        if rule.path not in taken and bare.get(keys, rule.path) == rule.path:
            taken[rule.path] = rule
    fit = [rule for rule in taken.values() if rule.required and not rule.template]
    names = {path_text(rule.path) for rule in fit if rule.type is not FieldType.TEXT}
    return [rule for rule in taken.values() if not rule.template or rule.template[7:-2] in names]


def array_of(path: Path) -> Path:
    return path[: max((size for size, step in enumerate(path, 1) if step.each), default=0)]


def _stands_in(path: Path, array: Path) -> bool:
    return path[: len(array)] == array


def root_of(content_type: str) -> Path:
    """Where the leaves of a body stand: in its records, in its root element."""
    if content_type in (NDJSON, CSV, CSV_1251):
        return (Step("records", each=True),)
    return (Step("Doc"),) if content_type == XML else ()

"""The invented body that `map shrink` begins with: a file, an example of the maps, or one that is made from the map.

Promises: whatever it comes from, it is about no one, or it is refused with the paths and kinds of what looks like a
person's (`minimise.invented`); its values are shown nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Final, NamedTuple

from gateway.canonical import Node, Number, Path, path_text
from gateway.cli.map.shrinking import fields_of
from gateway.errors import AdmissionError, ConfigError
from gateway.formats import read
from gateway.minimise.invented import someones
from gateway.model import FieldRule, FieldType, PurposeMap
from gateway.purpose import Example

_INVENTED: Final[dict[FieldType, Node]] = {
    FieldType.TEXT: "Тест",
    FieldType.STRING: "Тест",
    FieldType.INTEGER: Number("1"),
    FieldType.DECIMAL: Number("1"),
    FieldType.BOOLEAN: True,
    FieldType.DATE: "2026-01-15",
    FieldType.DATETIME: "2026-01-15T10:00:00+05:00",
    FieldType.PERIOD: "2026-01",
    FieldType.SHARE: "1/2",
    FieldType.AREA: Number("54.3"),
    FieldType.POSTAL_INDEX: "140000",
    FieldType.PHONE: "+77000000123",
    FieldType.EMAIL: "test.primerov@example.com",
}
_TRIED: Final = ("TEST-1", "TEST1", "TEST", "test", "T1", "1", "0001", "000001", "0000000001", "a", "A", "0" * 36)
_UUID: Final = "00000000-0000-4000-8000-000000000000"
_A_FILE: Final = "a file of your own"  # whose name may say anything
_LOCATED: Final = ("body", "path", "query", "header")


class Sample(NamedTuple):
    """An invented payload, in the paths of the map, and where it came from."""

    payload: Node
    source: str


def sample(declared: PurposeMap, body: str | None, examples: Iterable[Example]) -> Sample:
    """The payload to begin with. Raises ConfigError where there is none, or where it looks like someone's."""
    if body is not None:
        found = _read(declared, FilePath(body))
    else:
        pair = (declared.recipient.id, declared.purpose)
        fitting = [
            one
            for one in examples
            if (one.recipient, one.purpose) == pair
            and one.expected.get("decision") == "permitted"
            and not someones(one.payload, _names(declared))
        ]
        richest = max(fitting, key=lambda one: len(fields_of(one.payload)), default=None)
        if richest is not None:
            found = Sample(richest.payload, f"examples/{richest.name}.yaml")
        else:
            found = Sample(_made(declared.fields), "made from the map")
    _check(found, declared)
    return found


def _read(declared: PurposeMap, path: FilePath) -> Sample:
    """A file: JSON of the whole payload, or the body alone in the recipient's own media type."""
    raw = path.read_bytes()
    for media_type in dict.fromkeys(("application/json", declared.media_type)):
        try:
            tree = read(media_type, raw).tree
        except AdmissionError:
            continue
        located = isinstance(tree, dict) and tree.keys() <= set(_LOCATED)
        return Sample({"body": tree} if declared.located and not located else tree, _A_FILE)
    raise ConfigError([f"--body: neither strict JSON nor strict {declared.media_type}"])


def _check(found: Sample, declared: PurposeMap) -> None:
    problems = [f"{one.path}: reads as someone's {one.kind}" for one in someones(found.payload, _names(declared))]
    if problems:
        raise ConfigError(
            [f"{found.source}: not invented, and so not tried", *problems],
            hint="invented are +7 700 000 01 2x, IINs of the 1800s, example.com, 192.0.2.x, «Примеров Тест»",
        )
    if not fields_of(found.payload):
        raise ConfigError([f"{found.source}: holds no field"])


def _names(declared: PurposeMap) -> set[str]:
    """The paths at which the map knows people's names."""
    named = (rule for rule in declared.fields if rule.category == "name")
    return {path_text(path) for rule in named for path in (rule.path, *rule.sources)}


def _made(rules: Iterable[FieldRule]) -> Node:
    """One invented value for each field of the map, one item for each array; conditions by their first line."""
    payload: dict[str, Node] = {}
    for rule in rules:
        value = _value(rule)
        if value is not None:
            for source in rule.sources:
                _put(payload, source, value)
        for line in (line for table in rule.when[:1] for line in table):
            _put(payload, line.path, line.values[0])
    return payload


def _value(rule: FieldRule) -> Node:
    if rule.one_of:
        return Number(rule.one_of[0]) if rule.type in (FieldType.INTEGER, FieldType.DECIMAL) else rule.one_of[0]
    if rule.type is FieldType.URL:
        return f"https://{rule.hosts[0]}/test" if rule.hosts else None
    if rule.type in (FieldType.INTEGER, FieldType.DECIMAL) and rule.minimum is not None:
        return Number(rule.minimum)
    if rule.category == "name":
        return "Примеров Тест"
    if rule.pattern is not None:
        return next((text for text in _texts(rule.category) if re.fullmatch(rule.pattern, text)), None)
    return _INVENTED[rule.type]


def _texts(category: str) -> Iterator[str]:
    yield from _TRIED
    yield _UUID
    if category == "phone":
        yield from ("77000000123", "87000000123")


def _put(payload: dict[str, Node], path: Path, value: Node) -> None:
    """Place a value; what stands there already, or is another kind of thing on the way, stays."""
    here: dict[str, Node] = payload
    for place, step in enumerate(path):
        is_last = place == len(path) - 1
        if is_last:
            here.setdefault(step.key, [value] if step.each else value)
            return
        inner: Node = here.setdefault(step.key, [{}] if step.each else {})
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if not isinstance(inner, dict):
            return
        here = inner

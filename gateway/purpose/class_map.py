"""A class map read: per purpose, the rules as the file states them, before any recipient is known.

Promises: every path, condition, pattern and period is parsed here, once; what cannot be parsed is a problem with its
line. It must never drop a rule that it could not read: a map with a problem does not load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.canonical import Path, parse_path
from gateway.model import BasisKind, FieldRule, Lexicon, PurposeId, Retention, TextMode, Transform, When
from gateway.purpose.arrays import DEFAULT_MAX_ITEMS, array_of
from gateway.purpose.conditions import parse_when
from gateway.purpose.lint import lint_field, lint_fields, lint_items
from gateway.purpose.taxonomy import Taxonomy
from gateway.purpose.yaml_files import Document, KeyPath, Report

NAME_LENGTH = 120
"""How long a full name may be that leaves as given name and initial, where the field does not bound it itself."""

_BOUNDS = ("pattern", "max_length", "minimum", "maximum", "places", "max_items", "min_items", "template", "generic")
_LENGTHS = frozenset({"pattern", "one_of", "max_length"})
_PERIOD = re.compile(r"P(?=[0-9])(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRules:
    """What one class of recipients may have for one purpose; conditions on the recipient not yet decided."""

    recipient_class: str
    purpose: PurposeId
    policy_clause: str
    bases: frozenset[BasisKind]
    retention: Retention
    fields: tuple[FieldRule, ...]
    text: TextMode = TextMode.SCRUB
    about: Mapping[Path, Path] = field(default_factory=dict)  # of an array, the leaf that says whose data an item is


def read_class_map(
    document: Document, values: Mapping[str, Any], taxonomy: Taxonomy
) -> tuple[list[PurposeRules], list[str]]:
    """The purposes of a file that conforms to its schema, and what is wrong with it."""
    name = values["recipient_class"]
    problems: list[str] = []
    if name not in taxonomy.classes:
        known = ", ".join(sorted(taxonomy.classes))
        problems.append(document.problem(("recipient_class",), f"expected a class of the taxonomy: {known}"))
    elif not document.file.endswith(f"{name}.yaml"):
        problems.append(document.problem(("recipient_class",), f"expected this class in a file named {name}.yaml"))
    found = []
    for purpose, one in values["purposes"].items():
        at = ("purposes", purpose)
        if purpose not in taxonomy.classes.get(name, {purpose}):
            known = ", ".join(sorted(taxonomy.classes[name]))
            problems.append(document.problem(at, f"expected a purpose that the policy has for {name}: {known}"))
        fields, wrong = read_fields(document, (*at, "fields"), one["fields_"], taxonomy.lexicon)
        problems += wrong
        report = Report(document)
        about = read_items(report, (*at, "items"), one["items_"], fields, taxonomy.lexicon)
        problems += report.problems
        found.append(
            PurposeRules(
                recipient_class=name,
                purpose=PurposeId(purpose),
                policy_clause=one["policy_clause"],
                bases=frozenset(one["basis"]),
                retention=_retention(document, at, one["retention"]["period"], problems),
                fields=fields,
                text=one["text"],
                about=about,
            )
        )
    return found, problems


def _retention(document: Document, at: KeyPath, text: str, problems: list[str]) -> Retention:
    found = _PERIOD.match(text)
    years, months, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if not years + months + days:
        problems.append(document.problem((*at, "retention", "for"), "expected a period such as P1Y, P6M or P30D"))
    return Retention(years, months, days)


@dataclass(frozen=True, slots=True)
class _Stated:
    """One field as the file states it, its paths and its condition parsed."""

    text: str
    path: Path
    sources: tuple[Path, ...]
    when: When
    values: Mapping[str, Any]


def read_fields(
    document: Document, at: KeyPath, fields: Mapping[str, Any], lexicon: Lexicon
) -> tuple[tuple[FieldRule, ...], list[str]]:
    """The rules of the table of fields that stands at `at`, and what is wrong with them."""
    problems: list[str] = []
    read = [_read(document, (*at, text), text, values, problems) for text, values in fields.items()]
    stated = [one for one in read if one is not None]
    # Every field of an array knows the array's one limit; `lint` refuses two different ones.
    limits: dict[Path, int] = {}
    for one in stated:
        if "max_items" in one.values:
            limits.setdefault(array_of(one.path), one.values["max_items"])
    rules = tuple(_rule(one, limits) for one in stated)
    texts = {one.path: one.text for one in stated}
    for rule in rules:
        for where, said in lint_field(rule, lexicon):
            problems.append(document.problem((*at, texts[rule.path], *where), said))
    for path, where, said in lint_fields(rules):
        problems.append(document.problem((*at, texts[path], *where), said))
    return rules, problems


def read_items(
    report: Report, at: KeyPath, items: Mapping[str, str], rules: Iterable[FieldRule], lexicon: Lexicon
) -> dict[Path, Path]:
    """Whose data the items of arrays are: of an array that `rules` read, the leaf that must equal the subject."""
    texts: dict[Path, str] = {}
    found: dict[Path, Path] = {}
    for text, leaf_text in items.items():
        array = report.path((*at, text), text, "expected the path of an array, such as records[]")
        leaf = report.path((*at, text), leaf_text, "expected the path of a leaf, such as records[].subject_id")
        if array is not None and leaf is not None:
            texts[array], found[array] = text, leaf
    for array, said in lint_items(found, rules, lexicon):
        report((*at, texts[array]), said)
    return found


def _read(document: Document, at: KeyPath, text: str, values: Mapping[str, Any], problems: list[str]) -> _Stated | None:
    path = _path(document, at, text, problems)
    sources = [_path(document, (*at, "from"), source, problems) for source in values.get("sources", [])]
    found = tuple(source for source in sources if source is not None)
    try:
        when = parse_when(values["when"])
    except ValueError:
        problems.append(document.problem((*at, "when"), "expected paths such as ticket.scope as keys"))
        return None
    return _Stated(text, path, found or (path,), when, values) if path is not None and None not in sources else None


def _rule(one: _Stated, limits: Mapping[Path, int]) -> FieldRule:
    values = one.values
    array = array_of(one.path)
    bounds = {name: values[name] for name in _BOUNDS if name in values}
    if array:
        bounds.setdefault("max_items", limits.get(array, DEFAULT_MAX_ITEMS))
    if values.get("transform") is Transform.GIVEN_AND_INITIAL and not _LENGTHS & values.keys():
        bounds["max_length"] = NAME_LENGTH
    return FieldRule(
        path=one.path,
        sources=one.sources,
        category=values["category"],
        type=values["type"],
        transform=values.get("transform"),
        required=values["required"],
        when=one.when,
        because=values["because"],
        one_of=tuple(values.get("one_of", ())),
        hosts=tuple(values.get("hosts", ())),
        **bounds,
    )


def _path(document: Document, at: KeyPath, text: str, problems: list[str]) -> Path | None:
    try:
        return parse_path(text)
    except ValueError:
        said = "expected a path such as ticket.contact.name or records[].amount (odd keys JSON-quoted, no [][])"
        problems.append(document.problem(at, said))
        return None

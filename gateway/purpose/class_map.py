"""A class map read: per purpose, the rules as the file states them, before any recipient is known.

Promises: every path, condition, pattern and period is parsed here, once; what cannot be parsed is a problem with its
line. It must never drop a rule that it could not read: a map with a problem does not load.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.canonical import Path, parse_path
from gateway.model import BasisKind, FieldRule, PurposeId, Retention
from gateway.purpose.conditions import parse_when
from gateway.purpose.lint import array_of, lint_field, lint_fields
from gateway.purpose.taxonomy import Taxonomy
from gateway.purpose.yaml_files import Document, KeyPath

DEFAULT_MAX_ITEMS = 100
"""How many items of an array may leave where no field of it says otherwise."""

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
        fields, wrong = _fields(document, at, one["fields_"], taxonomy)
        problems += wrong
        found.append(
            PurposeRules(
                recipient_class=name,
                purpose=PurposeId(purpose),
                policy_clause=one["policy_clause"],
                bases=frozenset(one["basis"]),
                retention=_retention(document, at, one["retention"]["period"], problems),
                fields=fields,
            )
        )
    return found, problems


def _retention(document: Document, at: KeyPath, text: str, problems: list[str]) -> Retention:
    found = _PERIOD.match(text)
    years, months, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if not years + months + days:
        problems.append(document.problem((*at, "retention", "for"), "expected a period such as P1Y, P6M or P30D"))
    return Retention(years, months, days)


def _fields(
    document: Document, at: KeyPath, fields: Mapping[str, Any], taxonomy: Taxonomy
) -> tuple[tuple[FieldRule, ...], list[str]]:
    problems: list[str] = []
    rules: list[FieldRule] = []
    texts: dict[Path, str] = {}
    for text, one in fields.items():
        here = (*at, "fields", text)
        rule = _field(document, here, text, one, problems)
        if rule is not None:
            problems += [document.problem((*here, *where), said) for where, said in lint_field(rule, taxonomy.lexicon)]
            rules.append(rule)
            texts[rule.path] = text
    for path, where, said in lint_fields(rules):
        problems.append(document.problem((*at, "fields", texts[path], *where), said))
    return _with_limits(rules), problems


def _field(document: Document, at: KeyPath, text: str, one: Mapping[str, Any], problems: list[str]) -> FieldRule | None:
    path = _path(document, at, text, problems)
    sources = [_path(document, (*at, "from"), source, problems) for source in one.get("sources", [])]
    try:
        when = parse_when(one["when"])
    except ValueError:
        problems.append(document.problem((*at, "when"), "expected paths such as ticket.scope as keys"))
        return None
    if path is None or None in sources:
        return None
    bounds = {name: one[name] for name in _BOUNDS if name in one}
    return FieldRule(
        path=path,
        sources=tuple(source for source in sources if source is not None) or (path,),
        category=one["category"],
        type=one["type"],
        transform=one.get("transform"),
        required=one["required"],
        when=when,
        because=one["because"],
        one_of=tuple(one.get("one_of", ())),
        hosts=tuple(one.get("hosts", ())),
        **bounds,
    )


_BOUNDS = ("pattern", "max_length", "minimum", "maximum", "places", "max_items", "template")


def _path(document: Document, at: KeyPath, text: str, problems: list[str]) -> Path | None:
    try:
        return parse_path(text)
    except ValueError:
        said = "expected a path such as ticket.contact.name or records[].amount (odd keys JSON-quoted, no [][])"
        problems.append(document.problem(at, said))
        return None


def _with_limits(rules: list[FieldRule]) -> tuple[FieldRule, ...]:
    """Every field of an array knows the array's one limit; `lint` has refused two different ones."""
    limits = {array_of(rule.path): rule.max_items for rule in rules if rule.max_items is not None}
    return tuple(
        replace(rule, max_items=limits.get(array_of(rule.path), DEFAULT_MAX_ITEMS)) if array_of(rule.path) else rule
        for rule in rules
    )

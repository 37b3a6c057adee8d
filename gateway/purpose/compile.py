"""Compile: a class's rules and one recipient's file become the one map that holds for (recipient, purpose).

Promises: the recipient can only narrow (law 7): what its attributes switch off, and what its file withholds, is known
as `narrowed` and gone from the rules. A map that allows nothing is a problem, not a map (law 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields as fields_of
from typing import Any

from gateway.canonical import Path, path_text
from gateway.model import FieldRule, Lexicon, Project, PurposeMap, When
from gateway.purpose.class_map import PurposeRules
from gateway.purpose.conditions import for_recipient
from gateway.purpose.recipients import RecipientFile, Service
from gateway.purpose.version import map_version

CompileProjection = Callable[[tuple[FieldRule, ...], tuple[Path, ...], Lexicon], Project]
"""What stage 3 gives: rules, narrowed paths and the taxonomy's names in, a closure that builds disclosures out."""


def compile_map(
    rules: PurposeRules, file: RecipientFile, lexicon: Lexicon, compile_projection: CompileProjection
) -> tuple[PurposeMap | None, list[str]]:
    """The map of one recipient for one purpose, or None and what is wrong with it."""
    service = file.services[rules.purpose]
    problems = _withhold_problems(rules, file, service)
    fields, narrowed = _narrow(rules, file, service)
    if not fields:
        said = "expected at least one field that this recipient may have; a map that allows nothing is none"
        problems.append(file.document.problem(("purposes", rules.purpose), said))
    if problems or not service.routes:
        return None, problems
    try:
        project = compile_projection(fields, narrowed, lexicon)
    except ValueError as error:
        return None, [file.document.problem(("purposes", rules.purpose), f"expected fields that go together: {error}")]
    version = map_version(
        recipient=file.recipient.id,
        recipient_class=rules.recipient_class,
        purpose=rules.purpose,
        policy_clause=rules.policy_clause,
        bases=rules.bases,
        retention=rules.retention,
        routes=service.routes,
        fields=fields,
        narrowed=narrowed,
        lexicon=lexicon,
    )
    compiled = PurposeMap(
        recipient=file.recipient,
        purpose=rules.purpose,
        version=version,
        policy_clause=rules.policy_clause,
        bases=rules.bases,
        retention=rules.retention,
        route=service.routes[0],
        fields=fields,
        project=project,
    )
    return compiled, []


def _narrow(
    rules: PurposeRules, file: RecipientFile, service: Service
) -> tuple[tuple[FieldRule, ...], tuple[Path, ...]]:
    """The fields that are left, and the payload's paths that this recipient's file keeps home."""
    left: list[FieldRule] = []
    narrowed: list[Path] = []
    for rule in rules.fields:
        when = for_recipient(rule.when, file.attributes)
        if when is None or rule.path in service.withhold:
            narrowed += rule.sources
        else:
            left.append(_with_condition(rule, when))
    # A path that another field still reads or fills is not kept home.
    used = {path for rule in left for path in (rule.path, *rule.sources)}
    return tuple(left), tuple(dict.fromkeys(path for path in narrowed if path not in used))


def _with_condition(rule: FieldRule, when: When) -> FieldRule:
    values: dict[str, Any] = {one.name: getattr(rule, one.name) for one in fields_of(rule)}
    return FieldRule(**{**values, "when": when})


def _withhold_problems(rules: PurposeRules, file: RecipientFile, service: Service) -> list[str]:
    known = {rule.path: rule for rule in rules.fields}
    problems = []
    for place, path in enumerate(service.withhold):
        at = ("purposes", rules.purpose, "withhold", place)
        if path not in known:
            problems.append(file.document.problem(at, f"{path_text(path)}: expected a field of the class map"))
        elif known[path].required:
            said = f"{path_text(path)}: the class map requires it; without it every transfer would be refused"
            problems.append(file.document.problem(at, said))
    return problems

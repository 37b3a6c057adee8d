"""Compile: a class's rules and one recipient's file become the one map that holds for (recipient, purpose).

Promises: the recipient can only narrow (law 7): what its attributes switch off, and what its file withholds, is known
as `narrowed` and gone from the rules. A map that allows nothing is a problem, not a map (law 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.canonical import Path, path_text
from gateway.formats.head import BODYLESS
from gateway.model import (
    FieldRule,
    Lexicon,
    Location,
    Plan,
    Project,
    Protection,
    PurposeMap,
    Recipient,
    SignerKind,
    TextMode,
    Transform,
)
from gateway.purpose.arrays import array_of
from gateway.purpose.class_map import PurposeRules, read_fields, read_items
from gateway.purpose.conditions import for_recipient
from gateway.purpose.lint import lint_path
from gateway.purpose.recipients import RecipientFile
from gateway.purpose.routes import (
    LOCATIONS,
    in_every,
    is_located,
    lint_outside,
    lint_place,
    lint_routes,
    names_in,
    takes_envelope,
)
from gateway.purpose.scope import about_in_terms, serves_in_own_paths, serves_in_terms
from gateway.purpose.service import Service
from gateway.purpose.shape import Allowed, apply_shape
from gateway.purpose.signers import headers_of, signs
from gateway.purpose.text_modes import drops, in_mode, lacks_template, stricter
from gateway.purpose.version import map_version
from gateway.purpose.yaml_files import KeyPath, Report

_OF_MANY = ("application/json", "application/x-ndjson", "text/csv")
"""Bodies that can hold many records."""

CompileProjection = Callable[[Plan], Project]
"""What stage 3 gives: rules, narrowed paths and the taxonomy's names in, a closure that builds disclosures out."""


def compile_map(
    rules: PurposeRules, file: RecipientFile, lexicon: Lexicon, compile_projection: CompileProjection, at: KeyPath = ()
) -> tuple[PurposeMap | None, list[str]]:
    """The map of one recipient for one purpose, or None and what is wrong with it; it stands there, or at `at`."""
    report = Report(file.document)
    service = file.services[rules.purpose]
    at = at or ("purposes", rules.purpose)
    plan = _plan(rules, file, lexicon, at, report)
    if not plan.rules:
        report(at, "expected at least one field that this recipient may have; a map that allows nothing is none")
    located = _is_located(service)
    _lint_outside({rule.path: rule for rule in rules.fields}, file.recipient, service, at, report)
    _lint_shared(file.recipient, service, (*at, "records_per_envelope"), located=located, report=report)
    _lint_subject(service.subject_from, lexicon, (*at, "subject_from"), located=located, report=report)
    answers = _answers(service, lexicon, (*at, "answer"), report)
    if report.problems or not service.routes:
        return None, report.problems
    try:
        project = compile_projection(plan)
        answer = compile_projection(Plan(answers, (), lexicon, keeps_null=True)) if answers else None
    except ValueError as error:
        report(at, f"expected fields that go together: {error}")
        return None, report.problems
    places = _read(plan, service) if located else []
    compiled = PurposeMap(
        recipient=file.recipient,
        purpose=rules.purpose,
        version=map_version(
            recipient=file.recipient,
            purpose=rules.purpose,
            policy_clause=rules.policy_clause,
            bases=rules.bases,
            retention=rules.retention,
            service=service,
            plan=plan,
            answers=answers,
        ),
        policy_clause=rules.policy_clause,
        bases=rules.bases,
        retention=rules.retention,
        route=service.routes[0],
        fields=plan.rules,
        project=project,
        routes=service.routes,
        located=located,
        query=names_in(Location.QUERY, places),
        headers=names_in(Location.HEADER, places),
        media_type=service.media_type,
        serves=plan.serves,
        subject_from=service.subject_from,
        records_per_envelope=service.records_per_envelope,
        answer=answer,
    )
    return compiled, []


def _read(plan: Plan, service: Service) -> list[Path]:
    """Every path that a payload is read at: of fields, of their conditions, of whose data it may be, of the subject."""
    fields = [path for rule in plan.rules for path in (rule.path, *rule.sources)]
    conditions = [match.path for rule in plan.rules for table in rule.when for match in table]
    scopes = [one.path for one in plan.serves]
    return [*fields, *conditions, *scopes, *([service.subject_from] if service.subject_from else [])]


def _is_located(service: Service) -> bool:
    return is_located(service.routes, (place.path for place in service.shape or ()))


def _plan(rules: PurposeRules, file: RecipientFile, lexicon: Lexicon, at: KeyPath, report: Report) -> Plan:
    """What may leave to this recipient, in the paths of its bodies."""
    service = file.services[rules.purpose]
    mode = stricter(rules.text, service.text)
    _lint_text(rules, mode, at, report)
    allowed = {rule.path: _allowed(in_mode(rule, mode), file, service, mode) for rule in rules.fields}
    scopes = (*file.scopes, *service.scopes)
    _lint_withhold(service, allowed, at, report)
    if service.shape is None:
        fields, narrowed = _narrow(allowed)
        serves = serves_in_own_paths(scopes, rules.fields, lexicon, report)
        own = read_items(report, (*at, "items"), service.items, rules.fields, lexicon)
        about = _joined(rules.about, own, at, report)
        for text, _ in service.means.values():
            report((*at, "means", text), "expected only beside a shape: here the class's own paths are read")
    else:
        shaped = apply_shape(service, allowed, scopes=scopes, at=at, lexicon=lexicon, report=report)
        fields, narrowed = _addressed(shaped.rules, service), shaped.narrowed
        serves = serves_in_terms(scopes, shaped.terms, report)
        own = read_items(report, (*at, "items"), service.items, shaped.rules, lexicon)
        about = _joined(about_in_terms(rules.about, own, shaped, at, report), own, at, report)
    return Plan(fields, _kept_home(fields, narrowed), lexicon, about, serves)


def _answers(service: Service, lexicon: Lexicon, at: KeyPath, report: Report) -> tuple[FieldRule, ...]:
    """What of the recipient's answer may come back, in its own paths."""
    rules, problems = read_fields(report.document, at, service.answer, lexicon)
    report.problems += problems
    for rule in rules:
        if rule.transform is Transform.PSEUDONYM:
            report((*at, path_text(rule.path), "as"), "expected another transform: an answer is about no one yet")
    return rules


def _allowed(rule: FieldRule, file: RecipientFile, service: Service, mode: TextMode) -> Allowed:
    stays = rule.path in service.withhold or drops(rule, mode)
    return Allowed(rule, None if stays else for_recipient(rule.when, file.attributes))


def _lint_text(rules: PurposeRules, mode: TextMode, at: KeyPath, report: Report) -> None:
    """A template for every free text where templates stand for them; none that is required where texts are dropped."""
    for rule in rules.fields:
        if lacks_template(rule, mode):
            report((*at, "text"), f"{path_text(rule.path)}: expected `template:` beside it in the class map")
        elif drops(rule, mode) and rule.required:
            said = "the class map requires it; without it every transfer would be refused"
            report((*at, "text"), f"{path_text(rule.path)}: {said}")


def _narrow(allowed: Mapping[Path, Allowed]) -> tuple[tuple[FieldRule, ...], tuple[Path, ...]]:
    """The fields that are left, and the payload's paths that this recipient's file keeps home."""
    left = tuple(replace(one.rule, when=one.when) for one in allowed.values() if one.when is not None)
    return left, tuple(path for one in allowed.values() if one.when is None for path in one.rule.sources)


def _kept_home(fields: tuple[FieldRule, ...], narrowed: tuple[Path, ...]) -> tuple[Path, ...]:
    """What is narrowed; but for a path that another field still reads or fills."""
    used = {path for rule in fields for path in (rule.path, *rule.sources)}
    return tuple(dict.fromkeys(path for path in narrowed if path not in used))


def _addressed(fields: tuple[FieldRule, ...], service: Service) -> tuple[FieldRule, ...]:
    """The fields, each with the part of a request that carries it; required, if none could be addressed without it."""
    if not _is_located(service):
        return fields
    return tuple(_carried(rule, service) for rule in fields)


def _carried(rule: FieldRule, service: Service) -> FieldRule:
    if len(rule.path) == 1 or rule.path[0].key not in LOCATIONS:
        return rule  # which is reported where its place is asked about
    location = Location(rule.path[0].key)
    is_address = location is Location.PATH and in_every(service.routes, rule.path[1].key)
    return replace(rule, location=location, required=rule.required or is_address)


def _joined(about: Mapping[Path, Path], own: Mapping[Path, Path], at: KeyPath, report: Report) -> dict[Path, Path]:
    for array in about.keys() & own.keys():
        if about[array] != own[array]:
            said = f"{path_text(array)}: expected {path_text(about[array])}, as the class map says"
            report((*at, "items"), said)
    return {**about, **own}


def _lint_withhold(service: Service, allowed: Mapping[Path, Allowed], at: KeyPath, report: Report) -> None:
    bound = None if service.shape is None else {place.field for place in service.shape}
    for number, path in enumerate(service.withhold):
        here = (*at, "withhold", number)
        if path not in allowed:
            report(here, f"{path_text(path)}: expected a field of the class map")
        elif allowed[path].rule.required and (bound is None or path in bound):
            report(here, f"{path_text(path)}: the class map requires it; without it every transfer would be refused")


def _lint_outside(
    rules: Mapping[Path, FieldRule], recipient: Recipient, service: Service, at: KeyPath, report: Report
) -> None:
    """Routes, and what stands outside the body."""
    located = _is_located(service)
    places = service.shape or ()
    if not signs(recipient.signer, service.media_type):
        report((*at, "media_type"), "expected a form or JSON: the recipient's signer signs fields by their names")
    for number, said in lint_routes(service.routes, [place.path for place in places]):
        report((*at, "routes", number), said)
    if recipient.protection is Protection.JWE and (located or not all(map(takes_envelope, service.routes))):
        report((*at, "routes"), "an envelope is a body: expected POST, PUT or PATCH without fields outside, or tls")
    if not located:
        return
    ours = headers_of(recipient.signer) | ({recipient.credentials.header.lower()} if recipient.credentials else set())
    for place in places:
        for said in lint_place(place.path, service.routes, ours):
            report((*at, "shape", place.text), said)
        if place.field is not None and place.field in rules:
            for said in lint_outside(rules[place.field], place.path, service.routes):
                report((*at, "shape", place.text), said)


def _lint_shared(recipient: Recipient, service: Service, at: KeyPath, *, located: bool, report: Report) -> None:
    """Records share a request where nothing of them stands outside its body, and no signature names their fields."""
    if service.records_per_envelope == 1:
        return
    if service.media_type not in _OF_MANY:
        report(at, f"expected a media_type of many records: one of {', '.join(_OF_MANY)}")
    if located or any("{" in route.path or route.method in BODYLESS for route in service.routes):
        report(at, "expected all of a record in the body of the request")
    if recipient.signer is not None and recipient.signer.kind in {SignerKind.FREEDOMPAY, SignerKind.ROBOKASSA}:
        report(at, "means nothing where single fields are signed")


def _lint_subject(path: Path | None, lexicon: Lexicon, at: KeyPath, *, located: bool, report: Report) -> None:
    if path is None:
        return
    if array_of(path):
        report(at, "expected one value: no array")
    elif located and (path[0].key not in LOCATIONS or len(path) == 1):
        report(at, "expected a path that begins with body., path., query. or header.")
    elif said := lint_path(path, lexicon):
        report(at, said)

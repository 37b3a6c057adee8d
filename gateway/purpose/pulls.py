"""What a recipient may ask us for, read and compiled: its route, what the platform is asked, what goes back.

Promises: what goes back is a map of the class like any other (law 12), narrowed and shaped by the same code; of what
the recipient asks, only declared and typed values reach the platform; what it is told when it gets nothing is fixed
text of its file, and what it asked itself. A recipient that declares pulls says how it proves who it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from typing import Any, Final

from gateway.canonical import Node, Number, Path, Step
from gateway.errors import AdmissionError
from gateway.formats import blank
from gateway.formats.head import named_segments
from gateway.identifiers import identifier_kind
from gateway.model import (
    Basis,
    FaultReply,
    FieldRule,
    FieldType,
    Lexicon,
    Location,
    Plan,
    Protection,
    Pull,
    PullFault,
    Route,
    SubjectIn,
)
from gateway.purpose.arrays import array_of
from gateway.purpose.class_map import PurposeRules
from gateway.purpose.compile import CompileProjection, compile_map
from gateway.purpose.lint import lint_field
from gateway.purpose.recipients import RecipientFile
from gateway.purpose.routes import meet, parse_route
from gateway.purpose.service import read_service
from gateway.purpose.yaml_files import KeyPath, Report

ANSWER: Final = Route("ANSWER", "/")
"""How what goes back is addressed: not at all, it is the answer to a request."""

RECORDS: Final = "records"
_BECAUSE: Final = "§5 спрашивает сам получатель: не раскрытие, а вопрос"
_TAKEN: Final = frozenset(FieldType) - {FieldType.TEXT, FieldType.URL, FieldType.PHONE, FieldType.EMAIL}
_WITH_RECORDS: Final = frozenset({"text/csv", "application/x-ndjson"})
_REFERENCE: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,128}\Z", re.ASCII)
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_NAMED: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}\Z")
_STATUS: Final[Mapping[PullFault, int]] = {
    PullFault.MALFORMED: 400,
    PullFault.NOT_FOUND: 404,
    PullFault.REFUSED: 403,
    PullFault.UNAVAILABLE: 503,
}
"""What is answered, without a body, where the file does not say how its protocol tells it."""


def compile_pulls(
    rules: PurposeRules, file: RecipientFile, lexicon: Lexicon, compile_projection: CompileProjection
) -> tuple[list[Pull], list[str]]:
    """What the recipient may ask for under this purpose, and what is wrong with it."""
    report = Report(file.document)
    found = []
    for number, one in enumerate(file.services[rules.purpose].pulls):
        at: KeyPath = ("purposes", rules.purpose, "pulls", number)
        pull = _Reading(rules, file, lexicon, compile_projection, report=report, at=at, one=one).pull()
        if pull is not None:
            found.append(pull)
    if file.services[rules.purpose].pulls:
        if file.recipient.calls is None:
            report(("calls",), "missing: expected how the recipient proves who it is when it calls")
        if file.recipient.protection is not Protection.TLS:
            report(("protection",), "its own protocol reads what a pull answers: pulls need protection: tls")
    return found, report.problems


def lint_routes_of(pulls: list[Pull], file: RecipientFile) -> Iterator[str]:
    """Two pulls of one recipient that one request could mean."""
    for one, other in combinations(pulls, 2):
        if meet(one.route, other.route):
            said = f"{other.route.method} {other.route.path} takes the same requests as {one.route.path}"
            yield file.document.problem(("purposes", other.purpose, "pulls"), said)


class _Reading:
    """One pull, as its file states it."""

    def __init__(
        self,
        rules: PurposeRules,
        file: RecipientFile,
        lexicon: Lexicon,
        compile_projection: CompileProjection,
        *,
        report: Report,
        at: KeyPath,
        one: Mapping[str, Any],
    ) -> None:
        self._rules, self._file, self._lexicon, self._compile = rules, file, lexicon, compile_projection
        self._report, self._at, self._one = report, at, one

    def pull(self) -> Pull | None:
        """The pull compiled; None, and problems, where it cannot be."""
        one, before = self._one, len(self._report.problems)
        route, ask = self._route("route"), self._route("ask")
        takes = self._takes(route)
        subject_in, subject_from = self._subject()
        self._check_segments(route, ask)
        stated = {**one, "routes": [], "pulls": [one], "subject_from": None}  # whom it is about, admission finds out
        service = read_service(self._rules.purpose, stated, self._report, self._at)
        service = replace(service, routes=(ANSWER,), pulls=())
        recipient = replace(self._file.recipient, signer=None, credentials=None)  # we are not the ones who ask
        file = replace(self._file, recipient=recipient, services={self._rules.purpose: service})
        made, problems = compile_map(self._rules, file, self._lexicon, self._compile, self._at)
        self._report.problems += problems
        basis, basis_from, echo, faults = self._basis(), self._basis_from(), self._echo(), self._faults()
        if made is None or len(self._report.problems) > before or None in (route, ask, subject_in):
            return None
        return Pull(
            recipient=recipient.id,
            purpose=self._rules.purpose,
            route=route or ANSWER,
            takes=self._compile(Plan(takes, (), self._lexicon)),
            ask=ask or ANSWER,
            answer_type=one.get("ask_media_type", one["media_type"]),
            map=made,
            subject_in=subject_in or SubjectIn.ANSWER,
            subject_from=subject_from,
            basis=basis,
            basis_from=basis_from,
            echo=echo,
            faults=faults,
        )

    def _route(self, name: str) -> Route | None:
        found = parse_route(self._one[name])
        if found is None:
            self._report((*self._at, name), "expected a method and a path such as GET /billing/check")
        return found

    def _takes(self, route: Route | None) -> tuple[FieldRule, ...]:
        segments = named_segments(route.path) if route else ()
        rules = []
        for name, values in self._one["takes"].items():
            here = (*self._at, "takes", name)
            if not _NAMED.match(f"{{{name}}}"):
                self._report(here, "expected a name of small letters, digits and _")
                continue
            location = Location.PATH if name in segments else Location.QUERY
            path: Path = (Step(location.value), Step(name))
            bounds: dict[str, Any] = {key: tuple(value) if key == "one_of" else value for key, value in values.items()}
            if location is Location.PATH:
                bounds["required"] = True
            rule = FieldRule(
                path=path, sources=(path,), category="operational", location=location, because=_BECAUSE, **bounds
            )
            if rule.type not in _TAKEN:
                self._report((*here, "type"), f"expected one of {', '.join(sorted(_TAKEN))}")
            for where, said in lint_field(rule, self._lexicon):
                self._report((*here, *where), said)
            rules.append(rule)
        return tuple(rules)

    def _check_segments(self, route: Route | None, ask: Route | None) -> None:
        takes = self._one["takes"]
        for name, found in (("route", route), ("ask", ask)):
            for segment in named_segments(found.path) if found else ():
                if segment not in takes:
                    self._report((*self._at, name), f"{{{segment}}}: expected a name that stands in takes")
                elif name == "ask" and not self._always(segment, route):
                    self._report((*self._at, name), f"{{{segment}}}: expected a name that takes requires")

    def _always(self, name: str, route: Route | None = None) -> bool:
        """Whether every request that is taken says it."""
        route = route or parse_route(self._one["route"])
        taken = self._one["takes"].get(name)
        return taken is not None and (route is None or taken["required"] or name in named_segments(route.path))

    def _subject(self) -> tuple[SubjectIn | None, Path]:
        here = (*self._at, "subject_from")
        said = "expected answer.<path>, record.<path> or asked.<name>"
        path = self._report.path(here, self._one["subject_from"], said)
        if path is None:
            return None, ()
        if path[0].key not in set(SubjectIn) or path[0].each or len(path) == 1 or array_of(path):
            self._report(here, said)
            return None, ()
        kind, rest = SubjectIn(path[0].key), path[1:]
        if kind is SubjectIn.ASKED and (len(rest) > 1 or not self._always(rest[0].key)):
            self._report(here, "expected a name that takes requires")
        if kind is SubjectIn.RECORD and self._one["media_type"] not in _WITH_RECORDS:
            self._report(here, f"expected media_type {' or '.join(sorted(_WITH_RECORDS))}: others have no records")
        return kind, rest

    def _basis(self) -> Basis | None:
        given = self._one.get("basis")
        if given is None:
            return None
        here = (*self._at, "basis")
        if not _REFERENCE.match(given["ref"]) or identifier_kind(given["ref"]) is not None:
            self._report((*here, "ref"), "expected the reference of your own record: 1 to 128 of A-Za-z0-9_.:/-")
        if not _is_time(given["given_at"]):
            self._report((*here, "given_at"), "expected a time such as 2026-05-01T10:00:00+05:00")
        if given["kind"] not in self._rules.bases:
            kinds = ", ".join(sorted(self._rules.bases))
            self._report((*here, "kind"), f"expected a kind that the class map accepts: {kinds}")
        return Basis(given["kind"], given["ref"], given["given_at"], given.get("text_version"))

    def _basis_from(self) -> Path | None:
        text = self._one.get("basis_from")
        if text is None:
            if "basis" not in self._one:
                self._report((*self._at, "basis"), "missing: expected a basis, or where the answer states one")
            return None
        path = self._report.path((*self._at, "basis_from"), text, "expected a path of the platform's answer")
        if path is not None and array_of(path):
            self._report((*self._at, "basis_from"), "expected one value: no array")
        return path

    def _echo(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        found = []
        for text, name in self._one["echo"].items():
            here = (*self._at, "echo", text)
            path = self._report.path(here, text, "expected a path of the platform's answer")
            if path is not None and array_of(path):
                self._report(here, "expected one value: no array")
            if not self._always(name):
                self._report(here, f"{name}: expected a name that takes requires")
            if path is not None:
                found.append((tuple(step.key for step in path), name))
        return tuple(found)

    def _faults(self) -> dict[PullFault, FaultReply]:
        given, media_type = self._one["on_error"], self._one["media_type"]
        found = {}
        for kind in PullFault:
            one = given.get(kind.value)
            if one is None or "body" not in one:
                found[kind] = FaultReply(one["status"] if one else _STATUS[kind], "", lambda _asked: b"")
                continue
            here = (*self._at, "on_error", kind.value, "body")
            for name in sorted(_named_in(one["body"])):
                if kind is PullFault.MALFORMED or not self._always(name):
                    self._report(here, f"{{{name}}}: expected a name that takes requires, and not for malformed")
            document = blank(media_type)
            write = _writer(one["body"], document.write)
            try:
                written = write(dict.fromkeys(_named_in(one["body"]), "0"))
            except AdmissionError:
                written = b""
            if not written:
                self._report(here, f"expected what can be written as {media_type}")
            found[kind] = FaultReply(one["status"], document.media_type, write)
        return found


def _is_time(text: str) -> bool:
    try:
        return _RFC_3339.match(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _writer(body: Node, write: Callable[[Node], bytes]) -> Callable[[Mapping[str, str]], bytes]:
    return lambda asked: write(_filled(body, asked))


def _filled(node: Node, asked: Mapping[str, str]) -> Node:
    if isinstance(node, dict):
        return {key: _filled(value, asked) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, asked) for value in node]
    found = _NAMED.match(node) if isinstance(node, str) and not isinstance(node, Number) else None
    return node if found is None else asked.get(found[1])


def _named_in(node: Node) -> set[str]:
    if isinstance(node, dict):
        return {name for value in node.values() for name in _named_in(value)}
    if isinstance(node, list):
        return {name for value in node for name in _named_in(value)}
    found = _NAMED.match(node) if isinstance(node, str) else None
    return set() if found is None else {found[1]}

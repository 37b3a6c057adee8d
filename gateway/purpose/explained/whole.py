"""A whole map as sentences: who and what for, what leaves, what stays, whose data it is, what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.canonical import path_text
from gateway.model import Protection
from gateway.purpose.explained.rules import Line, lines_of, what_it_is
from gateway.purpose.explained.sentences import Voice
from gateway.purpose.explained.sources import Sources
from gateway.purpose.explained.staying import staying_lines
from gateway.purpose.explained.titles import BASES, PROTECTIONS


class Entry(NamedTuple):
    """One path and what is said of it; None: what is said of the section itself."""

    path: str | None
    lines: tuple[Line, ...]


class Section(NamedTuple):
    """A part of the explanation."""

    key: str
    title: str
    entries: tuple[Entry, ...]


def explain_map(sources: Sources, voice: Voice) -> tuple[Section, ...]:
    """The whole map, in the order in which a reader asks."""
    parts: tuple[tuple[str, Iterable[Entry]], ...] = (
        ("section_about", [Entry(None, tuple(_about(sources, voice)))]),
        ("section_fields", _fields(sources, voice)),
        ("section_constants", _constants(sources, voice)),
        ("section_stays", _stays(sources, voice)),
        ("section_whose", [Entry(None, tuple(_whose(sources, voice)))]),
        ("section_answer", _answer(sources, voice)),
    )
    sections = [Section(key, voice(key), tuple(entries)) for key, entries in parts]
    return tuple(section for section in sections if section.entries)


def _about(sources: Sources, voice: Voice) -> Iterator[Line]:
    found, recipient = sources.map, sources.map.recipient
    group = sources.policy_values["recipient_classes"][recipient.recipient_class]["title"]
    title = voice.title(recipient.title)
    said = voice("recipient", title=title, name=recipient.id, group=voice.title(group))
    yield Line("recipient", said, sources.line(sources.file.document, "id"))
    at = sources.line(sources.class_document, *sources.at)
    yield Line("purpose", voice("purpose", title=voice.title(sources.class_values["title"]), name=found.purpose), at)
    yield Line("clause", voice("clause", clause=found.policy_clause))
    bases = voice.any_of(voice.title(BASES[kind]) for kind in sorted(found.bases))
    yield Line("bases", voice("bases", bases=bases))
    yield Line("retention", voice("retention", period=voice.period(found.retention)))
    yield Line("protection", voice("protection", protection=voice.title(PROTECTIONS[recipient.protection])))
    if recipient.protection is Protection.TLS:
        yield Line("protection_reason", voice("protection_reason", reason=recipient.protection_reason or ""))
    yield _ways(sources, voice)
    yield Line("version", voice("version", version=found.version[:12]))


def _ways(sources: Sources, voice: Voice) -> Line:
    """How the data goes: by routes of theirs, or as an answer to a request of theirs."""
    pull, base_url = sources.pull, sources.map.recipient.base_url
    if pull is None:
        routes = ", ".join(f"{route.method} {base_url}{route.path}" for route in sources.map.routes)
        return Line("routes", voice("routes", routes=routes))
    route, ask = (f"{one.method} {one.path}" for one in (pull.route, pull.ask))
    return Line("asked", voice("asked", route=route, ask=ask), sources.their_line("route"))


def _fields(sources: Sources, voice: Voice) -> Iterator[Entry]:
    for rule in sources.map.fields:
        place = sources.place_at(rule.path)
        if place is None:
            yield Entry(path_text(rule.path), tuple(lines_of(rule, sources, voice, sources.class_line(rule.path))))
        elif place.field is not None:
            at = sources.their_line("shape", place.text)
            said = voice("class_field", field=path_text(place.field))
            named = Line("class_field", said, sources.class_line(place.field))
            yield Entry(path_text(rule.path), (*lines_of(rule, sources, voice, at), named))


def _constants(sources: Sources, voice: Voice) -> Iterator[Entry]:
    for place in sources.service.shape or ():
        if place.field is None:
            at = sources.their_line("shape", place.text)
            yield Entry(place.text, tuple(lines_of(sources.leaving[place.path], sources, voice, at)))


def _stays(sources: Sources, voice: Voice) -> Iterator[Entry]:
    for rule in sources.rules.fields:
        lines = tuple(staying_lines(rule, sources, voice))
        if lines:
            yield Entry(path_text(rule.path), lines)
    yield Entry(None, (Line("rest", voice("rest")),))


def _whose(sources: Sources, voice: Voice) -> Iterator[Line]:
    found = list(_served(sources, voice))
    yield from found or [Line("serves_anyone", voice("serves_anyone"))]
    if sources.service.subject_from is not None:
        said = voice("subject_from", path=path_text(sources.service.subject_from))
        yield Line("subject_from", said, sources.their_line("subject_from"))


def _served(sources: Sources, voice: Voice) -> Iterator[Line]:
    for scope in (*sources.file.scopes, *sources.service.scopes):
        at, path = sources.line(sources.file.document, *scope.at), path_text(scope.serves.path)
        if scope.serves.values is None:
            yield Line("serves_set", voice("serves_set", path=path, name=str(scope.serves.set)), at)
        else:
            condition = voice.line(path, sorted(scope.serves.values))
            yield Line("serves_values", voice("serves_values", condition=condition), at)
    for array, leaf in sources.class_values["items_"].items():
        at = sources.line(sources.class_document, *sources.at, "items", array)
        yield Line("items", voice("items", array=array, leaf=leaf), at)
    for array, leaf in sources.service.items.items():
        yield Line("items", voice("items", array=array, leaf=leaf), sources.their_line("items", array))


def _answer(sources: Sources, voice: Voice) -> Iterator[Entry]:
    if sources.pull is None and not sources.answers:
        yield Entry(None, (Line("answer_none", voice("answer_none")),))
    for rule, text in zip(sources.answers, sources.service.answer, strict=False):
        at = sources.their_line("answer", text)
        because = Line("because", voice("because", because=rule.because), at)
        yield Entry(path_text(rule.path), (*what_it_is(rule, sources, voice), because))

"""One path: would a value there leave for this recipient, and which rule says so.

Promises: the reason is the one that a verdict gives for the same path (`map try`), but for what only a value can
decide; a path in another spelling, or in the class's words where the recipient has its own, is told how it is spelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.canonical import Path, path_text
from gateway.model import FieldRule, WithheldReason
from gateway.purpose.explained.rules import Line, lines_of, what_it_is
from gateway.purpose.explained.sentences import Voice
from gateway.purpose.explained.sources import Fate, Listed, Sources
from gateway.purpose.explained.staying import meaning_lines, staying_lines
from gateway.purpose.explained.titles import NEVER, REASONS


class Verdict(StrEnum):
    """Whether a value at a path leaves."""

    LEAVES = "leaves"
    LEAVES_IF = "leaves_if"  # under a condition that the payload decides
    STAYS = "stays"
    PART = "part"  # no value, but something that holds fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What was found out about one path."""

    path: str
    verdict: Verdict
    lines: tuple[Line, ...]
    reason: WithheldReason | None = None


def explain_path(sources: Sources, path: Path, voice: Voice) -> Ruling:
    """The ruling on one path: in the recipient's own paths, in the class's, or in no one's."""
    if forbidden := _forbidden(sources, path, voice):
        return forbidden
    for spelled in _spellings(path, sources):
        ruling = _known(sources, spelled, voice)
        if ruling is not None:
            if spelled == path:
                return ruling
            hint = Line("spelled", voice("spelled", path=path_text(spelled)))
            return Ruling(
                path=path_text(path), verdict=ruling.verdict, lines=(hint, *ruling.lines), reason=ruling.reason
            )
    return _unknown(path, voice)


def _forbidden(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    """The name that no map can let through; the first key that has one, a special category before `never`."""
    for step in path:
        if found := sources.special(step.key):
            return _stays(path, WithheldReason.SPECIAL_CATEGORY, _special(sources, found, voice), voice)
        if found := sources.never(step.key):
            title = voice.title(NEVER[found.group]) if found.group in NEVER else found.group
            at = sources.line(sources.policy, *found.at)
            said = [Line("never", voice("never", word=found.word, group=title), at)]
            return _stays(path, WithheldReason.NEVER, said, voice)
    return None


def _special(sources: Sources, found: Listed, voice: Voice) -> Iterator[Line]:
    one = sources.policy_values["special_categories"][found.group]
    said = voice("special", word=found.word, group=voice.title(one["title"]))
    yield Line("special", said, sources.line(sources.policy, *found.at))
    if one["refuse"]:
        yield Line("special_refuses", voice("special_refuses"))


def _known(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    """What some map says of a path, in the order in which the projection asks; None where none says anything."""
    rule = sources.leaving.get(path)
    feeds = [one for one in sources.map.fields if path in one.sources and one.path != path]
    if rule is not None and (path in rule.sources or not feeds):
        return _leaves(sources, rule, voice)
    if feeds:
        said = Line("feeds", voice("feeds", paths=_paths(one.path for one in feeds)))
        ruling = _leaves(sources, feeds[0], voice)
        return Ruling(path=path_text(path), verdict=ruling.verdict, lines=(said, *ruling.lines))
    return (
        _of_the_class(sources, path, voice)
        or _narrowed(sources, path, voice)
        or _part(sources, path, voice)
        or _below(sources, path, voice)
        or _read(sources, path, voice)
        or _comes_back(sources, path, voice)
    )


def _leaves(sources: Sources, rule: FieldRule, voice: Voice) -> Ruling:
    place = sources.place_at(rule.path)
    at = sources.class_line(rule.path) if place is None else sources.their_line("shape", place.text)
    lines = [*lines_of(rule, sources, voice, at)]
    if place is not None and place.field is not None:
        said = voice("class_field", field=path_text(place.field))
        lines.append(Line("class_field", said, sources.class_line(place.field)))
    verdict = Verdict.LEAVES_IF if rule.when else Verdict.LEAVES
    return Ruling(path=path_text(rule.path), verdict=verdict, lines=tuple(lines))


def _of_the_class(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    """A path in the class's words: where the recipient's shape has it, or why it does not leave."""
    rule = next((one for one in sources.rules.fields if path == one.path or path in one.sources), None)
    if rule is None:
        return None
    if sources.fate(rule) is Fate.LEAVES and sources.service.shape is not None:
        places = [place.path for place in sources.places(rule.path) if place.path in sources.leaving]
        said = Line("elsewhere", voice("elsewhere", paths=_paths(places)), sources.class_line(rule.path))
        ruling = _leaves(sources, sources.leaving[places[0]], voice)
        return Ruling(path=path_text(path), verdict=ruling.verdict, lines=(said, *ruling.lines))
    lines = list(staying_lines(rule, sources, voice))
    unbound = sources.fate(rule) is Fate.UNBOUND
    reason = WithheldReason.NOT_IN_MAP if unbound else WithheldReason.NARROWED
    return _stays(path, reason, lines, voice) if lines else None


def _narrowed(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    """A place of the shape whose field this recipient may not have."""
    place = next((one for one in sources.service.shape or () if path == one.path or path in one.sources), None)
    if place is None or place.field is None:
        return None
    rule = next(one for one in sources.rules.fields if one.path == place.field)
    named = Line("class_field", voice("class_field", field=path_text(place.field)), sources.class_line(place.field))
    return _stays(path, WithheldReason.NARROWED, [*staying_lines(rule, sources, voice), named], voice)


def _part(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    below = [one for one in sources.leaving if len(one) > len(path) and _bare(one)[: len(path)] == _bare(path)]
    if not below:
        return None
    return Ruling(path=path_text(path), verdict=Verdict.PART, lines=(Line("part", voice("part", paths=_paths(below))),))


def _below(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    above = next((one for one in sources.leaving if len(one) < len(path) and path[: len(one)] == one), None)
    if above is None:
        return None
    said = [Line("below", voice("below", path=path_text(above)))]
    return _stays(path, WithheldReason.BAD_VALUE, said, voice)


def _read(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    """A path that only decides: a condition, whose data it is, what it means in the class's words."""
    lines = [Line("read", voice("read"))]
    ours = [rule.path for rule in sources.rules.fields if path in _asked(rule)]
    theirs = [rule.path for rule in sources.map.fields if path in _asked(rule)]
    if theirs or ours:
        lines.append(Line("decides", voice("decides", paths=_paths(theirs or ours))))
    lines += meaning_lines(path, sources, voice)
    if not theirs and not ours and path not in {one.path for one in sources.map.serves}:
        return None
    return _stays(path, WithheldReason.NOT_IN_MAP, lines, voice)


def _comes_back(sources: Sources, path: Path, voice: Voice) -> Ruling | None:
    """A path of the answer, which never leaves and is the only thing that comes back."""
    for rule, text in zip(sources.answers, sources.service.answer, strict=False):
        if rule.path == path:
            at = sources.their_line("answer", text)
            said = Line("comes_back", voice("comes_back"), at)
            because = Line("because", voice("because", because=rule.because))
            lines = [said, *what_it_is(rule, sources, voice), because]
            return _stays(path, WithheldReason.NOT_IN_MAP, lines, voice)
    return None


def _unknown(path: Path, voice: Voice) -> Ruling:
    return _stays(path, WithheldReason.NOT_IN_MAP, [Line("not_in_map", voice("not_in_map"))], voice)


def _stays(path: Path, reason: WithheldReason, lines: Iterable[Line], voice: Voice) -> Ruling:
    said = Line("stays", voice("stays", reason=voice.title(REASONS[reason])))
    return Ruling(path=path_text(path), verdict=Verdict.STAYS, lines=(said, *lines), reason=reason)


def _asked(rule: FieldRule) -> set[Path]:
    return {line.path for table in rule.when for line in table}


def _spellings(path: Path, sources: Sources) -> Iterator[Path]:
    """The path as given, then the known one that differs by its arrays, its letter case or a missing `body.` only."""
    yield path
    known = [*sources.leaving, *(rule.path for rule in sources.rules.fields)]
    wanted = _folded(path)
    for one in known:
        if one != path and (_folded(one) == wanted or (sources.map.located and _folded(one[1:]) == wanted)):
            yield one


def _folded(path: Path) -> tuple[str, ...]:
    return tuple(step.key.casefold() for step in path)


def _bare(path: Path) -> tuple[str, ...]:
    return tuple(step.key for step in path)


def _paths(paths: Iterable[Path]) -> str:
    return ", ".join(dict.fromkeys(map(path_text, paths)))

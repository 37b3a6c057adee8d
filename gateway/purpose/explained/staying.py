"""Why a field that the class map has stays home for one recipient."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.canonical import Path, path_text
from gateway.model import FieldRule, TextMode
from gateway.purpose.conditions import RECIPIENT, Table
from gateway.purpose.explained.rules import Line
from gateway.purpose.explained.sentences import Voice
from gateway.purpose.explained.sources import Fate, Sources


def staying_lines(rule: FieldRule, sources: Sources, voice: Voice) -> Iterator[Line]:
    """Which rule keeps a field of the class map home; nothing where it leaves."""
    fate = sources.fate(rule)
    if fate is Fate.WITHHELD:
        at = sources.their_line("withhold", sources.service.withhold.index(rule.path))
        yield Line("withheld", voice("withheld"), at)
    elif fate is Fate.DROPPED:
        is_theirs = sources.service.text is TextMode.DROP
        at = sources.their_line("text") if is_theirs else sources.line(sources.class_document, *sources.at, "text")
        yield Line("dropped", voice("dropped"), at)
    elif fate is Fate.ROLE:
        condition = voice.condition(rule.when)
        said = voice("role", condition=condition, own=_own(rule, sources, voice))
        yield Line("role", said, sources.class_line(rule.path))
    elif fate is Fate.NO_WORD:
        said = voice("no_word", condition=voice.condition(rule.when), own=_told(rule, sources, voice))
        at = sources.their_line("shape", sources.places(rule.path)[0].text)
        yield Line("no_word", said, at)
    elif fate is Fate.UNBOUND:
        yield Line("unbound", voice("unbound"), sources.class_line(rule.path))
        yield from meaning_lines(rule.path, sources, voice)


def meaning_lines(path: Path, sources: Sources, voice: Voice) -> Iterator[Line]:
    """What the recipient's values mean for a path that the class map reads; nothing where they say nothing."""
    if path in sources.service.means:
        text, told = sources.service.means[path]
        values = told if isinstance(told, str) else ", ".join(_meant(told))
        yield Line("means", voice("means", values=values), sources.their_line("means", text))


def _meant(told: Table) -> Iterator[str]:
    return (f"{path_text(told.path)} {theirs} → {ours}" for theirs, ours in told.values.items())


def _own(rule: FieldRule, sources: Sources, voice: Voice) -> str:
    """The recipient's attributes that the condition of a rule reads."""
    read = {line.path for table in rule.when for line in table if line.path[0].key == RECIPIENT}
    own = [(path_text(path), sources.file.attributes.get(path[1].key, voice("no_value"))) for path in sorted(read)]
    return ", ".join(voice.line(path, [value]) for path, value in own)


def _told(rule: FieldRule, sources: Sources, voice: Voice) -> str:
    """What the recipient's API says of the paths that the condition of a rule reads."""
    read = {line.path for table in rule.when for line in table if line.path[0].key != RECIPIENT}
    return ", ".join(voice.line(path_text(path), _values(path, sources, voice)) for path in sorted(read))


def _values(path: Path, sources: Sources, voice: Voice) -> list[str]:
    told = sources.service.means.get(path)
    if told is None:
        return [voice("no_word_for")]
    return [told[1]] if isinstance(told[1], str) else sorted(set(told[1].values.values()))

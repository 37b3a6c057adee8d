"""One rule as sentences: what a value must be, what becomes of it, under which condition, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.canonical import path_text
from gateway.model import FieldRule
from gateway.purpose.constants import BECAUSE
from gateway.purpose.explained.sentences import Voice
from gateway.purpose.explained.sources import Sources
from gateway.purpose.explained.titles import TRANSFORMS, TYPES

_BOUNDS = ("max_length", "minimum", "maximum", "places", "max_items", "min_items", "template", "generic")


class Line(NamedTuple):
    """One sentence, by its key, with the file and line that say it."""

    key: str
    text: str
    at: str | None = None


def lines_of(rule: FieldRule, sources: Sources, voice: Voice, at: str) -> Iterator[Line]:
    """A rule whose value leaves; conditions in the paths that a payload has."""
    if rule.when:
        yield Line("leaves_if", voice("leaves_if", condition=voice.condition(rule.when)), at)
    else:
        yield Line("leaves", voice("leaves"), at)
    key = "required" if rule.required else "optional"
    yield Line(key, voice(key))
    yield from what_it_is(rule, sources, voice)
    if rule.because == BECAUSE:
        yield Line("constant", voice("constant"))
    else:
        yield Line("because", voice("because", because=rule.because))


def what_it_is(rule: FieldRule, sources: Sources, voice: Voice) -> Iterator[Line]:
    """Category, type, transform and bounds of a rule."""
    title = sources.policy_values["categories"][rule.category]["title"]
    yield Line("category", voice("category", title=voice.title(title)))
    yield Line("type", voice("type", title=voice.title(TYPES[rule.type])))
    if rule.transform is not None:
        yield Line("transform", voice("transform", title=voice.title(TRANSFORMS[rule.transform])))
    if rule.sources != (rule.path,):
        yield Line("sources", voice("sources", paths=", ".join(map(path_text, rule.sources))))
    if rule.one_of:
        yield Line("one_of", voice("one_of", value=", ".join(rule.one_of)))
    if rule.pattern is not None:
        yield Line("pattern", voice("pattern", value=f"/{rule.pattern}/"))
    if rule.hosts:
        yield Line("hosts", voice("hosts", value=", ".join(rule.hosts)))
    for name in _BOUNDS:
        bound = getattr(rule, name)
        if bound is not None:
            yield Line(name, voice(name, value=str(bound)))

"""How much of what must go is gone, and how much of what must stay stands, seen from outside the scrub.

What was removed is found by aligning the scrubbed text with the original: the words between labels stand in both, in
order. So nothing here depends on how the recognisers work, and a scrub that alters anything else does not align.

| figure | what it says |
|---|---|
| recall | of the labelled spans, those of which no letter and no digit is left; any label may stand for them |
| precision | of the findings of a kind (by the label in the text), those that touch something that had to go or might |
| harmless unchanged | of the harmless texts, those that came out byte for byte as they went in |
| useful kept | of the stretches marked useful, those of which no letter and no digit is gone |
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from gateway.minimise.text import Scrubbed, compile_scrub, registry
from gateway.minimise.text.labels import labels
from gateway.model import Lexicon
from gateway.purpose.schemas import TaxonomySchema, conform
from gateway.purpose.taxonomy import compile_taxonomy
from gateway.purpose.yaml_files import read_document
from tests.text.corpus import MAY_GO, Span, Text

TAXONOMY = Path(__file__).parents[2] / "purpose_maps" / "taxonomy.yaml"
Scrub = Callable[[str], Scrubbed]


def our_lexicon() -> Lexicon:
    """What the project's own taxonomy says must never leave."""
    document, problems = read_document(TAXONOMY)
    if document is None:
        raise ValueError(problems)
    values, problems = conform(document, TaxonomySchema())
    if values is None:
        raise ValueError(problems)
    return compile_taxonomy(document, values)[0].lexicon


class Removed(NamedTuple):
    """A stretch of the original that a label stands for, the earliest that aligns; `latest` is where it ends at most.

    Two labels with a space between can stand for «кв. 12 слеп» in two ways.
    """

    start: int
    end: int
    kind: str
    latest: int


class Judge:
    """The scrub of the project's own maps, and what its labels mean."""

    def __init__(self) -> None:
        self.lexicon = our_lexicon()
        self.recognisers = registry(self.lexicon)
        self.scrub: Scrub = compile_scrub(self.recognisers, self.lexicon)
        groups = {category.group for category in self.lexicon.special}
        self._kinds = {
            label: "special" if kind in groups else kind
            for kind, tongues in labels(self.lexicon.special).items()
            for label in tongues.values()
        }
        longest_first = sorted(self._kinds, key=len, reverse=True)
        self._label = re.compile("|".join(map(re.escape, longest_first)))

    def removed(self, text: str, scrubbed: str) -> list[Removed] | None:
        """What was removed; None where the two do not align: something outside the findings was altered."""
        if scrubbed == text:
            return []
        stays = self._label.split(scrubbed)
        kinds = [self._kinds[label] for label in self._label.findall(scrubbed)]
        if not text.startswith(stays[0]):
            return None
        found, at = [], len(stays[0])
        for number, (kind, stay) in enumerate(zip(kinds, stays[1:], strict=True), 2):
            last = number == len(stays)
            place = len(text) - len(stay) if last else text.find(stay, at + 1)
            if place <= at or not text.startswith(stay, place):
                return None
            found.append(Removed(at, place, kind, place))
            at = place + len(stay)
        return _latest(text, stays, found) if at == len(text) else None


def _latest(text: str, stays: list[str], found: list[Removed]) -> list[Removed]:
    """The same findings with the latest places where they can end, from the last to the first."""
    made, before = [], len(text)
    for number in reversed(range(len(found))):
        stay = stays[number + 1]
        last = number + 1 == len(found)
        before = before - len(stay) if last else text.rfind(stay, 0, before - 1)
        made.append(found[number]._replace(latest=max(before, found[number].end)))
    return made[::-1]


@dataclass
class Figures:
    """The counts of one kind in one language."""

    hidden: int = 0
    labelled: int = 0
    right: int = 0
    found: int = 0


@dataclass
class Report:
    """The counts over texts, and the names of what went wrong."""

    by: dict[tuple[str, str], Figures] = field(default_factory=dict)
    harmless: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    useful: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    not_aligned: list[str] = field(default_factory=list)
    characters: int = 0
    seconds: float = 0.0

    def figures(self, kind: str, tongue: str) -> Figures:
        """The counts of a kind in a language, empty at first."""
        return self.by.setdefault((kind, tongue), Figures())

    def recall(self, kinds: Iterable[str], tongues: Iterable[str] | None = None) -> float:
        """The share of labelled spans of these kinds that are gone."""
        chosen = [one for (kind, tongue), one in self.by.items() if kind in kinds and tongue in (tongues or (tongue,))]
        return share(sum(one.hidden for one in chosen), sum(one.labelled for one in chosen))

    def precision(self, kinds: Iterable[str]) -> float:
        """The share of findings of these kinds that touch something that had to go."""
        chosen = [one for (kind, _), one in self.by.items() if kind in kinds]
        return share(sum(one.right for one in chosen), sum(one.found for one in chosen))

    @property
    def harmless_unchanged(self) -> float:
        """The share of harmless texts that came out as they went in."""
        return share(self.unchanged.total(), self.harmless.total())

    @property
    def useful_kept(self) -> float:
        """The share of useful stretches that stand."""
        return share(self.kept.total(), self.useful.total())

    @property
    def per_thousand(self) -> float:
        """Microseconds for 1,000 characters."""
        return self.seconds * 1e6 / max(1, self.characters) * 1000


def share(part: int, whole: int) -> float:
    """A part of a whole; of nothing, all is right."""
    return part / whole if whole else 1.0


def measure(texts: Sequence[Text], judge: Judge) -> Report:
    """Scrub the texts and count."""
    report = Report()
    report.characters = sum(len(text.words) for text in texts)
    began = time.thread_time()
    scrubbed = [judge.scrub(text.words).text for text in texts]
    report.seconds = time.thread_time() - began
    for text, made in zip(texts, scrubbed, strict=True):
        _count(text, made, judge, report)
    return report


def _count(text: Text, made: str, judge: Judge, report: Report) -> None:
    removed = judge.removed(text.words, made)
    if removed is None:
        report.not_aligned.append(f"{text.name}: {text.words!r} → {made!r}")
        return
    gone = bytearray(len(text.words))
    for one in removed:
        gone[one.start : one.end] = b"\1" * (one.end - one.start)
    for label in text.labels:
        if label.kind == MAY_GO:
            continue
        figures = report.figures(label.kind, text.tongue)
        figures.labelled += 1
        if _all(text.words, label, gone, wanted=True):
            figures.hidden += 1
        else:
            report.missed.append(f"{text.tongue} {label.kind} {text.name}: {_shown(text.words, label)}")
    for one in removed:
        figures = report.figures(one.kind, text.tongue)
        figures.found += 1
        if any(one.start < label.end and label.start < one.latest for label in text.labels):
            figures.right += 1
        else:
            report.wrong.append(f"{text.tongue} {one.kind} {text.name}: {_shown(text.words, Span(*one[:3]))}")
    _count_what_stays(text, made, gone, report)


def _count_what_stays(text: Text, made: str, gone: bytearray, report: Report) -> None:
    if text.harmless:
        report.harmless[text.tongue] += 1
        report.unchanged[text.tongue] += made == text.words
    for span in text.useful:
        report.useful[text.tongue] += 1
        stands = _all(text.words, span, gone, wanted=False)
        report.kept[text.tongue] += stands
        if not stands:
            report.wrong.append(f"{text.tongue} useful {text.name}: {_shown(text.words, span)} → {made!r}")


def _all(words: str, span: Span, gone: bytearray, *, wanted: bool) -> bool:
    """True if every letter and digit of the span is gone (or, with wanted=False, stands)."""
    return all(bool(gone[at]) is wanted for at in range(span.start, span.end) if words[at].isalnum())


def _shown(words: str, span: Span) -> str:
    """A span with what stands about it."""
    before, after = words[max(0, span.start - 40) : span.start], words[span.end : span.end + 15]
    return repr(f"{before}⟦{words[span.start : span.end]}⟧{after}")

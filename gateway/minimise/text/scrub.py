"""Free text with what names a person replaced by labels, and everything else byte for byte as it was.

The registry below is the place for a new recogniser. What no recogniser knows stays: free text leaves only where a map
says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.minimise.text.addresses import Emails, Ibans
from gateway.minimise.text.contexts import Contexts
from gateway.minimise.text.doors import Doors
from gateway.minimise.text.findings import Finding, Recogniser
from gateway.minimise.text.flats import Flats
from gateway.minimise.text.folding import TAGS, fold
from gateway.minimise.text.labels import labels, language
from gateway.minimise.text.numbers import Numbers
from gateway.minimise.text.people import People
from gateway.minimise.text.phrases import notes
from gateway.minimise.text.plates import Plates
from gateway.minimise.text.spoken import SpokenNumbers
from gateway.minimise.text.spoken_emails import SpokenEmails
from gateway.minimise.text.words import SpecialWords
from gateway.model import Lexicon

IDENTIFIERS: tuple[Recogniser, ...] = (Ibans(), Emails(), Numbers())
"""What finds numbers and addresses, in any text and any value."""


class Scrubbed(NamedTuple):
    """The text that may leave, and the kinds that were replaced in it, one for each label, with `phrases.NOTES`."""

    text: str
    kinds: tuple[str, ...]


def registry(lexicon: Lexicon, *, keeps_flats: bool = False) -> tuple[Recogniser, ...]:
    """All recognisers, most specific first; without that of flats where the map gives the flat away."""
    found_by_words = (
        SpokenNumbers(),
        SpokenEmails(),
        Plates(),
        Contexts(),
        Doors(),
        *(() if keeps_flats else (Flats(),)),
    )
    return (*IDENTIFIERS, *found_by_words, People(), SpecialWords(lexicon.special))


def compile_scrub(recognisers: Sequence[Recogniser], lexicon: Lexicon) -> Callable[[str], Scrubbed]:
    """The function that scrubs text with these recognisers."""
    named = labels(lexicon.special)
    special = frozenset(category.group for category in lexicon.special)
    ranks: dict[str, int] = {}
    for recogniser in recognisers:
        for kind in recogniser.kinds:
            ranks.setdefault(kind, len(ranks))

    def scrub(text: str) -> Scrubbed:
        folded = fold(text)
        found = [finding for recogniser in recognisers for finding in recogniser.find(folded.text)]
        if not found and (folded.where is None or TAGS.search(text) is None):
            return Scrubbed(text, ())
        tongue = language(text)
        pieces: list[str] = []
        kinds: list[str] = []
        at = 0
        merged = merge(found, ranks)
        for finding in merged:
            start, end = folded.span(finding.start, finding.end)
            pieces += (text[at:start], named[finding.kind][tongue])
            kinds.append(finding.kind)
            at = end
        made = "".join((*pieces, text[at:]))
        kinds += notes(folded.text, merged, special)
        if folded.where is None:  # nothing was without width
            return Scrubbed(made, tuple(kinds))
        made, tags = TAGS.subn(named["hidden"][tongue], made)
        return Scrubbed(made, (*kinds, *["hidden"] * tags))

    return scrub


def merge(findings: Sequence[Finding], ranks: dict[str, int]) -> list[Finding]:
    """Findings that overlap as one, over all that they cover, named by the longest (then the most specific) of them.

    Covering all of them, and not only the best: a wrong one must not uncover a part of a right one.
    """
    merged: list[Finding] = []
    longest = 0
    for finding in sorted(
        findings, key=lambda finding: (finding.start, finding.start - finding.end, ranks[finding.kind])
    ):
        length = finding.end - finding.start
        last = merged[-1] if merged else None
        if last is None or finding.start >= last.end:
            merged.append(finding)
            longest = length
            continue
        kind = last.kind
        if (-length, ranks[finding.kind]) < (-longest, ranks[last.kind]):
            kind, longest = finding.kind, length
        merged[-1] = Finding(last.start, max(last.end, finding.end), kind)
    return merged

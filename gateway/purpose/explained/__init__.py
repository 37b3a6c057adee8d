"""Explanations: a map, or one path, as sentences in Kazakh, Russian or English, each with the file and line behind it.

For the security team and for developers. `sources` reads the files behind a compiled map, `rules`, `staying`, `whole`
and `one` say what they do, `sentences` and `titles` hold every word. It decides nothing: what it says of a path is what
the compiled map does with it.
"""

from __future__ import annotations

from gateway.purpose.explained.one import Ruling, Verdict, explain_path
from gateway.purpose.explained.rules import Line
from gateway.purpose.explained.sentences import Voice
from gateway.purpose.explained.sources import Sources, read_sources
from gateway.purpose.explained.titles import Language
from gateway.purpose.explained.whole import Entry, Section, explain_map

__all__ = [
    "Entry",
    "Language",
    "Line",
    "Ruling",
    "Section",
    "Sources",
    "Verdict",
    "Voice",
    "explain_map",
    "explain_path",
    "read_sources",
]

"""Stage 2, purpose: decide which data this recipient may have for this purpose.

Maps are read strictly, linted and compiled once (`load_snapshot`); each transfer is decided against that one snapshot
(`decide`) and asked about again before it is sent (`ask_again`). A gap in the maps is a refusal or stops the start.
"""

from __future__ import annotations

from gateway.purpose.decide import ask_again, decide
from gateway.purpose.evidence import Contradiction, Evidence, contradictions, load_evidence
from gateway.purpose.examples import Example, load_examples
from gateway.purpose.load import load_snapshot
from gateway.purpose.scope import kept_sets

__all__ = [
    "Contradiction",
    "Evidence",
    "Example",
    "ask_again",
    "contradictions",
    "decide",
    "kept_sets",
    "load_evidence",
    "load_examples",
    "load_snapshot",
]

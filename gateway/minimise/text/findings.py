"""What a recogniser is, and what it gives back.

A recogniser reads folded text (`folding.fold`) and says where something stands that must not leave. It changes
nothing, keeps nothing and runs in time linear in the text. The registry in `scrub.py` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Finding(NamedTuple):
    """Something that must not leave: where it stands in the folded text, and what it is."""

    start: int
    end: int
    kind: str


class Recogniser(Protocol):
    """Finds one or more kinds of personal data in folded text."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it can find, most specific first."""
        ...

    def find(self, text: str) -> Iterable[Finding]:
        """Every place where one of its kinds stands, in any order; places may overlap."""
        ...

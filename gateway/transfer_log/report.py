"""What the verifier reports: where the log disagrees with itself, and what it holds.

Promises: a problem tells place, check, what was expected and what was found, and never what an opening says. However
much is wrong, a report stays small: the first problems are shown and all are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.model import EntryKind

PROBLEM_LIMIT = 1_000  # shown; the rest is counted


class Check(StrEnum):
    """What was checked where a problem was found."""

    INDEX = "index"  # indices are dense from 0, each once
    LEAF = "leaf"  # the leaf parses and is spelled canonically
    OPENING = "opening"  # each half of each leaf has one opening, and no other opening exists
    COMMITMENT = "commitment"  # the opening is the one that the leaf commits to
    BODY = "body"  # what the opening says is of the kind that the leaf names
    CHECKPOINT = "checkpoint"  # form, origin, size and signature
    ROOT = "root"  # the root recomputed from the leaves is the root that was signed
    COVERAGE = "coverage"  # the last checkpoint covers every entry, and no more than there are
    INTENT = "intent"  # one intent for each attempt, and no refusal beside it
    OUTCOME = "outcome"  # at most one outcome for each attempt, and an intent before it


@dataclass(frozen=True, slots=True)
class Problem:
    """One disagreement, somewhere in the entries `first` to `last` (the same where one entry is known)."""

    first: int
    last: int
    check: Check
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"entry {self.first}" if self.first == self.last else f"entries {self.first} to {self.last}"
        return f"{place}: {self.check}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Report:
    """What the verifier saw. `proven` entries from the start are under a checkpoint whose root was recomputed."""

    entries: int
    kinds: Mapping[EntryKind, int]
    checkpoints: int
    proven: int
    root: bytes
    without_outcome: tuple[int, ...]  # intents: in flight, or waiting for the sweep to write `unknown`
    problems: tuple[Problem, ...]
    problem_count: int

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return self.problem_count == 0

    @property
    def open_intents(self) -> int:
        """How many intents have no outcome."""
        return len(self.without_outcome)


class Problems:
    """The problems found so far."""

    def __init__(self) -> None:
        self.shown: list[Problem] = []
        self.count = 0

    def note(self, index: int, check: Check, expected: str, found: str) -> None:
        """Note a problem of one entry."""
        self.note_interval(index, index, check, expected, found)

    def note_interval(self, first: int, last: int, check: Check, expected: str, found: str) -> None:
        """Note a problem somewhere in the entries `first` to `last`."""
        self.count += 1
        if len(self.shown) < PROBLEM_LIMIT:
            self.shown.append(Problem(first, max(first, last), check, expected, found))

    def note_gap(self, awaited: int, index: int) -> None:
        """Note that `index` came where `awaited` should have."""
        if index < awaited:
            self.note(index, Check.INDEX, f"entry {awaited}", "an index that was there before")
        else:
            self.note_interval(awaited, index - 1, Check.INDEX, f"entry {awaited}", f"entry {index}")

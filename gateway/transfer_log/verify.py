"""The verifier: recompute the whole log from what is stored, and say where it does not agree with itself.

Promises: a pure function over the rows of the log, ordered by index, in one pass and with memory for little more than
the ids of the transfers. It knows no database and nothing of the house but the formats of this folder. A problem
tells place, check, what was expected and what was found; it must never show what an opening says.

What it cannot see by itself: a log that was rolled back whole, with its newest checkpoints. Put a checkpoint that
someone outside kept among `checkpoints`, and it sees that too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway import canonical
from gateway.model import EntryKind, Opening
from gateway.transfer_log.attempts import Attempts
from gateway.transfer_log.checkpoint import open_checkpoint
from gateway.transfer_log.entry import Leaf, commitment, read_leaf
from gateway.transfer_log.report import Check, Problem, Problems, Report
from gateway.transfer_log.tree import RunningTree, leaf_hash, root

__all__ = ["Check", "Half", "OpeningRow", "Problem", "Report", "verify"]

PROGRESS_EVERY = 1_024


class Half(StrEnum):
    """Which half of an entry an opening opens."""

    SHARED = "shared"
    PRIVATE = "private"


OpeningRow: TypeAlias = tuple[int, str, Opening]
"""An opening as stored: of the entry at this index, this half."""


def verify(
    entries: Iterable[tuple[int, bytes]],
    openings: Iterable[OpeningRow],
    checkpoints: Iterable[tuple[int, bytes]],
    *,
    origin: str,
    key: Ed25519PublicKey,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check every leaf (index, bytes), opening and checkpoint (size, note), each ordered by its number."""
    problems = Problems()
    tree = RunningTree()
    halves = _Openings(openings, problems)
    heads = _Checkpoints(checkpoints, origin, key, tree, problems)
    attempts = Attempts(problems)
    kinds: Counter[EntryKind] = Counter()
    awaited = 0
    for index, leaf in entries:
        if index != awaited:
            problems.note_gap(awaited, index)
            if index < awaited:
                continue
            attempts.skip(index - awaited)
        heads.check_up_to(index)
        tree.add(leaf_hash(leaf))
        said = _read(index, leaf, problems)
        shared = halves.take(index, said)
        attempts.see(index, said, shared)
        if said is not None:
            kinds[said.kind] += 1
        awaited = index + 1
        if progress is not None and not awaited % PROGRESS_EVERY:
            progress(awaited)
    heads.finish(awaited)
    halves.finish()
    if progress is not None:
        progress(awaited)
    return Report(
        entries=tree.size,
        kinds=dict(kinds),
        checkpoints=heads.count,
        proven=heads.proven,
        root=root(tree.frontier()),
        without_outcome=attempts.without_outcome(),
        problems=tuple(problems.shown),
        problem_count=problems.count,
    )


def _read(index: int, leaf: bytes, problems: Problems) -> Leaf | None:
    try:
        return read_leaf(leaf)
    except ValueError as error:
        problems.note(index, Check.LEAF, "a canonical leaf", str(error))
        return None


class _Openings:
    """The openings, taken along with the leaves that commit to them."""

    def __init__(self, rows: Iterable[OpeningRow], problems: Problems) -> None:
        self._rows = iter(rows)
        self._problems = problems
        self._next = next(self._rows, None)

    def take(self, index: int, leaf: Leaf | None) -> bytes | None:
        """The body of the shared half at `index` if it is the one that the leaf commits to."""
        self._report_strays(index)
        found: dict[str, Opening] = {}
        while self._next is not None and self._next[0] == index:
            _, half, opening = self._next
            if half in found or half not in (Half.SHARED, Half.PRIVATE):
                self._problems.note(index, Check.OPENING, "one opening for each half", "another one")
            found[half] = opening
            self._next = next(self._rows, None)
        self._agreed(index, Half.PRIVATE, found, None if leaf is None else leaf.private)
        shared = self._agreed(index, Half.SHARED, found, None if leaf is None else leaf.shared)
        return None if shared is None else shared.body

    def _agreed(self, index: int, half: Half, found: Mapping[str, Opening], committed: str | None) -> Opening | None:
        opening = found.get(half)
        if opening is None:
            self._problems.note(index, Check.OPENING, f"the {half} opening, or an entry of its erasure", "neither")
            return None
        try:
            computed = canonical.b64(commitment(opening))
        except ValueError as error:
            computed = str(error)
        if committed is not None and computed != committed:
            self._problems.note(index, Check.COMMITMENT, f"{half} {committed}", computed)
            return None
        return opening

    def finish(self) -> None:
        """Report the openings that are left."""
        self._report_strays(None)

    def _report_strays(self, index: int | None) -> None:
        while self._next is not None and (index is None or self._next[0] < index):
            self._problems.note(self._next[0], Check.OPENING, "an entry that it opens", "none in this place")
            self._next = next(self._rows, None)


class _Checkpoints:
    """The checkpoints, each compared when the tree has grown to its size."""

    def __init__(
        self,
        rows: Iterable[tuple[int, bytes]],
        origin: str,
        key: Ed25519PublicKey,
        tree: RunningTree,
        problems: Problems,
    ) -> None:
        self._rows = iter(rows)
        self._origin = origin
        self._key = key
        self._tree = tree
        self._problems = problems
        self._next = next(self._rows, None)
        self._last_size = 0
        self._diverged = False
        self.count = 0
        self.proven = 0

    def check_up_to(self, size: int) -> None:
        """Compare those that speak of a tree no larger than `size`, before the next leaf is added."""
        while self._next is not None and self._next[0] <= size:
            self._check(*self._next, size)
            self._next = next(self._rows, None)

    def finish(self, size: int) -> None:
        """Compare the rest: they speak of the whole log, or of entries that are gone."""
        self.check_up_to(size)
        while self._next is not None:
            declared, note = self._next
            if self._open(declared, note) is not None:
                self._problems.note_interval(
                    size, declared - 1, Check.COVERAGE, f"{declared} entries, as the checkpoint says", f"{size} entries"
                )
            self._last_size = declared
            self._next = next(self._rows, None)
        if self._last_size < size:
            self._problems.note_interval(
                self._last_size, size - 1, Check.COVERAGE, "a checkpoint over the last entry", f"{self._last_size}"
            )

    def _check(self, declared: int, note: bytes, size: int) -> None:
        signed = self._open(declared, note)
        first, self._last_size = self._last_size, max(self._last_size, declared)
        if signed is None or declared != size or self._diverged:
            return
        computed = root(self._tree.frontier())
        if computed == signed and self._tree.size == size:
            self.proven = size
            return
        # No later root can agree either: one problem, in the interval where it first shows.
        self._diverged = True
        self._problems.note_interval(
            first, size - 1, Check.ROOT, f"root {canonical.b64(signed)}", f"root {canonical.b64(computed)}"
        )

    def _open(self, declared: int, note: bytes) -> bytes | None:
        """The root that was signed for the declared size."""
        self.count += 1
        first = self._last_size
        if declared <= first and self.count > 1:
            self._problems.note_interval(
                declared - 1, first - 1, Check.CHECKPOINT, "sizes that grow", f"{declared} after {first}"
            )
            return None
        try:
            checkpoint = open_checkpoint(note, self._origin, self._key)
        except ValueError as error:
            self._problems.note_interval(first, declared - 1, Check.CHECKPOINT, "a signed checkpoint", str(error))
            return None
        if checkpoint.size != declared:
            last = max(declared, checkpoint.size) - 1
            self._problems.note_interval(
                first, last, Check.CHECKPOINT, f"a checkpoint of size {declared}", f"of size {checkpoint.size}"
            )
            return None
        return checkpoint.root

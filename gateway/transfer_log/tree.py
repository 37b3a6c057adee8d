"""The Merkle tree of the log: hashes, growth by groups, inclusion proofs.

Promises: hashes as RFC 6962 section 2.1 has them, so any outside verifier agrees; the proof of each new leaf is made
from the old frontier and the new leaves alone, so an append reads nothing. It takes bytes and integers and knows no
entry; it must never trust a size or a hash that came from outside without checking its form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

HASH_BYTES = 32

_sha256 = hashlib.sha256


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf; source: RFC 6962 section 2.1, SHA-256(0x00 ‖ leaf)."""
    return _sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node; source: RFC 6962 section 2.1, SHA-256(0x01 ‖ left ‖ right)."""
    return _sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All of a tree that its growth needs: the roots of its complete subtrees, largest first. Raises ValueError."""

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count() or set(map(len, self.hashes)) - {HASH_BYTES}:
            raise ValueError("a frontier has one hash for each bit that is set in its size")


EMPTY = Frontier(0, ())


@dataclass(frozen=True, slots=True)
class Growth:
    """What an append made: the new frontier and root, and for each new leaf its inclusion proof in the new tree."""

    frontier: Frontier
    root: bytes
    proofs: tuple[tuple[bytes, ...], ...]


def root(frontier: Frontier) -> bytes:
    """The root of the tree; source: RFC 6962 section 2.1 (the empty tree is SHA-256 of nothing)."""
    if not frontier.hashes:
        return _sha256(b"").digest()
    *larger, joined = frontier.hashes
    for subtree in reversed(larger):
        joined = node_hash(subtree, joined)
    return joined


def append(frontier: Frontier, leaf_hashes: Sequence[bytes]) -> Growth:
    """The tree with these leaves at its end, and their proofs; source: RFC 6962 section 2.1.1.

    Level by level from the leaves: `row` is the run of complete subtrees of this height that hold a new leaf, after
    the old one to their left where they need it; `edge` is the incomplete subtree to the right of the row. As soon as
    no complete subtree of a height holds a new leaf, what is left of the old tree is a neighbour of all of them.
    """
    if not leaf_hashes:
        return Growth(frontier, root(frontier), ())
    old, new = frontier.size, frontier.size + len(leaf_hashes)
    waiting = list(frontier.hashes)
    singles: list[bytes] = []  # the last subtree of a row that has no complete neighbour: a root of the new frontier
    proofs: list[list[bytes]] = [[] for _ in leaf_hashes]
    row = list(leaf_hashes)
    edge = b""  # none yet
    level = 0
    while row:
        start = old >> level
        if start & 1:
            row.insert(0, waiting.pop())
            start -= 1
        _note_neighbours(proofs, row, edge, (old, level, start))
        if len(row) & 1:
            single = row.pop()
            singles.append(single)
            edge = node_hash(single, edge) if edge else single
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        level += 1
    hashes = (*waiting, *reversed(singles))
    shared: list[bytes] = []
    while waiting:
        left = waiting.pop()
        shared.append(left)
        edge = node_hash(left, edge)
    return Growth(Frontier(new, hashes), edge, tuple((*proof, *shared) for proof in proofs))


def _note_neighbours(proofs: list[list[bytes]], row: list[bytes], edge: bytes, place: tuple[int, int, int]) -> None:
    """Add to each new leaf's proof the neighbour, at this height, of the subtree that holds the leaf."""
    first, level, start = place
    width = len(row)
    for offset, proof in enumerate(proofs):
        neighbour = (((first + offset) >> level) - start) ^ 1
        if neighbour < width:
            proof.append(row[neighbour])
        elif neighbour == width and edge:
            proof.append(edge)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether `proof` shows the leaf with hash `leaf` at `index` of a tree; source: RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size or any(len(part) != HASH_BYTES for part in (leaf, *proof)):
        return False
    place, last, joined = index, size - 1, leaf
    for neighbour in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            joined = node_hash(neighbour, joined)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            joined = node_hash(joined, neighbour)
        place >>= 1
        last >>= 1
    return last == 0 and joined == expected_root


class RunningTree:
    """A tree that grows leaf by leaf without proofs, for those who recompute a whole log."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Put a leaf, by its hash, at the end."""
        subtrees = self._subtrees
        height = self.size
        while height & 1:
            leaf = node_hash(subtrees.pop(), leaf)
            height >>= 1
        subtrees.append(leaf)
        self.size += 1

    def frontier(self) -> Frontier:
        """The frontier of the tree as it stands."""
        return Frontier(self.size, tuple(self._subtrees))

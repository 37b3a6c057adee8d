"""The tree against a naive one, written from the definition in RFC 6962 section 2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.transfer_log.tree import EMPTY, Frontier, RunningTree, append, leaf_hash, root, verify_inclusion

GROUPS = st.lists(st.integers(0, 40), min_size=1, max_size=8).filter(any)


def naive_root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0] if leaves else b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    if len(leaves) < 2:
        return ()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return (*naive_path(index, leaves[:split]), naive_root(leaves[split:]))
    return (*naive_path(index - split, leaves[split:]), naive_root(leaves[:split]))


def _leaves(count: int) -> list[bytes]:
    return [number.to_bytes(3, "big") for number in range(count)]


@settings(max_examples=60)
@given(GROUPS)
def test_a_tree_grown_in_groups_is_the_tree_of_the_definition(groups: list[int]) -> None:
    leaves = _leaves(sum(groups))
    frontier, done = EMPTY, 0

    for group in groups:
        growth = append(frontier, [leaf_hash(leaf) for leaf in leaves[done : done + group]])
        frontier, first, done = growth.frontier, done, done + group

        assert growth.root == root(frontier) == naive_root(leaves[:done])
        assert growth.proofs == tuple(naive_path(index, leaves[:done]) for index in range(first, done))


@settings(max_examples=60)
@given(st.integers(0, 2**40), st.integers(1, 70))
def test_every_proof_made_from_a_frontier_alone_verifies(old: int, group: int) -> None:
    frontier = _frontier(old)
    hashes = [leaf_hash(leaf) for leaf in _leaves(group)]

    growth = append(frontier, hashes)

    verdicts = {
        verify_inclusion(old + at, old + group, leaf, growth.proofs[at], growth.root) for at, leaf in enumerate(hashes)
    }
    assert verdicts == {True}
    assert root(growth.frontier) == growth.root


@settings(max_examples=150)
@given(st.integers(1, 300), st.integers(1, 20), st.data())
def test_any_flipped_bit_makes_a_proof_fail(old: int, group: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in _leaves(old + group)]
    growth = append(append(EMPTY, hashes[:old]).frontier, hashes[old:])
    at = data.draw(st.integers(0, group - 1))
    parts = [hashes[old + at], growth.root, *growth.proofs[at]]
    which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))

    parts[which] = (int.from_bytes(parts[which], "big") ^ 1 << bit).to_bytes(32, "big")

    leaf, claimed, *proof = parts
    assert not verify_inclusion(old + at, old + group, leaf, proof, claimed)


@settings(max_examples=100)
@given(st.integers(1, 200), st.data())
def test_a_proof_holds_for_no_other_place(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in _leaves(size)]
    growth = append(EMPTY, hashes)
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-2, size + 2).filter(lambda number: number != index))

    assert not verify_inclusion(other, size, hashes[index], growth.proofs[index], growth.root)


@given(st.integers(0, 300))
def test_a_tree_grown_leaf_by_leaf_has_the_same_frontier(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in _leaves(size)]
    running = RunningTree()

    for leaf in hashes:
        running.add(leaf)

    assert running.frontier() == append(EMPTY, hashes).frontier


def _frontier(size: int) -> Frontier:
    return Frontier(size, tuple(hashlib.sha256(b"old" + bytes([at])).digest() for at in range(size.bit_count())))

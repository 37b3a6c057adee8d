"""Arrays in paths: which one a field stands in, and whether two paths mean the same item."""

from __future__ import annotations

from gateway.canonical import Path

DEFAULT_MAX_ITEMS = 100
"""How many items of an array may leave where nothing says otherwise."""


def array_of(path: Path) -> Path:
    """The part of `path` up to its innermost array; empty where there is none."""
    for size in range(len(path), 0, -1):
        if path[size - 1].each:
            return path[:size]
    return ()


def stands_in(path: Path, array: Path) -> bool:
    """True if `path` goes through the items of `array`, or if there is no array."""
    return path[: len(array)] == array

"""Whose data a recipient may have at all: the value that says so must be one that the recipient serves.

Promises: deny wins: a payload that does not say it, in whole or in one item of an array, or says it of someone else
too, is out of scope. A set that the platform keeps is asked through what is handed in (`Whose.in_set`); where nothing
is, no one is in it. It must never take a missing value for one that is served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.canonical import Node, Path
from gateway.model import Serves, Whose

InScope = Callable[[Node, Whose], bool]


def compile_serves(serves: tuple[Serves, ...]) -> InScope | None:
    """Whether a payload is about someone whom the recipient serves; None where it serves everyone."""
    lines = tuple(map(_compile_line, serves))

    def in_scope(payload: Node, whose: Whose) -> bool:
        return all(line(payload, whose) for line in lines)

    return in_scope if lines else None


def _compile_line(serves: Serves) -> InScope:
    path, listed, name = serves.path, serves.values, serves.set

    def holds(payload: Node, whose: Whose) -> bool:
        in_set = whose.in_set
        for said in _said(payload, path):
            if said is None:
                return False
            if listed is not None and said not in listed:
                return False
            if name is not None and (in_set is None or not in_set(name, said)):
                return False
        return listed is not None or name is not None

    return holds


def _said(node: Node, path: Path) -> Iterator[str | None]:
    """Every text at a path, at least one; None wherever there is no text. Only a null item of an array is no item."""
    if not path:
        yield str(node) if isinstance(node, str) else None
        return
    step, rest = path[0], path[1:]
    child = node.get(step.key) if isinstance(node, dict) else None
    if not step.each:
        yield from _said(child, rest)
        return
    items = [one for one in child if one is not None] if isinstance(child, list) else []
    for one in items:
        yield from _said(one, rest)
    if not items:
        yield None

"""Whose data a recipient may have at all: the value that says so must be one that the recipient serves.

Promises: deny wins: a payload that does not say it, or says it of someone else too, is out of scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.canonical import Node, Path
from gateway.model import Serves

InScope = Callable[[Node], bool]


def compile_serves(serves: tuple[Serves, ...]) -> InScope | None:
    """Whether a payload is about someone whom the recipient serves; None where it serves everyone.

    Raises ValueError for a set that the platform would keep: that is not offered yet, and must not be passed over.
    """
    if any(one.values is None for one in serves):
        raise ValueError("serves: a kept set is not offered yet; list the values")
    lines = tuple((one.path, one.values or frozenset()) for one in serves)

    def in_scope(payload: Node) -> bool:
        for path, values in lines:
            found = list(_leaves(payload, path))
            if not found or not values.issuperset(found):
                return False
        return True

    return in_scope if lines else None


def _leaves(node: Node, path: Path) -> Iterator[str]:
    """Every text at a path; what is no text, as one that no recipient serves."""
    if not path:
        yield str(node) if isinstance(node, str) else ""
        return
    child = node.get(path[0].key) if isinstance(node, dict) else None
    for one in child if path[0].each and isinstance(child, list) else [child]:
        if one is not None:
            yield from _leaves(one, path[1:])

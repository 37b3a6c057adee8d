"""What samples show: every path of their bodies, what stands there, how often, and nothing else of them.

Promises: a value is kept only to be compared with rules, never in a repr, and at most a few for each path; a key that
may itself be about a person (`{"87000000125": …}`) is `~` from here on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.canonical import Node, Path, Step
from gateway.identifiers import identifier_kind
from gateway.purpose.drafted.kinds import Kind, kind_of

VALUES_MOST = 24
_KEYS_MOST = 200  # of one object: more are no names that an author chose
_PROGRAMMED = re.compile(r"[@#$]?[^\W\d][\w.@#$-]{0,63}\Z")
_LONG_NUMBER = re.compile(r"[0-9]{5}")
HIDDEN = "~"


@dataclass(slots=True)
class Leaf:
    """One path of a body, and what the samples have there."""

    path: Path
    kinds: set[Kind] = field(default_factory=set)
    values: set[str] = field(default_factory=set, repr=False)
    count: int = 0
    listed: bool = False  # an API's own description lists its values
    required: bool = False  # an API's own description requires it

    @property
    def hidden(self) -> bool:
        """True if a key on the way may be about a person."""
        return any(step.key == HIDDEN for step in self.path)

    def see(self, value: Node) -> None:
        """One more value."""
        self.kinds.add(kind_of(value))
        self.count += 1
        if len(self.values) < VALUES_MOST:
            self.values.add(_text(value))


Leaves = dict[Path, Leaf]


def see(tree: Node, leaves: Leaves, above: Path = ()) -> None:
    """Every leaf of one body. A list of lists, and a list as the whole body, have no paths and are not seen."""
    for path, value in _walk(tree, above):
        leaves.setdefault(path, Leaf(path)).see(value)


def _walk(node: Node, at: Path) -> Iterator[tuple[Path, Node]]:
    if isinstance(node, dict):
        many = len(node) > _KEYS_MOST
        for key, child in node.items():
            step = step_of(key) if not many else Step(HIDDEN)
            yield from _walk(child, (*at, step._replace(each=isinstance(child, list))))
    elif isinstance(node, list):
        if at and at[-1].each:
            for item in node:
                yield from () if isinstance(item, list) else _walk(item, at)
    elif node is not None and at:
        yield at, node


def step_of(key: str) -> Step:
    """A key as a step of a path; hidden where it may itself be about a person."""
    return Step(key if _is_a_name(key) else HIDDEN)


def _is_a_name(key: str) -> bool:
    return bool(_PROGRAMMED.match(key)) and not _LONG_NUMBER.search(key) and identifier_kind(key) is None


def _text(value: Node) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def of_one_kind(leaves: Mapping[Path, Leaf]) -> Iterable[Leaf]:
    """The leaves without those that are in other samples an object, or an array where they are none."""
    spelled: dict[tuple[str, ...], set[tuple[bool, bool]]] = {}
    for path in leaves:
        for size, step in enumerate(path, 1):
            keys = tuple(one.key for one in path[:size])
            spelled.setdefault(keys, set()).add((step.each, size == len(path)))
    for path, leaf in leaves.items():
        if all(len(spelled[tuple(one.key for one in path[:size])]) == 1 for size in range(1, len(path) + 1)):
            yield leaf

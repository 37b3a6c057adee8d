"""Where a rule's values come from: getters that read the payload, and conditions over it, compiled once.

`frames` are the nodes that a rule stands in: the payload first, then the current item of each array on its path. A
path reaches into the innermost array that it shares, so a shared `[]` means the same item.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.canonical import Node, Path, path_text
from gateway.minimise.values import Fault, bad
from gateway.model import When

Frames = tuple[Node, ...]
Get = Callable[[Frames], "Node | Fault"]
Holds = Callable[[Frames], bool]

_SAID = (str, bool)

CONFUSED = bad("object")
"""What a getter gives where something on the way to the value is no object."""


def shared_depth(path: Path, within: Path) -> int:
    """How many arrays of `within` the path goes through. Raises ValueError where it goes through any other."""
    arrays = [at for at, step in enumerate(path, 1) if step.each]
    if arrays and path[: arrays[-1]] != within[: arrays[-1]]:
        raise ValueError(f"{path_text(path)} stands in an array that {path_text(within)} does not stand in")
    return len(arrays)


def compile_get(path: Path, within: Path) -> Get:
    """The getter of `path` for a rule that stands at `within`: None where nothing is there. Raises ValueError."""
    depth = shared_depth(path, within)
    keys = [step.key for step in path]
    for at, step in enumerate(path, 1):
        if step.each:
            keys = [later.key for later in path[at:]]
    if not keys:
        return lambda frames: frames[depth]
    if len(keys) == 1:
        return _get_one(depth, keys[0])
    return _get_deep(depth, tuple(keys[:-1]), keys[-1])


def _get_one(depth: int, key: str) -> Get:
    def get(frames: Frames) -> Node | Fault:
        node = frames[depth]
        return node.get(key) if type(node) is dict else CONFUSED

    return get


def _get_deep(depth: int, way: tuple[str, ...], key: str) -> Get:
    def get(frames: Frames) -> Node | Fault:
        node = frames[depth]
        for name in way:
            if type(node) is not dict:
                break
            node = node.get(name)
        if type(node) is dict:
            return node.get(key)
        return None if node is None else CONFUSED

    return get


def compile_when(when: When, within: Path) -> Holds | None:
    """The condition as a function; None where there is none. Raises ValueError as `compile_get` does."""
    if not when:
        return None
    tables = tuple(
        tuple((compile_get(match.path, within), _accepted(match.values)) for match in table) for table in when
    )

    def holds(frames: Frames) -> bool:
        for table in tables:
            for get, accepted in table:
                value = get(frames)
                if not isinstance(value, _SAID) or value not in accepted:
                    break
            else:
                return True
        return False

    return holds


def _accepted(texts: tuple[str, ...]) -> frozenset[str | bool]:
    """What a condition takes: these texts, and the booleans that two of them spell."""
    return frozenset(texts) | {value for value, text in ((True, "true"), (False, "false")) if text in texts}

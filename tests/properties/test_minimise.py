"""Random rules over random payloads: what leaves is what the rules name, and the rest is accounted for.

T11, T12: a second projector, written from DESIGN 6.1 alone, must agree on the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import Node, Number, Path, Step, path_text, write
from gateway.minimise import compile_projection
from gateway.model import FieldRule, FieldType, Lexicon, Match, Plan, Projection, RefusedReason, SpecialCategory

KEYS = ("a", "b", "c", "d")
ARRAYS = ("x", "y")
HEALTH = SpecialCategory("health", {}, frozenset({("diagnosis",)}), (), refuse=False)
LEXICON = Lexicon(frozenset({("iin",)}), (HEALTH,))

# ── random maps ─────────────────────────────────────────────────────────────


@st.composite
def paths(draw: st.DrawFn) -> Path:
    steps = draw(st.lists(st.sampled_from([Step("o"), Step("x", each=True), Step("y", each=True)]), max_size=2))
    return (*steps, Step(draw(st.sampled_from(KEYS))))


@st.composite
def rule_sets(draw: st.DrawFn) -> tuple[FieldRule, ...]:
    found = draw(st.lists(paths(), min_size=0, max_size=8, unique=True))
    return tuple(
        FieldRule(
            path=path,
            sources=(path,),
            category="operational",
            type=draw(st.sampled_from([FieldType.STRING, FieldType.INTEGER, FieldType.BOOLEAN])),
            required=draw(st.booleans()) and draw(st.booleans()),
            max_length=None,
            max_items=draw(st.sampled_from([None, None, 1, 2])) if any(step.each for step in path) else None,
            when=draw(st.sampled_from(conditions(path))),
        )
        for path in found
    )


def conditions(path: Path) -> list[tuple[tuple[Match, ...], ...]]:
    """None, one on the payload's `a`, one on the same item's `a`."""
    array = next((path[:at] for at in range(len(path), 0, -1) if path[at - 1].each), ())
    outside, inside = (Match((Step("a"),), ("t1", "t2")),), (Match((*array, Step("a")), ("true", "t3", "7")),)
    return [(), (), (outside,), (inside,), (outside, inside)]


# ── random payloads, each text with a token of its own ──────────────────────

LEAVES = st.one_of(
    st.sampled_from(["t1", "t2", "t3", "7", "900101100103", "a\x00b"]),
    st.sampled_from([Number("7"), Number("1.10"), Number("87000000123")]),
    st.booleans(),
    st.none(),
)
ODD = ("unknown", "iin", "diagnosis", "A", "87000000125")


def objects(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Objects as the rules expect them, mostly; now and then something else in their place."""
    members: dict[str, st.SearchStrategy[Any]] = dict.fromkeys((*KEYS, *ODD), LEAVES)
    if depth:
        inner = objects(depth - 1)
        other = st.one_of(inner, inner, inner, LEAVES, st.lists(LEAVES, max_size=1))
        members |= {"o": other, "unknown": inner, "c": LEAVES | inner}
        members |= dict.fromkeys(ARRAYS, st.one_of(st.lists(other, max_size=3), other))
    few = st.sets(st.sampled_from(sorted(members)), max_size=6)
    return few.flatmap(lambda keys: st.fixed_dictionaries({key: members[key] for key in sorted(keys)}))


PAYLOADS = objects(2)


def run(rules: tuple[FieldRule, ...], payload: Node) -> Projection:
    return compile_projection(Plan(rules, (), LEXICON))(payload, lambda name: f"~{name.encode().hex()}")


# ── the second projector: interprets, where the first compiles ──────────────


class Refuse(NamedTuple):
    path: str
    reason: RefusedReason


class Reference:
    def __init__(self, rules: tuple[FieldRule, ...]) -> None:
        self.rules = rules
        self.refused: set[Refuse] = set()

    def member(self, base: Path, step: Step, frames: dict[Path, Node]) -> Node:
        here = (*base, step)
        below = [rule for rule in self.rules if rule.path[: len(here)] == here]
        if not step.each:
            return self.leaf(below[0], frames) if below[0].path == here else self.whole(here, below, frames)
        array = self.read((*base, Step(step.key)), frames)
        required = {Refuse(path_text(rule.path), RefusedReason.REQUIRED_INVALID) for rule in below if rule.required}
        limits = [rule.max_items for rule in below if not any(one.each for one in rule.path[len(here) :])]
        if array is None:
            return None
        if not isinstance(array, list) or len(array) > min((n for n in limits if n is not None), default=10**9):
            self.refused |= required
            return None
        items: list[Node] = []
        for item in array:
            if isinstance(item, dict):
                items.append(self.whole(here, below, {**frames, here: item}))
            elif item is not None:
                self.refused |= required
        return [item for item in items if item is not None] or None

    def whole(self, base: Path, below: list[FieldRule], frames: dict[Path, Node]) -> Node:
        made = {
            step.key: self.member(base, step, frames) for step in dict.fromkeys(rule.path[len(base)] for rule in below)
        }
        return {key: value for key, value in made.items() if value is not None} or None

    def read(self, path: Path, frames: dict[Path, Node]) -> object:
        at = max((size for size in range(len(path) + 1) if path[:size] in frames), default=0)
        node: object = frames[path[:at]]
        for step in path[at:]:
            if node is None:
                return None
            node = node.get(step.key) if isinstance(node, dict) else frozenset()
        return node

    def leaf(self, rule: FieldRule, frames: dict[Path, Node]) -> Node:
        value = self.read(rule.path, frames)
        if rule.when and not any(
            all(self.text(one.path, frames) in one.values for one in table) for table in rule.when
        ):
            return None
        good = value is not None and self.is_good(rule.type, value)
        if not good and rule.required:
            reason = RefusedReason.REQUIRED_MISSING if value is None else RefusedReason.REQUIRED_INVALID
            self.refused.add(Refuse(path_text(rule.path), reason))
        return value if good else None  # type: ignore[return-value]

    def text(self, path: Path, frames: dict[Path, Node]) -> object:
        value = self.read(path, frames)
        return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else None

    def is_good(self, kind: FieldType, value: object) -> bool:
        if kind is FieldType.BOOLEAN:
            return isinstance(value, bool)
        return value in {FieldType.STRING: ("t1", "t2", "t3", "7"), FieldType.INTEGER: ("7",)}[kind] and (
            kind is not FieldType.STRING or not isinstance(value, Number)
        )


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[str, Node]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from leaves(child, (*path, Step(key)))
    elif isinstance(node, list):
        for child in node:
            yield from leaves(child, (*path[:-1], Step(path[-1].key, each=True)))
    else:
        yield path_text(path), node


@settings(max_examples=150, deadline=None)
@given(rule_sets(), PAYLOADS)
def test_the_compiled_projection_and_a_plain_reading_of_the_design_agree(
    rules: tuple[FieldRule, ...], payload: Node
) -> None:
    reference = Reference(rules)
    expected = reference.whole((), list(rules), {(): payload})

    projection = run(rules, payload)

    assert write(projection.data) == write(expected or {})
    assert {Refuse(one.path, one.reason) for one in projection.failures} == reference.refused


@settings(max_examples=100, deadline=None)
@given(rule_sets(), PAYLOADS)
def test_what_leaves_is_named_by_a_rule_and_is_what_came(rules: tuple[FieldRule, ...], payload: Node) -> None:
    """T18: what is allowed arrives as the same bytes, and nothing else arrives."""
    came = [(path, write(value)) for path, value in leaves(payload)]

    projection = run(rules, payload)
    left = [(path, write(value)) for path, value in leaves(projection.data)] if projection.data else []

    assert {path for path, _ in left} <= {path_text(rule.path) for rule in rules}
    assert {path for path, _ in left} == {one.path for one in projection.released}
    for leaf in left:
        came.remove(leaf)


def covered(path: str, roots: set[str]) -> bool:
    """True if a path is one of `roots` or stands under one."""
    return any(path == root or path.startswith((f"{root}.", f"{root}[]")) for root in roots)


@settings(max_examples=100, deadline=None)
@given(rule_sets(), PAYLOADS)
def test_every_leaf_that_came_is_released_or_accounted_for(rules: tuple[FieldRule, ...], payload: Node) -> None:
    def spelled(node: Node) -> Node:
        """The payload with its unknown names spelled as the account spells them."""
        known = {step.key for rule in rules for step in rule.path}
        known |= {step.key for rule in rules for table in rule.when for one in table for step in one.path}
        known |= {"iin", "diagnosis"}
        if isinstance(node, dict):
            return {key if key in known else f"~{key.encode().hex()}": spelled(child) for key, child in node.items()}
        return [spelled(child) for child in node] if isinstance(node, list) else node

    projection = run(rules, payload)
    roots = {one.path for one in projection.withheld} | {one.path for one in projection.released}

    for path, value in leaves(spelled(payload)):
        if value is not None:
            assert covered(path.replace('"', ""), roots), path


@settings(max_examples=60, deadline=None)
@given(rule_sets(), PAYLOADS)
def test_a_special_category_is_met_wherever_it_stands(rules: tuple[FieldRule, ...], payload: Node) -> None:
    def holds(node: Node) -> bool:
        if isinstance(node, dict):
            return any((key == "diagnosis" and child is not None) or holds(child) for key, child in node.items())
        return isinstance(node, list) and any(map(holds, node))

    projection = run(rules, payload)

    assert projection.alarms == (("health",) if holds(payload) else ())
    assert "diagnosis" not in str(projection.data)


@settings(max_examples=60, deadline=None)
@given(rule_sets(), PAYLOADS)
def test_absent_and_null_are_one(rules: tuple[FieldRule, ...], payload: Node) -> None:
    """T17."""

    def without(node: Node) -> Node:
        if isinstance(node, dict):
            return {key: without(child) for key, child in node.items() if child is not None}
        return [without(child) for child in node] if isinstance(node, list) else node

    assert run(rules, payload) == run(rules, without(payload))

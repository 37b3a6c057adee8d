"""What a purpose map means, read slowly: DESIGN 6.1 and 6.2, DOMAIN 2 and 6, the model's docstrings; nothing else.

Promises: knows nothing of `gateway.minimise`, compiles nothing, reads every rule again for every item. It must never be
made fast, nor mended merely to agree: where the two differ, one of them is wrong or the design has two readings.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any, Final

from gateway.canonical import Node, Number, Path, Step, key_text, key_tokens, path_text
from gateway.model import FieldRule, Plan, Transform, Whose, WithheldReason
from tests.properties.values_by_hand import judged, less, text_of

WRONG: Final = object()  # what stands where something of another kind is due: a text for an object, and the like
BAD: Final = WithheldReason.BAD_VALUE
Index = tuple[int, ...]  # which item of each array on the way, from the outside in


class Reading:
    """One payload, read under one plan: what must come out, apart from the order of the lists."""

    def __init__(self, plan: Plan, payload: Node, conceal: Callable[[str], str], whose: Whose) -> None:
        self.plan, self.payload, self.conceal, self.whose = plan, payload, conceal, whose
        self.released, self.withheld, self.failures, self.alarms = set[Any](), set[Any](), set[Any](), set[str]()
        self.notes: dict[tuple[Path, Index], list[WithheldReason | None]] = {}
        self.asked = {rule: [line.path for table in rule.when for line in table] for rule in plan.rules}
        self.live = [r for r in plan.rules if not self.is_forbidden(r) and not begins(r.path, plan.narrowed)]
        self.taken = {source for rule in self.live for source in rule.sources}
        narrowed = {source for rule in plan.rules if begins(rule.path, plan.narrowed) for source in rule.sources}
        alone = {path for path in plan.narrowed if not any(begins(one, [path]) for one in self.taken | narrowed)}
        self.narrowed = (narrowed | alone) - self.taken
        self.leaves = self.taken | self.narrowed | {path for rule in self.live for path in self.asked[rule]}
        self.known = {path[:size] for path in self.leaves for size in range(1, len(path) + 1)}
        terms = [*plan.lexicon.never, *(key for one in plan.lexicon.special for key in one.keys)]
        named = {step.key for path in (*self.known, *(rule.path for rule in self.live)) for step in path}
        self.names = named | {"_".join(term) for term in terms}  # shown as they are; every other name is concealed
        self.refuse(rule for rule in plan.rules if self.is_forbidden(rule))
        self.data = self.object_at((), ()) or {}
        self.account(payload, (), "")
        for (source, _), reasons in self.notes.items():
            if None not in reasons:  # a leaf that two fields read stayed home only if neither took it
                self.withheld.add((path_text(source), next((one for one in reasons if one != "condition"), reasons[0])))
        self.out_of_scope = any(not served(payload, one.path, one.values or ()) for one in plan.serves)
        self.forbidden = {one.group for one in plan.lexicon.special if one.refuse} & self.alarms

    def object_at(self, base: Path, index: Index) -> Node:
        """Its members in the map's order; None where no leaf of it is released."""
        made, came = dict[str, Node](), self.get(base, index) if self.plan.keeps_null else None
        for step in dict.fromkeys(rule.path[len(base)] for rule in self.live if begins(rule.path, [base])):
            value = (self.array_at if step.each else self.of)((*base, step), index)
            if value is not None or (isinstance(came, dict) and came.get(step.key, WRONG) is None):
                made[step.key] = value
        return made or None

    def of(self, here: Path, index: Index) -> Node:
        rule = next((rule for rule in self.live if rule.path == here), None)
        return self.leaf(rule, index) if rule else self.object_at(here, index)

    def array_at(self, here: Path, index: Index) -> Node:
        array, made = self.get((*here[:-1], Step(here[-1].key)), index), list[Node]()
        inside = [rule for rule in self.live if begins(rule.path, [here])]
        limits = [rule.max_items for rule in inside if depth(rule.path) == depth(here) and rule.max_items is not None]
        too_many = isinstance(array, list) and len(array) > min(limits, default=len(array))
        if array is not None and (too_many or not isinstance(array, list)):
            self.withheld |= {(path_text(here)[:-2], WithheldReason.OVER_LIMIT)} if too_many else set()
            self.refuse(inside)
            return None
        for number, item in enumerate(array or ()):
            about = self.plan.about.get(here)
            if not isinstance(item, dict | None) and inside[0].path != here:
                self.refuse(inside)
            elif item is not None and about and text_of(self.get(about, (*index, number))) != self.whose.subject:
                self.withheld.add((path_text(here), WithheldReason.OTHER_SUBJECT))
            elif item is not None:
                made += [one for one in [self.of(here, (*index, number))] if one is not None]
        for rule in inside:
            if depth(rule.path) == depth(here) and (rule.min_items or 0) > len(made) and self.holds(rule, index):
                self.failures.add((path_text(rule.path), "required_missing"))
        return made or None

    def leaf(self, rule: FieldRule, index: Index) -> Any:
        places = [(source, index[: depth(source)]) for source in rule.sources]
        values = [self.get(*place) for place in places]
        made = self.made(rule, values, index)
        for place, value in zip(places, values, strict=True):
            if value is not None and value is not WRONG:
                self.notes.setdefault(place, []).append(made if isinstance(made, WithheldReason) else None)
        if not isinstance(made, WithheldReason):
            self.released.add((path_text(rule.path), rule.transform or ("scrub" if rule.type == "text" else rule.type)))
            return made
        if rule.required and made is not WithheldReason.CONDITION:
            is_there = values[0] is not None or WRONG in values
            self.failures.add((path_text(rule.path), f"required_{'invalid' if is_there else 'missing'}"))
        return None

    def made(self, rule: FieldRule, values: list[Any], index: Index) -> Any:
        """What a field releases, or why it does not."""
        if not self.holds(rule, index):
            return WithheldReason.CONDITION
        if values[0] is None or any(isinstance(value, dict | list) or value is WRONG for value in values):
            return BAD
        if rule.transform is Transform.TEMPLATE:
            return self.filled(rule.template or "", index)
        if rule.transform is Transform.PSEUDONYM:
            return self.whose.pseudonym() if isinstance(values[0], str) and not isinstance(values[0], Number) else BAD
        checked = [judged(rule, value) for value in values if value is not None]
        return next((one for one in checked if isinstance(one, WithheldReason)), None) or less(rule, checked)

    def filled(self, text: str, index: Index) -> Any:
        """A template with what other fields release; a pseudonym is for its own field only."""
        for rule in self.live:
            if f"{{{path_text(rule.path)}}}" in text:
                made = self.made(rule, [self.get(source, index[: depth(source)]) for source in rule.sources], index)
                if isinstance(made, WithheldReason) or rule.transform is Transform.PSEUDONYM:
                    return BAD
                text = text.replace(f"{{{path_text(rule.path)}}}", text_of(made) or "")
        return BAD if "{" in text else text

    def holds(self, rule: FieldRule, index: Index) -> bool:
        said = {line: text_of(self.get(line.path, index[: depth(line.path)])) for one in rule.when for line in one}
        return not rule.when or any(all(said[line] in line.values for line in table) for table in rule.when)

    def get(self, path: Path, index: Index) -> Any:
        """What stands there in these items: None if nothing does, WRONG if something else is in the way."""
        node: Any = self.payload
        for at, step in enumerate(path):
            if node is None or not isinstance(node, dict):
                return None if node is None else WRONG
            node = node.get(step.key)
            if step.each and node is not None:
                node = node[index[depth(path[:at])]] if isinstance(node, list) else WRONG
        return node

    def refuse(self, rules: Iterable[FieldRule]) -> None:
        self.failures |= {(path_text(rule.path), "required_invalid") for rule in rules if rule.required}

    def account(self, node: Node, at: Path | None, text: str) -> None:
        """What the map does not know or may not read below `text`; `at` is None where it knows nothing of it."""
        for item in node if isinstance(node, list) else ():
            self.account(item, None, f"{text}[]")
        for key, child in node.items() if isinstance(node, dict) else ():
            here = (f"{text}." if text else "") + (key_text(key) if key in self.names else self.conceal(key))
            special, never = self.forbids(key)
            if child is not None and (special or never):
                self.alarms |= special
                self.withheld.add((here, WithheldReason.SPECIAL_CATEGORY if special else WithheldReason.NEVER))
                self.account(child, None, here)
            elif child is not None:
                self.member(child, key, at, here)

    def member(self, child: Node, key: str, at: Path | None, here: str) -> None:
        each = (*(at or ()), Step(key, each=True))
        if at is None or not {(*at, Step(key)), each} & self.known:
            self.withheld |= {(here, WithheldReason.NOT_IN_MAP)} if at is not None else set()
            self.account(child, None, here)
        elif each not in self.known:
            self.member_known(child, (*at, Step(key)), here)
        elif isinstance(child, list):
            for item in child:
                self.member_known(item, each, f"{here}[]")
        else:
            self.withheld.add((here, BAD))
            self.account(child, None, here)

    def member_known(self, node: Node, at: Path, here: str) -> None:
        if node is not None and at in self.leaves - self.taken:
            self.withheld.add((here, WithheldReason.NARROWED if at in self.narrowed else WithheldReason.NOT_IN_MAP))
        elif at not in self.leaves and not isinstance(node, dict | None):
            self.withheld.add((here, BAD))
        self.account(node, at if at not in self.leaves and isinstance(node, dict) else None, here)

    def forbids(self, key: str) -> tuple[set[str], bool]:
        """The special categories that a name is of, and whether no map may ever name it: whole words, in a row."""
        words = f" {' '.join(key_tokens(key))} "
        groups = {s.group for s in self.plan.lexicon.special if any(f" {' '.join(one)} " in words for one in s.keys)}
        return groups, any(f" {' '.join(one)} " in words for one in self.plan.lexicon.never)

    def is_forbidden(self, rule: FieldRule) -> bool:
        return any(any(self.forbids(one.key)) for path in (rule.path, *rule.sources, *self.asked[rule]) for one in path)


def begins(path: Path, starts: Iterable[Path]) -> bool:
    return any(path[: len(start)] == start for start in starts)


def depth(path: Path) -> int:
    return sum(step.each for step in path)


def served(node: Any, path: Path, values: Container[str]) -> bool:
    """True if all that the payload says there is among the values, and it says something."""
    if not path:
        return isinstance(node, str) and node in values  # of a truth value the design does not say; it is not served
    child = node.get(path[0].key) if isinstance(node, dict) else None
    many = [one for one in child if one is not None] if isinstance(child, list) else []
    items = many if path[0].each else [child]
    return bool(items) and all(served(item, path[1:], values) for item in items)

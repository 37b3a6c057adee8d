"""Rules become one function that builds the disclosure, once, when the maps are loaded.

Promises: what comes out is built from the rules, in the order of the map, and nothing of the input is copied that no
rule released (laws 1 and 2); every input leaf that did not leave is in the account. No rules, no data. The function
keeps nothing between calls but names of keys that look like a program's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from gateway.canonical import Node, Path, Step, path_text
from gateway.minimise.account import Account
from gateway.minimise.fields import Build, Field, Scrub, compile_field
from gateway.minimise.free_text import compile_scrubs, compile_text, is_free_text
from gateway.minimise.known import Walk
from gateway.minimise.names import Classify, Spellings, compile_classify
from gateway.minimise.scope import compile_serves
from gateway.minimise.sources import Frames, compile_get, compile_when
from gateway.minimise.values import Fault
from gateway.model import (
    Conceal,
    FieldRule,
    FieldType,
    Lexicon,
    Plan,
    Project,
    Projection,
    RefusedReason,
    Released,
    Transform,
    Whose,
    WithheldReason,
)


class _Placed(NamedTuple):
    """A live rule, its builder, and the part of its path that is still to be placed."""

    rule: FieldRule
    build: Build
    rest: Path


NOBODY = Whose(None, str)
"""Of data that is about no one yet, such as a recipient's answer."""


def compile_projection(plan: Plan) -> Project:
    """The function that builds a disclosure by a plan. Raises ValueError where its parts contradict each other."""
    rules, narrowed, lexicon = plan.rules, plan.narrowed, plan.lexicon
    classify = compile_classify(lexicon)
    forbidden = tuple(rule for rule in rules if _is_forbidden(rule, classify))
    live = tuple(rule for rule in rules if rule not in forbidden and not _is_narrowed(rule, narrowed))
    if len({rule.path for rule in live}) != len(live):
        raise ValueError("two rules for one path")
    fields = _compile_fields(rules, live, lexicon)
    build = _compile_object([_Placed(rule, fields[rule.path].build, rule.path) for rule in live], (), plan)
    serves = compile_serves(plan.serves)
    walk = Walk(_leaves(rules, live, narrowed), [rule.path for rule in live], classify)
    released = tuple(Released(path_text(rule.path), _label(rule)) for rule in live)
    spellings = Spellings()
    dead = tuple(path_text(rule.path) for rule in forbidden if rule.required)

    def project(payload: Node, conceal: Conceal, whose: Whose = NOBODY, /) -> Projection:
        account = Account(spellings.under(conceal), len(live), whose)
        if serves is not None and not serves(payload, whose):
            account.out_of_scope = True
        for path in dead:  # law 7: what the lexicon forbids, no rule can ask for
            account.fail(path, RefusedReason.REQUIRED_INVALID, WithheldReason.NEVER)
        data = build((payload if type(payload) is dict else {},), account)
        walk.account(payload, account)
        return account.close({} if data is None else data, released, lexicon.special)

    return project


def _is_forbidden(rule: FieldRule, classify: Classify) -> bool:
    conditions = tuple(match.path for table in rule.when for match in table)
    return any(classify(step.key) is not None for path in (rule.path, *rule.sources, *conditions) for step in path)


def _is_narrowed(rule: FieldRule, narrowed: tuple[Path, ...]) -> bool:
    return any(_keys(rule.path)[: len(path)] == _keys(path) for path in narrowed)


def _keys(path: Path) -> tuple[str, ...]:
    return tuple(step.key for step in path)


def _arrays(path: Path) -> int:
    return sum(step.each for step in path)


def _label(rule: FieldRule) -> str:
    """What a released field is shown to have met: its transform, the scrub, or its type."""
    if rule.transform is not None:
        return rule.transform.value
    return "scrub" if rule.type is FieldType.TEXT else rule.type.value


def _compile_fields(rules: tuple[FieldRule, ...], live: tuple[FieldRule, ...], lexicon: Lexicon) -> dict[Path, Field]:
    """Every live rule, compiled; templates last, for they insert what other fields release."""
    scrubs = compile_scrubs(lexicon)
    read = [path_text(source) for rule in live for source in rule.sources]
    outer = {path_text(source) for rule in live for source in rule.sources if _arrays(source) < _arrays(rule.path)}
    shared = frozenset(text for text in read if text in outer or read.count(text) > 1)  # by two rules, or by many items
    nothing = Field(lambda *_: None, lambda *_: None)
    fields = {
        rule.path: nothing
        for rule in rules
        if rule.type is not FieldType.TEXT and rule.transform is not Transform.TEMPLATE
    }
    compiled: dict[Path, Field] = {}
    for index, rule in sorted(enumerate(live), key=lambda pair: pair[1].transform is Transform.TEMPLATE):
        try:
            compile_with = partial(_compile_with, index, shared, fields)
            is_text = is_free_text(rule)
            compiled[rule.path] = (
                compile_text(rule, live, scrubs, compile_with) if is_text else compile_with(rule, scrubs.closed)
            )
        except ValueError as error:
            raise ValueError(f"{path_text(rule.path)}: {error}") from error
        if rule.path in fields:
            fields[rule.path] = compiled[rule.path]
    return compiled


def _compile_with(
    index: int, shared: frozenset[str], fields: dict[Path, Field], rule: FieldRule, scrub: Scrub
) -> Field:
    return compile_field(rule, index, shared, scrub, fields)


def _leaves(
    rules: tuple[FieldRule, ...], live: tuple[FieldRule, ...], narrowed: tuple[Path, ...]
) -> Iterator[tuple[Path, WithheldReason | None]]:
    """The leaves that the map knows, and why each stays home where no rule decides it; the first said counts."""
    for rule in live:
        yield from ((source, None) for source in rule.sources)
    for rule in rules:
        if _is_narrowed(rule, narrowed):
            yield from ((source, WithheldReason.NARROWED) for source in rule.sources)
    yield from ((path, WithheldReason.NARROWED) for path in narrowed)
    for rule in live:
        yield from ((match.path, WithheldReason.NOT_IN_MAP) for table in rule.when for match in table)


def _compile_object(placed: Sequence[_Placed], base: Path, plan: Plan) -> Build:
    """The builder of the object at `base`: its members in the map's order; None where none of them is released."""
    members: dict[str, list[_Placed]] = {}
    for one in placed:
        members.setdefault(one.rest[0].key, []).append(one)
    children = tuple((key, _compile_member(inside, base, plan)) for key, inside in members.items())
    came = compile_get(base, base) if plan.keeps_null else None

    def build(frames: Frames, account: Account) -> Node:
        made: dict[str, Node] = {}
        for key, child in children:
            value = child(frames, account)
            if value is not None or (came is not None and _is_null(came(frames), key)):
                made[key] = value
        return made or None

    return build


def _is_null(node: Node | Fault, key: str) -> bool:
    return type(node) is dict and key in node and node[key] is None


def _compile_member(inside: Sequence[_Placed], base: Path, plan: Plan) -> Build:
    step = inside[0].rest[0]
    here = (*base, step)
    below = [one._replace(rest=one.rest[1:]) for one in inside]
    is_leaf = not all(one.rest for one in below)
    if any(one.rest[0] != step for one in inside) or (is_leaf and len(below) > 1):
        raise ValueError(f"{path_text(here)} is used as two kinds of thing")
    item = below[0].build if is_leaf else _compile_object(below, here, plan)
    if not step.each:
        return item
    if here in plan.about:
        item = _of_the_subject(item, here, plan.about[here])
    return _compile_array(below, here, item, is_leaf=is_leaf)


def _of_the_subject(item: Build, here: Path, leaf: Path) -> Build:
    """The builder of an item that may be about someone else: what is not the subject's stays home (T16)."""
    get = compile_get(leaf, leaf)
    text = path_text(here)

    def build(frames: Frames, account: Account) -> Node:
        stated = get(frames)
        if type(stated) is str and stated == account.whose.subject:
            return item(frames, account)
        account.withhold(text, WithheldReason.OTHER_SUBJECT)
        return None

    return build


def _compile_array(inside: Sequence[_Placed], here: Path, item: Build, *, is_leaf: bool) -> Build:
    """The builder of the array at `here`: one item for each of the payload's that releases anything."""
    get = compile_get((*here[:-1], Step(here[-1].key)), here)
    text = path_text(here).removesuffix("[]")
    limits = [one.rule.max_items for one in inside if not any(step.each for step in one.rest)]
    most = min((limit for limit in limits if limit is not None), default=None)
    required = tuple(path_text(one.rule.path) for one in inside if one.rule.required)

    def refuse(account: Account, rule: str) -> None:
        for path in required:
            account.fail(path, RefusedReason.REQUIRED_INVALID, rule)

    build_items = _compile_items(item, refuse, is_leaf=is_leaf)
    require_items = _compile_least(inside, here)

    def build(frames: Frames, account: Account) -> Node:
        items = get(frames)
        if isinstance(items, list | None):
            if most is None or items is None or len(items) <= most:
                made = build_items(items or [], frames, account)
                require_items(made, frames, account)
                return made
            account.withhold(text, WithheldReason.OVER_LIMIT)
            refuse(account, f"max_items {most}")
        else:
            refuse(account, "array")
        return None

    return build


def _compile_least(inside: Sequence[_Placed], here: Path) -> Callable[[Node, Frames, Account], None]:
    """What refuses an array of which too few items leave, where the condition of the rule that says so holds."""
    needs = [
        (one.rule.min_items, path_text(one.rule.path), compile_when(one.rule.when, here[:-1]))
        for one in inside
        if one.rule.min_items is not None and not any(step.each for step in one.rest)
    ]

    def require(made: Node, frames: Frames, account: Account) -> None:
        for least, path, holds in needs:
            if (len(made) if isinstance(made, list) else 0) < least and (holds is None or holds(frames)):
                account.fail(path, RefusedReason.REQUIRED_MISSING, f"min_items {least}")

    return require


def _compile_items(
    item: Build, refuse: Callable[[Account, str], None], *, is_leaf: bool
) -> Callable[[list[Node], Frames, Account], Node]:
    def build_items(items: list[Node], frames: Frames, account: Account) -> Node:
        made: list[Node] = []
        for one in items:
            if is_leaf or type(one) is dict:
                value = None if one is None else item((*frames, one), account)
                if value is not None:
                    made.append(value)
            elif one is not None:
                refuse(account, "object")
        return made or None

    return build_items

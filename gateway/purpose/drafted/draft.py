"""A recipient's file proposed: what samples show of its API, bound to the fields that its class has, the rest listed.

Promises: it only binds (law 7): a path that no field of the class takes is listed and stays home; what does not load is
taken out again before anyone sees it. No value of a sample is in it but the listed values of constants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.canonical import Path, Step, path_text
from gateway.model import FieldRule, Lexicon, When
from gateway.purpose.class_map import PurposeRules
from gateway.purpose.conditions import RECIPIENT, for_recipient
from gateway.purpose.drafted.binding import Bound, bind, total
from gateway.purpose.drafted.closed import Personal, Told, answer_of, constant_of, looks_personal
from gateway.purpose.drafted.kinds import Kind
from gateway.purpose.drafted.seen import Leaf, of_one_kind
from gateway.purpose.drafted.traffic import Traffic
from gateway.purpose.routes import LOCATIONS
from gateway.purpose.taxonomy import forbidden

_ROLE = "role"
_BODY = "body."
_ADDRESS = re.compile(r"https://[A-Za-z0-9.:/_\[\]-]{1,200}\Z")  # else a description could write lines of the file


@dataclass(frozen=True, slots=True)
class Left:
    """A path that was not bound, and why: said without a value."""

    path: str
    said: str


@dataclass(slots=True, kw_only=True)
class Draft:
    """One recipient's file, before it is written."""

    id: str
    recipient_class: str
    purpose: str
    role: str | None
    roles: tuple[str, ...]
    base_url: str | None
    media_type: str
    routes: list[str]
    located: bool = False  # some paths stand outside the body, and those of the body begin with `body.`
    bound: dict[str, Bound] = field(default_factory=dict)  # by their path
    constants: dict[str, Told] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)  # places that must be filled in
    answers: dict[str, Told] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)  # arrays of theirs whose subjects must be told
    left: list[Left] = field(default_factory=list)
    home: list[Left] = field(default_factory=list)  # what looks personal and has no field
    waiting: dict[str, list[str]] = field(default_factory=dict)  # unknown conditions, and the fields that wait for them

    def drop(self, part: str, path: str, said: str) -> None:
        """Take out what does not load."""
        if part == "answer":
            self.answers.pop(path, None)
        else:
            self.bound.pop(path, None)
            self.constants.pop(path, None)
        self.left.append(Left(path, said))


def propose(
    traffic: Traffic, rules: PurposeRules, lexicon: Lexicon, *, name: str, role: str | None, personal: Personal
) -> Draft:
    """The draft for one purpose of one class; without a role, the role whose fields fit best."""
    leaves = sorted(_located(traffic), key=lambda leaf: path_text(leaf.path))
    usable = [leaf for leaf in leaves if not leaf.hidden and forbidden(leaf.path, lexicon) is None]
    single = list(of_one_kind({leaf.path: leaf for leaf in usable}))
    roles = roles_of(rules)
    fitting = {
        one: bind([_in_body(leaf) for leaf in single], _rules_for(rules, one))
        for one in ([role] if role else roles or (None,))
    }
    best = max(fitting, key=lambda one: total(fitting[one]))
    draft = Draft(
        id=name,
        recipient_class=rules.recipient_class,
        purpose=rules.purpose,
        role=best,
        roles=roles,
        base_url=traffic.base_url if _ADDRESS.match(traffic.base_url or "") else None,
        media_type=traffic.media_type,
        routes=traffic.texts(),
        located=bool(traffic.outside),
    )
    whole = {_in_body(leaf).path: leaf for leaf in single}
    for one in fitting[best]:
        leaf = whole[one.leaf.path]
        draft.bound[path_text(leaf.path)] = one._replace(leaf=leaf)
    for leaf in leaves:
        _place(draft, leaf, lexicon, personal, single=leaf in single)
    _note_others(draft, [leaf for leaf in single if any(one.path == path_text(leaf.path) for one in draft.left)], rules)
    for leaf in of_one_kind(traffic.answers):
        _answer(draft, leaf, lexicon, personal)
    _note_what_waits(draft, rules)
    return draft


def _located(traffic: Traffic) -> Iterator[Leaf]:
    """The leaves with the paths that they have in a payload: below `body.` where some stand outside the body."""
    if not traffic.outside:
        yield from traffic.bodies.values()
        return
    for leaf in traffic.bodies.values():
        yield _moved(leaf, (Step("body"), *leaf.path))
    yield from traffic.outside.values()


def _moved(leaf: Leaf, path: Path) -> Leaf:
    return Leaf(path, leaf.kinds, leaf.values, leaf.count, leaf.listed, leaf.required)


def _in_body(leaf: Leaf) -> Leaf:
    """The leaf without its location, which says nothing of what it is."""
    outside = leaf.path[0].key in LOCATIONS and len(leaf.path) > 1
    return _moved(leaf, leaf.path[1:]) if outside else leaf


def roles_of(rules: PurposeRules) -> tuple[str, ...]:
    """The roles that conditions of the class map read."""
    read = [line for rule in rules.fields for table in rule.when for line in table]
    asked = [line.values for line in read if [step.key for step in line.path] == [RECIPIENT, _ROLE]]
    return tuple(dict.fromkeys(value for values in asked for value in values))


def _rules_for(rules: PurposeRules, role: str | None) -> list[FieldRule]:
    """The fields that a recipient of this role may have."""
    attributes = {"class": rules.recipient_class, **({_ROLE: role} if role else {})}
    return [rule for rule in rules.fields if for_recipient(rule.when, attributes) is not None]


def _place(draft: Draft, leaf: Leaf, lexicon: Lexicon, personal: Personal, *, single: bool) -> None:
    """A leaf that no field takes: a constant, or listed."""
    text = path_text(leaf.path)
    if text in draft.bound:
        return
    if said := forbidden(leaf.path, lexicon):
        draft.home.append(Left(text, said.partition(": ")[2]))
    elif looks_personal(leaf, personal):
        draft.home.append(Left(text, f"looks personal: {_kinds(leaf)}"))
    elif single and (told := constant_of(leaf, personal)) is not None:
        draft.constants[text] = {**told, **({"required": True} if leaf.required else {})}
    elif leaf.path[0].key == "path" and single:
        draft.open.append(text)
    else:
        draft.left.append(Left(text, _kinds(leaf) if single else "stands here and is an object or an array elsewhere"))


def _answer(draft: Draft, leaf: Leaf, lexicon: Lexicon, personal: Personal) -> None:
    told = None if leaf.hidden or forbidden(leaf.path, lexicon) else answer_of(leaf, personal)
    if told is not None:
        draft.answers[path_text(leaf.path)] = told


def _kinds(leaf: Leaf) -> str:
    return ", ".join(sorted(leaf.kinds)) or Kind.TEXT


def _note_what_waits(draft: Draft, rules: PurposeRules) -> None:
    """Conditions of bound fields that nothing of theirs tells: without a meaning these fields stay home."""
    told = {source for one in draft.bound.values() for source in one.rule.sources}
    attributes = {"class": draft.recipient_class, **({_ROLE: draft.role} if draft.role else {})}
    for text, one in draft.bound.items():
        for path in _asked(for_recipient(one.rule.when, attributes)):
            if path not in told:
                draft.waiting.setdefault(path_text(path), []).append(text)
    for array, leaf in rules.about.items():
        if leaf not in told:
            draft.items += _arrays(draft.bound.values(), array, draft.items)


def _note_others(draft: Draft, leaves: Sequence[Leaf], rules: PurposeRules) -> None:
    """Of paths that were not bound: the fields that the class map has for recipients of another kind only."""
    fitting = {rule.path for rule in _rules_for(rules, draft.role)}
    others = bind([_in_body(leaf) for leaf in leaves], [rule for rule in rules.fields if rule.path not in fitting])
    said = {one.leaf.path: one.rule for one in others}
    for leaf in leaves:
        rule = said.get(_in_body(leaf).path)
        if rule is None:
            continue
        at = next(number for number, one in enumerate(draft.left) if one.path == path_text(leaf.path))
        asked = ", ".join(
            dict.fromkeys(f"{path_text(line.path)}: {', '.join(line.values)}" for table in rule.when for line in table)
        )
        draft.left[at] = Left(
            draft.left[at].path, f"{draft.left[at].said}; {path_text(rule.path)}, but only for {asked}"
        )


def _asked(when: When | None) -> list[Path]:
    return list(dict.fromkeys(line.path for table in when or () for line in table))


def _arrays(bounds: Iterable[Bound], array: Path, known: Sequence[str]) -> list[str]:
    """The arrays of theirs in which fields of an array of the class stand that is about several people."""
    inside = [one for one in bounds if any(source[: len(array)] == array for source in one.rule.sources)]
    found = [path_text(one.leaf.path[: at + 1]) for one in inside for at, step in enumerate(one.leaf.path) if step.each]
    return [text for text in dict.fromkeys(found) if text not in known]


def without_locations(draft: Draft) -> None:
    """Spell the paths as the body has them, where nothing that is proposed stands outside the body."""
    stated = [*draft.bound, *draft.constants, *draft.open]
    outside = [text for text in stated if not text.startswith(_BODY)]
    if not draft.located or outside or any("{" in route for route in draft.routes) or not stated:
        return
    draft.bound = {_below(text): one._replace(leaf=_in_body(one.leaf)) for text, one in draft.bound.items()}
    draft.constants = {_below(text): told for text, told in draft.constants.items()}
    draft.left = [Left(_below(one.path), one.said) for one in draft.left]
    draft.home = [Left(_below(one.path), one.said) for one in draft.home]
    draft.waiting = {path: [_below(text) for text in texts] for path, texts in draft.waiting.items()}
    draft.items = [_below(text) for text in draft.items]
    draft.located = False


def _below(text: str) -> str:
    return text.removeprefix(_BODY)

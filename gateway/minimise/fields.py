"""One rule as one function: read, ask the condition, judge, transform; give the value or account for it.

A field gives the value that leaves, or None, and in both cases tells the account why. It never gives a value that its
check did not pass, and never text that its type says to scrub unscrubbed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from gateway.canonical import Node, Path, parse_path, path_text
from gateway.formats.head import is_header_value, is_segment
from gateway.minimise.account import Account
from gateway.minimise.sources import Frames, Get, Holds, compile_get, compile_when, shared_depth
from gateway.minimise.text import Scrubbed
from gateway.minimise.transforms import change_for, given_and_initial_of
from gateway.minimise.values import Check, Fault, Leaf, bad, compile_check
from gateway.model import FieldRule, FieldType, Location, RefusedReason, Transform, WithheldReason

Scrub = Callable[[str], "Scrubbed | Fault"]
Build = Callable[[Frames, Account], Node]
"""Builds a part of the disclosure; None where nothing of it is released."""

Peek = Callable[[Frames], "Leaf | None"]
"""What another field releases here, without accounting for it."""

_Judge = Callable[[Node], "Leaf | Fault | Scrubbed"]
_Note = Callable[[Frames, Account, "WithheldReason | None", "str | None"], None]

_FITS = {Location.PATH: is_segment, Location.HEADER: is_header_value}
_INSERT = re.compile(r"\{([^{}]*)\}")


class Field(NamedTuple):
    """A compiled rule."""

    build: Build
    peek: Peek


def compile_field(
    rule: FieldRule, index: int, shared: frozenset[str], scrub: Scrub, fields: Mapping[Path, Field]
) -> Field:
    """The rule at `index`, compiled; several rules read `shared` sources, templates insert `fields`.

    Raises ValueError where the rule contradicts itself.
    """
    gets = tuple(compile_get(source, rule.path) for source in rule.sources)
    get: Get
    judge: _Judge
    if rule.transform is Transform.TEMPLATE:
        get, judge = _get_template(rule, gets, fields), _judge_template
    elif len(gets) == 1:
        get, judge = gets[0], _judge(rule, scrub)
    elif rule.transform is Transform.GIVEN_AND_INITIAL and len(gets) == 2:  # noqa: PLR2004 - given name, family name
        get, judge = _get_names(*gets), _judge_names(compile_check(rule))
    else:
        raise ValueError(f"{len(gets)} sources for {rule.transform or rule.type}")
    if rule.transform is not Transform.PSEUDONYM:  # of which the value does not leave, and which fits anywhere
        judge = _fitting(judge, rule.location)
    is_shared = any(path_text(source) in shared for source in rule.sources)
    return _field(rule, index, get, judge, _note(rule, gets, shared), is_shared=is_shared)


def _field(rule: FieldRule, index: int, get: Get, judge: _Judge, note: _Note, *, is_shared: bool) -> Field:
    path, required, kind = path_text(rule.path), rule.required, rule.type
    holds = compile_when(rule.when, rule.path)
    is_pseudonym = rule.transform is Transform.PSEUDONYM
    may_be_absent = not required and len(rule.sources) == 1  # with nothing to account for

    def build(frames: Frames, account: Account) -> Node:
        value = get(frames)
        if value is None and may_be_absent:
            return None
        if holds is not None and not holds(frames):
            note(frames, account, WithheldReason.CONDITION, None)
            return None
        if value is None:
            note(frames, account, WithheldReason.BAD_VALUE, kind)  # one of several sources may be there
            if required:
                account.fail(path, RefusedReason.REQUIRED_MISSING, kind)
            return None
        made = value if type(value) is Fault else judge(value)
        if type(made) is Fault:
            note(frames, account, made.reason, made.rule)
            if required:
                account.fail(path, RefusedReason.REQUIRED_INVALID, made.rule)
            return None
        if is_shared:
            note(frames, account, None, None)
        account.flags[index] = 1
        if is_pseudonym:
            return account.whose.pseudonym()
        return account.take(made) if isinstance(made, Scrubbed) else made

    return Field(build, _hidden if is_pseudonym else _peek(get, holds, judge))


def _hidden(_frames: Frames) -> None:
    """What a template may insert of a field that leaves as a pseudonym."""


def _peek(get: Get, holds: Holds | None, judge: _Judge) -> Peek:
    def peek(frames: Frames) -> Leaf | None:
        value = get(frames)
        if value is None or isinstance(value, Fault) or (holds is not None and not holds(frames)):
            return None
        made = judge(value)
        return made if isinstance(made, str | bool) else None

    return peek


def _note(rule: FieldRule, gets: tuple[Get, ...], shared: frozenset[str]) -> _Note:
    """What accounts for a rule's sources: released (None) or withheld for a reason; what is absent, not at all."""
    texts = [path_text(source) for source in rule.sources]
    depths = [shared_depth(source, rule.path) for source in rule.sources]
    sources = tuple((get, text, depth, text in shared) for get, text, depth in zip(gets, texts, depths, strict=True))

    def note(frames: Frames, account: Account, reason: WithheldReason | None, rule: str | None) -> None:
        for get, text, depth, is_shared in sources:
            value = get(frames)
            if value is None or type(value) is Fault:
                continue  # an object that is none is accounted for where it stands
            if is_shared:
                account.note_shared(text, id(frames[depth]), reason)
            elif reason is not None:
                account.withhold(text, reason, rule)

    return note


def _judge(rule: FieldRule, scrub: Scrub) -> _Judge:
    if rule.transform is Transform.PSEUDONYM:
        return _judge_presence
    check = compile_check(rule)
    if rule.type is FieldType.TEXT:
        if rule.transform is not None:
            raise ValueError(f"{rule.transform} does not take {rule.type}")
        return lambda value: made if type(made := check(value)) is Fault else scrub(str(made))
    if rule.transform is Transform.GENERIC:
        text = rule.generic or ""
        return lambda value: made if type(made := check(value)) is Fault else text
    if rule.transform is None:
        return _with_point(check) if rule.type is FieldType.AREA else check
    change = change_for(rule.transform, rule.type)
    return lambda value: made if type(made := check(value)) is Fault else change(made)


def _fitting(judge: _Judge, location: Location) -> _Judge:
    """What is judged fit to leave must also fit where it will stand: in a header, or as one segment of a path."""
    if location not in _FITS:
        return judge
    fits, fault = _FITS[location], bad(f"no {location} can carry it")
    return lambda value: fault if isinstance(made := judge(value), str) and not fits(made) else made


def _judge_presence(value: Node) -> Leaf | Fault:
    """That there is a text is enough: it does not leave, `_field` puts the subject's pseudonym in its place."""
    return value if type(value) is str else bad(FieldType.STRING)


def _with_point(check: Check) -> _Judge:
    """An area written with a decimal comma leaves with a point: the same digits."""
    return lambda value: made if type(made := check(value)) is not str else made.replace(",", ".")


def _get_names(first: Get, second: Get) -> Get:
    """A given name and a family name as a pair; not there without the given name."""

    def get(frames: Frames) -> Node | Fault:
        given, family = first(frames), second(frames)
        if isinstance(given, Fault) or isinstance(family, Fault):
            return given if isinstance(given, Fault) else family
        return None if given is None else [given, family]

    return get


def _judge_names(check: Check) -> _Judge:
    def judge(value: Node) -> Leaf | Fault:
        names: list[str] = []
        for name in value if isinstance(value, list) else ():
            made = "" if name is None else check(name)
            if isinstance(made, Fault):
                return made
            names.append(str(made))
        return given_and_initial_of(*names)

    return judge


def _get_template(rule: FieldRule, gets: tuple[Get, ...], fields: Mapping[Path, Field]) -> Get:
    """The map's own text with what other fields release inserted: what the source says never leaves.

    Not there without a source that is there; a template that names no source always stands.
    """
    parts = _INSERT.split(rule.template or "")
    first, rest = parts[0], parts[2::2]
    inserts = [_insert(rule, text, fields) for text in parts[1::2]]

    def get(frames: Frames) -> Node | Fault:
        source = "" if not gets else next((value for read in gets if (value := read(frames)) is not None), None)
        if source is None or isinstance(source, Fault):
            return source
        inserted = [str(made).lower() if isinstance(made := peek(frames), bool) else made for peek in inserts]
        if isinstance(source, dict | list) or any(released is None for released in inserted):
            return []  # which is no text, and so a bad value
        return first + "".join(f"{released}{text}" for released, text in zip(inserted, rest, strict=True))

    return get


def _judge_template(value: Node) -> Leaf | Fault:
    return value if isinstance(value, str) else bad(Transform.TEMPLATE)


def _insert(rule: FieldRule, text: str, fields: Mapping[Path, Field]) -> Peek:
    path = parse_path(text)
    if path not in fields:
        raise ValueError(f"a template cannot insert {text}")
    shared_depth(path, rule.path)
    return fields[path].peek

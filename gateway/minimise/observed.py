"""What may be kept of a preview: the shape of the payload and what became of each field; never a value.

A team mirrors its traffic as previews with `Gateway-Observe: 1`; each becomes a handful of facts, which are counted:
this path held a string, that one was withheld because its value is no phone. `gateway map advise` reads the counts.

Promises: a fact holds a path, whose names went through the vocabulary (law 4), and words of closed lists or of the
maps; nothing in it was a value, a subject, a basis or an id. What is counted is bounded per payload (T57). It must
never fail a preview: whatever a payload holds, it has a shape.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from gateway.canonical import Node, Number, parse_path
from gateway.minimise.account import AND_MORE
from gateway.minimise.vocabulary import Vocabulary
from gateway.model import Admitted, Disclosure, Refused, Snapshot

OTHER: Final = "other"
"""Stands for a recipient or a purpose that no map names: what was asked for may be anything (T87)."""

PATH_MOST: Final = 200
PATHS_MOST: Final = 500
"""So many paths of one payload are kept, and none that is longer; the rest counts as `more`."""

_NODES_MOST: Final = 5_000
_DEEPEST: Final = 8
DETAIL_MOST: Final = 160
_REMEMBERED: Final = 4_096
_TOO_LONG: Final = "~"  # stands for any path that is longer than is kept
_STEP: Final = re.compile(
    r'(?:(?P<plain>[^\W\d]\w*)|(?P<tilde>~[A-Za-z0-9_-]*)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<deep>\*))'
    r"(?P<each>(?:\[\])*)(?P<dot>\.|\Z)"
)


class FactKind(StrEnum):
    """What a fact says of a path; of the whole preview where its path is empty."""

    PREVIEW = "preview"  # how it was decided: permitted, or the reason of the refusal
    SEEN = "seen"  # a leaf stood here: string, number, boolean, or nested deeper than is looked
    RELEASED = "released"  # under this rule
    WITHHELD = "withheld"  # for this reason, and the rule that the value failed
    FAILED = "failed"  # a required field refused the transfer, and the rule
    ALARM = "alarm"  # a special category's group was met
    MORE = "more"  # there was more than is kept


class Fact(NamedTuple):
    """One thing that is counted."""

    path: str
    kind: FactKind
    detail: str


Told: TypeAlias = tuple[str, FactKind, str]
"""A fact on the path of a preview: the same, without the time that its name takes."""

_MORE: Final[Told] = ("", FactKind.MORE, "")


class Group(NamedTuple):
    """What facts are counted under."""

    caller: str
    recipient: str
    purpose: str


class Shapes:
    """Makes the facts of previews under one snapshot of the maps."""

    def __init__(self, snapshot: Snapshot, vocabulary: Vocabulary) -> None:
        self._recipients = frozenset(map(str, snapshot.recipients))
        self._purposes = frozenset(map(str, snapshot.purposes))
        self._vocabulary = vocabulary
        self._respelled: dict[str, str] = {}
        self._places: dict[str, dict[str, str]] = {}  # where → key → the path of what stands under it
        self._places_left = _REMEMBERED

    def of(self, result: Disclosure | Refused) -> tuple[Group, Collection[Told]]:
        """What one preview says, each fact once."""
        facts: dict[Told, None] = {}
        if isinstance(result, Disclosure):
            admitted = result.permitted.admitted
            facts["", FactKind.PREVIEW, "permitted"] = None
            for released in result.released:
                facts[released.path, FactKind.RELEASED, released.rule] = None
        else:
            admitted = result.admitted
            facts["", FactKind.PREVIEW, result.reason.value] = None
            for failure in result.failures:
                facts[failure.path, FactKind.FAILED, f"{failure.reason} {failure.rule}"] = None
        if isinstance(result, Disclosure) or result.withheld or result.failures:  # else its payload was not looked at
            self._account(result, facts)
            self._leaves(admitted.payload, facts)
        return self._group(admitted), facts

    def _group(self, admitted: Admitted) -> Group:
        recipient = admitted.recipient if admitted.recipient in self._recipients else OTHER
        purpose = admitted.purpose if admitted.purpose in self._purposes else OTHER
        return Group(admitted.caller.id, recipient, purpose)

    def _account(self, result: Disclosure | Refused, facts: dict[Told, None]) -> None:
        respelled = self._respelled
        for one in result.withheld:
            path = respelled.get(one.path) or self._spelled(one.path)
            if one is AND_MORE or len(path) > PATH_MOST:
                facts[_MORE] = None
            else:
                said = one.reason.value if one.rule is None else f"{one.reason} {one.rule}"[:DETAIL_MOST]
                facts[path, FactKind.WITHHELD, said] = None
        for group in result.alarms:
            facts["", FactKind.ALARM, group] = None

    def _leaves(self, payload: Node, facts: dict[Told, None]) -> None:
        """Every leaf's path and lexical type, as far as is looked."""
        waiting: list[tuple[str, Node, int]] = [("", payload, 0)]
        nodes, most = 0, len(facts) + PATHS_MOST
        while waiting:
            where, node, depth = waiting.pop()
            nodes += 1
            if nodes > _NODES_MOST or len(facts) >= most:
                facts[_MORE] = None
                return
            if depth < _DEEPEST and isinstance(node, dict):
                known = self._places.get(where)
                for key, child in node.items():
                    path = (known and known.get(key)) or self._place(where, key)
                    if type(child) is str:
                        facts[path, FactKind.SEEN, "string"] = None
                    elif child is not None:
                        waiting.append((path, child, depth + 1))
            elif depth < _DEEPEST and isinstance(node, list):
                path = f"{where}[]"
                waiting += [(path, child, depth + 1) for child in node if child is not None]
            else:
                facts[where, FactKind.SEEN, _lexical(node)] = None

    def _place(self, where: str, key: str) -> str:
        """The path of what stands under a key, remembered where every name in it may be kept."""
        spelled = self._vocabulary.spell(key)
        path = f"{where}.{spelled}" if where else spelled
        if len(path) > PATH_MOST:
            return _TOO_LONG
        if self._places_left > 0 and "~" not in path:
            self._places_left -= 1
            self._places.setdefault(where, {})[key] = path
        return path

    def _spelled(self, path: str) -> str:
        """A path of a verdict, which spells names as they came, with the names that may be kept."""
        spelled = _respell(path, self._vocabulary)
        if spelled == path and len(self._respelled) < _REMEMBERED:  # no name in it is anyone's
            self._respelled[path] = path
        return spelled


def _lexical(node: Node) -> str:
    if isinstance(node, bool):
        return "boolean"
    if isinstance(node, str):
        return "number" if type(node) is Number else "string"
    return "nested"


def _respell(path: str, vocabulary: Vocabulary) -> str:
    """Name by name; the digest of the whole where that is not how a path is spelled."""
    start = next((top for top in ("[].", "[]") if path.startswith(top)), "")  # where no object was at the top
    at = len(start)
    made: list[str] = []
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            return vocabulary.conceal(path)
        made.append(_name(found, vocabulary) + found["each"])
        at = found.end()
    return start + ".".join(made)


def _name(found: re.Match[str], vocabulary: Vocabulary) -> str:
    if found["deep"] is not None:
        return "*"
    if found["quoted"] is not None:
        return vocabulary.spell(parse_path(found["quoted"])[0].key)
    return vocabulary.spell(found["plain"] or found["tilde"])

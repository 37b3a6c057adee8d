"""Delta debugging of a payload: which of its fields an API takes a body without, and which it does not.

Groups of fields go whole where they can, else by halves that follow the branches of the payload, down to single fields
(Zeller's ddmin over a tree); at the end the smallest body is asked about again, whole and without each of its fields,
because an answer may be luck.

Promises: no more questions than the budget; what is said to be needed was refused without it, from a body that was
taken, at the end the smallest one; what is said never to be needed was absent from that body. What was not settled is
undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.canonical import Node, key_text

_AGAIN: Final = 2  # times that a surprising answer is asked for again; the majority counts


class Spent(Exception):
    """The budget of questions is used up."""


class Unsteady(Exception):
    """The API takes the smallest body no more: nothing that was learnt can be built on."""


class SampleRefused(Exception):
    """The API does not take the whole sample: nothing can be learnt from it."""


Ask = Callable[[frozenset[str]], bool]
"""Whether the API takes a body with these fields of the sample, and no others."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known, at the end or whenever it ended."""

    accepts: tuple[str, ...]  # needed: refused without it
    never_needed: tuple[str, ...]
    undecided: tuple[str, ...]
    complete: bool
    steady: bool  # the smallest body, and each that was refused, was asked for again and answered alike
    asked: int


class Shrinking:
    """One payload's fields, and what is known of them so far."""

    def __init__(self, groups: Sequence[Sequence[str]], ask: Ask, budget: int) -> None:
        """`groups` are the fields, those first that are most likely to go together."""
        self._groups = groups
        self._fields = tuple(one for group in groups for one in group)
        self._ask_api = ask
        self._left = budget
        self._asked = 0
        self._answers: dict[frozenset[str], bool] = {}
        self._kept = frozenset(self._fields)
        self._needed: set[str] = set()
        self._steady = True
        self._complete = False
        self._again = False

    def run(self) -> None:
        """Ask until everything is settled, then ask again. Raises SampleRefused, Unsteady, Spent, and what asking does.

        Where the budget ends while asking again, everything is settled, and only that no one asked twice is said.
        """
        if not self._ask(self._kept):
            raise SampleRefused
        for group in filter(None, self._groups):
            self._narrow(group)
        self._complete = True
        try:
            self._settle()
        except Spent:
            self._again = False
        else:
            self._again = True

    @property
    def found(self) -> Found:
        """What is known now."""
        needed = self._needed & self._kept
        return Found(
            accepts=tuple(one for one in self._fields if one in needed),
            never_needed=tuple(one for one in self._fields if one not in self._kept),
            undecided=tuple(one for one in self._fields if one in self._kept and one not in needed),
            complete=self._complete,
            steady=self._steady and self._again,
            asked=self._asked,
        )

    def _ask(self, fields: frozenset[str], *, anew: bool = False) -> bool:
        known = self._answers.get(fields)
        if known is not None and not anew:
            return known
        if self._left <= 0:
            raise Spent
        self._left -= 1
        self._asked += 1
        answer = self._ask_api(fields)
        if known is not None and answer is not known:
            answer = self._majority(fields, answer)
        self._answers[fields] = answer
        return answer

    def _majority(self, fields: frozenset[str], answer: bool) -> bool:  # noqa: FBT001 -- an answer, not a switch
        """One body, two answers: ask for more of them, and say so."""
        self._steady = False
        answers = [not answer, answer]
        while len(answers) < 2 + _AGAIN or answers.count(True) * 2 == len(answers):
            if self._left <= 0:
                raise Spent
            self._left -= 1
            self._asked += 1
            answers.append(self._ask_api(fields))
        return answers.count(True) * 2 > len(answers)

    def _narrow(self, group: Sequence[str]) -> None:
        """Let go of what of a group can go: all of it, or else of each half."""
        without = self._kept.difference(group)
        if self._ask(without):
            self._kept = without
        elif len(group) > 1:
            middle = _middle(group)
            self._narrow(group[:middle])
            self._narrow(group[middle:])
        else:
            self._needed.update(group)

    def _settle(self) -> None:
        """Ask again for the smallest body, and without each of its fields, until no more can go."""
        settled = False
        while not settled:
            settled = True
            if not self._ask(self._kept, anew=True):
                self._complete = False
                self._needed.clear()
                raise Unsteady
            for one in self._fields:
                if one not in self._kept:
                    continue
                if self._ask(self._kept - {one}, anew=True):
                    self._kept -= {one}
                    settled = False


def fields_of(payload: Node) -> list[str]:
    """The paths of the leaves of a payload, each once, in the order of its tree."""
    found: dict[str, None] = {}

    def walk(node: Node, path: str) -> None:
        if isinstance(node, dict):
            for key, child in node.items():
                walk(child, f"{path}.{key_text(key)}" if path else key_text(key))
        elif isinstance(node, list):
            for child in node:
                walk(child, f"{path}[]")
        elif node is not None:
            found[path] = None

    walk(payload, "")
    return list(found)


def with_fields(payload: Node, fields: frozenset[str], path: str = "") -> Node:
    """The payload with these fields alone; an object or array is there only if a field in it is."""
    if isinstance(payload, dict):
        made: dict[str, Node] = {
            key: part
            for key, child in payload.items()
            if (part := with_fields(child, fields, f"{path}.{key_text(key)}" if path else key_text(key))) is not None
        }
        return made or None
    if isinstance(payload, list):
        items: list[Node] = [part for child in payload if (part := with_fields(child, fields, f"{path}[]")) is not None]
        return items or None
    return payload if path in fields else None


def _middle(group: Sequence[str]) -> int:
    """Where to part a group: near its middle, between two branches that part as early as any there do."""
    size = len(group)
    near = range(max(1, size // 4), max(2, size - size // 4))
    return min(near, key=lambda at: (_shared(group[at - 1], group[at]), abs(at - size / 2)))


def _shared(first: str, second: str) -> int:
    """How many keys two paths begin with in common."""
    count = 0
    for one, other in zip(first.split("."), second.split("."), strict=False):
        if one != other:
            break
        count += 1
    return count

"""What the counts of observed previews mean for a map and for those who call: every advice with its figure.

Promises: nothing is advised that no count stands behind, and each advice says what to do next; where not everything
could be counted, what was never met is not called never sent. It sees counts and maps, and must never see a payload.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.canonical import path_text
from gateway.minimise.observed import Fact, FactKind, Group
from gateway.model import FieldRule, PurposeId, PurposeMap, RecipientId, RefusedReason, Snapshot, WithheldReason
from gateway.storage import Counted

PERMITTED: Final = "permitted"
_UNLOOKED: Final = frozenset(
    {
        RefusedReason.UNKNOWN_RECIPIENT,
        RefusedReason.UNKNOWN_PURPOSE,
        RefusedReason.NOT_GRANTED,
        RefusedReason.BASIS_MISSING,
        RefusedReason.KEY_UNUSABLE,
    }
)
"""Refused before the payload was looked at."""

_IN_VAIN: Final = {
    WithheldReason.NOT_IN_MAP: "stop sending it, or ask for a rule in the class map",
    WithheldReason.NEVER: "stop sending it: no map may let it through",
    WithheldReason.SPECIAL_CATEGORY: "stop sending it: it raises an alarm each time, and no map may let it through",
    WithheldReason.NARROWED: "stop sending it: this recipient's file withholds it",
}
_NEXT: Final = {
    RefusedReason.UNKNOWN_RECIPIENT: "name a recipient of the maps: `gateway recipient list`",
    RefusedReason.UNKNOWN_PURPOSE: "name a purpose that the recipient has: `gateway recipient list`",
    RefusedReason.NOT_GRANTED: "`gateway caller grant CALLER RECIPIENT:PURPOSE`",
    RefusedReason.EMPTY_MAP: "nothing of these payloads is in the map: compare one with `gateway map try`",
    RefusedReason.REQUIRED_MISSING: "send the required fields below, or correct the shape of the recipient's file",
    RefusedReason.REQUIRED_INVALID: "correct the required fields below at their source",
    RefusedReason.SPECIAL_CATEGORY: "leave out the keys that the taxonomy refuses",
    RefusedReason.KEY_UNUSABLE: "put the recipient's new key into its file",
    RefusedReason.RESTRICTED: "right as it is: these people are blocked",
    RefusedReason.BASIS_MISSING: "state Gateway-Basis, or `gateway caller set CALLER --default-basis …`",
    RefusedReason.OUT_OF_SCOPE: "see `serves` in the recipient's file, and keep its sets up to date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One line of advice; `path` is empty where it is about whole previews."""

    path: str
    why: str
    count: int
    of: int  # previews, or those of them that had the field
    next: str


@dataclass(slots=True)
class ForCaller:
    """What was observed of one caller."""

    caller: str
    previews: int = 0
    permitted: int = 0
    refused: list[Advice] = field(default_factory=list)
    withheld: list[Advice] = field(default_factory=list)
    always_failing: list[Advice] = field(default_factory=list)
    in_vain: list[Advice] = field(default_factory=list)


@dataclass(slots=True)
class ForMap:
    """What was observed of one recipient and purpose."""

    recipient: str
    purpose: str
    previews: int = 0
    looked: int = 0  # those whose payload was minimised, or would have been
    more: int = 0  # facts beyond the limits
    first_day: int = 0
    last_day: int = 0
    never_sent: list[Advice] = field(default_factory=list)
    callers: list[ForCaller] = field(default_factory=list)


def advise(counted: Iterable[Counted], snapshot: Snapshot, *, whole: bool = True) -> list[ForMap]:
    """The advice on every recipient and purpose that was observed, by their names.

    Where not all callers are looked at (`whole`), nothing can be said to be sent by no one.
    """
    by_pair: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for one in counted:
        by_pair[one.group.recipient, one.group.purpose].append(one)
    return [_for_map(pair, found, snapshot, whole=whole) for pair, found in sorted(by_pair.items())]


def _for_map(pair: tuple[str, str], counted: list[Counted], snapshot: Snapshot, *, whole: bool) -> ForMap:
    declared = snapshot.maps.get((RecipientId(pair[0]), PurposeId(pair[1])))
    made = ForMap(*pair)
    made.first_day = min(one.first_day for one in counted)
    made.last_day = max(one.last_day for one in counted)
    by_group: dict[Group, dict[Fact, int]] = defaultdict(dict)
    for one in counted:
        by_group[one.group][one.fact] = one.count
    for group, facts in by_group.items():
        made.callers.append(_for_caller(group, facts, declared))
        made.previews += made.callers[-1].previews
        made.looked += _looked(facts)
        made.more += _of(facts, FactKind.MORE).get(("", ""), 0)
    if whole and declared is not None and made.looked and not made.more:
        seen = {fact.path for facts in by_group.values() for fact in facts if fact.kind is FactKind.SEEN}
        failed = {fact.path for facts in by_group.values() for fact in facts if fact.kind is FactKind.FAILED}
        made.never_sent = [
            _never_sent(rule, made.looked, is_missed=path_text(rule.path) in failed)
            for rule in declared.fields
            if _is_unsent(rule, seen)
        ]
    return made


def _is_unsent(rule: FieldRule, seen: set[str]) -> bool:
    return bool(rule.sources) and not any(path_text(source) in seen for source in rule.sources)


def _never_sent(rule: FieldRule, looked: int, *, is_missed: bool) -> Advice:
    if is_missed:
        said = "required: send it, without it transfers are refused"
    else:  # what is required where it stands cannot be withheld by one recipient's file
        said = "remove it from the class map" if rule.required else "remove it from the map"
    return Advice(path=path_text(rule.path), why="never sent", count=0, of=looked, next=said)


def _for_caller(group: Group, facts: Mapping[Fact, int], declared: PurposeMap | None) -> ForCaller:
    made = ForCaller(group.caller)
    for (_, detail), count in _of(facts, FactKind.PREVIEW).items():
        made.previews += count
        if detail == PERMITTED:
            made.permitted += count
    looked = _looked(facts)
    made.refused = _refused(facts, made.previews)
    seen: dict[str, int] = defaultdict(int)
    for (path, _), count in _of(facts, FactKind.SEEN).items():
        seen[path] = max(seen[path], count)  # a payload with two types at one path is still one payload
    for (path, detail), count in _most(_of(facts, FactKind.WITHHELD)):
        reason, _, rule = detail.partition(" ")
        why = f"{reason} ({rule})" if rule else reason
        made.withheld.append(Advice(path=path, why=why, count=count, of=looked, next=_next(path, reason)))
        if reason in _IN_VAIN:
            made.in_vain.append(made.withheld[-1])
    made.always_failing = _always_failing(facts, seen, declared)
    return made


def _refused(facts: Mapping[Fact, int], previews: int) -> list[Advice]:
    found = [
        Advice(path="", why=reason, count=count, of=previews, next=_NEXT[RefusedReason(reason)])
        for (_, reason), count in _most(_of(facts, FactKind.PREVIEW))
        if reason != PERMITTED
    ]
    for (path, detail), count in _most(_of(facts, FactKind.FAILED)):
        reason, _, rule = detail.partition(" ")
        said = "send it" if reason == RefusedReason.REQUIRED_MISSING else f"make it pass: {rule}"
        found.append(Advice(path=path, why=f"{reason} ({rule})", count=count, of=previews, next=said))
    return found


def _always_failing(facts: Mapping[Fact, int], seen: Mapping[str, int], declared: PurposeMap | None) -> list[Advice]:
    """Allowed fields that came, and whose value never passed."""
    released = {path for path, _ in _of(facts, FactKind.RELEASED)}
    withheld = _of(facts, FactKind.WITHHELD)
    found = []
    for rule in declared.fields if declared is not None else ():
        for source in map(path_text, rule.sources):
            failed = {
                detail.partition(" ")[2]: count
                for (path, detail), count in withheld.items()
                if path == source and detail.partition(" ")[0] == WithheldReason.BAD_VALUE
            }
            times = sum(failed.values())
            if times and times >= seen.get(source, 0) and path_text(rule.path) not in released:
                rules = ", ".join(sorted(failed)) or rule.type.value
                said = f"correct it at its source, or its rule ({rules}) in the map"
                found.append(Advice(path=source, why=f"bad_value ({rules})", count=times, of=times, next=said))
    return found


def _next(path: str, reason: str) -> str:
    if "~" in path:
        return "a name that is not kept: POST /v1/preview shows it to its caller; then " + _IN_VAIN.get(
            WithheldReason(reason), "correct it"
        )
    if reason in _IN_VAIN:
        return _IN_VAIN[WithheldReason(reason)]
    if reason == WithheldReason.BAD_VALUE:
        return "correct the value at its source"
    if reason == WithheldReason.CONDITION:
        return "right as it is: the rule's condition did not hold"
    return "send fewer items" if reason == WithheldReason.OVER_LIMIT else "leave out items about someone else"


def _looked(facts: Mapping[Fact, int]) -> int:
    return sum(count for (_, detail), count in _of(facts, FactKind.PREVIEW).items() if detail not in _UNLOOKED)


def _of(facts: Mapping[Fact, int], kind: FactKind) -> dict[tuple[str, str], int]:
    return {(fact.path, fact.detail): count for fact, count in facts.items() if fact.kind is kind}


def _most(counts: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    """The most frequent first, then by path."""
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))

"""What one run of a projection collects beside the data: what was released, withheld, found, and what failed.

It holds paths and reasons, never values. One account serves one payload and is not shared between threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, compress

from gateway.canonical import Node
from gateway.minimise.names import Spelled
from gateway.minimise.text import Scrubbed
from gateway.model import (
    Failure,
    Projection,
    RefusedReason,
    Released,
    SpecialCategory,
    Whose,
    Withheld,
    WithheldReason,
)

WITHHELD_MOST = 500
"""So many distinct withheld paths are listed; a hostile payload must not grow the entry without bound."""

LISTED_MOST_BYTES = 16_384
"""And so many bytes of them: what is listed stands in an entry for ever (T57)."""

AND_MORE = Withheld("...", WithheldReason.OVER_LIMIT)
"""Stands last where there were more: no path is spelled like this."""

_STRENGTH = {None: 0, WithheldReason.CONDITION: 2}  # the smaller wins: released, then a bad value, then a condition
_BAD = 1


def key_of(path: str, reason: WithheldReason) -> str:
    """What tells one line of the account from another; no reason holds a space."""
    return f"{reason} {path}"


class Account:
    """The account of one run."""

    __slots__ = (
        *("_names", "alarms", "failures", "findings", "flags", "more", "out_of_scope", "shared", "spelled", "whose"),
        *("text_bytes", "withheld"),
    )

    def __init__(self, spelled: Spelled, rules: int, whose: Whose) -> None:
        self.spelled = spelled
        self.whose = whose
        self.out_of_scope = False
        self._names: dict[str, str] = {}
        self.withheld: dict[str, Withheld] = {}  # by `key_of`; what is too much is cut when the account closes
        self.alarms: dict[str, None] = {}
        self.failures: dict[tuple[str, RefusedReason, str], None] = {}
        self.findings: dict[str, int] = {}
        self.flags = bytearray(rules)
        self.more = False
        self.text_bytes = 0  # of free text, that were read
        self.shared: dict[tuple[str, int], WithheldReason | None] = {}

    def withhold(self, path: str, reason: WithheldReason, rule: str | None = None) -> None:
        """Account for an input leaf, or the root of an unknown subtree, that stays home."""
        key = key_of(path, reason)
        if key in self.withheld:
            return
        if self.is_full:
            self.more = True
        else:
            self.withheld[key] = Withheld(path, reason, rule)

    @property
    def is_full(self) -> bool:
        """Whether no further path is listed: then none needs to be spelled."""
        return len(self.withheld) >= WITHHELD_MOST

    def withhold_unknown(self, prefix: str, key: str) -> None:
        """Account for what stands under a name that the map does not know."""
        if self.is_full and key not in self._names:
            self.more = True  # spares a digest of the name
        else:
            self.withhold(prefix + self.spell(key), WithheldReason.NOT_IN_MAP)

    def alarm(self, groups: tuple[str, ...]) -> None:
        """Raise the alarm of the groups of special categories that a key belongs to."""
        for group in groups:
            self.alarms[group] = None

    def spell(self, key: str) -> str:
        """A name that the map does not know, concealed."""
        spelled = self._names.get(key)
        if spelled is None:
            spelled = self._names[key] = self.spelled[key]
        return spelled

    def take(self, scrubbed: Scrubbed) -> str:
        """Count what was replaced in a text; the text that is left."""
        for kind in scrubbed.kinds:
            self.findings[kind] = self.findings.get(kind, 0) + 1
        return scrubbed.text

    def fail(self, path: str, reason: RefusedReason, rule: str) -> None:
        """Account for a required field that cannot leave."""
        self.failures[path, reason, rule] = None

    def note_shared(self, path: str, item: int, reason: WithheldReason | None) -> None:
        """Account for one leaf that several rules read: it is withheld only if none of them releases it."""
        before = self.shared.get((path, item), WithheldReason.CONDITION)
        if _STRENGTH.get(reason, _BAD) <= _STRENGTH.get(before, _BAD):
            self.shared[path, item] = reason

    def close(self, data: Node, released: Sequence[Released], special: Sequence[SpecialCategory]) -> Projection:
        """The projection: the data, and this account of it."""
        for (path, _), reason in self.shared.items():
            if reason is not None:
                self.withhold(path, reason)
        return Projection(
            data=data,
            released=tuple(compress(released, self.flags)),
            withheld=self._listed(),
            alarms=tuple(self.alarms),
            findings=self.findings,
            failures=tuple([Failure(path, reason, rule) for path, reason, rule in self.failures]),
            forbidden=self._forbidden(special) if self.alarms else (),
            out_of_scope=self.out_of_scope,
        )

    def _listed(self) -> tuple[Withheld, ...]:
        """What is withheld as it is listed: cut where it is too long, and then it says so."""
        withheld = tuple(self.withheld.values())
        if len(withheld) > WITHHELD_MOST or len("".join(self.withheld)) > LISTED_MOST_BYTES:
            sizes = accumulate(len(one.path) for one in withheld[:WITHHELD_MOST])
            fit = sum(1 for size in sizes if size <= LISTED_MOST_BYTES)
            self.more = self.more or fit < len(withheld)
            withheld = withheld[:fit]
        return (*withheld, AND_MORE) if self.more else withheld

    def _forbidden(self, special: Sequence[SpecialCategory]) -> tuple[str, ...]:
        return tuple([category.group for category in special if category.refuse and category.group in self.alarms])

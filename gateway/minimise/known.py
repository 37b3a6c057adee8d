"""What the map knows of a payload's keys, and the walk that accounts for everything it does not name.

The walk never copies a value: it reads keys, and the kinds of what stands under them. It reports an unknown subtree
once, at its root; a key that the lexicon forbids is reported wherever it stands, however deep.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.canonical import Node, Path, key_text, path_text
from gateway.minimise.account import Account, key_of
from gateway.minimise.names import Classify, Hit, Spelled, looks_programmed
from gateway.model import Withheld, WithheldReason

_MET_MOST = 256
_HITS_MOST = 1024
_SPELLED_LEVELS = 8
_ELIDED = "\0"  # no key: strict parsing refuses it

_NESTED = (dict, list)

_Trail: TypeAlias = "str | _Place"
"""The way to a node, spelled only where something is found: what the map spells, or that and what stands below."""

_Place: TypeAlias = "tuple[_Trail, str | None]"
"""A way and a key (None: an item of an array)."""


class Names:
    """The keys of one object that the map knows, and what was found out about others that were met there."""

    __slots__ = ("known", "met", "where")

    def __init__(self, where: str) -> None:
        self.where = where
        self.known: dict[str, Known] = {}
        self.met: dict[str, _Met] = {}


@dataclass(frozen=True, slots=True)
class Known:
    """A key that the map knows: what stands under it or, of a leaf, why it stays home (None: its rule says)."""

    text: str
    each: bool
    inside: Names | None
    reason: WithheldReason | None


@dataclass(frozen=True, slots=True)
class _Met:
    """A key that the map does not know at its place, spelled once for each way to conceal names."""

    key: str
    withheld: Withheld
    groups: tuple[str, ...]  # of special categories
    spelled: Spelled


class Walk:
    """The walk over payloads for one map. Raises ValueError where a path is a field and holds fields."""

    def __init__(
        self, leaves: Iterable[tuple[Path, WithheldReason | None]], paths: Iterable[Path], classify: Classify
    ) -> None:
        self._classify = classify
        self._top = Names("")
        self._hits: dict[_Place, _Met] = {}
        # The map's own names are no secret, wherever a payload has them.
        self._plain = {step.key: key_text(step.key) for path in paths for step in path}
        for path, reason in leaves:
            self._learn(path, reason)

    def _learn(self, path: Path, reason: WithheldReason | None) -> None:
        """Know this leaf, unless a forbidden name stands on its path; what was learned first stays."""
        names = self._top
        self._plain.update((step.key, key_text(step.key)) for step in path)
        for at, step in enumerate(path, 1):
            if self._classify(step.key) is not None:
                return
            is_last = at == len(path)
            known = names.known.get(step.key)
            if known is None:
                text = path_text(path[:at])
                known = Known(text, step.each, None if is_last else Names(text), reason)
                names.known[step.key] = known
            elif known.inside is not None and is_last and reason is WithheldReason.NARROWED:
                return  # its fields are narrowed one by one
            elif known.each is not step.each or (known.inside is None) is not is_last:
                raise ValueError(f"{known.text} is used as two kinds of thing")
            names = known.inside or names

    def account(self, payload: Node, account: Account) -> None:
        """Account for every leaf of the payload that no rule reads."""
        if type(payload) is dict:
            self._object(self._top, payload, account)
        elif payload is not None:
            self._confused("[]" if type(payload) is list else "", payload, account)

    def _object(self, names: Names, node: dict[str, Node], account: Account) -> None:
        known_here, met_here, withheld, spelled = names.known, names.met, account.withheld, account.spelled
        for key, child in node.items():
            if child is None:
                continue  # null is absent
            known = known_here.get(key)
            if known is not None:
                if known.inside is not None or known.reason is not None or known.each or not isinstance(child, str):
                    self._known(known, child, account)
                continue  # else the usual case: a leaf that its own rule accounts for
            met = met_here.get(key)
            if met is None or met.spelled is not spelled:
                self._meet(names, key, account)
            else:
                withheld[met.key] = met.withheld
                if met.groups:
                    account.alarm(met.groups)
            if type(child) is not str and isinstance(child, _NESTED):
                self._scan((names.where, key), child, account)

    def _known(self, known: Known, node: Node, account: Account) -> None:
        if not known.each:
            self._item(known, node, account)
        elif type(node) is list:
            for item in node:
                if item is not None:
                    self._item(known, item, account)
        else:
            self._confused(known.text.removesuffix("[]"), node, account)

    def _item(self, known: Known, node: Node, account: Account) -> None:
        if known.inside is not None:
            if type(node) is dict:
                self._object(known.inside, node, account)
            else:
                self._confused(known.text, node, account)
            return
        if known.reason is not None:
            account.withhold(known.text, known.reason)
        self._scan(known.text, node, account)

    def _confused(self, where: str, node: Node, account: Account) -> None:
        """An object or an array was due here, and this is none."""
        account.withhold(where, WithheldReason.BAD_VALUE)
        self._scan(where, node, account)

    def _meet(self, names: Names, key: str, account: Account) -> None:
        """Account for a key for the first time; the next time it is a look-up, if the name is a program's."""
        hit, plain = self._classify(key), self._plainly(key)
        is_kept = looks_programmed(key) and (len(names.met) < _MET_MOST or key in names.met)
        if not is_kept and hit is None and plain is None:
            account.withhold_unknown(f"{names.where}." if names.where else "", key)
            return
        reason, groups = (WithheldReason.NOT_IN_MAP, ()) if hit is None else (hit.reason, hit.groups)
        path = _joined(names.where, plain or account.spell(key))
        account.withhold(path, reason)
        account.alarm(groups)
        if is_kept:
            names.met[key] = _Met(key_of(path, reason), Withheld(path, reason), groups, account.spelled)

    def _plainly(self, key: str) -> str | None:
        """A name that may be shown, because the map or the lexicon lists it and it can say nothing of anyone."""
        hit = self._classify(key)
        return key_text(key) if hit is not None and hit.listed else self._plain.get(key)

    def _scan(self, trail: _Trail, node: Node, account: Account, depth: int = 0) -> None:
        """Report the forbidden keys of a subtree that is accounted for as a whole.

        The way to a key is spelled for a few levels and elided below: what is nested deeply must not cost more.
        """
        if depth == _SPELLED_LEVELS:
            trail = (trail, _ELIDED)
        if isinstance(node, list):
            for item in node:
                if type(item) is not str and isinstance(item, _NESTED):
                    self._scan(trail if depth >= _SPELLED_LEVELS else (trail, None), item, account, depth + 1)
        elif isinstance(node, dict):
            classify = self._classify
            for key, child in node.items():
                if child is None:
                    continue
                hit = classify(key)
                if hit is not None:
                    self._report(hit, (trail, key), account)
                if type(child) is not str and isinstance(child, _NESTED):
                    self._scan(trail if depth >= _SPELLED_LEVELS else (trail, key), child, account, depth + 1)

    def _report(self, hit: Hit, place: _Place, account: Account) -> None:
        if account.is_full:
            account.more = True
        elif (met := self._hits.get(place)) is not None and met.spelled is account.spelled:
            account.withheld[met.key] = met.withheld
        else:
            self._find(hit, place, account)
        if hit.groups:
            account.alarm(hit.groups)

    def _find(self, hit: Hit, place: _Place, account: Account) -> None:
        """Account for a forbidden key for the first time; kept where every name on the way is a program's."""
        path = self._text(place, account)
        account.withhold(path, hit.reason)
        if _is_programmed(place) and (len(self._hits) < _HITS_MOST or place in self._hits):
            self._hits[place] = _Met(key_of(path, hit.reason), Withheld(path, hit.reason), hit.groups, account.spelled)

    def _text(self, trail: _Trail, account: Account) -> str:
        if isinstance(trail, str):
            return trail
        before, key = trail
        text = self._text(before, account)
        if key == _ELIDED:
            return f"{text}.*"
        return f"{text}[]" if key is None else _joined(text, self._plainly(key) or account.spell(key))


def _is_programmed(trail: _Trail) -> bool:
    """True if every name on the way looks like a program's; what the map spells is the map's own."""
    while not isinstance(trail, str):
        trail, key = trail
        if key is not None and not looks_programmed(key):
            return False
    return True


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name

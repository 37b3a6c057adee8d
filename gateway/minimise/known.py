"""What the map knows of a payload's keys, and the walk that accounts for everything it does not name.

The walk never copies a value: it reads keys, and the kinds of what stands under them. It reports an unknown subtree
once, at its root; a key that the lexicon forbids is reported wherever it stands, however deep.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from gateway.canonical import Node, Path, key_text, path_text
from gateway.minimise.account import Account
from gateway.minimise.names import Classify
from gateway.model import WithheldReason

_Trail: TypeAlias = "str | tuple[_Trail, str | None]"
"""The way to a node, spelled only where something is found: text, or a way and a key (None: an item of an array)."""


class Known:
    """A key that the map knows: what stands under it or, of a leaf, why it stays home (None: its rule says)."""

    __slots__ = ("children", "each", "reason", "text")

    def __init__(
        self, text: str, *, each: bool, children: dict[str, Known] | None, reason: WithheldReason | None
    ) -> None:
        self.text = text
        self.each = each
        self.children = children
        self.reason = reason


class Walk:
    """The walk over payloads for one map. Raises ValueError where a path is a field and holds fields."""

    def __init__(self, leaves: Iterable[tuple[Path, WithheldReason | None]], classify: Classify) -> None:
        self._classify = classify
        self._top: dict[str, Known] = {}
        self._plain: dict[str, str] = {}
        for path, reason in leaves:
            self._learn(path, reason)

    def _learn(self, path: Path, reason: WithheldReason | None) -> None:
        """Know this leaf, unless a forbidden name stands on its path; what was learned first stays."""
        names, last = self._top, len(path)
        self._plain.update((step.key, key_text(step.key)) for step in path)
        for at, step in enumerate(path, 1):
            if self._classify(step.key) is not None:
                return
            text = path_text(path[:at])
            known = names.get(step.key)
            if known is None:
                known = names[step.key] = Known(
                    text, each=step.each, children=None if at == last else {}, reason=reason
                )
            elif known.children is not None and at == last and reason is WithheldReason.NARROWED:
                return  # its fields are narrowed one by one
            elif known.each is not step.each or (known.children is None) is not (at == last):
                raise ValueError(f"{text} is used as two kinds of thing")
            names = known.children if known.children is not None else {}

    def account(self, payload: Node, account: Account) -> None:
        """Account for every leaf of the payload that no rule reads."""
        if type(payload) is dict:
            self._object("", self._top, payload, account)
        elif payload is not None:
            self._confused("[]" if type(payload) is list else "", payload, account)

    def _object(self, where: str, names: dict[str, Known], node: dict[str, Node], account: Account) -> None:
        for key, child in node.items():
            if child is None:
                continue  # null is absent
            known = names.get(key)
            if known is None:
                self._unknown(where, key, child, account)
            elif known.children is None and known.reason is None and isinstance(child, str):
                continue  # the usual case, in short: a leaf that its own rule accounts for
            elif not known.each:
                self._item(known, child, account)
            elif type(child) is list:
                for item in child:
                    if item is not None:
                        self._item(known, item, account)
            else:
                self._confused(known.text.removesuffix("[]"), child, account)

    def _item(self, known: Known, node: Node, account: Account) -> None:
        if known.children is not None:
            if type(node) is dict:
                self._object(known.text, known.children, node, account)
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

    def _unknown(self, where: str, key: str, node: Node, account: Account) -> None:
        hit = self._classify(key)
        if hit is not None:
            account.withhold_hit(_joined(where, self._spell(key, account)), hit)
        elif key in self._plain:
            account.withhold(_joined(where, self._plain[key]), WithheldReason.NOT_IN_MAP)
        else:
            account.withhold_unknown(f"{where}." if where else "", key)
        if isinstance(node, dict | list):
            self._scan((where, key), node, account)

    def _scan(self, trail: _Trail, node: Node, account: Account) -> None:
        """Report the forbidden keys of a subtree that is accounted for as a whole."""
        if isinstance(node, list):
            for item in node:
                if isinstance(item, dict | list):
                    self._scan((trail, None), item, account)
        elif isinstance(node, dict):
            for key, child in node.items():
                if child is None:
                    continue
                hit = self._classify(key)
                if hit is not None:
                    account.withhold_hit(self._text((trail, key), account), hit)
                if isinstance(child, dict | list):
                    self._scan((trail, key), child, account)

    def _text(self, trail: _Trail, account: Account) -> str:
        if isinstance(trail, str):
            return trail
        before, key = trail
        text = self._text(before, account)
        return f"{text}[]" if key is None else _joined(text, self._spell(key, account))

    def _spell(self, key: str, account: Account) -> str:
        """A name as it may be shown: plain if the map or the lexicon lists it, concealed if it is anyone else's."""
        hit = self._classify(key)
        if hit is not None and hit.listed:
            return key_text(key)
        return self._plain.get(key) or account.spell(key)


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name

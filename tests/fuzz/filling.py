"""Fills a tree of places with values, knowing of each leaf by construction whether it arrives, and as what.

Beside what the rules ask for stands what they do not: unknown names, special categories, wrong shapes, other people's
items. What a case must end in is never asked of the gateway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fuzz.dialects import CSV, TYPED, XML, Num, Tree
from tests.fuzz.kinds import REF, SWITCH, ZONE, Good, Maker
from tests.fuzz.worlds import MOST_ITEMS, REFUSING, TEMPLATE, Place, Way

Expected = dict[str, Any]
"""Like a tree, with leaves as `s:…`, `n:…`, `b:…` or a pattern of the text."""

_UNKNOWN: Final = ("extra", "comment", "iin", "passport", "birth_date", "intercom_code", "diagnosis", "nationality")
_COMES_ALIVE: Final = ("=", "-", "+", "@")


@dataclass
class Group:
    """An object, or an array of objects, of the tree: what stands in it by key."""

    each: bool = False
    inside: dict[str, Group | Place] = field(default_factory=dict)
    way: Way = ()

    def places(self) -> list[Place]:
        """Every place below."""
        return [place for one in self.inside.values() for place in (one.places() if isinstance(one, Group) else [one])]

    def here(self) -> list[Place]:
        """Every place below that stands in no further array."""
        found: list[Place] = []
        for one in self.inside.values():
            if isinstance(one, Place):
                found.append(one)
            elif not one.each:
                found += one.here()
        return found


def tree_of(places: Sequence[Place]) -> Group:
    """The places as a tree."""
    top = Group()
    for place in places:
        group = top
        for at, (key, each) in enumerate(place.way[:-1], 1):
            below = group.inside.setdefault(key, Group(each, way=place.way[:at]))
            assert isinstance(below, Group)
            group = below
        group.inside[place.way[-1][0]] = place
    return top


@dataclass
class Filling:
    """One filling: how values come and leave, and what was found that refuses the transfer."""

    make: Maker
    comes_as: str  # media type
    leaves_as: str
    subject: str = ""
    whose: Way | None = None
    ref: Good | None = None  # what the required reference is, for templates
    tame: bool = False  # no wrong shapes and no litter
    keeps_null: bool = False  # a null under a name that the map has is null, and not absent
    failures: set[str] = field(default_factory=set)
    special: bool = False
    zones: list[Tree] = field(default_factory=list)  # what the payload says of where it is about
    _muted: int = 0
    _top: Good | None = None

    @property
    def typed(self) -> bool:
        return self.comes_as in TYPED

    def decide(self, places: Sequence[Place]) -> None:
        """What all parts of a payload share: the switch outside arrays, and the reference that templates insert."""
        alone = [place for place in places if not place.in_array]
        self._top = self._switch(alone)
        required = any(place.kind is REF and place.required for place in alone)
        self.ref = REF.good(self.make) if required and not self.make.chance(0.015) else None

    def fill(self, group: Group, *, rooted: bool = False) -> tuple[dict[str, Tree], Expected]:
        """The object of the top, and what arrives of it; a root of XML stands alone."""
        return self._object(group, {"top": self._top, "item": None}, litter=not rooted)

    @property
    def in_scope(self) -> bool:
        """Whether it is about the north, says so, and says nothing else."""
        return bool(self.zones) and all(zone == "north" for zone in self.zones)

    def leaf(self, place: Place, on: Mapping[str, Good | None]) -> tuple[bool, Tree, Any]:
        """Whether a value is there, the value, and what arrives."""
        found = self._leaf(place, on)
        if place.kind is ZONE:
            self.zones.append(found[1])  # where one item does not say it, it is not said
        return found

    def _leaf(self, place: Place, on: Mapping[str, Good | None]) -> tuple[bool, Tree, Any]:
        if place.kind is SWITCH:
            switch = on["item" if place.in_array or place.field == "records[].mode" else "top"]
            return self._given(place, switch) if switch is not None else (False, None, None)
        if place.kind is REF and place.required and self.ref is not None:
            return self._given(place, self.ref)
        usual = 0.0 if place.kind is REF and place.required else 0.985 if place.required else 0.7
        roll = self.make.random.random()
        if roll < usual or self.tame:
            good = place.kind.good(self.make)
            if place.template:
                good = self._template(good)
            if place.kind is ZONE and self.make.chance(0.1):
                good = Good("south", "south")
            if not self.typed and isinstance(good.value, bool):
                good = Good(str(good.value).lower(), good.arrives)
            return self._given(place, good, self._is_on(place, on))
        if place.location == "path" or (roll < (1 + usual) / 2 and not (place.kind.unread and not self.typed)):
            self._fail(place, "required_invalid")
            return True, self._bad(place), None
        self._fail(place, "required_missing")
        return (True, None, None) if self.typed and self.make.chance(0.3) else (False, None, None)

    def _given(self, place: Place, good: Good, on: bool = True) -> tuple[bool, Tree, Any]:  # noqa: FBT001, FBT002
        valid = place.kind is not SWITCH or good.value in ("on", "off")
        leaves = valid and on and not place.withheld
        return True, good.value, self._expected(good) if leaves else None

    def _expected(self, good: Good) -> Any:
        if isinstance(good.arrives, re.Pattern):
            return good.arrives
        if self.leaves_as in TYPED and isinstance(good.value, Num):
            return f"n:{good.arrives}"
        if self.leaves_as in TYPED and isinstance(good.value, bool):
            return f"b:{good.arrives}"
        if self.leaves_as == CSV and isinstance(good.value, str) and re.fullmatch("[0-9]+,[0-9]+", good.value):
            return re.compile(good.arrives.replace(".", "[.,]"))  # as it came, where the whole column is of such
        alive = self.leaves_as == CSV and good.arrives.startswith(_COMES_ALIVE) and re.search("[a-z]", good.arrives)
        return f"s:'{good.arrives}" if alive else f"s:{good.arrives}"

    def _template(self, good: Good) -> Good:
        return Good(good.value, "" if self.ref is None else TEMPLATE.format(self.ref.arrives))

    def _is_on(self, place: Place, on: Mapping[str, Good | None]) -> bool:
        if not place.switched:
            return True
        switch = on["item" if place.field and "[]" in place.field else "top"]
        return switch is not None and switch.value == "on"

    def _switch(self, places: Sequence[Place]) -> Good | None:
        """The switch among these places, if one is there and said."""
        if not any(place.kind is SWITCH for place in places):
            return None
        if self.make.chance(0.15):
            return None
        token = self.make.word()
        return Good(token, token) if self.make.chance(0.1) and not self.tame else SWITCH.good(self.make)

    def _bad(self, place: Place) -> Tree:
        make = self.make
        if self.typed and (place.kind.unread or make.chance(0.4)):
            wrong: list[Tree] = [{"value": make.word()}, [make.word()], {make.name(): True}]
            if place.kind.rule.get("type") in ("string", "text") and not place.kind.unread:
                wrong.append(Num(make.digits()))
            return make.random.choice(wrong)
        return place.kind.bad(make)

    def _fail(self, place: Place, code: str) -> None:
        if place.required and not self._muted:
            self.failures.add(code)

    # ── objects and arrays ──────────────────────────────────────────────────

    def _object(
        self, group: Group, on: Mapping[str, Good | None], *, litter: bool = True
    ) -> tuple[dict[str, Tree], Expected]:
        node: dict[str, Tree] = {}
        expected: Expected = {}
        keys = list(group.inside)
        self.make.random.shuffle(keys)
        for key in keys:
            one = group.inside[key]
            if isinstance(one, Place):
                is_there, value, arrives = self.leaf(one, on)
            elif one.each:
                is_there, value, arrives = self._array(one, on)
            else:
                is_there, value, arrives = self._inner(one, on, alone=not litter)
            if is_there:
                node[key] = value
            if arrives not in (None, {}, []) or (self.keeps_null and self.typed and is_there and value is None):
                expected[key] = arrives
        if litter and not self.tame:
            self.litter(node, has_text="#text" in group.inside)
        return node, expected

    def _inner(self, group: Group, on: Mapping[str, Good | None], *, alone: bool) -> tuple[bool, Tree, Any]:
        read_elsewhere = any(place.kind in (SWITCH, REF) for place in group.places())
        if not alone and not read_elsewhere and not self.tame and self.make.chance(0.05):
            self._unsaid(group)
            for place in group.places():
                if self.typed or not place.in_array:
                    self._fail(place, "required_invalid" if self.typed else "required_missing")
            return (True, self.make.word(), None) if self.typed else (False, None, None)
        node, expected = self._object(group, on)
        return True, node, expected

    def _array(self, group: Group, on: Mapping[str, Good | None]) -> tuple[bool, Tree, Any]:
        make = self.make
        most = self._most(group)
        records = self.comes_as not in (XML, "application/json")
        if not self.tame and not records and make.chance(0.06):
            self._unsaid(group)
            if self.comes_as == XML or make.chance(0.5):
                return False, None, None
            self._refuse(group)
            return True, make.word() if make.chance(0.5) else {"value": make.word()}, None
        over = most is not None and not self.tame and make.chance(0.03)
        count = most + 1 if over and most else min(make.random.randint(1, 3), most or 3)
        self._muted += over
        pairs = [self._item(group, on) for _ in range(count)]
        self._muted -= over
        if over:
            self._refuse(group)
        made = [arrives for _, arrives in pairs if arrives]
        return True, [item for item, _ in pairs], None if over else made

    def _item(self, group: Group, on: Mapping[str, Good | None]) -> tuple[Tree, Expected | None]:
        make = self.make
        if self.comes_as == "application/json" and not self.tame and make.chance(0.03):
            if make.chance(0.5):
                return None, None
            self._unsaid(group)
            self._refuse(group)
            return make.word(), None
        whose = self.whose is not None and self.whose[:-1] == group.way
        others = whose and make.chance(0.35)
        self._muted += others
        switched = any(place.kind is SWITCH for place in group.here())
        node, expected = self._object(group, {**on, "item": self._switch(group.here()) if switched else on["item"]})
        self._muted -= others
        if whose and self.whose is not None:
            told: Tree = f"subj_{make.word()}" if others else self.subject
            if not (others and make.chance(0.3)):
                node[self.whose[-1][0]] = told
        return node, None if others else expected

    def _most(self, group: Group) -> int | None:
        """How many items may leave; none said where nothing stands in the items themselves."""
        direct = group.here()
        if not direct:
            return None
        once = any(place.field is not None and "[]" not in place.field for place in direct)
        return 1 if once else MOST_ITEMS if direct[0].field is not None else None

    def _unsaid(self, group: Group) -> None:
        """Where one part does not say where it is about, it is not said."""
        if any(place.kind is ZONE for place in group.places()):
            self.zones.append(None)

    def _refuse(self, group: Group) -> None:
        for place in group.places():
            self._fail(place, "required_invalid")

    # ── what no map names ───────────────────────────────────────────────────

    def litter(self, node: dict[str, Tree], *, has_text: bool = False) -> None:
        """Names and values that no map knows."""
        for _ in range(self.make.random.randint(0, 3)):
            if self.typed:
                self._typed_litter(node)
            elif self.comes_as == XML:
                self._xml_litter(node, has_text=has_text)
            else:
                name = self.make.random.choice([*_UNKNOWN, f"extra {self.make.name()}", self.make.name()])
                node.setdefault(name, self.make.random.choice([self.make.word(), self.make.digits()]))
        if self.comes_as == CSV:
            node |= {"row": self.make.word(), "line": self.make.word()}  # no row is blank, no table one column
        if not has_text and self.make.chance(0.004):
            node["@religion" if self.comes_as == XML and not self.typed else REFUSING] = self.make.word()
            self.special = True

    def _typed_litter(self, node: dict[str, Tree]) -> None:
        word, digits, name = self.make.word(), self.make.digits(), self.make.name()
        kinds: list[tuple[str, Tree]] = [
            (self.make.random.choice(_UNKNOWN), word),
            (self.make.random.choice(_UNKNOWN), {"deep": [word, {"deeper": Num(digits)}], name: None}),
            (name, word),
            (f"~{self.make.random.choice(_UNKNOWN)} {name}", [word, digits]),
            (f"extra{name}", Num(f"0.{digits}")),
        ]
        key, value = self.make.random.choice(kinds)
        node.setdefault(key, value)

    def _xml_litter(self, node: dict[str, Tree], *, has_text: bool) -> None:
        word, name = self.make.word(), self.make.random.choice([*_UNKNOWN, f"x{self.make.name()}"])
        if self.make.chance(0.5) or has_text:
            node.setdefault(self.make.random.choice([f"@{name}", f"@{{urn:example:x}}{name}"]), word)
        else:
            node.setdefault(name, [{"#text": word, "@of": self.make.word()}])
        node.setdefault("#comment", self.make.word())

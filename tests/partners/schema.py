"""What a strict partner demands of a body: every name known, in its place, of its type and form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class FaultKind(StrEnum):
    """What is wrong at a place."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    TYPE = "type"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, and where; never the value."""

    path: str
    kind: FaultKind


Check = Callable[[object, str], list[Fault]]
NONE: Mapping[str, Check] = MappingProxyType({})


def text(pattern: str = r"(?s:.+)", most: int = 255) -> Check:
    """A text of this form, not longer than this."""
    compiled = re.compile(pattern)

    def check(value: object, path: str) -> list[Fault]:
        if not isinstance(value, str):
            return [Fault(path, FaultKind.TYPE)]
        return [] if len(value) <= most and compiled.fullmatch(value) else [Fault(path, FaultKind.VALUE)]

    return check


def integer(least: int = 0, most: int = 2**63 - 1) -> Check:
    """A whole number."""

    def check(value: object, path: str) -> list[Fault]:
        if type(value) is not int:
            return [Fault(path, FaultKind.TYPE)]
        return [] if least <= value <= most else [Fault(path, FaultKind.VALUE)]

    return check


def number(least: float = 0, most: float = 1e12) -> Check:
    """Any number."""

    def check(value: object, path: str) -> list[Fault]:
        if type(value) not in (int, float):
            return [Fault(path, FaultKind.TYPE)]
        return [] if isinstance(value, int | float) and least <= value <= most else [Fault(path, FaultKind.VALUE)]

    return check


def truth() -> Check:
    """true or false."""
    return lambda value, path: [] if isinstance(value, bool) else [Fault(path, FaultKind.TYPE)]


def one_of(*allowed: str | int) -> Check:
    """One of a closed list."""

    def check(value: object, path: str) -> list[Fault]:
        if type(value) not in {type(one) for one in allowed}:
            return [Fault(path, FaultKind.TYPE)]
        return [] if value in allowed else [Fault(path, FaultKind.VALUE)]

    return check


def array(item: Check, least: int = 1, most: int = 1000) -> Check:
    """A list of these."""

    def check(value: object, path: str) -> list[Fault]:
        if not isinstance(value, list):
            return [Fault(path, FaultKind.TYPE)]
        if not least <= len(value) <= most:
            return [Fault(path, FaultKind.VALUE)]
        return [fault for place, one in enumerate(value) for fault in item(one, f"{path}[{place}]")]

    return check


def table(required: Mapping[str, Check], optional: Mapping[str, Check] = NONE, *, open_to: str = "") -> Check:
    """These names and no others; names that match `open_to` may stand beside them."""
    known = {**required, **optional}
    others = re.compile(open_to) if open_to else None

    def check(value: object, path: str) -> list[Fault]:
        if not isinstance(value, dict):
            return [Fault(path, FaultKind.TYPE)]
        faults = [Fault(_at(path, name), FaultKind.MISSING) for name in required if name not in value]
        for name, one in value.items():
            if name in known:
                faults += known[name](one, _at(path, name))
            elif others is None or not others.fullmatch(name):
                faults.append(Fault(_at(path, name), FaultKind.UNKNOWN))
        return faults

    return check


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

"""What samples show of an API together: where it is, its routes, its bodies, what stands outside them, its answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.canonical import Path, Step, key_tokens
from gateway.identifiers import identifier_kind
from gateway.purpose.drafted.key_words import PEOPLE, words
from gateway.purpose.drafted.seen import Leaves
from gateway.purpose.routes import parse_route

_NOT_NAME = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FIXED = re.compile(r"(?:v[0-9]{1,3}|[A-Za-z][A-Za-z_.~-]{0,40}|[A-Za-z]{1,20}[0-9]{0,2}|[a-z]{1,3}[0-9][a-z]{1,3})\Z")


@dataclass(slots=True)
class Traffic:
    """What was seen of one API."""

    base_url: str | None = None
    routes: Counter[tuple[str, str]] = field(default_factory=Counter)  # method and path, ids as {name}
    media_types: list[str] = field(default_factory=list)
    bodies: Leaves = field(default_factory=dict)
    outside: Leaves = field(default_factory=dict)  # path.<name> and query.<name>
    answers: Leaves = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """What bodies are written as, mostly."""
        return Counter(self.media_types).most_common(1)[0][0] if self.media_types else "application/json"

    def texts(self) -> list[str]:
        """The routes that a recipient's file can state, those seen most often first."""
        texts = [f"{method} {path}" for (method, path), _ in self.routes.most_common()]
        return [text for text in texts if parse_route(text) is not None]


def named(segments: Sequence[str]) -> tuple[str, list[tuple[Path, str]]]:
    """A path of fixed segments and `{names}`, and the values that stood where the names are."""
    told: list[str] = []
    found: list[tuple[Path, str]] = []
    for at, segment in enumerate(segments):
        if _FIXED.match(segment) and identifier_kind(segment) is None and not (at and _of_people(segments[at - 1])):
            told.append(segment)
            continue
        name = _name(segments[at - 1] if at else "", {path[1].key for path, _ in found})
        told.append(f"{{{name}}}")
        found.append(((Step("path"), Step(name)), segment))
    return "/" + "/".join(told), found


def _of_people(segment: str) -> bool:
    """True if what follows may be somebody's login or name, whatever it looks like."""
    return any({token, token.removesuffix("s")} & (words(PEOPLE) | {"people"}) for token in key_tokens(segment))


def name_of(text: str) -> str:
    """A name as routes and shapes spell them: small letters, digits and _."""
    return _NOT_NAME.sub("_", _HUMP.sub("_", text).lower()).strip("_") or "id"


def _name(before: str, taken: set[str]) -> str:
    name = f"{name_of(before).removesuffix('s')}_id" if _FIXED.match(before) and len(before) > 2 else "id"  # noqa: PLR2004
    if not name[:1].isalpha():
        name = "id"
    return name if name not in taken else f"{name}_{len(taken) + 1}"

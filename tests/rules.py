"""Rules, a small lexicon and what they make of a payload, for tests of stage 3."""

from __future__ import annotations

import zlib
from typing import Any

from gateway.canonical import Node, parse_path
from gateway.minimise import compile_projection
from gateway.model import FieldRule, FieldType, Lexicon, Match, Plan, Projection, SpecialCategory, When, WithheldReason

HEALTH = SpecialCategory(
    group="health",
    title={"kk": "Денсаулық", "ru": "Здоровье", "en": "Health"},
    keys=frozenset({("diagnosis",), ("benefit", "category")}),
    words=("диагноз", "инвалид*", "лежач*", "аллерги*", "мүгедек*", "ауру", "групп* инвалидности", "diabetes"),
    refuse=False,
)
RACE = SpecialCategory(
    group="race", title={"ru": "Национальность"}, keys=frozenset({("nationality",)}), words=(), refuse=True
)
LEXICON = Lexicon(never=frozenset({("iin",), ("ip",), ("card",), ("door", "code")}), special=(HEALTH, RACE))


def conceal(name: str) -> str:
    return f"~{zlib.crc32(name.encode(errors='surrogatepass')):010d}"


def show(name: str) -> str:
    return name


def rule(path: str, kind: FieldType = FieldType.STRING, *sources: str, **changes: Any) -> FieldRule:
    return FieldRule(
        path=parse_path(path),
        sources=tuple(parse_path(source) for source in sources) or (parse_path(path),),
        category="operational",
        type=kind,
        **changes,
    )


def when(**values: str) -> When:
    """One table; `ticket__scope="apartment|yard"` reads `ticket.scope`, `items__each__kind` reads `items[].kind`."""
    paths = {name: name.replace("__each__", "[].").replace("__", ".") for name in values}
    return (tuple(Match(parse_path(paths[name]), tuple(text.split("|"))) for name, text in values.items()),)


def project(payload: Node, *rules: FieldRule, narrowed: tuple[str, ...] = (), lexicon: Lexicon = LEXICON) -> Projection:
    return compile_projection(Plan(rules, tuple(map(parse_path, narrowed)), lexicon))(payload, conceal)


def withheld(projection: Projection) -> dict[str, WithheldReason]:
    return {one.path: one.reason for one in projection.withheld}


def failures(projection: Projection) -> list[tuple[str, str, str]]:
    return [(one.path, one.reason.value, one.rule) for one in projection.failures]

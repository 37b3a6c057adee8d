from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import orjson

from gateway.canonical import Node, parse_path, path_text
from gateway.formats.strict_json import parse
from gateway.minimise import compile_projection
from gateway.minimise.text import carries_document, carries_encoded, carries_identifier
from gateway.purpose.drafted import Draft, draft_recipient, read_samples
from gateway.purpose.drafted.seen import Leaf, see
from tests.unit.purpose.samples import OUR_MAPS, PAYLOADS

OWN_PAYLOADS = FilePath(__file__).parents[3] / "e2e" / "payloads" / "partners"


def personal(text: str) -> bool:
    """What the command asks: whether a text carries what names a person."""
    return carries_identifier(text) or carries_document(text) or carries_encoded(text)


def body(name: str, own: str, whose: str = "realistic") -> Any:
    """The body of a realistic payload, or our own stand-in for it; that too where there is no realistic one."""
    found = sorted(PAYLOADS.glob(f"{name}*.json"))
    if whose == "own" or not found:
        print(f"without payload {name}: drafting from our own {own}")
        return orjson.loads((OWN_PAYLOADS / own).read_bytes())
    return orjson.loads(found[0].read_bytes())["body"]


def leaf(path: str, *values: Node) -> Leaf:
    """A path that was seen with these values."""
    made = Leaf(parse_path(path))
    for value in values:
        made.see(value)
    return made


def leaves(text: str) -> dict[str, Leaf]:
    """The leaves of a JSON body, by their paths."""
    found: dict[Any, Leaf] = {}
    see(parse(text.encode()), found)
    return {path_text(path): one for path, one in found.items()}


def drafted(
    tmp_path: FilePath,
    sample: object,
    recipient_class: str = "marketplace_partner",
    purpose: str = "goods_delivery",
    *,
    suffix: str = "json",
    role: str | None = None,
    route: str | None = None,
) -> Draft:
    """The draft from one sample, under the maps of the project."""
    file = tmp_path / f"sample.{suffix}"
    file.write_bytes(sample if isinstance(sample, bytes) else orjson.dumps(sample))
    return draft_recipient(
        OUR_MAPS,
        read_samples([file], route=route),
        name="drafted",
        recipient_class=recipient_class,
        purpose=purpose,
        role=role,
        personal=personal,
        compile_projection=compile_projection,
    )


def bindings(draft: Draft) -> dict[str, str]:
    """Their paths, and the fields bound there."""
    return {path: path_text(one.rule.path) for path, one in draft.bound.items()}

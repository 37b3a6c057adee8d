"""Drafts: a recipient's file proposed from samples of its API, never wider than its class map.

`samples` reads files into what was `seen` (`har`, `openapi` and `traffic` beside it); `kinds` and `key_words` know what
values and keys look like; `binding` and `closed` propose, `draft` puts together, `checking` takes out what would not
load, `writing` spells it.
"""

from __future__ import annotations

from pathlib import Path as FilePath

from gateway.errors import ConfigError
from gateway.purpose.class_map import read_class_map
from gateway.purpose.compile import CompileProjection
from gateway.purpose.drafted.checking import settle
from gateway.purpose.drafted.closed import Personal
from gateway.purpose.drafted.draft import Draft, propose, roles_of
from gateway.purpose.drafted.samples import read_samples
from gateway.purpose.drafted.traffic import Traffic
from gateway.purpose.drafted.writing import BLANK, written
from gateway.purpose.load import TAXONOMY
from gateway.purpose.map_files import read_map_file
from gateway.purpose.schemas import ClassMapSchema, TaxonomySchema
from gateway.purpose.taxonomy import compile_taxonomy

__all__ = ["BLANK", "Draft", "Traffic", "draft_recipient", "draft_text", "read_samples"]


def draft_recipient(
    directory: FilePath,
    traffic: Traffic,
    *,
    name: str,
    recipient_class: str,
    purpose: str,
    role: str | None,
    personal: Personal,
    compile_projection: CompileProjection,
) -> Draft:
    """The draft for one purpose of a class in a folder of maps. Raises ConfigError, PurposeMapError."""
    taxonomy, _ = compile_taxonomy(*read_map_file(directory / TAXONOMY, TaxonomySchema()))
    path = directory / f"{recipient_class}.yaml"
    if not path.is_file():
        raise ConfigError([f"{recipient_class}: no such class map"], hint=f"there are: {', '.join(taxonomy.classes)}")
    purposes, _ = read_class_map(*read_map_file(path, ClassMapSchema()), taxonomy)
    rules = next((one for one in purposes if one.purpose == purpose), None)
    if rules is None:
        known = ", ".join(one.purpose for one in purposes)
        raise ConfigError([f"{purpose}: no purpose of {recipient_class}"], hint=f"there are: {known}")
    roles = roles_of(rules)
    if role is not None and role not in roles:
        raise ConfigError([f"{role}: no role of {recipient_class}"], hint=f"there are: {', '.join(roles) or 'none'}")
    draft = propose(traffic, rules, taxonomy.lexicon, name=name, role=role, personal=personal)
    settle(draft, rules, taxonomy.lexicon, compile_projection)
    return draft


def draft_text(draft: Draft) -> str:
    """The file, with its blanks."""
    return "\n".join(line.text for line in written(draft)) + "\n"

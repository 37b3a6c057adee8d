"""What an explanation is made of: the three files behind one map, read once more with their lines, and the map itself.

Promises: what is explained is what was loaded; a folder that does not load is explained by its problems only. It must
never explain from the files what the compiled map does not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from gateway.canonical import Path, key_tokens
from gateway.errors import PurposeMapError
from gateway.model import FieldRule, Pull, PurposeMap
from gateway.purpose.class_map import PurposeRules, read_class_map, read_fields
from gateway.purpose.conditions import for_recipient
from gateway.purpose.load import RECIPIENTS, TAXONOMY
from gateway.purpose.map_files import read_map_file
from gateway.purpose.recipients import RecipientFile, read_recipient
from gateway.purpose.schemas import ClassMapSchema, RecipientSchema, TaxonomySchema
from gateway.purpose.service import Place, Service, read_service
from gateway.purpose.taxonomy import Taxonomy, compile_taxonomy
from gateway.purpose.text_modes import drops, stricter
from gateway.purpose.yaml_files import Document, KeyPath, Report

Words = tuple[str, ...]


class Fate(Enum):
    """What becomes of a field of the class map for one recipient."""

    LEAVES = "leaves"
    WITHHELD = "withheld"  # by the recipient's file
    DROPPED = "dropped"  # free text, of which the map lets none leave
    ROLE = "role"  # its condition reads an attribute that the recipient does not have
    NO_WORD = "no_word"  # its condition reads what the recipient's API has no word for
    UNBOUND = "unbound"  # the recipient's shape has no place for it


class Listed(NamedTuple):
    """A name that the taxonomy lists: its group, and where it stands."""

    word: str
    group: str
    at: KeyPath


@dataclass(frozen=True, kw_only=True)
class Sources:
    """One map, and the files that it was made of."""

    map: PurposeMap
    taxonomy: Taxonomy
    policy: Document  # the taxonomy's file
    policy_values: Mapping[str, Any]
    rules: PurposeRules
    class_document: Document
    class_values: Mapping[str, Any]  # of this purpose
    file: RecipientFile
    service: Service  # what the recipient's file says of this purpose, or of this pull
    their_at: KeyPath  # and where
    pull: Pull | None = None  # where the recipient asks us

    @property
    def at(self) -> KeyPath:
        """Where this purpose stands in the class map."""
        return ("purposes", self.map.purpose)

    @cached_property
    def leaving(self) -> Mapping[Path, FieldRule]:
        """The compiled rules by their paths."""
        return {rule.path: rule for rule in self.map.fields}

    @cached_property
    def texts(self) -> Mapping[Path, str]:
        """The class's fields as the class map spells them."""
        spelled = self.class_values["fields_"]
        return {rule.path: text for rule, text in zip(self.rules.fields, spelled, strict=True)}

    @cached_property
    def answers(self) -> tuple[FieldRule, ...]:
        """The rules of the answer map."""
        return read_fields(self.file.document, self.their_at, self.service.answer, self.taxonomy.lexicon)[0]

    @cached_property
    def _never(self) -> Mapping[Words, KeyPath]:
        listed = self.policy_values["never"].items()
        return {key_tokens(key): ("never", group, at) for group, keys in listed for at, key in enumerate(keys)}

    @cached_property
    def _special(self) -> Mapping[Words, KeyPath]:
        name = "special_categories"
        listed = self.policy_values[name].items()
        return {
            key_tokens(key): (name, group, "keys", at) for group, one in listed for at, key in enumerate(one["keys"])
        }

    def places(self, field: Path) -> tuple[Place, ...]:
        """Where the recipient's shape binds a field of the class."""
        return tuple(place for place in self.service.shape or () if place.field == field)

    def place_at(self, path: Path) -> Place | None:
        """The place of the shape at a path."""
        return next((place for place in self.service.shape or () if place.path == path), None)

    def fate(self, rule: FieldRule) -> Fate:
        """What becomes of a rule of the class map for this recipient."""
        if rule.path in self.service.withhold:
            return Fate.WITHHELD
        if drops(rule, stricter(self.rules.text, self.service.text)):
            return Fate.DROPPED
        if for_recipient(rule.when, self.file.attributes) is None:
            return Fate.ROLE
        if self.service.shape is None:
            return Fate.LEAVES
        places = self.places(rule.path)
        if not places:
            return Fate.UNBOUND
        return Fate.LEAVES if any(place.path in self.leaving for place in places) else Fate.NO_WORD

    def never(self, key: str) -> Listed | None:
        """The name of `never` that a key holds; None where it holds none."""
        return _held(key, self._never)

    def special(self, key: str) -> Listed | None:
        """The name of a special category that a key holds; these come first."""
        return _held(key, self._special)

    def class_line(self, path: Path) -> str:
        """File and line of a field of the class map."""
        return self.line(self.class_document, *self.at, "fields", self.texts[path])

    def their_line(self, *at: str | int) -> str:
        """File and line of a key of this purpose, or of this pull, in the recipient's file."""
        return self.line(self.file.document, *self.their_at, *at)

    @staticmethod
    def line(document: Document, *at: str | int) -> str:
        """File and line of the nearest key that stands there."""
        near: KeyPath = at
        while near and near not in document.lines:
            near = near[:-1]
        return f"{document.file}:{document.lines.get(near, 1)}"


def read_sources(directory: FilePath, found: PurposeMap, asked: tuple[int, Pull] | None = None) -> Sources:
    """The files behind one map of a folder that was loaded, or behind a pull, by its number in the recipient's file.

    Raises PurposeMapError where they changed meanwhile.
    """
    policy, policy_values = read_map_file(directory / TAXONOMY, TaxonomySchema())
    taxonomy, problems = compile_taxonomy(policy, policy_values)
    kind = found.recipient.recipient_class
    class_document, class_values = read_map_file(directory / f"{kind}.yaml", ClassMapSchema())
    purposes, wrong = read_class_map(class_document, class_values, taxonomy)
    problems += wrong
    theirs, values = read_map_file(directory / RECIPIENTS / f"{found.recipient.id}.yaml", RecipientSchema())
    file, wrong = read_recipient(theirs, values, directory)
    problems += wrong
    rules = next((one for one in purposes if one.purpose == found.purpose), None)
    if problems or rules is None or found.purpose not in file.services:
        raise PurposeMapError(problems or [f"{theirs.file}:1: changed while it was read"], hint="try again")
    at: KeyPath = ("purposes", found.purpose)
    service = file.services[found.purpose]
    if asked is not None:
        at = (*at, "pulls", asked[0])
        stated = {**service.pulls[asked[0]], "routes": [], "subject_from": None}
        service = read_service(found.purpose, {**stated, "pulls": [stated]}, Report(theirs), at)
    return Sources(
        map=found,
        taxonomy=taxonomy,
        policy=policy,
        policy_values=policy_values,
        rules=rules,
        class_document=class_document,
        class_values=class_values["purposes"][found.purpose],
        file=file,
        service=service,
        their_at=at,
        pull=None if asked is None else asked[1],
    )


def _held(key: str, listed: Mapping[Words, KeyPath]) -> Listed | None:
    found = next((words for words in _windows(key_tokens(key)) if words in listed), None)
    return None if found is None else Listed("_".join(found), str(listed[found][1]), listed[found])


def _windows(words: Words) -> Iterator[Words]:
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]

"""The taxonomy: the privacy policy's categories, recipients and purposes, and the names that no map can let through.

Promises: the categories are exactly the policy's ten and `operational`; a name matches by whole words of its key
(`canonical.key_tokens`), so `birthDate` and `date_of_birth` are met and `premise` is not. It must never be possible for
a class map or a recipient to lift what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.canonical import Path, key_tokens
from gateway.model import Lexicon, PurposeId, SpecialCategory
from gateway.purpose.yaml_files import Document

CATEGORIES = frozenset(
    "name phone email address premise apartment billing ip device usage operational".split()  # noqa: SIM905
)
UNSHARED = frozenset({"ip", "device", "usage"})
"""Categories without a recipient in the policy's section 5: collected for purposes 7 to 9, disclosed to no one."""

_WORDS = re.compile(r"[^\W\d_]+\*?(?:[ -][^\W\d_]+\*?){0,3}\Z")


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """What the policy says, compiled."""

    classes: Mapping[str, frozenset[PurposeId]]  # recipient class → purposes of section 5
    lexicon: Lexicon

    @property
    def purposes(self) -> frozenset[PurposeId]:
        """Every purpose that the policy knows a recipient for."""
        return frozenset(purpose for purposes in self.classes.values() for purpose in purposes)


def compile_taxonomy(document: Document, values: Mapping[str, Any]) -> tuple[Taxonomy, list[str]]:
    """The taxonomy of a file that conforms to its schema, and what is wrong with it."""
    problems = [document.problem(("categories", name), said) for name, said in _categories(values["categories"])]
    never: set[tuple[str, ...]] = set()
    for group, keys in values["never"].items():
        never |= _sequences(document, ("never", group), keys, problems)
    special = tuple(
        SpecialCategory(
            group=group,
            title=dict(one["title"]),
            keys=frozenset(_sequences(document, ("special_categories", group, "keys"), one["keys"], problems)),
            words=tuple(_words(document, group, one["words"], problems)),
            refuse=one["refuse"],
        )
        for group, one in values["special_categories"].items()
    )
    classes = {
        name: frozenset(PurposeId(purpose) for purpose in one["purposes"])
        for name, one in values["recipient_classes"].items()
    }
    return Taxonomy(classes, Lexicon(frozenset(never), special)), problems


def listed_names(lexicon: Lexicon) -> frozenset[tuple[str, ...]]:
    """Every name of a key that the taxonomy lists, by its words."""
    return lexicon.never.union(*(category.keys for category in lexicon.special))


def forbidden(path: Path, lexicon: Lexicon) -> str | None:
    """Why no map may name `path`, or None where one may."""
    for step in path:
        tokens = key_tokens(step.key)
        for group in lexicon.special:
            if _holds(tokens, group.keys):
                return f"{step.key}: names a special category ({group.group}); the policy's section 3 excludes them"
        if _holds(tokens, lexicon.never):
            return f"{step.key}: stands in the taxonomy's `never`; no map may name it"
    return None


def _holds(tokens: tuple[str, ...], sequences: frozenset[tuple[str, ...]]) -> bool:
    size = len(tokens)
    return any(tokens[start:end] in sequences for start in range(size) for end in range(start + 1, size + 1))


def _categories(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(given.keys() - CATEGORIES):
        yield name, "expected one of the ten categories of the policy's section 3, or operational"
    for name in sorted(CATEGORIES - given.keys()):
        yield name, "missing: the policy's section 3 names it"


def _sequences(document: Document, at: tuple[str, ...], keys: list[str], problems: list[str]) -> set[tuple[str, ...]]:
    found = set()
    for position, key in enumerate(keys):
        tokens = key_tokens(key)
        if not tokens:
            problems.append(document.problem((*at, position), "expected the name of a key, with letters in it"))
        found.add(tokens)
    return found - {()}


def _words(document: Document, group: str, words: list[str], problems: list[str]) -> Iterator[str]:
    for position, word in enumerate(words):
        if not _WORDS.match(word):
            at = ("special_categories", group, "words", position)
            problems.append(
                document.problem(at, "expected a word or a short phrase, each word whole or a stem that ends in *")
            )
        yield word.casefold()

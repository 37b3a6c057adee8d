"""Evidence: what a recipient's sandbox took and what it never needed, dated, beside the maps, confirmed by a person.

`gateway map shrink` writes it to `evidence/<recipient>/<purpose>/<date>.yaml` with `confirmed_by:` left blank. Nothing
decides by it: a person reads it, says so by their name, and changes the map, or not.

Promises: an evidence file is as strict as a map and holds paths and figures, never a value. It must never widen or
narrow a map by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from marshmallow import RAISE, Schema, fields

from gateway.canonical import Path, parse_path, path_text
from gateway.errors import PurposeMapError
from gateway.model import PurposeId, RecipientId, Snapshot
from gateway.purpose.scalars import Flag, Text, Whole
from gateway.purpose.schemas import conform
from gateway.purpose.yaml_files import Document, read_document

EVIDENCE = "evidence"
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-[0-9]{1,2})?\Z")
_TAKEN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z\Z")
_LISTS = ("accepts", "never_needed", "undecided")


class EvidenceSchema(Schema):
    """`evidence/<recipient>/<purpose>/<date>.yaml`."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE

    error_messages = {"unknown": "unknown key"}  # noqa: RUF012 -- marshmallow's own attribute

    recipient = Text(required=True)
    purpose = Text(required=True)
    taken_at = Text(required=True)
    against = Text(required=True)
    body = Text(required=True)
    map_version = Text(required=True)
    requests = Whole(required=True)
    complete = Flag(required=True)
    steady = Flag(required=True)
    accepts = fields.List(Text(), required=True)
    never_needed = fields.List(Text(), required=True)
    undecided = fields.List(Text(), required=True)
    confirmed_by = Text(required=True, allow_none=True)


_SCHEMA = EvidenceSchema()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one run against a sandbox found."""

    recipient: RecipientId
    purpose: PurposeId
    taken_at: str  # RFC 3339, UTC
    against: str  # the sandbox
    body: str  # where the sample came from
    map_version: str  # 12 hex digits
    requests: int
    complete: bool  # every field was decided
    steady: bool  # what it took and what it refused was asked twice, and answered alike
    accepts: tuple[str, ...]  # the fields that it takes a body with, and none without
    never_needed: tuple[str, ...]
    undecided: tuple[str, ...]
    confirmed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A field of the map that confirmed evidence says is never needed."""

    recipient: RecipientId
    purpose: PurposeId
    path: Path
    required: bool  # the map insists on it
    evidence: Evidence


def load_evidence(directory: FilePath, snapshot: Snapshot) -> tuple[Evidence, ...]:
    """Every evidence file of the folder of maps, oldest first. Raises PurposeMapError with every problem found."""
    root = directory / EVIDENCE
    found: list[Evidence] = []
    problems: list[str] = []
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_dir() or path.name.startswith("."):
            continue
        parts = path.relative_to(root).with_suffix("").parts
        if path.suffix != ".yaml" or len(parts) != len(("recipient", "purpose", "date")) or not _NAME.match(parts[-1]):
            problems.append(f"{path.as_posix()}:1: expected {EVIDENCE}/<recipient>/<purpose>/<YYYY-MM-DD>.yaml")
            continue
        document, wrong = read_document(path)
        values, more = (None, []) if document is None else conform(document, _SCHEMA)
        problems += [*wrong, *more]
        if document is not None and values is not None:
            found.append(_evidence(values))
            problems += _lint(document, found[-1], parts, snapshot)
    if problems:
        raise PurposeMapError(problems, hint="evidence stands beside the maps and must load like them")
    return tuple(sorted(found, key=lambda one: one.taken_at))


def contradictions(evidence: Iterable[Evidence], snapshot: Snapshot) -> list[Contradiction]:
    """The fields of the maps that the newest confirmed and complete evidence says are never needed."""
    newest = {(one.recipient, one.purpose): one for one in evidence if one.confirmed_by and one.complete and one.steady}
    return [
        Contradiction(one.recipient, one.purpose, rule.path, rule.required, one)
        for pair, one in newest.items()
        if pair in snapshot.maps
        for rule in snapshot.maps[pair].fields
        if path_text(rule.path) in one.never_needed
    ]


def _evidence(values: Mapping[str, Any]) -> Evidence:
    lists = {name: tuple(values[name]) for name in _LISTS}
    ids = {"recipient": RecipientId(values["recipient"]), "purpose": PurposeId(values["purpose"])}
    return Evidence(**{**values, **lists, **ids})


def _lint(document: Document, one: Evidence, parts: Sequence[str], snapshot: Snapshot) -> list[str]:
    problems = []
    if (one.recipient, one.purpose) != tuple(parts[:2]):
        problems.append(document.problem(("recipient",), "expected the recipient and purpose of its folder"))
    if (one.recipient, one.purpose) not in snapshot.maps:
        problems.append(document.problem((), "expected in a folder named after a recipient and a purpose it has"))
    if not _TAKEN.match(one.taken_at) or not parts[2].startswith(one.taken_at[:10]):
        problems.append(
            document.problem(("taken_at",), "expected a time such as 2026-11-23T09:00:00Z, of its file's day")
        )
    if one.complete and one.undecided:
        problems.append(document.problem(("complete",), "expected false: there are undecided fields"))
    met: set[str] = set()
    for name in _LISTS:
        for number, text in enumerate(getattr(one, name)):
            problems += [document.problem((name, number), said) for said in _wrong(text, met)]
            met.add(text)
    return problems


def _wrong(text: str, met: set[str]) -> list[str]:
    try:
        spelled = path_text(parse_path(text)) == text
    except ValueError:
        spelled = False
    if not spelled:
        return ["expected the path of a field"]
    return ["stands here twice"] if text in met else []

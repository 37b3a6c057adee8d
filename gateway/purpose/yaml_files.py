"""Strict YAML 1.2: a file becomes a value whose every key knows its line, or a list of problems.

Promises: what two readers could read differently is refused: duplicate keys, anchors, aliases, tags, directives,
several documents in one file, unquoted numbers that are not JSON numbers (`0123`, `1_000`). A number stays the text
that was written (`canonical.Number`). It must never guess a type beyond YAML 1.2 core, and never execute anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path as FilePath
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gateway.canonical import Node, Number, Path, parse_path

KeyPath: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in its file: keys and list positions, from the root."""

_DEEPEST = 32  # far beyond any map; keeps the reader's own recursion bounded
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
_NUMBER_LIKE = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|0[xo][0-9a-f]+|\.[0-9]+|\.inf|\.nan)\Z", re.IGNORECASE
)
_NULL = ("", "~", "null", "Null", "NULL")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read: its value, and the line of each key in it."""

    file: str
    value: Node
    lines: Mapping[KeyPath, int]

    def problem(self, at: KeyPath, expected: str) -> str:
        """`file:line: key: what was expected`; the line of the nearest key that stands in the file."""
        near = at
        while near and near not in self.lines:
            near = near[:-1]
        key = ".".join(str(step) for step in at)
        return f"{self.file}:{self.lines.get(near, 1)}: {key}: {expected}" if key else f"{self.file}:1: {expected}"


@dataclass(slots=True)
class Report:
    """The problems found so far in what one file says, each with its place."""

    document: Document
    problems: list[str] = field(default_factory=list)

    def __call__(self, at: KeyPath, expected: str) -> None:
        """Add one problem."""
        self.problems.append(self.document.problem(at, expected))

    def path(self, at: KeyPath, text: str, expected: str) -> Path | None:
        """The path that `text` spells; None, and a problem, where it spells none."""
        try:
            return parse_path(text)
        except ValueError:
            self(at, expected)
            return None


@dataclass(slots=True)
class _Reading:
    """What one file has given so far."""

    file: str
    events: Iterator[Event]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def refuse(self, event: Event, at: KeyPath, expected: str) -> None:
        key = ".".join(str(step) for step in at)
        self.problems.append(f"{self.file}:{_line(event)}: {key + ': ' if key else ''}{expected}")


def read_document(path: FilePath) -> tuple[Document | None, list[str]]:
    """The file at `path`, or None and what is wrong with it."""
    file = path.as_posix()
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return None, [f"{file}:1: expected a readable file in UTF-8 ({type(error).__name__})"]
    reading = _Reading(file, iter(()))
    try:
        reading.events = iter(YAML(typ="safe", pure=True).parse(StringIO(text)))
        value = _root(reading)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        reading.problems.append(f"{file}:{line}: expected YAML: {error.problem or error.context}")
    except YAMLError:
        reading.problems.append(f"{file}:1: expected YAML without control characters")
    else:
        if value is None and not reading.problems:
            reading.problems.append(f"{file}:1: the file is empty; an empty file allows nothing")
        if not reading.problems:
            return Document(file, value, reading.lines), []
    return None, reading.problems


def _root(reading: _Reading) -> Node:
    value: Node = None
    documents = 0
    for event in reading.events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if event.version or event.tags:
                reading.refuse(event, (), "expected no directive: these files are YAML 1.2 as they stand")
            if documents > 1:
                reading.refuse(event, (), "expected one document in the file")
                return value
        elif isinstance(event, (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)):
            value = _value(reading, event, ())
    return value


def _value(reading: _Reading, event: Event, at: KeyPath) -> Node:
    if isinstance(event, AliasEvent):
        reading.refuse(event, at, "expected a value, not an alias: write it out")
        return None
    _plain(reading, event, at)
    if isinstance(event, ScalarEvent):
        return _scalar(reading, event, at)
    if len(at) >= _DEEPEST:
        reading.refuse(event, at, f"expected at most {_DEEPEST} levels")
        _skip(reading)
        return None
    return _mapping(reading, at) if isinstance(event, MappingStartEvent) else _sequence(reading, at)


def _plain(reading: _Reading, event: Event, at: KeyPath) -> None:
    if getattr(event, "anchor", None) is not None:
        reading.refuse(event, at, "expected no anchor: write the value out where it is used")
    if getattr(event, "ctag", None) is not None:
        reading.refuse(event, at, "expected no tag: the rules decide what type a value has")


def _mapping(reading: _Reading, at: KeyPath) -> Node:
    found: dict[str, Node] = {}
    for event in reading.events:
        if isinstance(event, MappingEndEvent):
            break
        key = event.value if isinstance(event, ScalarEvent) else None
        if key is None:
            reading.refuse(event, at, "expected text as a key")
        _value(reading, event, at) if key is None else _plain(reading, event, (*at, key))
        here = (*at, key or "?")
        if key in found:
            first = reading.lines.get(here, 0)
            reading.refuse(event, here, f"duplicate key; it stands in line {first} already")
        value = _value(reading, next(reading.events), here)
        if key is not None and key not in found:
            reading.lines[here] = _line(event)
            found[key] = value
    return found


def _sequence(reading: _Reading, at: KeyPath) -> Node:
    found: list[Node] = []
    for event in reading.events:
        if isinstance(event, SequenceEndEvent):
            break
        here = (*at, len(found))
        reading.lines[here] = _line(event)
        found.append(_value(reading, event, here))
    return found


def _scalar(reading: _Reading, event: ScalarEvent, at: KeyPath) -> Node:
    text: str = event.value
    if not event.implicit[0]:  # quoted or block text is text
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NUMBER.match(text):
        return Number(text)
    if _NUMBER_LIKE.match(text):
        reading.refuse(event, at, "expected quotes: unquoted, this reads as another number than what is written")
    return text


def _skip(reading: _Reading) -> None:
    """Pass over a collection that is too deep, without descending."""
    depth = 1
    for event in reading.events:
        depth += isinstance(event, (MappingStartEvent, SequenceStartEvent))
        depth -= isinstance(event, (MappingEndEvent, SequenceEndEvent))
        if depth == 0:
            return


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1

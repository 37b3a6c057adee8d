"""Load: a folder of purpose maps becomes one immutable snapshot, or one error with every problem in it.

Promises: all or nothing, all problems at once (law 10); no file is skipped in silence; a folder without maps, an empty
file or a purpose without fields stops the start (law 1). Any folder will do: nothing here knows the repository's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

from marshmallow import Schema

from gateway.canonical import Node
from gateway.errors import PurposeMapError
from gateway.model import Lexicon, Pull, PurposeId, PurposeMap, Recipient, RecipientId, Snapshot
from gateway.purpose.class_map import PurposeRules, read_class_map
from gateway.purpose.compile import CompileProjection, compile_map
from gateway.purpose.pulls import compile_pulls, lint_routes_of
from gateway.purpose.recipients import RecipientFile, read_recipient
from gateway.purpose.schemas import ClassMapSchema, RecipientSchema, TaxonomySchema, conform
from gateway.purpose.taxonomy import Taxonomy, compile_taxonomy, listed_names
from gateway.purpose.version import snapshot_version
from gateway.purpose.yaml_files import Document, read_document

TAXONOMY = "taxonomy.yaml"
RECIPIENTS = "recipients"
_TAXONOMY_SCHEMA = TaxonomySchema()
_CLASS_SCHEMA = ClassMapSchema()
_RECIPIENT_SCHEMA = RecipientSchema()
_HINT = "correct these lines; `gateway map check` tells, without starting anything, whether all is well"
_NO_TAXONOMY = "the folder of the maps is what --maps or GATEWAY_MAPS says"


@dataclass(slots=True)
class _Loading:
    """What one folder has given so far."""

    directory: FilePath
    problems: list[str] = field(default_factory=list)
    values: dict[str, Node] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # files that are there and say nothing that could be used
    pulls: list[Pull] = field(default_factory=list)

    def read(self, path: FilePath, schema: Schema) -> tuple[Document, dict[str, Any]] | None:
        name = path.relative_to(self.directory).as_posix()
        document, problems = read_document(path)
        self.problems += problems
        if document is None:
            self.unread.add(name)
            return None
        self.values[name] = document.value
        values, problems = conform(document, schema)
        self.problems += problems
        if values is None:
            self.unread.add(name)
            return None
        return document, values


def load_snapshot(directory: FilePath, compile_projection: CompileProjection) -> Snapshot:
    """Everything in `directory`, checked and compiled. Raises PurposeMapError with every problem found."""
    loading = _Loading(directory)
    taxonomy = _taxonomy(loading)
    if taxonomy is None:  # nothing can be judged without the policy's words, but what cannot be read can be said
        for path in (*_class_files(loading), *_yaml_files(directory / RECIPIENTS, loading)):
            loading.problems += read_document(path)[1]
        raise PurposeMapError(loading.problems, hint=_HINT if (directory / TAXONOMY).exists() else _NO_TAXONOMY)
    rules = _rules(loading, taxonomy)
    files = _recipients(loading, taxonomy)
    maps = _maps(loading, taxonomy.lexicon, rules, files, compile_projection)
    if not maps and not loading.pulls and not loading.problems:
        loading.problems.append(f"{directory.as_posix()}:1: no recipient has a purpose map; nothing could ever leave")
    if loading.problems:
        raise PurposeMapError(loading.problems, hint=_HINT)
    return _snapshot(loading, taxonomy, files, maps)


def _taxonomy(loading: _Loading) -> Taxonomy | None:
    path = loading.directory / TAXONOMY
    if not path.is_file():
        loading.problems.append(f"{path.as_posix()}:1: missing; expected the words of the privacy policy")
        return None
    found = loading.read(path, _TAXONOMY_SCHEMA)
    if found is None:
        return None
    taxonomy, problems = compile_taxonomy(*found)
    loading.problems += problems
    return taxonomy


def _rules(loading: _Loading, taxonomy: Taxonomy) -> dict[tuple[str, PurposeId], PurposeRules]:
    found: dict[tuple[str, PurposeId], PurposeRules] = {}
    for path in _class_files(loading):
        read = loading.read(path, _CLASS_SCHEMA)
        if read is not None:
            rules, problems = read_class_map(*read, taxonomy)
            loading.problems += problems
            found.update({(one.recipient_class, one.purpose): one for one in rules})
    return found


def _recipients(loading: _Loading, taxonomy: Taxonomy) -> list[RecipientFile]:
    found = []
    for path in _yaml_files(loading.directory / RECIPIENTS, loading):
        read = loading.read(path, _RECIPIENT_SCHEMA)
        if read is not None:
            file, problems = read_recipient(*read, loading.directory)
            loading.problems += problems
            if file.recipient.recipient_class not in taxonomy.classes:
                known = ", ".join(sorted(taxonomy.classes))
                loading.problems.append(file.document.problem(("class",), f"expected a class of the taxonomy: {known}"))
            else:
                found.append(file)
    return found


def _maps(
    loading: _Loading,
    lexicon: Lexicon,
    rules: Mapping[tuple[str, PurposeId], PurposeRules],
    files: Iterable[RecipientFile],
    compile_projection: CompileProjection,
) -> dict[tuple[RecipientId, PurposeId], PurposeMap]:
    maps: dict[tuple[RecipientId, PurposeId], PurposeMap] = {}
    for file in files:
        kind = file.recipient.recipient_class
        pulls: list[Pull] = []
        for purpose, service in file.services.items():
            one = rules.get((kind, purpose))
            if one is None and f"{kind}.yaml" in loading.unread:
                continue  # said already, where it is wrong
            if one is None:
                said = f"expected a purpose of the class map {kind}.yaml"
                loading.problems.append(file.document.problem(("purposes", purpose), said))
                continue
            if service.routes or not service.pulls:
                compiled, problems = compile_map(one, file, lexicon, compile_projection)
                loading.problems += problems
                if compiled is not None:
                    maps[file.recipient.id, purpose] = compiled
            asked, problems = compile_pulls(one, file, lexicon, compile_projection)
            loading.problems += problems
            pulls += asked
        loading.problems += lint_routes_of(pulls, file)
        loading.pulls += pulls
    return maps


def _snapshot(
    loading: _Loading,
    taxonomy: Taxonomy,
    files: Iterable[RecipientFile],
    maps: Mapping[tuple[RecipientId, PurposeId], PurposeMap],
) -> Snapshot:
    recipients: dict[RecipientId, Recipient] = {file.recipient.id: file.recipient for file in files}
    certificates = {
        str(one.id): sha256(FilePath(one.ca_file).read_bytes()).hexdigest()
        for one in recipients.values()
        if one.ca_file
    }
    return Snapshot(
        version=snapshot_version(loading.values, certificates),
        purposes=taxonomy.purposes,
        recipients=MappingProxyType(recipients),
        maps=MappingProxyType(dict(maps)),
        words=frozenset(word for name in listed_names(taxonomy.lexicon) for word in name),
        pulls=tuple(loading.pulls),
    )


def _class_files(loading: _Loading) -> list[FilePath]:
    return [path for path in _yaml_files(loading.directory, loading) if path.name != TAXONOMY]


def _yaml_files(folder: FilePath, loading: _Loading) -> list[FilePath]:
    """The map files of one folder. A file that looks like one and would not be read is a problem."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.suffix == ".yaml":
            found.append(path)
        elif path.suffix.lower() in (".yml", ".yaml", ".json"):
            loading.problems.append(
                f"{path.as_posix()}:1: expected a name that ends in .yaml; this file would not be read"
            )
    return found

"""Samples read: bodies as JSON, forms, CSV, XML or NDJSON, recorded traffic (HAR), an API's own description (OpenAPI).

Promises: a file is read by the same strict parsers as a body; what cannot be read is a problem that names the file and
no value of it. Of recorded traffic, method, path, query and bodies are read, and no header, cookie or address.

source: HAR 1.2; OpenAPI 3.0 and 3.1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Final

from gateway.canonical import Node
from gateway.errors import AdmissionError, ConfigError
from gateway.formats import read
from gateway.purpose.drafted.har import read_har
from gateway.purpose.drafted.openapi import read_openapi
from gateway.purpose.drafted.seen import see
from gateway.purpose.drafted.traffic import Traffic
from gateway.purpose.yaml_files import read_document

_TYPES: Final[Mapping[str, str]] = {
    ".json": "application/json",
    ".har": "application/json",
    ".form": "application/x-www-form-urlencoded",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".xml": "application/xml",
}
_YAML: Final = (".yaml", ".yml")


def read_samples(files: Sequence[FilePath], *, base_url: str | None = None, route: str | None = None) -> Traffic:
    """What all files show together. Raises ConfigError with every file that could not be read."""
    traffic = Traffic(base_url=base_url)
    problems: list[str] = []
    for file in files:
        try:
            _read(file, traffic, route)
        except AdmissionError as error:
            problems.append(f"{file.as_posix()}: {error}")
        except ConfigError as error:
            problems += [f"{file.as_posix()}: {problem}" for problem in error.problems]
    if not problems and not traffic.bodies and not traffic.outside:
        problems.append("the samples show no body, and no field outside one")
    if problems:
        raise ConfigError(problems, hint="a sample is a body, a HAR or an OpenAPI document, named by its format")
    return traffic


def _read(file: FilePath, traffic: Traffic, route: str | None) -> None:
    if file.suffix.lower() in _YAML:
        document, problems = read_document(file)
        if document is None:
            raise ConfigError([problem.removeprefix(f"{file.as_posix()}:") for problem in problems])
        _describe(document.value, traffic, route)
        return
    media_type = _TYPES.get(file.suffix.lower())
    if media_type is None:
        raise ConfigError([f"expected a name that ends in {', '.join((*_TYPES, *_YAML))}"])
    found = read(media_type, file.read_bytes())
    if not _is_described(found.tree) and not _is_recorded(found.tree):
        traffic.media_types.append(media_type)
        see(found.tree, traffic.bodies)
    else:
        _describe(found.tree, traffic, route)


def _describe(tree: Any, traffic: Traffic, route: str | None) -> None:
    if _is_recorded(tree):
        read_har(tree["log"]["entries"], traffic, route)
    elif _is_described(tree):
        read_openapi(tree, traffic, route)
    else:
        raise ConfigError(["expected an OpenAPI document (`openapi: 3…`)"])


def _is_recorded(tree: Node) -> bool:
    log = tree.get("log") if isinstance(tree, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def _is_described(tree: Node) -> bool:
    version = tree.get("openapi") if isinstance(tree, dict) else None
    return isinstance(version, str) and version.startswith("3.")

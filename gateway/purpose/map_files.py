"""One map file, read and held against its schema: for those who look at files outside a load."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from marshmallow import Schema

from gateway.errors import PurposeMapError
from gateway.purpose.schemas import conform
from gateway.purpose.yaml_files import Document, read_document


def read_map_file(path: FilePath, schema: Schema) -> tuple[Document, dict[str, Any]]:
    """The file and its values by the names of `schema`. Raises PurposeMapError with every problem found."""
    document, problems = read_document(path)
    values: dict[str, Any] | None = None
    if document is not None:
        values, problems = conform(document, schema)
    if document is None or values is None:
        raise PurposeMapError(
            problems,
            hint="correct these lines; `gateway map check` tells, without starting anything, whether all is well",
        )
    return document, values

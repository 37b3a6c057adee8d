"""Where in the folder of maps one field stands: the line that an advice is about.

Promises: the line of the recipient's own file where its shape has the field, else of the class map; None where neither
spells it. It reads files as strictly as the loader, and must never change one.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import NamedTuple

from gateway.canonical import Path, parse_path
from gateway.model import PurposeId, Recipient
from gateway.purpose.yaml_files import Document, KeyPath, read_document

RECIPIENTS = "recipients"


class Line(NamedTuple):
    """One line of one file of the maps."""

    file: str  # below the folder of maps
    number: int
    is_class: bool  # of the class map, which other recipients share


def line_of(directory: FilePath, recipient: Recipient, purpose: PurposeId, path: Path) -> Line | None:
    """Where the field at `path` of a recipient's bodies is written."""
    for name, table in (
        (f"{RECIPIENTS}/{recipient.id}.yaml", "shape"),
        (f"{recipient.recipient_class}.yaml", "fields"),
    ):
        document, _ = read_document(directory / name)
        number = None if document is None else _found(document, ("purposes", purpose, table), path)
        if number is not None:
            return Line(name, number, table == "fields")
    return None


def _found(document: Document, table: KeyPath, path: Path) -> int | None:
    for at, number in document.lines.items():
        if at[:-1] == table and _spells(str(at[-1]), path):
            return number
    return None


def _spells(text: str, path: Path) -> bool:
    try:
        return parse_path(text) == path
    except ValueError:
        return False

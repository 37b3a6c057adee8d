"""A draft held against the loader before anyone sees it: what would not load is taken out and listed.

One problem is mended at a time, because the next may be gone with it.
"""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Final

from gateway.model import Lexicon
from gateway.purpose.class_map import PurposeRules
from gateway.purpose.compile import CompileProjection, compile_map
from gateway.purpose.drafted.draft import Draft, Left, without_locations
from gateway.purpose.drafted.writing import Written, written
from gateway.purpose.recipients import read_recipient
from gateway.purpose.schemas import RecipientSchema, conform
from gateway.purpose.yaml_files import read_document

FILLED: Final = {
    "title": "x",
    "bin": '"991140999988"',
    "country": "KZ",
    "storage_country": "KZ",
    "base_url": "https://api.recipient.example",
    "protection_reason": "x",
    "routes": '["POST /x"]',
    "items": "<array>.subject_id",
    "shape": "{x: {operational: boolean}}",
    "open": "{operational: integer, minimum: 0, maximum: 9}",
    "because": "§5",
}
"""What a blank may be filled with: enough to load, and never written down."""

_ROUNDS: Final = 200
_LINE = re.compile(r":([0-9]+): [^ ]+: (.*)\Z")


def settle(draft: Draft, rules: PurposeRules, lexicon: Lexicon, compile_projection: CompileProjection) -> list[str]:
    """Take out of the draft whatever would not load once its blanks are filled; what is left to say of the rest."""
    problems: list[str] = []
    for _ in range(_ROUNDS):
        without_locations(draft)
        lines = written(draft, FILLED)
        problems = _problems(lines, draft, rules, lexicon, compile_projection)
        if not any(_drop(draft, lines, problem) for problem in problems):
            break
    return problems


def _problems(
    lines: list[Written], draft: Draft, rules: PurposeRules, lexicon: Lexicon, compile_projection: CompileProjection
) -> list[str]:
    with TemporaryDirectory(prefix="draft-") as folder:
        path = FilePath(folder) / f"{draft.id}.yaml"
        path.write_text("\n".join(line.text for line in lines) + "\n", encoding="utf-8")
        document, problems = read_document(path)
        if document is None:
            return problems
        values, problems = conform(document, RecipientSchema())
        if values is None:
            return problems
        file, problems = read_recipient(document, values, FilePath(folder))
        return [*problems, *compile_map(rules, file, lexicon, compile_projection)[1]]


def _drop(draft: Draft, lines: list[Written], problem: str) -> bool:
    """Take out what a problem is about; False where that is no place and no answer."""
    found = _LINE.search(problem)
    line = lines[int(found[1]) - 1] if found and int(found[1]) <= len(lines) else None
    if found is None or line is None:
        return False
    if line.part:
        draft.drop(line.part, line.path, found[2])
    elif line.text.startswith("base_url:") and draft.base_url is not None:
        draft.base_url = None
    elif line.text.startswith("      - "):
        route = next(text for text in draft.routes if line.text.endswith(f'"{text}"'))
        draft.routes.remove(route)
        draft.left.append(Left(route, found[2]))
    else:
        return False
    return True

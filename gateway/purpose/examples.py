"""Examples: payloads with the verdict they must get, kept beside the maps and reviewed with them.

Promises: an example is as strict a file as a map; its payload is the neutral tree that a parser would have made of it.
Running one is not done here: it takes the stages, which do not know each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from gateway.canonical import Node
from gateway.errors import PurposeMapError
from gateway.model import PurposeId, RecipientId, RefusedReason, Snapshot, WithheldReason
from gateway.purpose.schemas import ExampleSchema, conform
from gateway.purpose.yaml_files import Document, read_document

EXAMPLES = "examples"
_SCHEMA = ExampleSchema()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One payload for one recipient and purpose, and what must become of it."""

    name: str  # <recipient>/<purpose>/<file without .yaml>
    title: str
    recipient: RecipientId
    purpose: PurposeId
    payload: Node = field(repr=False)
    expected: Mapping[str, Node]
    """By the keys of the verdict that `map try` prints; of `withheld`, every item named must be there."""


def load_examples(directory: FilePath, snapshot: Snapshot) -> tuple[Example, ...]:
    """Every example of the folder of maps. Raises PurposeMapError with every problem found."""
    root = directory / EXAMPLES
    examples: list[Example] = []
    problems: list[str] = []
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_dir() or path.name.startswith("."):
            continue
        parts = path.relative_to(root).with_suffix("").parts
        if path.suffix != ".yaml" or len(parts) != len(("recipient", "purpose", "name")):
            problems.append(f"{path.as_posix()}:1: expected {EXAMPLES}/<recipient>/<purpose>/<name>.yaml")
            continue
        document, wrong = read_document(path)
        problems += wrong
        if document is not None:
            values, wrong = conform(document, _SCHEMA)
            problems += wrong
            if values is not None:
                examples.append(_example(parts, values))
                problems += _lint(document, examples[-1], snapshot)
    if problems:
        raise PurposeMapError(problems, hint="examples stand beside the maps and must load like them")
    return tuple(examples)


def _example(parts: tuple[str, ...], values: Mapping[str, Any]) -> Example:
    expect = dict(values["expect"])
    if "withheld" in expect:
        expect["withheld"] = [{"path": path, "reason": reason} for path, reason in expect["withheld"].items()]
    # What is not said is expected to be nothing: a refusal has no disclosure, a permission no reason.
    expected = {"reason": None, **({"disclosure": None} if expect["decision"] == "refused" else {}), **expect}
    return Example(
        name="/".join(parts),
        title=values["title"],
        recipient=RecipientId(parts[0]),
        purpose=PurposeId(parts[1]),
        payload=values["payload"],
        expected=expected,
    )


def _lint(document: Document, example: Example, snapshot: Snapshot) -> list[str]:
    reason, decision = example.expected["reason"], example.expected["decision"]
    problems = []
    if decision == "refused" and reason not in {one.value for one in RefusedReason}:
        problems.append(document.problem(("expect", "reason"), "expected a reason why a transfer is refused"))
    if decision == "permitted" and (reason is not None or example.expected.get("disclosure") is None):
        problems.append(document.problem(("expect",), "permitted: expected a disclosure, and no reason"))
    unknown = reason in (RefusedReason.UNKNOWN_RECIPIENT.value, RefusedReason.UNKNOWN_PURPOSE.value)
    pairs = snapshot.maps.keys() | {(pull.recipient, pull.purpose) for pull in snapshot.pulls}
    if not unknown and (example.recipient, example.purpose) not in pairs:
        problems.append(document.problem((), "expected in a folder named after a recipient and a purpose it has"))
    withheld = example.expected.get("withheld")
    for item in withheld if isinstance(withheld, list) else ():
        if isinstance(item, dict) and item["reason"] not in {one.value for one in WithheldReason}:
            at = ("expect", "withheld", str(item["path"]))
            problems.append(document.problem(at, "expected a reason why a field is withheld"))
    return problems

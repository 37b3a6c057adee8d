"""`gateway map check`: every map loaded strictly, every example run."""

from __future__ import annotations

import sys

from gateway.canonical import Number
from gateway.cli.map.group import MAPS, SCOPE, folder, group, load, narrowed
from gateway.cli.map.trial import tell_assumed
from gateway.cli.terminal import command, emit, err, out
from gateway.cli.verdict import StatedSets, told, try_map
from gateway.model import Snapshot
from gateway.purpose import Example, kept_sets, load_evidence, load_examples


@command(group, "check", example="gateway map check --maps purpose_maps")
@MAPS
@SCOPE
def check(maps: str | None, scopes: tuple[str, ...], *, as_json: bool) -> None:
    """Load every map strictly and run every example; exit code 1 if anything is not as it says.

    A set that the platform keeps holds what --scope says, and otherwise whatever an example asks of it, which is told.
    """
    snapshot = load(maps)
    examples = load_examples(folder(maps), snapshot)
    unconfirmed = [one for one in load_evidence(folder(maps), snapshot) if one.confirmed_by is None]
    sets = StatedSets(scopes, {name for _, name in kept_sets(snapshot)})
    failed = {example.name: differences for example in examples if (differences := _run(example, snapshot, sets))}
    data = {
        "maps": len(snapshot.maps),
        "policy_version": snapshot.version,
        "examples": len(examples),
        "failed": [{"example": name, "differences": list(lines)} for name, lines in failed.items()],
        "unconfirmed_evidence": [f"{one.recipient}/{one.purpose} {one.taken_at[:10]}" for one in unconfirmed],
        **({"assumed_sets": sorted(sets.assumed)} if sets.assumed else {}),
    }

    def lines() -> None:
        pulls = f" and {count} pulls" if (count := len(snapshot.pulls)) else ""
        out.print(f"{len(snapshot.maps)} maps{pulls}, policy version {snapshot.version[:12]}")
        out.print(f"{len(examples) - len(failed)} of {len(examples)} examples hold")
        tell_assumed(sets.assumed)
        for one in unconfirmed:
            out.print(
                f"evidence {one.recipient}/{one.purpose} of {one.taken_at[:10]} waits for confirmed_by", markup=False
            )
        for name, differences in failed.items():
            err.print(f"[bold red]{name}[/]")
            for line in differences:
                err.print(f"  {line}", markup=False)

    emit(data, lines, as_json=as_json)
    if failed:
        sys.exit(1)


def _run(example: Example, snapshot: Snapshot, sets: StatedSets) -> list[str]:
    """How the verdict on one example differs from what it expects; empty where it does not.

    Where nothing is sent to the recipient, the payload is the platform's answer to its one pull.
    """
    snapshot, _ = narrowed(snapshot, example.recipient, example.purpose, None)
    found = told(try_map(snapshot, example.recipient, example.purpose, example.payload, in_set=sets))
    return [
        f"{key}: expected {expected!r}, found {found.get(key)!r}"
        for key, expected in example.expected.items()
        if not _agrees(key, expected, found.get(key))
    ]


def _agrees(key: str, expected: object, found: object) -> bool:
    """Lists of what was withheld name a part; everything else is the whole."""
    if key == "withheld" and isinstance(expected, list) and isinstance(found, list):
        return all(any(item.items() <= one.items() for one in found) for item in expected)
    return _typed(expected) == _typed(found)


def _typed(node: object) -> object:
    """The same tree, with numbers told apart from texts."""
    if isinstance(node, dict):
        return {key: _typed(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_typed(value) for value in node]
    return ("number", str(node)) if isinstance(node, Number) else node

"""`gateway map`: look at the purpose maps, check them, try one on a payload. Needs no database and no keys."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from gateway.canonical import Number, path_text, write
from gateway.cli.terminal import command, emit, err, out, read_input, table
from gateway.cli.trial import Trial, tell, tell_assumed, tell_records, verdict_of
from gateway.cli.verdict import StatedSets, told, try_map
from gateway.errors import ConfigError
from gateway.minimise import compile_projection
from gateway.minimise.capacity import FREE, capacity, of_map
from gateway.model import FieldRule, PurposeId, PurposeMap, RecipientId, Snapshot
from gateway.purpose import Example, kept_sets, load_examples, load_snapshot

_MAPS = click.option("--maps", default=None, help="Folder of the maps [default: $GATEWAY_MAPS or purpose_maps].")

_SCOPE = click.option(
    "--scope", "scopes", multiple=True, help="What a kept set holds, NAME=value,value [default: whatever is asked]."
)


@click.group("map")
def group() -> None:
    """Purpose maps: which fields a recipient may have for a purpose."""


def _folder(maps: str | None) -> Path:
    return Path(maps or os.environ.get("GATEWAY_MAPS", "purpose_maps"))


def _load(maps: str | None) -> Snapshot:
    return load_snapshot(_folder(maps), compile_projection)


def _find(snapshot: Snapshot, recipient: str, purpose: str) -> PurposeMap:
    found = snapshot.maps.get((RecipientId(recipient), PurposeId(purpose)))
    if found is None:
        known = ", ".join(sorted(f"{who} {what}" for who, what in snapshot.maps))
        raise ConfigError([f"{recipient} {purpose}: no such map"], hint=f"there are: {known}")
    return found


@command(group, "check", example="gateway map check --maps purpose_maps")
@_MAPS
@_SCOPE
def check(maps: str | None, scopes: tuple[str, ...], *, as_json: bool) -> None:
    """Load every map strictly and run every example; exit code 1 if anything is not as it says.

    A set that the platform keeps holds what --scope says, and otherwise whatever an example asks of it, which is told.
    """
    snapshot = _load(maps)
    examples = load_examples(_folder(maps), snapshot)
    sets = StatedSets(scopes, {name for _, name in kept_sets(snapshot)})
    failed = {example.name: differences for example in examples if (differences := _run(example, snapshot, sets))}
    data = {
        "maps": len(snapshot.maps),
        "policy_version": snapshot.version,
        "examples": len(examples),
        "failed": [{"example": name, "differences": list(lines)} for name, lines in failed.items()],
        **({"assumed_sets": sorted(sets.assumed)} if sets.assumed else {}),
    }

    def lines() -> None:
        out.print(f"{len(snapshot.maps)} maps, policy version {snapshot.version[:12]}")
        out.print(f"{len(examples) - len(failed)} of {len(examples)} examples hold")
        tell_assumed(sets.assumed)
        for name, differences in failed.items():
            err.print(f"[bold red]{name}[/]")
            for line in differences:
                err.print(f"  {line}", markup=False)

    emit(data, lines, as_json=as_json)
    if failed:
        sys.exit(1)


def _run(example: Example, snapshot: Snapshot, sets: StatedSets) -> list[str]:
    """How the verdict on one example differs from what it expects; empty where it does not."""
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


@command(group, "show", example="gateway map show mc-primer-uk service_request")
@click.argument("recipient")
@click.argument("purpose")
@_MAPS
def show(recipient: str, purpose: str, maps: str | None, *, as_json: bool) -> None:
    """Show what one recipient may have for one purpose, and under which rules."""
    found = _find(_load(maps), recipient, purpose)
    routes = [f"{route.method} {found.recipient.base_url}{route.path}" for route in found.routes]
    data = {
        "recipient": found.recipient.id,
        "purpose": found.purpose,
        "version": found.version,
        "policy_clause": found.policy_clause,
        "basis": sorted(kind.value for kind in found.bases),
        "routes": routes,
        "media_type": found.media_type,
        "fields": [_field(rule) for rule in found.fields],
        "bits": _bits(of_map(found.fields)),
    }

    def lines() -> None:
        out.print(f"[bold]{recipient} · {purpose}[/]   map {found.version[:12]}, policy clause {found.policy_clause}")
        for route in routes:
            out.print(f"{route}   {found.media_type}", markup=False)
        rows = [
            [path_text(rule.path) + ("" if rule.required else " ?"), rule.category, _told(rule), rule.because]
            for rule in found.fields
        ]
        table(["field (? optional)", "category", "rule", "because"], rows, empty="Nothing may leave.")
        out.print("[dim]bits: what else a field could carry at most; free: as much as any id[/]")

    emit(data, lines, as_json=as_json)


def _field(rule: FieldRule) -> dict[str, Any]:
    return {
        "path": path_text(rule.path),
        "category": rule.category,
        "rule": _rule(rule),
        "bits": _bits(capacity(rule)),
        "required": rule.required,
        "when": [[f"{path_text(line.path)} in {'|'.join(line.values)}" for line in lines] for lines in rule.when],
        "because": rule.because,
    }


def _bits(bits: float) -> float | None:
    """To one place, for people; None where nothing bounds it."""
    return None if bits == float("inf") else round(bits, 1)


def _told(rule: FieldRule) -> str:
    bits = capacity(rule)
    return f"{_rule(rule)} · " + ("free" if bits >= FREE else f"{bits:.0f} bits")


def _rule(rule: FieldRule) -> str:
    """One line that says what a value must be and what becomes of it."""
    parts = [rule.type.value, *(f"→ {rule.transform.value}" for _ in [0] if rule.transform)]
    parts += [f"one of {'|'.join(rule.one_of)}"] if rule.one_of else []
    parts += [f"/{rule.pattern}/"] if rule.pattern else []
    parts += [f"≤ {rule.max_length} characters"] if rule.max_length else []
    parts += [f"{rule.places} places"] if rule.places is not None else []
    parts += [f"≥ {rule.minimum}"] if rule.minimum is not None else []
    parts += [f"≤ {rule.maximum}"] if rule.maximum is not None else []
    parts += ["under conditions"] if rule.when else []
    return " ".join(parts)


@command(group, "try", example="gateway map try mc-primer-uk service_request < payload.json")
@click.argument("recipient")
@click.argument("purpose")
@click.argument("payload", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@_MAPS
@click.option("--content-type", default="application/json", show_default=True, help="How the payload is written.")
@click.option("--subject", help="The subject the payload is about [default: whom it names, or someone].")
@click.option("--route", help="Read it as the proxy would: 'POST /v2/orders/7?type=1'.")
@click.option("--query", multiple=True, help="Of the request to the recipient's API: 'a=b'.")
@click.option("--header", multiple=True, help="Of the request to the recipient's API: 'name: value'.")
@_SCOPE
@click.option("--body", "with_body", is_flag=True, help="In JSON, give the body's text too, as it would leave.")
def try_(
    *,
    payload: str | None,
    maps: str | None,
    header: tuple[str, ...],
    scopes: tuple[str, ...],
    with_body: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show what would leave and what would stay, from a PAYLOAD file or standard input. Sends and records nothing.

    A stated basis and an unrestricted subject are assumed. Names of unknown fields are shown as they are. Where fields
    of the recipient's API stand outside the body, a JSON payload is {"body": …, "path": …, "query": …, "header": …}, or
    the body alone with --route, --query and --header. NDJSON and CSV get a verdict for each record, one a line. A set
    that the platform keeps holds what --scope says, and otherwise whatever it is asked for, which is told.
    """
    snapshot = _load(maps)
    sets = StatedSets(scopes, {name for who, name in kept_sets(snapshot) if who == asked["recipient"]})
    trial = Trial(snapshot=snapshot, headers=header, sets=sets, **asked)
    whole, records = trial.read(read_input(payload))
    as_json = as_json or not sys.stdout.isatty()
    if records is None:
        result = trial.judge(whole)
        verdict = verdict_of(result, with_body=with_body, assumed=sets.assumed)
        emit(verdict, lambda: tell(result), as_json=as_json)
    elif as_json:
        for record in records:
            result = trial.judge(record)
            click.echo(write(verdict_of(result, with_body=with_body, assumed=sets.assumed)))
    else:
        tell_records([trial.judge(record) for record in records], trial.judge(whole))
    if not as_json:
        tell_assumed(sets.assumed)

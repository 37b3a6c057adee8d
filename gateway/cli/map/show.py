"""`gateway map show`: what one recipient may have for one purpose, as a table of rules."""

from __future__ import annotations

from typing import Any

import click

from gateway.canonical import path_text
from gateway.cli.map.group import MAPS, PULL, find, group, load, narrowed
from gateway.cli.terminal import command, emit, out, table
from gateway.minimise.capacity import FREE, capacity, of_map
from gateway.model import FieldRule


@command(group, "show", example="gateway map show mc-primer-uk service_request")
@click.argument("recipient")
@click.argument("purpose")
@MAPS
@PULL
def show(recipient: str, purpose: str, maps: str | None, pull: str | None, *, as_json: bool) -> None:
    """Show what one recipient may have for one purpose, and under which rules."""
    snapshot, asked = narrowed(load(maps), recipient, purpose, pull)
    found = find(snapshot, recipient, purpose)
    routes = [f"{route.method} {found.recipient.base_url}{route.path}" for route in found.routes]
    if asked is not None:
        routes = [
            f"{asked.route.method} /v1/pull/{recipient}{asked.route.path} asks {asked.ask.method} {asked.ask.path}"
        ]
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

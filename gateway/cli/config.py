"""`gateway config`: what this process would run with."""

from __future__ import annotations

import click

from gateway.bootstrap import build
from gateway.cli.terminal import command, emit, out, settings
from gateway.config import setting_names


@click.group("config")
def group() -> None:
    """Check the settings."""


@command(group, "check", example="gateway config check --json")
def check(*, as_json: bool) -> None:
    """Check every setting, key, map and the database, as a start would; list all problems at once."""
    found = settings()
    gateway = build(found)
    try:
        gateway.store.ping()
        empty = gateway.empty_sets()
    finally:
        gateway.close()
    told = {
        "origin": found.origin,
        "home": str(found.home),
        "maps": str(found.maps),
        "recipients": sorted(gateway.snapshot.recipients),
        "empty_sets": empty,
        "policy_version": gateway.snapshot.version,
        "signing_key": gateway.keyring.fingerprint(),
        "settings": sorted(setting_names()),
    }

    def lines() -> None:
        out.print(f"[green]ready[/]  origin {found.origin}, home {found.home}, maps {found.maps}")
        pulls = f" and {count} pulls" if (count := len(gateway.snapshot.pulls)) else ""
        out.print(
            f"       {len(gateway.snapshot.maps)} purpose maps{pulls} for {len(gateway.snapshot.recipients)} recipients"
        )
        for name in empty:
            out.print(
                f"[yellow]empty[/]  the kept set {name} holds no one: every transfer that asks it is out_of_scope"
            )

    emit(told, lines, as_json=as_json)

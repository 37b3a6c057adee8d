"""`gateway db`: the database's shape."""

from __future__ import annotations

import click

from gateway.cli.terminal import command, emit, out, settings
from gateway.storage import Store


@click.group("db")
def group() -> None:
    """Bring the database up to date."""


@command(group, "upgrade", example="gateway db upgrade")
def upgrade(*, as_json: bool) -> None:
    """Upgrade the database to this release. Stop the gateway and copy the database first."""
    before, after = Store.upgrade(settings().database_url)

    def lines() -> None:
        out.print(f"at revision {after}" if before == after else f"upgraded from {before or 'empty'} to {after}")

    emit({"from": before, "to": after}, lines, as_json=as_json)

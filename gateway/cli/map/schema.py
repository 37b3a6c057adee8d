"""`gateway map schema`: JSON Schema of the map files, for editors."""

from __future__ import annotations

import click

from gateway.cli.map.group import group
from gateway.cli.terminal import command, pretty
from gateway.purpose.json_schema import KINDS, json_schema


@command(group, "schema", example="gateway map schema recipient > schemas/recipient.json")
@click.argument("kind", type=click.Choice(list(KINDS)), default="recipient")
def schema(kind: str, *, as_json: bool) -> None:  # noqa: ARG001 -- it is JSON either way
    """Print the JSON Schema 2020-12 of one KIND of map file, made from the schemas that loading itself uses.

    In an editor with yaml-language-server, the first line of a file of maps then reads
    `# yaml-language-server: $schema=../schemas/recipient.json`.
    """
    click.echo(pretty(json_schema(kind)))

"""`gateway map draft`: a recipient's file proposed from samples of its API."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gateway.canonical import path_text
from gateway.cli.map.group import MAPS, folder, group
from gateway.cli.terminal import command, emit, err
from gateway.errors import ConfigError
from gateway.minimise import compile_projection
from gateway.minimise.text import carries_document, carries_encoded, carries_identifier
from gateway.purpose.drafted import BLANK, Draft, draft_recipient, draft_text, read_samples

_ID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")


@command(
    group,
    "draft",
    example="gateway map draft orders.har --class marketplace_partner --purpose goods_delivery --id cdek",
)
@click.argument("samples", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--class", "recipient_class", required=True, help="The recipient's class.")
@click.option("--purpose", required=True, help="What it gets data for.")
@click.option("--id", "name", required=True, help="What the recipient is called in the gateway.")
@click.option("--role", help="Its role in the class [default: the one whose fields fit best].")
@click.option("--base-url", help="Of a HAR: the API that is meant [default: the host of most requests].")
@click.option("--route", help="Of a HAR or an OpenAPI document: one route alone, as 'POST /v2/orders/{order_id}'.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a new file [default: standard output].")
@MAPS
def draft(
    *,
    samples: tuple[Path, ...],
    recipient_class: str,
    purpose: str,
    name: str,
    role: str | None,
    base_url: str | None,
    route: str | None,
    out: Path | None,
    maps: str | None,
    as_json: bool,
) -> None:
    """Propose a recipient's file from SAMPLES: bodies (JSON, form, CSV, NDJSON, XML), a HAR, an OpenAPI document.

    Their paths are bound to the fields of the class map, which it never widens; what could not be bound is listed, and
    what looks personal stays home. What only a person knows is blank, and stops the load until it is filled in. No
    value of the samples is in it but the listed values of constants.
    """
    if _ID.match(name) is None:
        raise ConfigError(["--id: expected small letters, digits, - and _"])
    traffic = read_samples(samples, base_url=base_url, route=route)
    found = draft_recipient(
        folder(maps),
        traffic,
        name=name,
        recipient_class=recipient_class,
        purpose=purpose,
        role=role,
        personal=lambda text: carries_identifier(text) or carries_document(text) or carries_encoded(text),
        compile_projection=compile_projection,
    )
    text = draft_text(found)
    if out is not None:
        _write(out, text)
    data = _told(found, None if out is None else out.as_posix(), text)
    emit(data, lambda: _tell(found, out, text), as_json=as_json)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError([f"{path.as_posix()}: exists already"], hint="a draft never replaces a file") from None


def _told(found: Draft, out: str | None, text: str) -> dict[str, object]:
    return {
        "id": found.id,
        "role": found.role,
        "routes": found.routes,
        "bound": {
            path: {"field": path_text(one.rule.path), "sure": one.sure} for path, one in sorted(found.bound.items())
        },
        "constants": sorted(found.constants),
        "answer": sorted(found.answers),
        "not_bound": {one.path: one.said for one in found.left},
        "stays_home": {one.path: one.said for one in found.home},
        "waits_for": found.waiting,
        "blanks": text.count(BLANK),
        "file": out,
        **({} if out else {"text": text}),
    }


def _tell(found: Draft, out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text, nl=False)
    err.print(
        f"{len(found.bound)} paths bound, {len(found.constants)} constants, {len(found.left)} not bound, "
        f"{len(found.home)} stay home; {text.count(BLANK)} blanks to fill in"
        + ("" if out is None else f" in {out.as_posix()}"),
        markup=False,
    )

"""The group `gateway map`, and what its commands share: where the maps are, how they are loaded, how one is found."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.admission.pulled import under_pull
from gateway.config import maps_folder
from gateway.errors import ConfigError
from gateway.minimise import compile_projection
from gateway.model import Pull, PurposeId, PurposeMap, RecipientId, Snapshot
from gateway.purpose import load_snapshot

MAPS = click.option("--maps", default=None, help="Folder of the maps [default: GATEWAY_MAPS of the settings].")

SCOPE = click.option(
    "--scope", "scopes", multiple=True, help="What a kept set holds, NAME=value,value [default: whatever is asked]."
)

PULL = click.option("--pull", help="Of what the recipient may ask us for, its route: 'GET /check'.")


@click.group("map")
def group() -> None:
    """Purpose maps: which fields a recipient may have for a purpose."""


def folder(maps: str | None) -> Path:
    """The folder of the maps: the stated one, else the one of the settings. Raises ConfigError."""
    return Path(maps) if maps else maps_folder(os.environ)


def load(maps: str | None) -> Snapshot:
    """Every map of the folder, checked and compiled. Raises PurposeMapError."""
    return load_snapshot(folder(maps), compile_projection)


def narrowed(snapshot: Snapshot, recipient: str, purpose: str, route: str | None) -> tuple[Snapshot, Pull | None]:
    """The maps that hold for a pair, or for the pull of it that has this route: the only one, where nothing is sent.

    Raises ConfigError that lists those that are there.
    """
    pulls = {f"{one.route.method} {one.route.path}": one for one in snapshot.pulls if one.recipient == recipient}
    mine = {text: one for text, one in pulls.items() if one.purpose == purpose}
    if route is None:
        if (RecipientId(recipient), PurposeId(purpose)) in snapshot.maps or not mine:
            return snapshot, None
        route = next(iter(mine)) if len(mine) == 1 else ""
    if route not in mine:
        raise ConfigError([f"--pull: {recipient} {purpose}: no such route"], hint=f"there are: {', '.join(mine)}")
    return under_pull(mine[route], snapshot), mine[route]


def find(snapshot: Snapshot, recipient: str, purpose: str) -> PurposeMap:
    """The map of a pair. Raises ConfigError that lists those that are there."""
    found = snapshot.maps.get((RecipientId(recipient), PurposeId(purpose)))
    if found is None:
        known = ", ".join(sorted(f"{who} {what}" for who, what in snapshot.maps))
        raise ConfigError([f"{recipient} {purpose}: no such map"], hint=f"there are: {known}")
    return found

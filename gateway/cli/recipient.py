"""`gateway recipient`: the third parties that the maps know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from gateway.admission.kept_set import read_lines
from gateway.bootstrap import keep, load_maps
from gateway.cli.opened import opened
from gateway.cli.terminal import command, emit, out, read_input, settings, table
from gateway.clock import iso
from gateway.errors import ConfigError, GatewayError, MalformedRequest
from gateway.model import Protection, Recipient, RecipientId, Snapshot
from gateway.purpose import kept_sets
from gateway.storage import KeptSet


@click.group("recipient")
def group() -> None:
    """Recipients: who they are, what they may have, how it is protected."""


def _purposes(snapshot: Snapshot, recipient: RecipientId) -> list[str]:
    asked = {pull.purpose for pull in snapshot.pulls if pull.recipient == recipient}
    return sorted({purpose for who, purpose in snapshot.maps if who == recipient} | asked)


def _pulls(snapshot: Snapshot, recipient: RecipientId) -> list[dict[str, str]]:
    """What it may ask us for, and the map of what goes back."""
    return [
        {"route": f"{one.route.method} {one.route.path}", "purpose": one.purpose, "map_version": one.map.version}
        for one in snapshot.pulls
        if one.recipient == recipient
    ]


def _protection(recipient: Recipient) -> str:
    if recipient.protection is Protection.TLS:
        return f"tls only: {recipient.protection_reason}"
    return f"jwe ({recipient.suite})"


@command(group, "list", example="gateway recipient list")
def list_recipients(*, as_json: bool) -> None:
    """List the recipients."""
    snapshot = load_maps(settings())
    found = [snapshot.recipients[key] for key in sorted(snapshot.recipients)]
    data = [
        {
            "recipient": one.id,
            "class": one.recipient_class,
            "protection": one.protection.value,
            "purposes": list(_purposes(snapshot, one.id)),
        }
        for one in found
    ]

    def lines() -> None:
        rows = [
            [one.id, one.recipient_class, _protection(one), "\n".join(_purposes(snapshot, one.id))] for one in found
        ]
        table(
            ["recipient", "class", "protection", "purposes"], rows, empty="No recipients: see purpose_maps/recipients."
        )

    emit({"recipients": data}, lines, as_json=as_json)


@command(group, "show", example="gateway recipient show mc-primer-uk")
@click.argument("recipient_id")
def show(recipient_id: str, *, as_json: bool) -> None:
    """Show one recipient: address, keys and their end, purposes, map versions, and the sets that the platform keeps."""
    snapshot = load_maps(settings())
    recipient = _known(snapshot, recipient_id)
    sets = _sets(snapshot, recipient.id)
    keys = [{"kid": key.kid, "not_after": iso(key.not_after) if key.not_after else None} for key in recipient.keys]
    versions = {
        purpose: snapshot.maps[recipient.id, purpose].version for who, purpose in snapshot.maps if who == recipient.id
    }
    data = {
        "recipient": recipient.id,
        "class": recipient.recipient_class,
        "title": dict(recipient.title),
        "bin": recipient.bin,
        "country": recipient.country,
        "storage_country": recipient.storage_country,
        "base_url": recipient.base_url,
        "protection": _protection(recipient),
        "keys": keys,
        "sets": sets,
        "map_versions": {str(purpose): str(version) for purpose, version in versions.items()},
        "pulls": _pulls(snapshot, recipient.id),
    }

    def lines() -> None:
        out.print(f"[bold]{recipient.id}[/]  {recipient.title.get('ru', '')}")
        out.print(
            f"  class {recipient.recipient_class}, BIN {recipient.bin}, data stays in {recipient.storage_country}"
        )
        out.print(f"  {recipient.base_url}   {_protection(recipient)}", markup=False)
        for key in keys:
            out.print(f"  key {key['kid']}   until {key['not_after'] or 'replaced'}")
        for purpose, version in sorted(versions.items()):
            out.print(f"  {purpose}   map {version[:12]}")
        for pull in _pulls(snapshot, recipient.id):
            out.print(f"  asks us {pull['route']} for {pull['purpose']}   map {pull['map_version'][:12]}", markup=False)
        for one in sets:
            out.print(f"  set {one['name']}   {_how_many(one)}")

    emit(data, lines, as_json=as_json)


@group.group("scope")
def scope() -> None:
    """Sets that the platform keeps up to date: whose data a recipient may have."""


@command(scope, "show", example="gateway recipient scope show mc-primer-uk")
@click.argument("recipient_id")
def show_scope(recipient_id: str, *, as_json: bool) -> None:
    """Show how many values each set of a recipient holds, since when and by whom; never which."""
    snapshot = load_maps(settings())
    recipient = _known(snapshot, recipient_id)
    with opened() as log:
        kept = log.store.sets.list()
    sets = [_told(recipient.id, name, kept) for name in _names(snapshot, recipient.id)]

    def lines() -> None:
        rows = [[one["name"], _how_many(one), one["updated_by"] or ""] for one in sets]
        table(["set", "values", "by"], rows, empty="The recipient's file names no set: see `serves`.")

    emit({"recipient": recipient.id, "sets": sets}, lines, as_json=as_json)


@command(scope, "put", example="gateway recipient scope put mc-primer-uk houses --file houses.txt")
@click.argument("recipient_id")
@click.argument("name")
@click.option("--file", "path", required=True, help="The values, one a line, in UTF-8; - for standard input.")
def put_scope(recipient_id: str, name: str, path: str, *, as_json: bool) -> None:
    """Let a set hold the values of a file and no others; every process follows within two seconds."""
    snapshot = load_maps(settings())
    recipient = _known(snapshot, recipient_id)
    names = _names(snapshot, recipient.id)
    if name not in names:
        hint = f"there are: {', '.join(names)}" if names else "its file names none: see `serves`"
        raise ConfigError([f"{recipient_id} {name}: no such set"], hint=hint)
    try:
        change = read_lines(read_input(path))
    except MalformedRequest as error:
        raise ConfigError([f"--file: {error}"]) from None
    with opened() as log:
        kept = keep(log.store, log.keyring, recipient.id, name, change, by=None)
    told = _told(recipient.id, name, [kept])
    emit({"recipient": recipient.id, **told}, lambda: out.print(f"{name}: {_how_many(told)}"), as_json=as_json)


def _known(snapshot: Snapshot, recipient_id: str) -> Recipient:
    recipient = snapshot.recipients.get(RecipientId(recipient_id))
    if recipient is None:
        raise ConfigError([f"{recipient_id}: no such recipient"], hint="`gateway recipient list` shows them")
    return recipient


def _names(snapshot: Snapshot, recipient: RecipientId) -> list[str]:
    return sorted(name for who, name in kept_sets(snapshot) if who == recipient)


def _sets(snapshot: Snapshot, recipient: RecipientId) -> list[dict[str, Any]]:
    """The sets that a recipient's file names; where there is no database to ask, how many they hold is not known."""
    names = _names(snapshot, recipient)
    if not names:
        return []
    try:
        with opened() as log:
            kept = log.store.sets.list()
    except GatewayError:
        return [{"name": name, "count": None, "updated_at": None, "updated_by": None} for name in names]
    return [_told(recipient, name, kept) for name in names]


def _told(recipient: RecipientId, name: str, kept: Iterable[KeptSet]) -> dict[str, Any]:
    for one in kept:
        if (one.recipient, one.name) == (recipient, name):
            by = one.updated_by or "operator"
            return {"name": name, "count": one.count, "updated_at": iso(one.updated_at), "updated_by": by}
    return {"name": name, "count": 0, "updated_at": None, "updated_by": None}


def _how_many(told: Mapping[str, Any]) -> str:
    if told["count"] is None:
        return "not known: the database cannot be asked"
    if not told["count"]:
        return "empty: it serves no one, every transfer is out_of_scope"
    return f"{told['count']} since {told['updated_at']}"

"""`gateway recipient`: the third parties that the maps know."""

from __future__ import annotations

import click

from gateway.bootstrap import load_maps
from gateway.cli.terminal import command, emit, out, settings, table
from gateway.clock import iso
from gateway.errors import ConfigError
from gateway.model import Protection, Recipient, RecipientId, Snapshot


@click.group("recipient")
def group() -> None:
    """Recipients: who they are, what they may have, how it is protected."""


def _purposes(snapshot: Snapshot, recipient: RecipientId) -> list[str]:
    return sorted(purpose for who, purpose in snapshot.maps if who == recipient)


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
    """Show one recipient: address, keys and their end, purposes and map versions."""
    snapshot = load_maps(settings())
    recipient = snapshot.recipients.get(RecipientId(recipient_id))
    if recipient is None:
        raise ConfigError([f"{recipient_id}: no such recipient"], hint="`gateway recipient list` shows them")
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
        "map_versions": {str(purpose): str(version) for purpose, version in versions.items()},
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

    emit(data, lines, as_json=as_json)

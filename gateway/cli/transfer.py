"""`gateway transfer`: make one, and look at those that were made."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from gateway.bootstrap import build
from gateway.canonical import Json, key_text, write
from gateway.cli.opened import opened
from gateway.cli.registry import Words, content_type_of, send_registry
from gateway.cli.terminal import command, emit, out, read_input, settings, table
from gateway.clock import SystemClock, iso
from gateway.config import TOKEN
from gateway.errors import ConfigError
from gateway.formats.strict_json import parse
from gateway.model import BasisKind, Call, Declined, EntryKind, OutcomeCode, Repeated, TransferId
from gateway.transfer import accept, attempt


@click.group("transfer")
def group() -> None:
    """Transfers: send one, show one, list them."""


def _token(token_file: str | None) -> str:
    token = Path(token_file).read_text(encoding="utf-8").strip() if token_file else os.environ.get(TOKEN, "")
    if not token:
        raise ConfigError(["no token"], hint="set GATEWAY_TOKEN or give --token-file; `gateway caller add` makes one")
    return token


def _needed(word: str | None, option: str) -> str:
    if not word:
        raise click.UsageError(f"Missing option '{option}'.")
    return word


@command(
    group, "send", example="gateway transfer send mc-primer-uk service_request --subject usr_1 --basis-ref c-1 < r.json"
)
@click.argument("recipient")
@click.argument("purpose")
@click.option("--subject", default=None, help="Whom it is about: the platform's opaque id.")
@click.option("--basis", type=click.Choice([kind.value for kind in BasisKind]), default="consent", show_default=True)
@click.option("--basis-ref", default=None, help="Which consent, or which order or account carries the obligation.")
@click.option("--basis-given-at", default=None, help="When, RFC 3339 [default: now].")
@click.option("--file", "path", default="-", help="The payload, or a registry in .ndjson or .csv [default: stdin].")
@click.option(
    "--batch-id", default=None, help="Of a registry: your name for this delivery; under it no record goes twice."
)
@click.option(
    "--subject-field", default=None, help="Of a registry: the column or path that names whom a record is about."
)
@click.option("--basis-field", default=None, help="Of a registry: the column or path of a record's own basis.")
@click.option(
    "--content-type", default=None, help="Of a registry, e.g. 'text/csv; charset=windows-1251' [default: by name]."
)
@click.option("--refused", "refused_path", default=None, help="Of a registry: where to write what did not arrive.")
@click.option("--token-file", default=None, help="File with the caller's token [default: $GATEWAY_TOKEN].")
def send(
    *,
    recipient: str,
    purpose: str,
    subject: str | None,
    basis: str,
    basis_ref: str | None,
    basis_given_at: str | None,
    path: str,
    batch_id: str | None,
    subject_field: str | None,
    basis_field: str | None,
    content_type: str | None,
    refused_path: str | None,
    token_file: str | None,
    as_json: bool,
) -> None:
    """Take a payload, or each record of a registry, through the whole path. Exit code 1 unless delivered."""
    token = _token(token_file)
    given_at = basis_given_at or iso(SystemClock().now())
    registry = content_type_of(path, content_type)
    if registry is not None:
        stated = f"kind={basis}; ref={basis_ref}; given_at={given_at}" if basis_ref else None
        words = Words(
            recipient=recipient,
            purpose=purpose,
            path=path,
            content_type=registry,
            batch=_needed(batch_id, "--batch-id"),
            basis=stated,
            subject_field=subject_field,
            basis_field=basis_field,
            refused_path=refused_path,
            as_json=as_json,
        )
        sys.exit(send_registry(words, token))
    subject, basis_ref = _needed(subject, "--subject"), _needed(basis_ref, "--basis-ref")
    payload = parse(read_input(path))
    body = write(
        {
            "recipient": recipient,
            "purpose": purpose,
            "subject": subject,
            "basis": {"kind": basis, "ref": basis_ref, "given_at": given_at},
            "payload": payload,
        }
    )
    gateway = build(settings())
    try:
        result = accept(Call(token=token, content_type="application/json", body=body), gateway.house)
        if isinstance(result, Repeated):
            raise AssertionError("no Idempotency-Key was given")  # noqa: TRY004 -- not a wrong type: a bug
        if isinstance(result, Declined):
            told: dict[str, Any] = {
                "transfer_id": result.refused.admitted.transfer_id,
                "decision": "refused",
                "reason": result.refused.reason.value,
                "failures": [{"path": one.path, "rule": one.rule} for one in result.refused.failures],
                "log": {"index": result.receipt.index},
            }
            delivered = False
        else:
            done = attempt(result.disclosure.permitted.admitted.transfer_id, gateway.house)
            delivered = done.sent.outcome is OutcomeCode.DELIVERED
            told = {
                "transfer_id": result.disclosure.permitted.admitted.transfer_id,
                "decision": "permitted",
                "outcome": done.sent.outcome.value,
                "cause": done.sent.cause.value if done.sent.cause else None,
                "status": done.sent.status,
                "disclosure": result.disclosure.data,
                "withheld": [{"path": one.path, "reason": one.reason.value} for one in result.disclosure.withheld],
                "log": {"index": result.receipt.index},
            }
    finally:
        gateway.close()
    emit(told, lambda: _tell_sent(told), as_json=as_json)
    if not delivered:
        sys.exit(1)


def _tell_sent(told: dict[str, Any]) -> None:
    if told["decision"] == "refused":
        out.print(f"[red]refused[/]: {told['reason']}; nothing left. Transfer {told['transfer_id']}")
        return
    out.print(f"{told['outcome']} {told['status'] or ''} {told['cause'] or ''}  transfer {told['transfer_id']}")
    out.print(f"  {len(told['withheld'])} fields stayed home; `gateway transfer show {told['transfer_id']}`")


@command(group, "show", example="gateway transfer show 0192f0c1-0000-7000-8000-000000000000")
@click.argument("transfer_id")
def show(transfer_id: str, *, as_json: bool) -> None:
    """Show the life of one transfer: each entry, what left, what stayed and why. Names and reasons, never values."""
    with opened() as log:
        record = log.store.transfers.find(TransferId(transfer_id))
    if record is None:
        raise ConfigError([f"{transfer_id}: no such transfer"], hint="`gateway transfer list` shows the newest")
    data = {
        "transfer_id": record.transfer_id,
        "caller": record.caller,
        "entries": [
            {"index": e.index, "kind": e.kind, "at": iso(e.at), "shared": e.shared, "private": e.private}
            for e in record.entries
        ],
    }

    def lines() -> None:
        out.print(f"[bold]{record.transfer_id}[/]  asked by {record.caller}")
        for entry in record.entries:
            told = entry.shared or {}
            what = [told.get("outcome"), told.get("reason"), told.get("cause"), told.get("status")]
            if entry.kind == EntryKind.INTENT:
                what = [f"{told.get('recipient')} · {told.get('purpose')}, map {str(told.get('map'))[:12]}"]
            ended = " ".join(str(word) for word in what if word)
            out.print(f"  #{entry.index}  {iso(entry.at)}  {entry.kind:<8} {ended}", markup=False)
        first = record.entries[0]
        out.print(f"     released: {', '.join(_leaves((first.shared or {}).get('released')))}", markup=False)
        for reason, paths in _withheld(first.private):
            out.print(f"     withheld {reason}: {', '.join(paths)}", markup=False)

    emit(data, lines, as_json=as_json)


def _leaves(tree: Json, path: str = "") -> list[str]:
    """The paths of the fields that left; items of an array as one."""
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in _leaves(value, f"{path}.{key_text(key)}".lstrip("."))]
    if isinstance(tree, list):
        return list(dict.fromkeys(leaf for item in tree for leaf in _leaves(item, f"{path}[]")))
    return [path] if tree is not None else ["nothing"]


def _withheld(private: dict[str, Json] | None) -> list[tuple[str, list[str]]]:
    found = (private or {}).get("withheld")
    if not isinstance(found, dict):
        return []
    return [(reason, [str(path) for path in paths]) for reason, paths in found.items() if isinstance(paths, list)]


@command(group, "list", example="gateway transfer list --recipient mc-primer-uk --limit 50")
@click.option("--recipient", default=None, help="Only to this recipient.")
@click.option("--purpose", default=None, help="Only for this purpose.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
def list_transfers(recipient: str | None, purpose: str | None, limit: int, *, as_json: bool) -> None:
    """List the newest transfers and how they ended."""
    with opened() as log:
        found = log.store.transfers.recent(limit, recipient, purpose)
    rows: list[dict[str, Any]] = []
    for record in found:
        first, last = record.entries[0], record.entries[-1]
        told = {**(first.shared or {}), **(last.shared or {})}
        rows.append(
            {
                "transfer_id": record.transfer_id,
                "index": first.index,
                "at": iso(first.at),
                "direction": told.get("direction"),
                "recipient": told.get("recipient"),
                "purpose": told.get("purpose"),
                "ended": told.get("outcome") or told.get("reason") or "under way",
            }
        )

    def lines() -> None:
        columns = ["index", "at", "recipient", "purpose", "ended", "transfer_id"]
        told = [[str(row[column]) for column in columns] for row in rows]
        empty = f"No transfers to {recipient or 'anyone'} for {purpose or 'any purpose'} yet."
        table(["#", "at", "recipient", "purpose", "ended", "transfer"], told, empty=empty)

    emit({"transfers": rows}, lines, as_json=as_json)

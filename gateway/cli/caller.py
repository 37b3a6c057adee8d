"""`gateway caller`: the internal systems that may ask, and exactly what for."""

from __future__ import annotations

import click

from gateway.admission.tokens import new_token, token_hash
from gateway.bootstrap import load_maps
from gateway.cli.opened import opened
from gateway.cli.terminal import command, emit, out, settings, table
from gateway.clock import iso
from gateway.errors import ConfigError
from gateway.model import CallerId, PurposeId, RecipientId


@click.group("caller")
def group() -> None:
    """Callers, their tokens and their grants."""


def _grants(pairs: tuple[str, ...]) -> list[tuple[RecipientId, PurposeId]]:
    """`recipient:purpose` words as pairs that the maps know. Raises ConfigError for the others, all at once."""
    known = load_maps(settings()).maps
    grants = [(RecipientId(left), PurposeId(right)) for left, _, right in (pair.partition(":") for pair in pairs)]
    unknown = [f"--grant {':'.join(pair)}: no map says so" for pair in grants if pair not in known]
    if unknown:
        raise ConfigError(unknown, hint="`gateway recipient list` shows recipients and their purposes")
    return grants


def _new_token(caller: CallerId) -> str:
    try:
        return new_token(caller)
    except ValueError as error:
        raise ConfigError([str(error)]) from None


_GRANT_HELP = "What it may ask for, as RECIPIENT:PURPOSE; give it several times."


@command(group, "add", example="gateway caller add backend --grant mc-primer-uk:service_request")
@click.argument("caller_id")
@click.option("--grant", "pairs", multiple=True, help=_GRANT_HELP)
def add(caller_id: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Add a caller and print its token, once: only a hash of it is kept."""
    caller = CallerId(caller_id)
    token = _new_token(caller)
    grants = _grants(pairs)
    with opened() as log:
        log.store.callers.add(caller, token_hash(token))
        for recipient, purpose in grants:
            log.store.callers.grant(caller, recipient, purpose)
    _tell_token(caller_id, token, as_json=as_json)


@command(group, "rotate", example="gateway caller rotate backend")
@click.argument("caller_id")
def rotate(caller_id: str, *, as_json: bool) -> None:
    """Give a caller a new token; the old one stops counting within two seconds."""
    caller = CallerId(caller_id)
    token = _new_token(caller)
    with opened() as log:
        log.store.callers.rotate(caller, token_hash(token))
    _tell_token(caller_id, token, as_json=as_json)


def _tell_token(caller_id: str, token: str, *, as_json: bool) -> None:
    def lines() -> None:
        out.print(f"caller {caller_id}; its token, shown this once:")
        out.print(token, markup=False)

    emit({"caller": caller_id, "token": token}, lines, as_json=as_json)


@command(group, "revoke", example="gateway caller revoke backend")
@click.argument("caller_id")
def revoke(caller_id: str, *, as_json: bool) -> None:
    """Refuse a caller from now on (every process follows within two seconds)."""
    with opened() as log:
        log.store.callers.revoke(CallerId(caller_id))
    emit({"caller": caller_id, "revoked": True}, lambda: out.print(f"revoked {caller_id}"), as_json=as_json)


@command(group, "grant", example="gateway caller grant backend psp-halyk-test:payment")
@click.argument("caller_id")
@click.argument("pairs", nargs=-1, required=True)
def grant(caller_id: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Let a caller ask for one more (recipient, purpose)."""
    grants = _grants(pairs)
    with opened() as log:
        for recipient, purpose in grants:
            log.store.callers.grant(CallerId(caller_id), recipient, purpose)
    emit({"caller": caller_id, "granted": list(pairs)}, lambda: out.print(f"granted to {caller_id}"), as_json=as_json)


@command(group, "ungrant", example="gateway caller ungrant backend psp-halyk-test:payment")
@click.argument("caller_id")
@click.argument("pairs", nargs=-1, required=True)
def ungrant(caller_id: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Take a grant back."""
    with opened() as log:
        for left, _, right in (pair.partition(":") for pair in pairs):
            log.store.callers.ungrant(CallerId(caller_id), RecipientId(left), PurposeId(right))
    emit({"caller": caller_id, "ungranted": list(pairs)}, lambda: out.print(f"taken from {caller_id}"), as_json=as_json)


@command(group, "list", example="gateway caller list")
def list_callers(*, as_json: bool) -> None:
    """List callers with their grants."""
    with opened() as log:
        found = log.store.callers.list()
    rows = [
        {
            "caller": record.id,
            "state": "revoked" if record.revoked_at else "active",
            "created_at": iso(record.created_at),
            "grants": sorted(":".join(pair) for pair in record.grants),
        }
        for record in found
    ]

    def lines() -> None:
        told = [[str(r["caller"]), str(r["state"]), str(r["created_at"])[:10], "\n".join(r["grants"])] for r in rows]
        table(
            ["caller", "state", "since", "grants"], told, empty="No callers yet: `gateway caller add ID --grant R:P`."
        )

    emit({"callers": rows}, lines, as_json=as_json)

"""`gateway caller`: the internal systems that may ask, and exactly what for."""

from __future__ import annotations

from typing import Any

import click

from gateway.admission.request import basis_in
from gateway.admission.tokens import new_token, token_hash
from gateway.bootstrap import load_maps
from gateway.cli.opened import opened
from gateway.cli.terminal import command, emit, out, settings, table
from gateway.clock import iso
from gateway.errors import ConfigError, MalformedRequest
from gateway.model import Basis, CallerId, PurposeId, RecipientId


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


def _keepers(recipients: tuple[str, ...]) -> list[RecipientId]:
    """Recipients that the maps know. Raises ConfigError for the others, all at once."""
    known = load_maps(settings()).recipients if recipients else {}
    unknown = [f"--keeps {one}: no such recipient" for one in recipients if RecipientId(one) not in known]
    if unknown:
        raise ConfigError(unknown, hint="`gateway recipient list` shows them")
    return [RecipientId(one) for one in recipients]


def _basis(text: str) -> Basis:
    """A default basis, in the words of `Gateway-Basis`. Raises ConfigError."""
    try:
        return basis_in(text)
    except MalformedRequest as error:
        said = str(error).replace("Gateway-Basis", "--default-basis", 1)
        raise ConfigError(
            [said], hint="--default-basis 'kind=obligation; ref=…; given_at=2026-01-01T00:00:00+05:00'"
        ) from None


def _written(basis: Basis) -> str:
    text_version = f"; text_version={basis.text_version}" if basis.text_version else ""
    return f"kind={basis.kind}; ref={basis.ref}; given_at={basis.given_at}{text_version}"


def _new_token(caller: CallerId) -> str:
    try:
        return new_token(caller)
    except ValueError as error:
        raise ConfigError([str(error)]) from None


_GRANT_HELP = "What it may ask for, as RECIPIENT:PURPOSE; give it several times."
_KEEPS = click.option(
    "--keeps", "keeps", multiple=True, metavar="RECIPIENT", help="Whose sets of values it may keep up to date."
)
_DEFAULT_BASIS = click.option(
    "--default-basis", help="What counts where a request states none: 'kind=…; ref=…; given_at=…; text_version=…'."
)


@command(group, "add", example="gateway caller add backend --grant mc-primer-uk:service_request")
@click.argument("caller_id")
@click.option("--grant", "pairs", multiple=True, help=_GRANT_HELP)
@_KEEPS
@_DEFAULT_BASIS
def add(
    caller_id: str, pairs: tuple[str, ...], keeps: tuple[str, ...], default_basis: str | None, *, as_json: bool
) -> None:
    """Add a caller and print its token, once: only a hash of it is kept."""
    caller = CallerId(caller_id)
    token = _new_token(caller)
    grants, keepers = _grants(pairs), _keepers(keeps)
    basis = None if default_basis is None else _basis(default_basis)
    with opened() as log:
        log.store.callers.add(caller, token_hash(token))
        for recipient, purpose in grants:
            log.store.callers.grant(caller, recipient, purpose)
        for recipient in keepers:
            log.store.callers.let_keep(caller, recipient)
        if basis is not None:
            log.store.callers.set_basis(caller, basis)
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
@click.argument("pairs", nargs=-1)
@_KEEPS
def grant(caller_id: str, pairs: tuple[str, ...], keeps: tuple[str, ...], *, as_json: bool) -> None:
    """Let a caller ask for one more (recipient, purpose), or keep the sets of a recipient up to date (--keeps)."""
    _require_something(pairs, keeps)
    grants, keepers = _grants(pairs), _keepers(keeps)
    with opened() as log:
        for recipient, purpose in grants:
            log.store.callers.grant(CallerId(caller_id), recipient, purpose)
        for recipient in keepers:
            log.store.callers.let_keep(CallerId(caller_id), recipient)
    told = {"caller": caller_id, "granted": list(pairs), "keeps": list(keeps)}
    emit(told, lambda: out.print(f"granted to {caller_id}"), as_json=as_json)


@command(group, "ungrant", example="gateway caller ungrant backend psp-halyk-test:payment")
@click.argument("caller_id")
@click.argument("pairs", nargs=-1)
@_KEEPS
def ungrant(caller_id: str, pairs: tuple[str, ...], keeps: tuple[str, ...], *, as_json: bool) -> None:
    """Take a grant back, or the keeping of a recipient's sets (--keeps)."""
    _require_something(pairs, keeps)
    with opened() as log:
        for left, _, right in (pair.partition(":") for pair in pairs):
            log.store.callers.ungrant(CallerId(caller_id), RecipientId(left), PurposeId(right))
        for recipient in keeps:
            log.store.callers.stop_keeping(CallerId(caller_id), RecipientId(recipient))
    told = {"caller": caller_id, "ungranted": list(pairs), "keeps": list(keeps)}
    emit(told, lambda: out.print(f"taken from {caller_id}"), as_json=as_json)


def _require_something(pairs: tuple[str, ...], keeps: tuple[str, ...]) -> None:
    if not pairs and not keeps:
        raise click.UsageError("expected RECIPIENT:PURPOSE, or --keeps RECIPIENT")


@command(
    group,
    "set",
    example="gateway caller set billing --default-basis 'kind=obligation; ref=c-7; given_at=2026-01-01T00:00:00Z'",
)
@click.argument("caller_id")
@_DEFAULT_BASIS
@click.option("--no-default-basis", is_flag=True, help="Requests of this caller must state their basis again.")
def set_(caller_id: str, default_basis: str | None, *, no_default_basis: bool, as_json: bool) -> None:
    """Set what counts as the basis of a caller's requests that state none; a stated one always wins."""
    if (default_basis is None) is not no_default_basis:
        raise click.UsageError("expected one of --default-basis and --no-default-basis")
    basis = None if default_basis is None else _basis(default_basis)
    with opened() as log:
        log.store.callers.set_basis(CallerId(caller_id), basis)
    written = None if basis is None else _written(basis)
    text = f"{caller_id}: {written or 'no default basis'}"
    emit({"caller": caller_id, "default_basis": written}, lambda: out.print(text, markup=False), as_json=as_json)


@command(group, "list", example="gateway caller list")
def list_callers(*, as_json: bool) -> None:
    """List callers with their grants."""
    with opened() as log:
        found = log.store.callers.list()
    rows: list[dict[str, Any]] = [
        {
            "caller": record.id,
            "state": "revoked" if record.revoked_at else "active",
            "created_at": iso(record.created_at),
            "grants": sorted(":".join(pair) for pair in record.grants),
            "keeps": sorted(record.keeps),
            "default_basis": None if record.basis is None else _written(record.basis),
        }
        for record in found
    ]

    def lines() -> None:
        told = [_row(row) for row in rows]
        columns = ["caller", "state", "since", "grants", "default basis"]
        table(columns, told, empty="No callers yet: `gateway caller add ID --grant R:P`.")

    emit({"callers": rows}, lines, as_json=as_json)


def _row(row: dict[str, Any]) -> list[str]:
    grants = [*row["grants"], *(f"keeps the sets of {recipient}" for recipient in row["keeps"])]
    return [row["caller"], row["state"], row["created_at"][:10], "\n".join(grants), row["default_basis"] or ""]

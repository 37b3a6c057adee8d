"""`gateway envelope`: the recipient's side, for partners who open what they got. Needs no gateway of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from gateway.canonical import Json
from gateway.cli.terminal import command, emit, out, pretty, read_input
from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.receiver import Opened, Receiver, read_state, write_state


@click.group("envelope")
def group() -> None:
    """Open and check an envelope, as its recipient."""


def _json_file(path: str) -> dict[str, Json]:
    """A JSON object from a file. Raises ConfigError."""
    try:
        found = orjson.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        raise ConfigError([f"{path}: cannot be read as JSON"]) from None
    if not isinstance(found, dict):
        raise ConfigError([f"{path}: expected a JSON object"])
    return found


@command(
    group,
    "open",
    example="gateway envelope open body.jose --key key.json --recipient mc-primer-uk "
    "--issuer gateway.example.kz/log --jwks jwks.json --log-key LOGKEY --state seen.json",
)
@click.argument("file", default="-")
@click.option("--key", "key_file", required=True, help="Your private JWK.")
@click.option("--recipient", required=True, help="Your id at the gateway.")
@click.option("--issuer", required=True, help="The origin of the gateway you trust.")
@click.option("--jwks", "jwks_file", required=True, help="Its signing keys: a copy of /.well-known/jwks.json.")
@click.option("--log-key", required=True, help="The key of its transfer log, or a file that holds it.")
@click.option("--state", default=None, help="Where you keep the newest checkpoint, to notice a log that was rewound.")
def open_(
    *,
    file: str,
    key_file: str,
    recipient: str,
    issuer: str,
    jwks_file: str,
    log_key: str,
    state: str | None,
    as_json: bool,
) -> None:
    """Decrypt, verify the signature, and refuse what is not proven to have been logged before it was sent."""
    key_text = Path(log_key).read_text(encoding="utf-8").strip() if Path(log_key).is_file() else log_key
    try:
        receiver = Receiver([_json_file(key_file)], recipient, issuer, _json_file(jwks_file), key_text)
    except ValueError:
        raise ConfigError(["--key, --jwks or --log-key is not what it should be"]) from None
    newest = read_state(Path(state)) if state else None
    found = receiver.open_all(read_input(file), now=SystemClock().now(), newest=newest)
    if state:
        write_state(Path(state), found[0].checkpoint)
    data = [_told(opened) for opened in found]

    def lines() -> None:
        for opened in found:
            out.print(f"[green]proven[/]: logged as #{opened.index} of {opened.checkpoint.origin} before it was sent")
            out.print(f"purpose {opened.purpose}, keep until {opened.retain_until}, subject {opened.subject}")
            out.print(pretty(opened.data), markup=False)

    emit(data[0] if len(data) == 1 else {"records": data}, lines, as_json=as_json)


def _told(opened: Opened) -> dict[str, Any]:
    return {
        "transfer_id": opened.transfer_id,
        "purpose": opened.purpose,
        "subject": opened.subject,
        "retain_until": opened.retain_until,
        "map_version": opened.map_version,
        "data": opened.data,
        "log": {"origin": opened.checkpoint.origin, "index": opened.index, "size": opened.checkpoint.size},
    }

"""`gateway init`: from the demo to a deployment of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.bootstrap import open_store
from gateway.cli.terminal import emit, out
from gateway.clock import SystemClock
from gateway.config import load_settings
from gateway.errors import ConfigError
from gateway.seal.keyring import Keyring, create_keys

_ENV_FILE = """\
# Settings of this gateway; the environment wins over this file. README, section Settings, lists them all.
GATEWAY_ORIGIN={origin}
GATEWAY_MAPS={maps}
#GATEWAY_HOST=127.0.0.1
#GATEWAY_PORT=8080
#GATEWAY_METRICS_TOKEN_FILE=/etc/gateway/metrics-token
#GATEWAY_SECRET_CDEK_TOKEN_FILE=/etc/gateway/cdek-token
"""


@click.command(
    "init",
    epilog="\b\nExample:\n  gateway init --home /var/lib/gateway --origin gateway.example.kz/log --maps purpose_maps",
)
@click.option("--home", default=None, help="Folder for keys, database and settings [default: $GATEWAY_HOME or var].")
@click.option("--origin", required=True, help="Name of the transfer log and issuer of envelopes; cannot change later.")
@click.option("--maps", default=None, help="Folder of the maps [default: $GATEWAY_MAPS or purpose_maps].")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(*, home: str | None, origin: str, maps: str | None, as_json: bool) -> None:
    """Make keys, a starting configuration and an empty database; say what to back up and what comes next."""
    folder = Path(home or os.environ.get("GATEWAY_HOME", "var"))
    env_file = folder / "gateway.env"
    if env_file.exists():
        raise ConfigError([f"{env_file} exists already"], hint="choose another --home; init never overwrites")
    maps = maps or os.environ.get("GATEWAY_MAPS", "purpose_maps")
    if not Path(maps).is_dir():
        raise ConfigError([f"--maps {maps}: no such folder"], hint="name the folder that holds taxonomy.yaml")
    settings = load_settings(
        {**os.environ, "GATEWAY_HOME": str(folder), "GATEWAY_ORIGIN": origin, "GATEWAY_MAPS": maps}
    )
    create_keys(folder, origin, settings.master_key_file)
    keyring = Keyring.load(folder, settings.master_key_file)
    open_store(settings, keyring, SystemClock(), create=True).close()
    env_file.write_text(_ENV_FILE.format(origin=origin, maps=Path(maps).resolve()), encoding="utf-8")
    told = {
        "home": str(folder),
        "origin": origin,
        "settings": str(env_file),
        "log_key": keyring.log_verifier_key(),
        "back_up": [
            str(folder / "keys" / "master.key"),
            str(folder / "keys" / "keys.json"),
            str(folder / "gateway.db"),
        ],
    }
    emit(told, lambda: _tell(folder, keyring), as_json=as_json)


def _tell(folder: Path, keyring: Keyring) -> None:
    prefix = "" if str(folder) == "var" else f"GATEWAY_HOME={folder} "
    out.print(f"[green]made[/] {folder}/keys, {folder}/gateway.env and an empty transfer log\n")
    out.print("[bold]Back up[/]")
    out.print(f"  {folder}/keys/master.key   apart from everything else: without it nothing here can be opened")
    out.print(f"  {folder}/keys/keys.json    the signing keys, wrapped by the master key")
    out.print(f"  {folder}/gateway.db        the transfer log, together with its -wal file or by SQLite's backup\n")
    out.print("[bold]Give to recipients[/]")
    out.print("  GET /.well-known/jwks.json, and the key of the transfer log:")
    out.print(f"  {keyring.log_verifier_key()}\n", markup=False)
    out.print("[bold]Next[/]")
    out.print(f"  {prefix}gateway config check")
    out.print(f"  {prefix}gateway caller add backend --grant mc-primer-uk:service_request")
    out.print(f"  {prefix}gateway serve")

"""`gateway key`: our keys, and a key pair for a recipient that has none."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.cli.terminal import command, emit, out, pretty, settings, table
from gateway.errors import ConfigError
from gateway.model import Suite
from gateway.seal.keyring import Keyring, generate_recipient_key, rotate_signing


@click.group("key")
def group() -> None:
    """Signing keys, the key of the transfer log, recipients' key pairs."""


@command(group, "list", example="gateway key list --json")
def list_keys(*, as_json: bool) -> None:
    """List our public keys: what recipients verify with."""
    found = settings()
    keyring = Keyring.load(found.home, found.master_key_file)
    keys = keyring.public_jwks()["keys"]

    def lines() -> None:
        rows = [[str(key["kid"]), str(key["alg"]), str(key.get("state", ""))] for key in keyring.describe()]
        table(["kid", "alg", "state"], rows, empty="No keys: `gateway init`.")
        out.print(f"\ntransfer log: {keyring.log_verifier_key()}", markup=False)

    emit({"jwks": {"keys": keys}, "log_key": keyring.log_verifier_key()}, lines, as_json=as_json)


@command(group, "rotate", example="gateway key rotate")
def rotate(*, as_json: bool) -> None:
    """Make new signing keys; the old ones stay published so that what was signed still verifies. Restart afterwards."""
    found = settings()
    rotate_signing(found.home, found.master_key_file)
    keyring = Keyring.load(found.home, found.master_key_file)
    emit(
        {"jwks": keyring.public_jwks()}, lambda: out.print("new signing keys; restart `gateway serve`"), as_json=as_json
    )


@command(group, "generate", example="gateway key generate --suite p256 --out recipient-key.json")
@click.option("--suite", type=click.Choice([suite.value for suite in Suite]), default="p256", show_default=True)
@click.option("--out", "path", required=True, help="File for the private JWK (made with mode 0600, never overwritten).")
def generate(suite: str, path: str, *, as_json: bool) -> None:
    """Make a key pair for a recipient: the private JWK to a file, the public one to its file in purpose_maps."""
    private, public = generate_recipient_key(Suite(suite))
    try:
        handle = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError([f"{path} exists already"], hint="choose another --out; a key is never overwritten") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(pretty(private) + "\n")

    def lines() -> None:
        out.print(f"private key in {path}; under `keys:` of the recipient's file put\n  - jwk: ", end="")
        out.print(pretty(public).replace("\n", " "), markup=False)

    emit({"public": public, "private_file": path}, lines, as_json=as_json)

"""Starts our gateway through its own command line, as an operator would: init, a caller with its grant, serve."""

from __future__ import annotations

import contextlib
import http.client
import pathlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import orjson
from jwcrypto import jwk

from benchmarks import payload
from benchmarks.processes import ROOT, environment, finished, free_port, python, started, wait_for_port
from benchmarks.setting import Gateway, Setting

WORKERS = 2
_COMMAND = ("-m", "gateway.cli")


@contextlib.contextmanager
def ours(where: Setting, *, threads: int) -> Iterator[tuple[Gateway, Gateway]]:
    """Our gateway, started on a home, a log and maps of its own: asked by `/v1/transfers`, and by the proxy."""
    home, token = make_home(where)
    log, port = where.folder / "gateway.log", free_port()
    serve = python(
        *(*_COMMAND, "serve", "--port", str(port), "--workers", str(WORKERS), "--threads", str(threads)),
    )
    with started(serve, log, env=environment(GATEWAY_HOME=str(home))) as process:
        wait_for_port(port, process, log)
        gateway = Gateway(
            name="ours",
            pid=process.pid,
            port=port,
            asked=payload.transfer(token),
            threads=WORKERS * threads,
            commits=lambda: _checkpoints(home),
            signing_keys=lambda: _jwks(port),
        )
        yield gateway, replace(gateway, name="proxy", asked=payload.proxied(token))


def make_home(where: Setting) -> tuple[pathlib.Path, str]:
    """A home with keys, an empty log and one caller, made by the command line; the home and the caller's token."""
    home = where.folder / "home"
    env = environment(GATEWAY_HOME=str(home))
    maps = str(write_maps(where))
    finished(python(*_COMMAND, "init", "--origin", "gateway.bench.example/log", "--maps", maps), env=env)
    grant = f"{payload.RECIPIENT}:{payload.PURPOSE}"
    added = finished(python(*_COMMAND, "caller", "add", "orders", "--grant", grant, "--json"), env=env)
    return home, str(orjson.loads(added)["token"])


def write_maps(where: Setting) -> pathlib.Path:
    """A copy of the purpose maps with the bench's recipient as the only one."""
    maps = where.folder / "purpose_maps"
    shutil.copytree(ROOT / "purpose_maps", maps)
    for folder in ("recipients", "examples"):
        shutil.rmtree(maps / folder, ignore_errors=True)
    (maps / "recipients").mkdir()
    shutil.copy(where.ca_file, maps)
    title = "Bench: cleaning"
    recipient = {
        "id": payload.RECIPIENT,
        "class": payload.RECIPIENT_CLASS,
        "role": "service_provider",
        "title": {"kk": title, "ru": title, "en": title},
        "bin": "990940999994",
        "country": "KZ",
        "storage_country": "KZ",
        "base_url": where.base_url,
        "ca_file": where.ca_file.name,
        "protection": "jwe",
        "keys": [{"jwk": where.public_key()}],
        "purposes": {payload.PURPOSE: {"routes": ["POST /orders"]}},
    }
    # JSON is YAML 1.2, and the shortest way to write it.
    (maps / "recipients" / f"{payload.RECIPIENT}.yaml").write_bytes(orjson.dumps(recipient, option=orjson.OPT_INDENT_2))
    return maps


def _checkpoints(home: pathlib.Path) -> int:
    """How many groups were committed: each signs one checkpoint."""
    with contextlib.closing(sqlite3.connect(f"file:{home / 'gateway.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM checkpoint").fetchone()[0])


def _jwks(port: int) -> jwk.JWKSet:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    with contextlib.closing(connection):
        connection.request("GET", "/.well-known/jwks.json")
        return jwk.JWKSet.from_json(connection.getresponse().read().decode("ascii"))

"""Starts the naive gateway (`benchmarks/naive/`) under gunicorn gthread, two processes of 16 threads."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
from collections.abc import Iterator

import orjson
from jwcrypto import jwk

from benchmarks import payload
from benchmarks.naive.record import Records
from benchmarks.processes import environment, free_port, python, started, wait_for_port
from benchmarks.setting import Gateway, Setting

WORKERS = 2
THREADS = 16
_KEEP_ALIVE_SECONDS = 75  # gunicorn's 2 s would close the load generator's connections between rounds


@contextlib.contextmanager
def naive(where: Setting, *, record_outcomes: bool) -> Iterator[tuple[Gateway]]:
    """The naive gateway, started; with `record_outcomes` it commits twice a transfer, else once."""
    home = where.folder / "naive"
    home.mkdir()
    database, config_file, log = home / "records.db", home / "config.json", home / "server.log"
    token = secrets.token_urlsafe(32)
    signing_key = jwk.JWK.generate(kty="EC", crv="P-256")
    config = {
        "issuer": "naive.bench.example",
        "secret": secrets.token_hex(16),
        "database": str(database),
        "record_outcomes": record_outcomes,
        "ca_file": str(where.ca_file),
        "signing_key": signing_key.export(private_key=True, as_dict=True),
        "callers": {hashlib.sha256(token.encode()).hexdigest(): "orders"},
        "grants": [["orders", payload.RECIPIENT, payload.PURPOSE]],
        "recipients": {payload.RECIPIENT: {"url": f"{where.base_url}/orders", "key": where.public_key()}},
    }
    config_file.write_bytes(orjson.dumps(config))
    Records(str(database)).create()
    port = free_port()
    command = python(
        *("-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)),
        *("--keep-alive", str(_KEEP_ALIVE_SECONDS), "--bind", f"127.0.0.1:{port}", "--no-control-socket"),
        "benchmarks.naive.app:create_app()",
    )
    with started(command, log, env=environment(NAIVE_CONFIG=str(config_file))) as process:
        wait_for_port(port, process, log)
        keys = jwk.JWKSet()
        public = jwk.JWK(**signing_key.export_public(as_dict=True), kid=signing_key.thumbprint())
        keys.add(public)

        def commits() -> int:
            # One commit for each record: as many commits as rows.
            with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                return int(connection.execute("SELECT count(*) FROM records").fetchone()[0])

        asked = payload.transfer(token)
        yield (Gateway("naive", process.pid, port, asked, WORKERS * THREADS, commits, lambda: keys),)

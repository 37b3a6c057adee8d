"""`gateway serve`: the gateway under its real server."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import threading
import time

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from gateway.bootstrap import build
from gateway.cli.terminal import err, pretty, settings
from gateway.errors import ConfigError

ENDS = frozenset({signal.SIGTERM, signal.SIGINT})
HANDLER_SECONDS = 0.01


@click.command("serve", epilog="\b\nExample:\n  gateway serve --port 8080 --workers 2 --threads 64")
@click.option("--host", default=None, help="Address to listen on [default: $GATEWAY_HOST or 127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port [default: $GATEWAY_PORT or 8080].")
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Processes [default: one per core].")
@click.option("--threads", type=click.IntRange(1, 1024), default=None, help="Threads per process [default: 64].")
@click.option("--json", "as_json", is_flag=True, help="Print the line that says it is listening as JSON.")
def command(*, host: str | None, port: int | None, workers: int | None, threads: int | None, as_json: bool) -> None:
    """Check everything, then serve until stopped (Ctrl-C or SIGTERM: requests under way are finished first)."""
    asked = {"GATEWAY_HOST": host, "GATEWAY_PORT": port, "GATEWAY_WORKERS": workers, "GATEWAY_THREADS": threads}
    os.environ.update({name: str(value) for name, value in asked.items() if value is not None})
    found = settings()
    build(found, create=True).close()  # every problem shows here, once, not in each worker
    _require_free(found.host, found.port)

    metrics = found.home / "run" / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)  # counters of processes that are gone
    metrics.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)

    server = Granian(
        "gateway.cli.serve:worker_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=found.host,
        port=found.port,
        workers=found.workers,
        blocking_threads=found.threads,
        backlog=1024,
        ssl_cert=found.tls_certificate,
        ssl_key=found.tls_key,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_access=False,
    )
    scheme = "https" if found.tls_certificate else "http"
    url = f"{scheme}://{found.host}:{found.port}"
    if as_json:
        click.echo(pretty({"listening": url, "workers": found.workers, "threads": found.threads}))
    else:
        err.print(f"gateway on {url}  ({found.workers} processes × {found.threads} threads)  Ctrl-C stops it")
    _start_deaf()
    try:
        server.serve()
    except SystemExit:
        # A worker that was told directly may have ended before the server told it, which then takes that for a crash.
        if not server.interrupt_signal:
            raise


def worker_app() -> Flask:
    """What a worker process serves, made in that process."""
    _end_once()
    from gateway.web import create_app  # noqa: PLC0415 -- metrics look for their folder when they are imported

    return create_app()


def _end_once() -> None:
    """Tell the server of this worker to end, once, however many signals say so and however early.

    Ctrl-C and systemd tell a worker to end directly and again through the process that started it, and the server's
    worker may sleep through its end when told twice at once, or before it listens. So no thread here takes a signal
    (see `_start_deaf`) but one, which waits for the first, and until the server has a handler for it.
    """
    inherited = signal.getsignal(signal.SIGTERM)

    def wait() -> None:
        signal.sigwait(ENDS)
        from gateway.web.api.batches import end_soon  # noqa: PLC0415 -- as in `worker_app`

        end_soon()  # registries end after their groups, and requests under way are finished first
        while (handler := signal.getsignal(signal.SIGTERM)) == inherited:
            time.sleep(HANDLER_SECONDS)
        if callable(handler):
            handler(signal.SIGTERM, None)

    threading.Thread(target=wait, name="end", daemon=True).start()


def _start_deaf() -> None:
    """Let every process that is forked from this one start with the signals of its end held back, to be waited for."""
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ENDS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS),
    )


def _require_free(host: str, port: int) -> None:
    """Raise ConfigError where somebody listens there already: our server shares ports and would start beside them."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what is left of an earlier run may stay
                probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:  # one of the names of loopback that this machine does not have
            return
        raise ConfigError(
            [f"GATEWAY_HOST and GATEWAY_PORT: cannot listen on {host}:{port}: {error.strerror}"],
            hint="stop what listens there, or give another --port",
        ) from None

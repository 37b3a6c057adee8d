"""What all recipients of the demo share: a real HTTPS server on loopback that tells what arrived.

Promises: TLS with the demo's own certificate; one JSON line on standard output per arrival, for the demo to read; no
other trace of what came. It must never listen beyond loopback.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson

LONGEST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Judged:
    """What one of these servers makes of a request: its answer, and what it has to tell besides what came."""

    status: int
    body: bytes
    content_type: str = "application/json"
    told: Mapping[str, Any] | None = None


class Listening(ThreadingHTTPServer):
    """A recipient's server."""

    daemon_threads = True

    def __init__(self, port: int, certificate: str, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks off is not worth a line."""


def serve_all(config_file: str, make: Callable[[dict[str, Any]], Listening]) -> None:
    """Serve what a file names, each at a port of its own, until the process is ended."""
    configs: dict[str, dict[str, Any]] = orjson.loads(Path(config_file).read_bytes())
    servers = [make({**config, "recipient": name}) for name, config in configs.items()]
    threads = [Thread(target=one.serve_forever, kwargs={"poll_interval": 0.2}) for one in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Arrival(BaseHTTPRequestHandler):
    """One connection of the gateway."""

    protocol_version = "HTTP/1.1"

    def body(self, longest: int = LONGEST_BODY) -> bytes | None:
        """The body; None where it is longer."""
        length = int(self.headers.get("Content-Length", "0"))
        return None if length > longest else self.rfile.read(length)

    def tell(self, line: dict[str, Any]) -> None:
        """Tell the demo what arrived."""
        sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
        sys.stdout.buffer.flush()

    def answer(self, status: int, raw: bytes, content_type: str = "application/json") -> None:
        """Answer the gateway."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        """No access lines: what arrived is told once, by `tell`."""

"""A recipient for the demo: a real HTTPS server that opens what comes and refuses what is not proven.

It does what a partner would: decrypts with its own key, verifies, keeps the newest checkpoint it has seen (so that it
notices a log that was rewound), and tells on standard output, one JSON line per arrival, what it got. Run as a
process of its own: `python -m gateway.cli.demo.recipient CONFIG.json`.
"""

from __future__ import annotations

import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from gateway.canonical import encode, write
from gateway.clock import SystemClock
from gateway.errors import EnvelopeRejected
from gateway.receiver import Opened, Receiver
from gateway.seal.suites import MAX_ENVELOPE_BYTES
from gateway.transfer_log.checkpoint import Checkpoint


class RecipientServer(ThreadingHTTPServer):
    """The server and what it remembers: its keys and the newest checkpoint."""

    daemon_threads = True

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", config["port"]), Handler)
        self.receiver = Receiver(
            [config["private_key"]], config["recipient"], config["issuer"], config["jwks"], config["log_key"]
        )
        self.recipient = config["recipient"]
        self.newest: Checkpoint | None = None
        self.opening = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(config["certificate"])
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def open(self, body: bytes) -> Opened:
        """Open one envelope; arrivals take turns, so that the newest checkpoint only grows."""
        with self.opening:
            opened = self.receiver.open(body, now=SystemClock().now(), newest=self.newest)
            if self.newest is None or opened.checkpoint.size > self.newest.size:
                self.newest = opened.checkpoint
            return opened

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks off is not worth a line."""


class Handler(BaseHTTPRequestHandler):
    """One connection of the gateway."""

    protocol_version = "HTTP/1.1"
    server: RecipientServer

    def do_POST(self) -> None:
        """Open the envelope; 200 where it is proven, 409 with the failed check where it is not."""
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_ENVELOPE_BYTES:
            self._answer(413, {"error": "too_large"})
            return
        body = self.rfile.read(length)
        try:
            opened = self.server.open(body)
        except EnvelopeRejected as error:
            self._tell({"recipient": self.server.recipient, "rejected": error.check})
            self._answer(409, {"error": "envelope_rejected", "check": error.check})
            return
        self._tell(
            {
                "recipient": self.server.recipient,
                "transfer_id": opened.transfer_id,
                "index": opened.index,
                "bytes": len(body),
                "data": orjson.Fragment(write(opened.data)),
            }
        )
        self._answer(200, {"accepted": True, "logged_as": opened.index})

    def _tell(self, line: dict[str, Any]) -> None:
        sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
        sys.stdout.buffer.flush()

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        raw = encode(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        """No access lines: what arrived is told once, above."""


def serve(config_file: str) -> None:
    """Serve until the process is ended."""
    RecipientServer(orjson.loads(Path(config_file).read_bytes())).serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    serve(sys.argv[1])

"""A recipient for the demo: a real HTTPS server that opens what comes and refuses what is not proven.

It does what a partner would: decrypts with its own key, verifies, keeps the newest checkpoint it has seen (so that it
notices a log that was rewound), and tells on standard output, one JSON line per arrival, what it got. Run as a
process of its own: `python -m gateway.cli.demo.recipient CONFIG.json`.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import orjson

from gateway.canonical import encode, write
from gateway.cli.demo.listening import Arrival, Listening
from gateway.clock import SystemClock
from gateway.errors import EnvelopeRejected
from gateway.receiver import Opened, Receiver
from gateway.seal.suites import MAX_ENVELOPE_BYTES
from gateway.transfer_log.checkpoint import Checkpoint


class RecipientServer(Listening):
    """The server and what it remembers: its keys and the newest checkpoint."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config["port"], config["certificate"], Handler)
        self.receiver = Receiver(
            [config["private_key"]], config["recipient"], config["issuer"], config["jwks"], config["log_key"]
        )
        self.recipient = config["recipient"]
        self.newest: Checkpoint | None = None
        self.opening = threading.Lock()

    def open(self, body: bytes) -> Opened:
        """Open one envelope; arrivals take turns, so that the newest checkpoint only grows."""
        with self.opening:
            opened = self.receiver.open(body, now=SystemClock().now(), newest=self.newest)
            if self.newest is None or opened.checkpoint.size > self.newest.size:
                self.newest = opened.checkpoint
            return opened


class Handler(Arrival):
    """One connection of the gateway."""

    server: RecipientServer

    def do_POST(self) -> None:  # noqa: N802 -- the name is the base class's
        """Open the envelope; 200 where it is proven, 409 with the failed check where it is not."""
        body = self.body(MAX_ENVELOPE_BYTES)
        if body is None:
            self.answer(413, encode({"error": "too_large"}))
            return
        try:
            opened = self.server.open(body)
        except EnvelopeRejected as error:
            self.tell({"recipient": self.server.recipient, "rejected": error.check})
            self.answer(409, encode({"error": "envelope_rejected", "check": error.check}))
            return
        self.tell(
            {
                "recipient": self.server.recipient,
                "transfer_id": opened.transfer_id,
                "index": opened.index,
                "bytes": len(body),
                "data": orjson.Fragment(write(opened.data)),
            }
        )
        self.answer(200, encode({"accepted": True, "logged_as": opened.index}))


def serve(config_file: str) -> None:
    """Serve until the process is ended."""
    RecipientServer(orjson.loads(Path(config_file).read_bytes())).serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    serve(sys.argv[1])

"""Recipients for the demo: real HTTPS servers that open what comes and refuse what is not proven.

Each does what a partner would: decrypts with its own key, verifies, keeps the newest checkpoint it has seen (so that it
notices a log that was rewound), and tells on standard output, one JSON line per arrival, what it got. They run
in a process of their own: `python -m gateway.cli.demo.recipient CONFIG.json`.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import orjson

from gateway.canonical import encode, write
from gateway.cli.demo.listening import Arrival, Listening, serve_all
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

    def open(self, body: bytes) -> tuple[Opened, ...]:
        """Open one envelope, of one transfer or many; arrivals take turns, so that the newest checkpoint only grows."""
        with self.opening:
            opened = self.receiver.open_all(body, now=SystemClock().now(), newest=self.newest)
            if self.newest is None or opened[0].checkpoint.size > self.newest.size:
                self.newest = opened[0].checkpoint
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
        first = opened[0]  # where there are more, they are the records of a registry
        self.tell(
            {
                "recipient": self.server.recipient,
                "transfer_id": first.transfer_id,
                "index": first.index,
                "bytes": len(body),
                "data": orjson.Fragment(write(first.data)),
                "indices": [one.index for one in opened],
            }
        )
        self.answer(200, encode({"accepted": True, "logged_as": first.index}))


if __name__ == "__main__":
    serve_all(sys.argv[1], RecipientServer)

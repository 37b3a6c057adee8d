"""A desk at which requests are repeated: a gateway, one recipient that answers as told, two callers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deployment import SERVICE_REQUEST, Deployment, Served, new_deployment, transfer_body
from tests.e2e.answers import Answer
from tests.recipients import Authority, Received, RecordingRecipient, Reply

RECIPIENT, PURPOSE = "mc-primer-uk", "service_request"
PROXY = f"/v1/proxy/{RECIPIENT}/{PURPOSE}/platform/requests"
ABOUT = {
    "Gateway-Subject": "usr_0001",
    "Gateway-Basis": "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00",
}
OTHER = ((RECIPIENT, PURPOSE),)
TIMEOUT_SECONDS = 1.5
_FRAMING = {"date", "server", "gateway-replayed", "connection", "transfer-encoding"}


@dataclass
class Says:
    """What the recipient answers, and how long it takes over it."""

    reply: Reply = field(default_factory=lambda: Reply(body=b'{"sum":1.10}'))
    seconds: float = 0.0

    def __call__(self, _received: Received) -> Reply:
        time.sleep(self.seconds)
        return self.reply


@dataclass
class Desk:
    """A running gateway, its one recipient, and two callers who may ask for the same."""

    deployment: Deployment
    served: Served
    recipient: RecordingRecipient
    says: Says
    other: str  # the token of the other caller

    @property
    def arrived(self) -> int:
        return len(self.recipient.received)

    def post(self, key: str, payload: Any = None, subject: str = "usr_0001", **headers: str) -> Answer:
        body = transfer_body(RECIPIENT, PURPOSE, payload or SERVICE_REQUEST, subject)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.served.call("POST", "/v1/transfers", body, headers={"Idempotency-Key": key, **named})

    def proxy(self, key: str, payload: Any = None, query: str = "", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        about = {"Idempotency-Key": key, **ABOUT, **named}
        return self.served.call("POST", PROXY + query, payload or SERVICE_REQUEST, headers=about)


def new_desk(folder: Path, authority: Authority, recipient: RecordingRecipient) -> tuple[Deployment, str]:
    deployment = new_deployment(folder)
    deployment.point(RECIPIENT, recipient.base_url, authority.ca_file, timeout_seconds=TIMEOUT_SECONDS)
    deployment.make()
    return deployment, deployment.add_caller("billing", OTHER)


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers are one: status, body, and every header that is not of the connection."""
    heads = [{name: value for name, value in found[1].items() if name not in _FRAMING} for found in (one, other)]
    return (one[0], one[2], heads[0]) == (other[0], other[2], heads[1])


def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)

"""What tests ask of every answer of the gateway, and of the log behind it."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.transfer_log.report import Report
from gateway.transfer_log.verify import verify
from tests.deployment import SERVICE_REQUEST, Deployment, Served, transfer_body

Answer = tuple[int, dict[str, str], bytes]

SUBJECT = "subj_bad_input"
PERSONAL = (
    "Примеров", "Образцович", "87000000123", "+77000000123", "700 000 01 23", "test.primerov", "900101100103",
    "Течёт", "Примерная", "Павлодар", "REQ-2026-000777", SUBJECT, "consent-1",
)  # fmt: skip


def ask(
    served: Served,
    recipient: str = "mc-primer-uk",
    purpose: str = "service_request",
    payload: Any = SERVICE_REQUEST,
    *,
    token: str | None = None,
    **changes: Any,
) -> Answer:
    """One transfer; `changes` are members of its body, None takes one out."""
    body = transfer_body(recipient, purpose, payload, SUBJECT) | changes
    kept = {name: value for name, value in body.items() if value is not None}
    return served.call("POST", "/v1/transfers", kept, headers={"Gateway-Token": token} if token else None)


def expect_problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that is one, under this status and code, with nothing personal in it."""
    found, headers, raw = answer
    document: dict[str, Any] = orjson.loads(raw)
    assert (found, document.get("code")) == (status, code), (found, document.get("code"))
    assert headers["gateway-problem"] == code
    assert headers["content-type"] == "application/problem+json"
    assert (document["status"], document["type"]) == (status, f"urn:problem-type:gateway:{code}")
    assert personal_in(raw + repr(headers).encode()) == []
    return document


def expect_delivered(answer: Answer) -> dict[str, Any]:
    """The account of a transfer that was delivered."""
    status, headers, raw = answer
    document: dict[str, Any] = orjson.loads(raw)
    assert (status, document.get("outcome")) == (200, "delivered"), (status, document.get("code"))
    assert headers["location"] == f"/v1/transfers/{document['transfer_id']}"
    assert "gateway-problem" not in headers
    return document


def personal_in(raw: bytes) -> list[str]:
    """Which values of the payload stand in some bytes, plainly or escaped."""
    text = raw.decode("utf-8", "replace")
    return [value for value in PERSONAL if value in text or value.encode("unicode_escape").decode() in text]


def life(served: Served, transfer_id: str, entries: int, *, token: str | None = None) -> list[dict[str, Any]]:
    """The entries of a transfer, when there are so many: an outcome joins the next group, at most 50 ms later."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        headers = {"Gateway-Token": token} if token else None
        status, _headers, raw = served.call("GET", f"/v1/transfers/{transfer_id}", headers=headers)
        assert status == 200, raw
        found = orjson.loads(raw)["entries"]
        if len(found) >= entries:
            break
        time.sleep(0.02)
    assert len(found) == entries, found
    return found


def log_size(served: Served) -> int:
    """How many entries the newest checkpoint is over."""
    status, _headers, raw = served.call("GET", "/v1/log/checkpoint")
    return int(raw.split(b"\n")[1]) if status == 200 else 0


def verified(deployment: Deployment) -> Report:
    """The log, recomputed from the database file."""
    store = open_store(deployment.settings, deployment.keyring, SystemClock())
    try:
        with store.entries.reading() as reading:
            return verify(
                reading.leaves(),
                reading.openings(),
                reading.checkpoints(),
                origin=deployment.settings.origin,
                key=deployment.keyring.log_key.public_key(),
            )
    finally:
        store.close()


def raw_answer(port: int, data: bytes, *, end: bool = False, seconds: float = 5) -> bytes:
    """Bytes on a socket of their own, and what comes back until the server closes it."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as sock:
        with suppress(OSError):  # it may have answered before it read all
            sock.sendall(data)
            if end:
                sock.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            return until_closed(sock)
    return b""


def head(token: str, **more: str) -> bytes:
    """The head of `POST /v1/transfers`, as bytes; the connection ends with it."""
    headers = {
        "Host": "gateway",
        "Connection": "close",
        "Gateway-Token": token,
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(("POST /v1/transfers HTTP/1.1", *lines, "", "")).encode("latin-1")


def parsed(raw: bytes) -> Answer:
    """The first answer in some bytes."""
    top, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers: Mapping[str, str] = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split(" ")[1]), dict(headers), body[: int(headers.get("content-length", "0"))]


def until_closed(sock: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    parts: list[bytes] = []
    with suppress(OSError):
        while data := sock.recv(65_536):
            parts.append(data)
    return b"".join(parts)

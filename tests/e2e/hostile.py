"""Recipients that behave badly, each in a way of its own, and what the gateway has to say of each."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.recipients import (
    LOOPBACK,
    Authority,
    RecordingRecipient,
    Reply,
    Script,
    ScriptedRecipient,
    Visit,
    closed_port,
    silent_port,
)

GIBIBYTE = 1 << 30
MEBIBYTE = 1 << 20
_BOMB = gzip.compress(bytes(4 * MEBIBYTE))


@dataclass(frozen=True)
class Bad:
    """One bad recipient: what it does, and the status, code, outcome and cause that it must end in."""

    status: int
    code: str
    outcome: str
    cause: str | None
    script: Script | None = None
    seconds: float = 1.0  # the deadline that its file sets


def _never(visit: Visit) -> None:
    visit.read_request()
    visit.halted.wait(10)


def _says(data: bytes) -> Script:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(data)
        visit.end()

    return script


def _drips(start: bytes, line: bytes) -> Script:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(start)
        visit.drip(line * 200, 0.02)

    return script


def _says_a_gibibyte(visit: Visit) -> None:
    visit.read_request()
    visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE)
    _pour(visit, bytes(MEBIBYTE))


def _says_chunks_without_end(visit: Visit) -> None:
    visit.read_request()
    visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _pour(visit, b"100000\r\n" + bytes(MEBIBYTE) + b"\r\n")


def _pour(visit: Visit, data: bytes) -> None:
    for _ in range(GIBIBYTE // MEBIBYTE):
        visit.send(data)  # ends with an OSError when the gateway has had enough


def _hangs_up(visit: Visit) -> None:
    visit.read_request()


BAD = {
    "down": Bad(502, "recipient_unreachable", "not_sent", "unreachable"),
    "silent": Bad(504, "deadline", "not_sent", "deadline"),
    "impostor": Bad(502, "recipient_tls", "not_sent", "tls", _never),
    "slow": Bad(504, "deadline", "unknown", "deadline", _never),
    "drips-headers": Bad(504, "deadline", "unknown", "deadline", _drips(b"HTTP/1.1 200 OK\r\n", b"X-Slow: y\r\n")),
    "drips-body": Bad(
        504, "deadline", "delivered", "deadline", _drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"drip")
    ),
    "redirects": Bad(502, "recipient_rejected", "rejected", None),
    "hangs-up": Bad(504, "outcome_unknown", "unknown", "connection_lost", _hangs_up),
    "gibibyte": Bad(502, "answer_too_large", "delivered", "answer_too_large", _says_a_gibibyte, 10),
    "endless-chunks": Bad(502, "answer_too_large", "delivered", "answer_too_large", _says_chunks_without_end, 10),
    "bomb": Bad(
        502,
        "answer_malformed",
        "delivered",
        "answer_malformed",
        _says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(_BOMB), _BOMB)),
    ),
    "rubbish": Bad(
        502, "answer_malformed", "unknown", "answer_malformed", _says(random.Random(31).randbytes(2000) + b"\n")
    ),
    "two-lengths": Bad(
        502,
        "answer_malformed",
        "delivered",
        "answer_malformed",
        _says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    ),
    "refuses": Bad(502, "recipient_rejected", "rejected", None, _says(Reply(403, body=b'{"error":"no"}').encode())),
    "breaks": Bad(502, "recipient_rejected", "rejected", None, _says(Reply(500, body=b"<html>oops").encode())),
    "stops-half-way": Bad(
        502,
        "answer_malformed",
        "delivered",
        "connection_lost",
        _says(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
    ),
}


@contextmanager
def bad_recipients(
    authority: Authority, other: Authority, elsewhere: RecordingRecipient
) -> Iterator[Callable[[str], str]]:
    """All of them at work; the address of each by name."""
    with ExitStack() as running:
        urls = {
            "down": f"https://{LOOPBACK}:{closed_port()}",
            "silent": f"https://{LOOPBACK}:{running.enter_context(silent_port())}",
        }
        moved = Reply(307, (("Location", f"{elsewhere.base_url}/elsewhere"),), b"").encode()
        for name, bad in BAD.items():
            if name not in urls:
                context = (other if name == "impostor" else authority).server_context()
                script = _says(moved) if bad.script is None else bad.script
                urls[name] = running.enter_context(ScriptedRecipient(script, context)).base_url
        yield urls.__getitem__

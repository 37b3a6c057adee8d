"""What tests of hostile recipients send, expect and answer with."""

from __future__ import annotations

from collections.abc import Callable

from gateway.model import Cause, OutcomeCode, Sent
from tests.recipients import (
    Visit,
)

SHORT_SECONDS = 0.4
GRACE_SECONDS = 1.5  # a busy machine wakes eighteen threads late
CAP = 1 << 20
MEBIBYTE = 1 << 20
CHUNKED_HELLO = b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: y\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
PLAIN = {"content-type": "text/plain"}

Send = Callable[..., Sent]


def not_sent(cause: Cause) -> Sent:
    return Sent(OutcomeCode.NOT_SENT, cause)


def unknown(cause: Cause) -> Sent:
    return Sent(OutcomeCode.UNKNOWN, cause)


def answers(data: bytes, *, end: bool = True) -> Callable[[Visit], None]:
    """A script that reads one request and answers with these bytes."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(data)
        if end:
            visit.end()
        else:
            visit.halted.wait(5)

    return script

"""What is taken from a recipient's answer: a status, three headers, a capped body; nothing more is even kept in memory.

The head is read strictly and in bounded memory, line by line. http.client would take the end of the stream for the end
of the headers, wait through interim answers for ever, hand out a 103 as the answer, and skip framing that it cannot
read; any of these could make a part look whole, or the next transfer's answer out of this one's rest.

Promises: the flight's `head` stands exactly when the whole head was read. It must never decode a body (no gzip bomb)
and never drain one that is too large.
"""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING

from gateway.model import Answer, Cause
from gateway.transport.flight import Broken

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

    from gateway.transport.connection import DeadlineSocket

HEAD_BYTES = 65_536  # of the whole head, interim answers included
HEAD_FIELDS = 100
CHUNK_BYTES = 65_536
KEPT_HEADERS = frozenset({"content-type", "content-language", "retry-after"})
KEPT_HEADER_CHARACTERS = 256

_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding"})
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?\r?\n")
_FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*\r?\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_NO_BODY = frozenset({204, 304})
_SWITCHING = 101
_FINAL = 200


class AnswerReader(http.client.HTTPResponse):
    """http.client's answer with a head that is read strictly."""

    def __init__(self, sock: DeadlineSocket, debuglevel: int = 0, method: str | None = None) -> None:
        super().__init__(sock, debuglevel, method)
        self._flight = sock.flight
        self._bodiless = method == "HEAD"
        self._head_left = HEAD_BYTES

    def begin(self) -> None:
        """Read up to the end of the final head. Raises Broken."""
        minor, status, fields = self._read_head()
        while status < _FINAL:
            if status == _SWITCHING:
                raise Broken(Cause.ANSWER_MALFORMED)  # nobody asked to
            minor, status, fields = self._read_head()
        self.status = self.code = status
        self.reason = ""
        self.version = 10 + minor
        self.headers = self.msg = http.client.HTTPMessage()
        for name, value in fields.items():
            self.headers[name] = value
        kept = {name: fields[name] for name in KEPT_HEADERS & fields.keys() if _is_plain(fields[name])}
        self._flight.head = Answer(status, kept, b"")
        self._frame(fields)

    def _read_head(self) -> tuple[int, int, dict[str, str]]:
        line = _STATUS_LINE.fullmatch(self._line())
        if line is None:
            raise Broken(Cause.ANSWER_MALFORMED)
        return int(line[1]), int(line[2]), self._fields()

    def _fields(self) -> dict[str, str]:
        """The fields of one head that mean anything to us, by their lower-case names; repeated ones joined."""
        fields: dict[str, str] = {}
        for _ in range(HEAD_FIELDS + 1):
            raw = self._line()
            if raw in (b"\r\n", b"\n"):
                return fields
            line = _FIELD_LINE.fullmatch(raw)
            if line is None:
                break
            name = line[1].decode("ascii").lower()
            if name in _FRAMING or name in KEPT_HEADERS:
                value = line[2].decode("latin-1")
                fields[name] = f"{fields[name]}, {value}" if name in fields else value
        raise Broken(Cause.ANSWER_MALFORMED)

    def _line(self) -> bytes:
        line = self.fp.readline(self._head_left + 1)
        self._head_left -= len(line)
        if self._head_left < 0:
            raise Broken(Cause.ANSWER_MALFORMED)
        if not line.endswith(b"\n"):
            raise Broken(Cause.CONNECTION_LOST)
        return line

    def _frame(self, fields: dict[str, str]) -> None:
        """Where the body ends, as http.client and urllib3 expect to find it. Raises Broken where that is in doubt."""
        coding = fields.get("transfer-encoding")
        lengths = {length.strip() for length in fields.get("content-length", "").split(",")}
        if fields.get("content-encoding", "identity").lower() not in ("identity", ""):
            raise Broken(Cause.ANSWER_MALFORMED)
        if coding is not None and (coding.lower() != "chunked" or lengths != {""} or self.version == 10):  # noqa: PLR2004  HTTP/1.0
            raise Broken(Cause.ANSWER_MALFORMED)
        self.chunked = coding is not None
        self.chunk_left = None
        self.length = None
        if self.status in _NO_BODY or self._bodiless:
            self.chunked = False
            self.length = 0
        elif lengths != {""}:
            length = lengths.pop()
            if lengths or _LENGTH.fullmatch(length) is None:
                raise Broken(Cause.ANSWER_MALFORMED)
            self.length = int(length)
        options = {option.strip().lower() for option in fields.get("connection", "").split(",")}
        kept = "keep-alive" in options if self.version == 10 else "close" not in options  # noqa: PLR2004  HTTP/1.0
        self.will_close = not kept or (self.length is None and not self.chunked)


def read_body(response: BaseHTTPResponse, cap: int) -> bytes:
    """The whole body of an answer whose head was read. Raises Broken, and leaves the closing to its caller."""
    chunks: list[bytes] = []
    size = 0
    length = response.length_remaining
    if length is not None and length > cap:
        raise Broken(Cause.ANSWER_TOO_LARGE)
    while chunk := response.read(CHUNK_BYTES, decode_content=False):
        chunks.append(chunk)
        size += len(chunk)
        if size > cap:
            raise Broken(Cause.ANSWER_TOO_LARGE)
        if size == length:
            break
    return b"".join(chunks)


def _is_plain(value: str) -> bool:
    return len(value) <= KEPT_HEADER_CHARACTERS and value.isascii() and value.isprintable()

"""What is taken from a recipient's answer: a status, three headers, a capped body; nothing more is even kept in memory.

Head and framing are read strictly, line by line. http.client would take the end of the stream for the end of the
headers, wait through interim answers for ever, hand out a 103 as the answer, and skip framing that it cannot read; any
of these could make a part look whole, or the next transfer's answer out of this one's rest.

Promises: the flight's `head` stands exactly when the whole head was read; a line is judged in one pass, as whoever
wrote it may want that to take for ever. It must never decode a body (no gzip bomb), drain one that is too large, or
call a connection fit for the next request where bytes are left over.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gateway.model import Answer, Cause
from gateway.transport.flight import Broken, Flight
from gateway.transport.intake import Intake

HEAD_BYTES = 65_536  # of the whole head, interim answers included
HEAD_FIELDS = 100
KEPT_HEADERS = frozenset({"content-type", "content-language", "retry-after"})
KEPT_HEADER_CHARACTERS = 256

_MEANT = KEPT_HEADERS | {"content-length", "transfer-encoding", "connection", "content-encoding"}
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*+)?\r?\n")
_FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++):([^\r\n\0]*+)\r?\n")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*+(?:;[^\r\n\0]*+)?\r?\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_LINE_ENDS = (b"\r\n", b"\n")
_LINE_BYTES = 65_536  # of a chunk's size or a trailer; the flight's allowance bounds them all
_NO_BODY = frozenset({204, 304})
_SWITCHING = 101
_FINAL = 200


class Head(NamedTuple):
    """The head of an answer: the fields that mean anything to us, by their lower-case names; repeated ones joined."""

    minor: int  # of the version, 1.0 or 1.1
    status: int
    fields: dict[str, str]


class Frame(NamedTuple):
    """Where a body ends: after its length, by its chunks, or with the connection."""

    length: int | None
    chunked: bool
    kept: bool  # whether the connection stays open after it


def read_answer(intake: Intake, flight: Flight, cap: int) -> tuple[Answer, bool]:
    """The answer, and whether its connection can carry another request. Raises Broken, and leaves closing to others."""
    head = read_head(intake)
    kept = {name: head.fields[name] for name in KEPT_HEADERS & head.fields.keys() if _is_plain(head.fields[name])}
    flight.head = Answer(head.status, kept, b"")
    frame = frame_of(head)
    body = _read_body(intake, frame, cap)
    return Answer(head.status, kept, body), frame.kept and intake.spent


def read_head(intake: Intake) -> Head:
    """The final head. Raises Broken."""
    left = HEAD_BYTES
    while True:
        line = intake.line(left)
        left -= len(line)
        found = _STATUS_LINE.fullmatch(line)
        if found is None:
            raise Broken(Cause.ANSWER_MALFORMED)
        fields, left = _read_fields(intake, left)
        status = int(found[2])
        if status >= _FINAL:
            return Head(int(found[1]), status, fields)
        if status == _SWITCHING:
            raise Broken(Cause.ANSWER_MALFORMED)  # nobody asked to


def _read_fields(intake: Intake, left: int) -> tuple[dict[str, str], int]:
    """The fields of one head, and how many bytes heads may still take."""
    fields: dict[str, str] = {}
    for _ in range(HEAD_FIELDS + 1):
        line = intake.line(left)
        left -= len(line)
        if line in _LINE_ENDS:
            return fields, left
        found = _FIELD_LINE.fullmatch(line)
        if found is None:
            break
        name = found[1].decode("ascii").lower()
        if name in _MEANT:
            value = found[2].decode("latin-1").strip(" \t")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
    raise Broken(Cause.ANSWER_MALFORMED)


def frame_of(head: Head) -> Frame:
    """Where the body ends (RFC 9112 section 6.3). Raises Broken where that is in doubt, or the body is coded."""
    minor, status, fields = head
    coding = fields.get("transfer-encoding")
    lengths = {length.strip(" \t") for length in fields.get("content-length", "").split(",")}
    if fields.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Broken(Cause.ANSWER_MALFORMED)
    if coding is not None and (coding.lower() != "chunked" or lengths != {""} or not minor):
        raise Broken(Cause.ANSWER_MALFORMED)
    options = {option.strip().lower() for option in fields.get("connection", "").split(",")}
    kept = "close" not in options if minor else "keep-alive" in options
    if status in _NO_BODY:
        return Frame(0, chunked=False, kept=kept)
    if coding is not None:
        return Frame(None, chunked=True, kept=kept)
    if lengths == {""}:
        return Frame(None, chunked=False, kept=False)
    length = lengths.pop()
    if lengths or _LENGTH.fullmatch(length) is None:
        raise Broken(Cause.ANSWER_MALFORMED)
    return Frame(int(length), chunked=False, kept=kept)


def _read_body(intake: Intake, frame: Frame, cap: int) -> bytes:
    """The whole body. Raises Broken."""
    if frame.chunked:
        return _read_chunks(intake, cap)
    if frame.length is None:
        body = intake.rest(cap)
        if len(body) > cap:
            raise Broken(Cause.ANSWER_TOO_LARGE)
        return body
    if frame.length > cap:
        raise Broken(Cause.ANSWER_TOO_LARGE)
    return intake.take(frame.length)


def _read_chunks(intake: Intake, cap: int) -> bytes:
    """The body out of its chunks; extensions and trailers are passed over (RFC 9112 section 7.1)."""
    chunks: list[bytes] = []
    left = cap
    while True:
        line = _CHUNK_LINE.fullmatch(intake.line(_LINE_BYTES))
        if line is None:
            raise Broken(Cause.ANSWER_MALFORMED)
        size = int(line[1], 16)
        if not size:
            break
        if size > left:
            raise Broken(Cause.ANSWER_TOO_LARGE)
        chunks.append(intake.take(size))
        left -= size
        if intake.line(_LINE_BYTES) not in _LINE_ENDS:
            raise Broken(Cause.ANSWER_MALFORMED)
    while intake.line(_LINE_BYTES) not in _LINE_ENDS:
        pass
    return b"".join(chunks)


def _is_plain(value: str) -> bool:
    return len(value) <= KEPT_HEADER_CHARACTERS and value.isascii() and value.isprintable()

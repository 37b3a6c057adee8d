from __future__ import annotations

import io
import random
from typing import cast

import pytest
from urllib3.response import BaseHTTPResponse

from gateway.model import Answer, Cause
from gateway.transport.answer import HEAD_BYTES, HEAD_FIELDS, AnswerReader, read_body
from gateway.transport.connection import DeadlineSocket
from gateway.transport.flight import Broken, Flight


class Wire:
    """What an AnswerReader needs of a socket: bytes, and the flight."""

    def __init__(self, data: bytes) -> None:
        self.flight = Flight(0, lambda: 0, 0)
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        assert mode == "rb"
        return io.BytesIO(self._data)


class Body:
    """What `read_body` needs of a response."""

    def __init__(self, data: bytes, length: int | None) -> None:
        self._data = io.BytesIO(data)
        self.length_remaining = length
        self.taken = 0

    def read(self, count: int, *, decode_content: bool) -> bytes:
        assert not decode_content
        chunk = self._data.read(count)
        self.taken += len(chunk)
        return chunk


def begun(data: bytes, method: str = "POST") -> AnswerReader:
    reader = AnswerReader(cast("DeadlineSocket", Wire(data)), method=method)
    reader.begin()
    return reader


def broken_by(data: bytes) -> tuple[Cause, Answer | None]:
    reader = AnswerReader(cast("DeadlineSocket", Wire(data)), method="POST")
    with pytest.raises(Broken) as broken:
        reader.begin()
    return broken.value.cause, reader._flight.head


def test_status_and_kept_headers_are_the_head() -> None:
    reader = begun(
        b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nRetry-After:3 \r\nContent-Length: 2\r\n\r\n{}"
    )

    assert reader._flight.head == Answer(202, {"content-type": "application/json", "retry-after": "3"}, b"")


def test_other_headers_and_the_reason_are_not_even_kept_in_memory() -> None:
    """T24, T33: a cookie that is never read cannot be sent back."""
    reader = begun(b"HTTP/1.1 200 Asel Nurlanova\r\nSet-Cookie: a=b\r\nX-Name: Asel\r\nContent-Length: 0\r\n\r\n")

    assert (reader.reason, reader.headers.items()) == ("", [("content-length", "0")])


@pytest.mark.parametrize(
    "value", ["x" * 257, "caf\xe9", "a\x1b[2Jb", "a\x7fb"], ids=["long", "not ASCII", "escape", "delete"]
)
def test_a_kept_header_with_an_odd_value_is_left_out(value: str) -> None:
    reader = begun(f"HTTP/1.1 200 OK\r\nContent-Type: {value}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    assert reader._flight.head == Answer(200, {}, b"")


@pytest.mark.parametrize(
    ("head", "length", "chunked", "will_close"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", 5, False, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n", 5, False, False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n", None, True, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: foo, Close\r\n", 5, False, True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n", 5, False, True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n", 5, False, False),
        (b"HTTP/1.0 200 OK\r\n", None, False, True),
        (b"HTTP/1.1 200 OK\r\n", None, False, True),
        (b"HTTP/1.1 204 No\r\n", 0, False, False),
        (b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n", 0, False, False),
        (b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n", 0, False, False),
        (b"HTTP/1.1 200\nContent-Length: 5\n", 5, False, False),
    ],
    ids=[
        "length", "same length twice", "chunked", "closing", "1.0", "1.0 kept", "1.0 to the end", "1.1 to the end",
        "204", "304", "204 chunked", "bare line feeds",
    ],
)  # fmt: skip
def test_the_body_ends_where_the_head_says(head: bytes, length: int | None, chunked: bool, will_close: bool) -> None:  # noqa: FBT001
    reader = begun(head + (b"\n" if b"\r" not in head else b"\r\n"))

    assert (reader.length, reader.chunked, reader.will_close) == (length, chunked, will_close)


def test_an_answer_to_head_has_no_body() -> None:
    reader = begun(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method="HEAD")

    assert reader.length == 0


def test_interim_answers_are_passed_over() -> None:
    reader = begun(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"
        b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    )

    assert reader.status == 201


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01 rubbish\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: folded\r\n line\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: nul\0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * (HEAD_FIELDS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * HEAD_BYTES + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4000,
    ],
    ids=[
        "not HTTP", "HTTP/2", "two digits", "four digits", "under 100", "other protocol", "switching", "no colon",
        "space before colon", "folded", "NUL", "too many headers", "too long a header", "interim flood",
    ],
)  # fmt: skip
def test_a_malformed_head_is_no_head(data: bytes) -> None:
    """T31, T34."""
    assert broken_by(data) == (Cause.ANSWER_MALFORMED, None)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Type: a", b"HTTP/1.1 200 OK\r\n"])
def test_a_head_that_stops_is_no_head_although_http_client_would_take_it_for_one(data: bytes) -> None:
    assert broken_by(data) == (Cause.CONNECTION_LOST, None)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: five",
        b"Content-Length: -5",
        b"Content-Length: +5",
        b"Content-Length: 5_0",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: 5, 6",
        b"Content-Length: 9999999999999999999999",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Content-Encoding: gzip",
        b"Content-Encoding: gzip, gzip",
        b"Content-Encoding: identity, br",
    ],
)
def test_a_body_whose_end_or_coding_is_in_doubt_is_malformed_under_a_known_status(framing: bytes) -> None:
    """T31: a coded body is never decoded."""
    cause, head = broken_by(b"HTTP/1.1 403 No\r\n" + framing + b"\r\n\r\n")

    assert (cause, head) == (Cause.ANSWER_MALFORMED, Answer(403, {}, b""))


def test_chunked_is_no_word_of_http_1_0() -> None:
    cause, _ = broken_by(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")

    assert cause is Cause.ANSWER_MALFORMED


def test_whatever_is_done_to_a_head_it_is_read_or_broken() -> None:
    seed = 20_261
    chance = random.Random(seed)
    good = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
    ends: dict[str, int] = {}

    for _ in range(3000):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            begun(bytes(data))
            end = "read"
        except Broken as broken:
            end = broken.cause.value
        ends[end] = ends.get(end, 0) + 1

    assert ends.keys() == {"read", "answer_malformed", "connection_lost"}, seed


@pytest.mark.parametrize("length", [5, None], ids=["known length", "unknown length"])
def test_a_body_up_to_the_cap_is_read_whole(length: int | None) -> None:
    body = read_body(cast("BaseHTTPResponse", Body(b"hello", length)), 5)

    assert body == b"hello"


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    body = Body(b"hello!", 6)

    with pytest.raises(Broken) as broken:
        read_body(cast("BaseHTTPResponse", body), 5)

    assert (broken.value.cause, body.taken) == (Cause.ANSWER_TOO_LARGE, 0)


def test_a_body_that_grows_too_large_is_not_read_on() -> None:
    body = Body(bytes(10_000_000), None)

    with pytest.raises(Broken) as broken:
        read_body(cast("BaseHTTPResponse", body), 100_000)

    assert broken.value.cause is Cause.ANSWER_TOO_LARGE
    assert body.taken < 200_000

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from gateway.model import Answer, Cause
from gateway.transport.answer import HEAD_BYTES, HEAD_FIELDS, Frame, frame_of, read_answer, read_head
from gateway.transport.flight import Broken, Flight
from gateway.transport.intake import Intake

CAP = 1000


def intake_of(*pieces: bytes) -> Intake:
    left: Iterator[bytes] = iter(pieces)
    return Intake(lambda _: next(left, b""))


def whole(data: bytes, cap: int = CAP) -> tuple[Answer, bool]:
    return read_answer(intake_of(data), Flight(0, lambda: 0, 0), cap)


def broken_by(data: bytes, cap: int = CAP) -> tuple[Cause, Answer | None]:
    flight = Flight(0, lambda: 0, 0)
    with pytest.raises(Broken) as broken:
        read_answer(intake_of(data), flight, cap)
    return broken.value.cause, flight.head


def test_status_kept_headers_and_body_are_the_answer() -> None:
    answer, reusable = whole(
        b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nRetry-After:3 \r\nContent-Length: 2\r\n\r\n{}"
    )

    assert answer == Answer(202, {"content-type": "application/json", "retry-after": "3"}, b"{}")
    assert reusable


def test_other_headers_and_the_reason_are_not_even_kept_in_memory() -> None:
    """T24, T33: a cookie that is never read cannot be sent back."""
    data = b"HTTP/1.1 200 Asel Nurlanova\r\nSet-Cookie: a=b\r\nX-Name: Asel\r\nContent-Length: 0\r\n\r\n"

    assert read_head(intake_of(data)) == (1, 200, {"content-length": "0"})


@pytest.mark.parametrize(
    "value", ["x" * 257, "caf\xe9", "a\x1b[2Jb", "a\x7fb"], ids=["long", "not ASCII", "escape", "delete"]
)
def test_a_kept_header_with_an_odd_value_is_left_out(value: str) -> None:
    answer, _ = whole(f"HTTP/1.1 200 OK\r\nContent-Type: {value}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    assert answer == Answer(200, {}, b"")


@pytest.mark.parametrize(
    ("head", "frame"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", Frame(5, chunked=False, kept=True)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n", Frame(5, chunked=False, kept=True)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n", Frame(None, chunked=True, kept=True)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: foo, Close\r\n", Frame(5, chunked=False, kept=False)),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n", Frame(5, chunked=False, kept=False)),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n", Frame(5, chunked=False, kept=True)),
        (b"HTTP/1.0 200 OK\r\n", Frame(None, chunked=False, kept=False)),
        (b"HTTP/1.1 200 OK\r\n", Frame(None, chunked=False, kept=False)),
        (b"HTTP/1.1 204 No\r\n", Frame(0, chunked=False, kept=True)),
        (b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n", Frame(0, chunked=False, kept=True)),
        (b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n", Frame(0, chunked=False, kept=True)),
        (b"HTTP/1.1 200\nContent-Length: 5\n", Frame(5, chunked=False, kept=True)),
    ],
    ids=[
        "length", "same length twice", "chunked", "closing", "1.0", "1.0 kept", "1.0 to the end", "1.1 to the end",
        "204", "304", "204 chunked", "bare line feeds",
    ],
)  # fmt: skip
def test_the_body_ends_where_the_head_says(head: bytes, frame: Frame) -> None:
    found = read_head(intake_of(head + (b"\n" if b"\r" not in head else b"\r\n")))

    assert frame_of(found) == frame


def test_interim_answers_are_passed_over() -> None:
    head = read_head(
        intake_of(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"
            b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        )
    )

    assert head.status == 201


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


@pytest.mark.parametrize(
    "line",
    [
        b"X:" + b" " * 60_000 + b"\0",
        b"X: a" + b" " * 60_000 + b"\rb",
        b"X: " + b" \t" * 30_000 + b"a",
        b"x" * 60_000,
        b"X:" + b"a" * 60_000 + b"\r",
    ],
    ids=["spaces then NUL", "spaces then CR", "blanks then text", "a long name", "a long value"],
)
def test_no_line_takes_long_to_judge(line: bytes) -> None:
    """T30: a pattern that tries again and again would hold every thread of the process, past any deadline."""
    begun = time.thread_time()
    for data in (b"HTTP/1.1 200 OK\r\n" + line, b"HTTP/1.1 200 " + line, CHUNKED + b"1;" + line):
        with pytest.raises(Broken):
            read_answer(intake_of(data + b"\r\n"), Flight(0, lambda: 0, 0), CAP)

    assert time.thread_time() - begun < 0.5


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
            whole(bytes(data))
            end = "read"
        except Broken as broken:
            end = broken.cause.value
        ends[end] = ends.get(end, 0) + 1

    assert ends.keys() == {"read", "answer_malformed", "connection_lost"}, seed


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
TO_THE_END = b"HTTP/1.0 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        LENGTH % 5 + b"hello",
        TO_THE_END + b"hello",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"2;x=y\r\nhe\r\n03 \t\r\nllo\r\n000\r\nX-Trailer: y\r\n\r\n",
        CHUNKED + b"5\nhello\n0\n\n",
    ],
    ids=["length", "to the end", "one chunk", "chunks, extension, trailer", "bare line feeds"],
)
def test_a_body_of_exactly_the_cap_is_read_whole_however_it_comes(data: bytes) -> None:
    flight = Flight(0, lambda: 0, 0)
    at_once, _ = read_answer(intake_of(data), flight, 5)
    by_bytes, _ = read_answer(intake_of(*(data[at : at + 1] for at in range(len(data)))), flight, 5)

    assert (at_once.body, by_bytes.body) == (b"hello", b"hello")


@pytest.mark.parametrize(
    "data",
    [LENGTH % 6, TO_THE_END + b"hello!", CHUNKED + b"6\r\n", CHUNKED + b"3\r\nhel\r\n3\r\n"],
    ids=["length", "to the end", "one chunk", "two chunks"],
)
def test_a_body_over_the_cap_is_too_large_as_soon_as_that_is_known(data: bytes) -> None:
    """What says its size is not read at all: the stream ends here, and that is not what is told."""
    assert broken_by(data, cap=5) == (Cause.ANSWER_TOO_LARGE, Answer(200, {}, b""))


def test_a_body_without_an_end_is_not_read_on() -> None:
    given = 0

    def receive(count: int) -> bytes:
        nonlocal given
        given += count
        return bytes(count) if given > count else TO_THE_END

    with pytest.raises(Broken) as broken:
        read_answer(Intake(receive), Flight(0, lambda: 0, 0), 100_000)

    assert (broken.value.cause, given < 200_000) == (Cause.ANSWER_TOO_LARGE, True)


@pytest.mark.parametrize(
    "chunks",
    [
        b"five\r\n", b"0x5\r\nhello", b"+5\r\nhello", b" 5\r\nhello", b"5_0\r\n", b"\r\n", b"-5\r\n",
        b"1234567890abcdef\r\n", b"5\r\nhello!\r\n0\r\n\r\n", b"5 5\r\nhello",
    ],
)  # fmt: skip
def test_chunks_that_are_not_spelled_as_chunks_are_malformed_under_a_known_status(chunks: bytes) -> None:
    """Where two readers see two sizes, what one takes for a body is to the other the next answer."""
    assert broken_by(CHUNKED + chunks) == (Cause.ANSWER_MALFORMED, Answer(200, {}, b""))


@pytest.mark.parametrize(
    "data",
    [LENGTH % 5 + b"hell", CHUNKED + b"5\r\nhell", CHUNKED + b"5\r\nhello\r\n", CHUNKED + b"0\r\nX: y\r\n"],
    ids=["length", "inside a chunk", "between chunks", "inside the trailers"],
)
def test_a_body_that_stops_is_no_body(data: bytes) -> None:
    assert broken_by(data) == (Cause.CONNECTION_LOST, Answer(200, {}, b""))


@pytest.mark.parametrize(
    ("data", "reusable"),
    [
        (LENGTH % 2 + b"ok", True),
        (LENGTH % 2 + b"okHTTP/1.1 200 forged", False),
        (CHUNKED + b"0\r\n\r\n", True),
        (CHUNKED + b"0\r\n\r\n\r\n", False),
        (TO_THE_END + b"ok", False),
        (b"HTTP/1.1 204 No\r\n\r\n", True),
        (b"HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\nok", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", False),
    ],
    ids=["whole", "more than whole", "chunked", "more than chunked", "to the end", "204", "304 with a body", "close"],
)
def test_a_connection_is_used_again_only_where_it_stays_open_and_nothing_is_left(
    data: bytes,
    reusable: bool,  # noqa: FBT001
) -> None:
    assert whole(data)[1] is reusable

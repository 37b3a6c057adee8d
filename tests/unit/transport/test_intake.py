from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateway.model import Cause
from gateway.transport.flight import Broken
from gateway.transport.intake import RECORD_BYTES, Intake


def pieces(*data: bytes) -> Callable[[int], bytes]:
    left: Iterator[bytes] = iter(data)
    return lambda _: next(left, b"")


def byte_by_byte(data: bytes) -> Callable[[int], bytes]:
    return pieces(*(data[at : at + 1] for at in range(len(data))))


@pytest.mark.parametrize("come", [pieces, byte_by_byte])
def test_lines_then_counted_bytes_however_they_come(come: Callable[[bytes], Callable[[int], bytes]]) -> None:
    intake = Intake(come(b"one\r\ntwo\nrest"))

    assert (intake.line(100), intake.line(100), intake.take(4), intake.spent) == (b"one\r\n", b"two\n", b"rest", True)


def test_a_line_of_exactly_the_most_is_taken() -> None:
    assert Intake(pieces(b"abc\n")).line(4) == b"abc\n"


@pytest.mark.parametrize(
    "receive",
    [pieces(b"abcd\nx"), pieces(b"abcdefg"), byte_by_byte(b"abcdefg")],
    ids=["ended", "not ended", "dripped"],
)
def test_a_longer_line_is_malformed(receive: Callable[[int], bytes]) -> None:
    with pytest.raises(Broken) as broken:
        Intake(receive).line(4)

    assert broken.value.cause is Cause.ANSWER_MALFORMED


def test_an_endless_line_is_read_no_further_than_one_record_past_the_most() -> None:
    given = 0

    def receive(count: int) -> bytes:
        nonlocal given
        given += count
        return bytes(count)

    with pytest.raises(Broken):
        Intake(receive).line(20_000)

    assert given <= 20_000 + RECORD_BYTES


@pytest.mark.parametrize(
    "read", [lambda intake: intake.line(100), lambda intake: intake.take(4)], ids=["line", "counted"]
)
def test_an_end_where_more_had_to_come_is_a_lost_connection(read: Callable[[Intake], bytes]) -> None:
    with pytest.raises(Broken) as broken:
        read(Intake(pieces(b"abc")))

    assert broken.value.cause is Cause.CONNECTION_LOST


def test_what_was_not_asked_for_is_left_over() -> None:
    intake = Intake(pieces(b"body and more"))

    assert (intake.take(4), intake.spent) == (b"body", False)


def test_nothing_is_received_for_no_bytes() -> None:
    assert Intake(pieces(b"abc")).take(0) == b""


def test_the_rest_goes_to_the_end() -> None:
    intake = Intake(pieces(b"line\nab", b"cd", b"e"))
    intake.line(100)

    assert (intake.rest(100), intake.spent) == (b"abcde", True)


def test_of_a_rest_that_is_too_long_one_piece_too_many_is_received() -> None:
    intake = Intake(pieces(b"abc", b"def", b"ghi"))

    assert intake.rest(4) == b"abcdef"

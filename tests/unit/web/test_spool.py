from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gateway.web.spool import PIECE_BYTES, Spool


def test_lines_come_out_whole_and_in_order() -> None:
    ended: list[int] = []
    spool = Spool(lambda: iter(b"%d\n" % number for number in range(50_000)), ended=lambda: ended.append(1))

    told = b"".join(spool)
    spool.close()

    assert told == b"".join(b"%d\n" % number for number in range(50_000))
    assert ended == [1]


def test_what_is_made_never_waits_for_who_reads() -> None:
    """T71: a caller that sends all before it reads an answer must not stop its own registry."""
    made = threading.Event()

    def make() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * PIECE_BYTES
        made.set()

    spool = Spool(make, ended=lambda: None)

    assert made.wait(20)
    assert sum(map(len, spool)) == 100 * PIECE_BYTES
    spool.close()


def test_who_reads_gets_what_is_there_before_the_end() -> None:
    going_on = threading.Event()

    def make() -> Iterator[bytes]:
        yield b"first\n"
        assert going_on.wait(20)
        yield b"second\n"

    spool = Spool(make, ended=lambda: None)

    assert next(spool) == b"first\n"
    going_on.set()
    assert list(spool) == [b"second\n"]
    spool.close()


def test_where_making_fails_the_answer_breaks_off() -> None:
    ended: list[int] = []

    def make() -> Iterator[bytes]:
        yield b"first\n"
        raise ZeroDivisionError

    spool = Spool(make, ended=lambda: ended.append(1))

    assert next(spool) == b"first\n"
    with pytest.raises(ZeroDivisionError):
        next(spool)
    spool.close()
    assert ended == [1]

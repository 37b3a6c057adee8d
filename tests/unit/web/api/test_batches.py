from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, cast

import pytest

from gateway.batch import Run
from gateway.errors import MalformedRequest
from gateway.web.api import batches
from gateway.web.api.batches import AT_ONCE, _body, _Lines
from gateway.web.application import Visit
from gateway.web.spool import Spool
from tests.unit.web.served import TOKEN, Served

HEADERS = {
    "Gateway-Token": TOKEN,
    "Content-Type": "application/x-ndjson",
    "Gateway-Recipient": "mc-primer-uk",
    "Gateway-Purpose": "service_request",
    "Idempotency-Key": "b-1",
}


def test_who_asks_is_known_before_a_byte_is_read() -> None:
    answer = Served().ask().post("/v1/batches", data=b"{}", headers={**HEADERS, "Gateway-Token": "gw_x_y"})

    assert answer.headers["Gateway-Problem"] == "unauthenticated"


@pytest.mark.parametrize("name", ["Gateway-Recipient", "Gateway-Purpose", "Idempotency-Key"])
def test_what_the_records_are_for_must_be_said(name: str) -> None:
    said = {one: text for one, text in HEADERS.items() if one != name}

    assert Served().ask().post("/v1/batches", data=b"", headers=said).status_code == 400


def test_a_registry_that_cannot_begin_takes_no_place() -> None:
    """T71."""
    client = Served().ask()

    answers = [client.post("/v1/batches", data=b"", headers=HEADERS) for _ in range(AT_ONCE + 2)]
    codes = [one.headers["Gateway-Problem"] for one in answers]

    assert codes == ["log_unavailable"] * (AT_ONCE + 2)


class _Told:
    """A registry that is told to stop."""

    def __init__(self) -> None:
        self.stopped = 0

    def stop(self) -> None:
        self.stopped += 1


def test_where_no_one_reads_any_more_the_registry_is_told_to_stop() -> None:
    run = _Told()
    lines = _Lines(Spool(lambda: iter([b"a\n"]), ended=lambda: None), cast("Run", run))

    assert list(lines) == [b"a\n"]
    lines.close()
    assert run.stopped == 1


def test_a_process_that_ends_tells_every_registry() -> None:
    run = _Told()
    batches._UNDER_WAY.add(cast("Run", run))

    batches.end_soon()

    assert run.stopped == 1


def _asked(body: Any, length: str | None) -> Visit:
    environ = {"wsgi.input": body, **({} if length is None else {"CONTENT_LENGTH": length})}
    return Visit(environ)


def test_a_body_is_read_to_its_stated_length_and_no_further() -> None:
    read = _body(_asked(io.BytesIO(b"abcdef"), "4"))

    assert [read(3), read(3), read(3)] == [b"abc", b"d", b""]


def test_a_body_that_ends_early_is_no_whole_registry() -> None:
    """T6."""
    read = _body(_asked(io.BytesIO(b"abc"), "4"))

    assert read(10) == b"abc"
    with pytest.raises(MalformedRequest, match="before its Content-Length"):
        read(10)


def test_a_connection_that_breaks_is_the_end_of_what_came() -> None:
    class Broken:
        def __init__(self) -> None:
            self._pieces: Iterator[bytes] = iter([b"abc"])

        def read(self, _size: int) -> bytes:
            for piece in self._pieces:
                return piece
            raise OSError

    read = _body(_asked(Broken(), None))

    assert [read(10), read(10)] == [b"abc", b""]

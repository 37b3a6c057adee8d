"""Registries through `gateway serve`: streamed in and out, in constant memory, a verdict per record, no value anywhere.

Rows T47, T57, T71 as they concern registries; the canary oracle over verdicts, refused file, database, diagnostics.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import psutil
import pytest

from gateway.web.api.batches import AT_ONCE
from tests import registries
from tests.deployment import ROOT, Deployment, Served, serving
from tests.e2e.oracle import Tokens, hashed_in, hashes_of, tokens_in
from tests.recipients import Received, RecordingRecipient, Reply
from tests.registries import BASIS, NDJSON, PURPOSE, RECIPIENT, WORDS, lines, record, refusable

MEBIBYTE = 1 << 20
HEADERS = {
    "Content-Type": NDJSON,
    "Gateway-Recipient": RECIPIENT,
    "Gateway-Purpose": PURPOSE,
    "Gateway-Basis": BASIS,
    "Gateway-Subject-Field": "resident",
    "Idempotency-Key": "b-1",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, RecordingRecipient, Served]]:
    folder = tmp_path_factory.mktemp("registries")
    with registries.deployed(folder, together=50) as (deployment, recipient), serving(deployment) as one:
        yield deployment, recipient, one


def _post(served: Served, body: bytes, **headers: str) -> tuple[int, dict[str, str], list[dict[str, Any]]]:
    said = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    status, told, raw = served.call("POST", "/v1/batches", body, said)
    return status, told, [orjson.loads(line) for line in raw.splitlines()]


def test_a_verdict_per_record_and_a_last_line_for_all(served: tuple[Deployment, RecordingRecipient, Served]) -> None:
    status, headers, told = _post(served[2], lines(record(1), refusable(2), b"{", record(4)))

    assert (status, headers["content-type"]) == (200, NDJSON)
    assert [one.get("decision") for one in told] == ["permitted", "refused", "unreadable", "permitted", None]
    assert told[-1]["ended"] == "whole"


def test_the_same_key_sends_nothing_twice(served: tuple[Deployment, RecordingRecipient, Served]) -> None:
    """T47."""
    _, recipient, gateway = served
    first = _post(gateway, lines(record(11)), Idempotency_Key="twice")[2]
    before = len(recipient.received)

    again = _post(gateway, lines(record(11)), Idempotency_Key="twice")[2]

    assert (again[0]["decision"], again[0]["transfer_id"]) == ("already", first[0]["transfer_id"])
    assert len(recipient.received) == before


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Idempotency_Key": ""}, 400, "malformed_request"),
        ({"Idempotency_Key": "a b"}, 400, "malformed_request"),
        ({"Gateway_Recipient": ""}, 400, "malformed_request"),
        ({"Gateway_Basis": "kind=because"}, 400, "malformed_request"),
        ({"Gateway_Subject_Field": "a[]"}, 400, "malformed_request"),
        ({"Gateway_Subject_Field": ""}, 400, "malformed_request"),
        ({"Content_Type": "application/json"}, 415, "unsupported_media_type"),
        ({"Content_Encoding": "gzip"}, 415, "unsupported_media_type"),
        ({"Gateway_Token": "gw_x_y"}, 401, "unauthenticated"),
    ],
    ids=str,
)
def test_what_is_wrong_as_a_whole_is_a_problem(
    served: tuple[Deployment, RecordingRecipient, Served], headers: dict[str, str], status: int, code: str
) -> None:
    told = _post(served[2], lines(record(1)), **headers)

    assert (told[0], told[2][0]["code"]) == (status, code)


def test_a_column_may_have_a_name_of_any_script(served: tuple[Deployment, RecordingRecipient, Served]) -> None:
    field = quote("житель")
    body = "житель;ticket.id\nusr_1;REQ-1\n".encode()

    told = _post(served[2], body, Content_Type="text/csv", Gateway_Subject_Field=field, Idempotency_Key="columns")[2]

    assert told[0]["reason"] == "required_missing"


def test_one_who_sends_all_before_it_reads_is_answered_too(
    served: tuple[Deployment, RecordingRecipient, Served],
) -> None:
    """Verdicts wait on disk: no stock library reads while it sends."""
    told = _post(
        served[2], lines(*(refusable(1), *(record(number) for number in range(2, 5_001)))), Idempotency_Key="x"
    )

    assert told[2][-1] == {"batch": "x", "records": 5_000, "delivered": 4_999, "refused": 1, "ended": "whole"}


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def _opened(gateway: Served, key: str, framing: str) -> socket.socket:
    head = {**HEADERS, "Idempotency-Key": key, "Gateway-Token": gateway.token, "Host": "x", "Connection": "close"}
    told = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    sock = socket.create_connection(("127.0.0.1", gateway.port), timeout=30)
    sock.sendall(f"POST /v1/batches HTTP/1.1\r\n{told}{framing}\r\n\r\n".encode())
    return sock


def test_verdicts_come_while_records_are_still_sent(served: tuple[Deployment, RecordingRecipient, Served]) -> None:
    """Neither direction waits for the end of the other."""
    gateway = served[2]
    many = lines(*(record(number) for number in range(1, 2_001)))
    with _opened(gateway, "both-ways", "Transfer-Encoding: chunked") as sock:
        sock.sendall(_chunk(many))
        first = sock.recv(65_536)
        while b'"record":1,' not in first:
            first += sock.recv(65_536)
        sock.sendall(_chunk(lines(record(2_001))) + b"0\r\n\r\n")
        rest = first
        while piece := sock.recv(65_536):
            rest += piece

    assert b'"records":2001,"delivered":2001,"ended":"whole"' in rest


@pytest.mark.parametrize("framing", ["Transfer-Encoding: chunked", "Content-Length: 100000"])
def test_half_a_row_is_never_taken_for_a_whole_one(
    served: tuple[Deployment, RecordingRecipient, Served], framing: str
) -> None:
    """T6: where the connection breaks off, its last line is not a record."""
    _, recipient, gateway = served
    before = len(recipient.received)
    half = lines(record(1)) + lines(record(2))[:-1]
    with _opened(gateway, f"half {len(framing)}".replace(" ", "-"), framing) as sock:
        sock.sendall(_chunk(half) + b"0\r\n\r\n" if "chunked" in framing else half)
        if "chunked" not in framing:
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := sock.recv(65_536):
            answer += piece

    assert b'"record":2' not in answer
    assert len(recipient.received) <= before + 1


def test_a_few_registries_at_a_time(served: tuple[Deployment, RecordingRecipient, Served]) -> None:
    """T71: the rest of the threads stay with single transfers."""
    gateway = served[2]
    open_ones = [_opened(gateway, f"open-{number}", "Transfer-Encoding: chunked") for number in range(AT_ONCE)]
    try:
        for sock in open_ones:
            sock.sendall(_chunk(lines(*(record(number) for number in range(1, 300)))))
            while b"HTTP/1.1 200" not in sock.recv(65_536):
                pass
        status, _, told = _post(gateway, lines(record(1)), Idempotency_Key="one-more")
    finally:
        for sock in open_ones:
            sock.sendall(b"0\r\n\r\n")
            while sock.recv(65_536):
                pass
            sock.close()

    assert (status, told[0]["code"]) == (503, "too_many_batches")
    assert _post(gateway, lines(record(1)), Idempotency_Key="one-more")[0] == 200


def test_a_server_that_is_told_to_end_ends_registries_between_groups(tmp_path: Path) -> None:
    """And says so in the last line: the same request goes on from there."""

    def slowly(_: Received) -> Reply:
        time.sleep(0.02)
        return Reply()

    def send_for_ever(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for first in range(0, 1_000_000, 100):
                sock.sendall(_chunk(lines(*(record(number) for number in range(first, first + 100)))))

    with registries.deployed(tmp_path, reply=slowly) as (deployment, _), serving(deployment) as gateway:
        with _opened(gateway, "endless", "Transfer-Encoding: chunked") as sock:
            threading.Thread(target=send_for_ever, args=(sock,), daemon=True).start()
            answer = b""
            while answer.count(b'"record"') < 50:
                answer += sock.recv(65_536)
            gateway.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(ConnectionResetError):
                while piece := sock.recv(65_536):
                    answer += piece
        code = gateway.process.wait(20)

    assert (code, b'"ended":"stopped","code":"stopped"' in answer) == (0, True)


def _grown(gateway: Served, count: int, key: str) -> int:
    """How many bytes the server's processes grew by, over a registry that is made as it is sent."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=120)
    family = [psutil.Process(gateway.process.pid), *psutil.Process(gateway.process.pid).children(recursive=True)]
    before = sum(one.memory_info().rss for one in family)
    with _opened(gateway, key, "Transfer-Encoding: chunked") as sock:

        def send() -> None:
            for first in range(0, count, 500):
                sock.sendall(_chunk(lines(*(refusable(number) for number in range(first, first + 500)))))
            sock.sendall(b"0\r\n\r\n")

        sender = threading.Thread(target=send)
        sender.start()
        most = before
        while sock.recv(1 << 20):
            most = max(most, sum(one.memory_info().rss for one in family))
        sender.join()
    connection.close()
    return int(most - before)


def test_memory_does_not_grow_with_the_registry(tmp_path: Path) -> None:
    """Ten times the records, the same memory: what is decided record by record is forgotten record by record."""
    with registries.deployed(tmp_path, together=50) as (deployment, _):
        deployment.environ["GATEWAY_REFUSALS_PER_MINUTE"] = "1000000"
        with serving(deployment) as gateway:
            _grown(gateway, 1_000, "warm")
            small, large = _grown(gateway, 2_000, "small"), _grown(gateway, 20_000, "large")

    print(f"grew by {small / MEBIBYTE:.1f} MiB over 2,000 records, {large / MEBIBYTE:.1f} MiB over 20,000")
    assert large < small + 24 * MEBIBYTE


def _rows(tokens: Tokens) -> tuple[list[Any], set[str], set[str]]:
    """Records whose every value is a canary; which of them may leave, and all of them."""
    may: set[str] = set()
    rows: list[Any] = []
    start = tokens.word()
    for number in range(40):
        made = record(number)
        ticket, street = dict(made["ticket"]), tokens.word()
        ticket["address"] = {**ticket["address"], "street": street}
        made = {**made, "ticket": ticket, tokens.word(): tokens.word(), "passport": tokens.word()}
        may.add(street)
        kind = number % 5
        if kind == 1:
            made["ticket"] = {"text": tokens.word(), "contact": {"name": tokens.word()}}  # refused
            may.discard(street)
        rows.append(orjson.dumps(made)[:-9] if kind == 2 else made)  # cannot be read
        if kind == 2:
            may.discard(street)
    all_of = tokens_in(b"\n".join(one if isinstance(one, bytes) else orjson.dumps(one) for one in rows))
    assert start not in all_of
    return rows, may, all_of


@pytest.mark.parametrize("together", [1, 8])
def test_no_value_is_anywhere_but_at_its_recipient(tmp_path: Path, together: int) -> None:
    """CO: verdicts, refused file, standard output and error, database and diagnostics hold no value, nor its hash."""
    rows, may, every = _rows(Tokens(random.Random(20261123 + together)))
    path = tmp_path / "register.ndjson"
    path.write_bytes(lines(*rows))
    with registries.deployed(tmp_path, together=together) as (deployment, recipient):
        with serving(deployment) as gateway:
            raw = gateway.call("POST", "/v1/batches", path.read_bytes(), HEADERS)[2]
        words = [sys.executable, "-m", "gateway.cli", *WORDS, "--file", str(path), "--batch-id", "cli", "--json"]
        environ = {**os.environ, "GATEWAY_HOME": str(deployment.home), "GATEWAY_TOKEN": deployment.token}
        ran = subprocess.run(words, env=environ, cwd=ROOT, capture_output=True, check=False)
        shown = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "transfer", "list", "--limit", "100"],
            env=environ,
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        receiver = deployment.receiver(RECIPIENT)
        now = deployment.build().house.clock.now()
        left = b"".join(
            orjson.dumps(one.data)
            for received in recipient.received
            for one in receiver.open_all(received.body, now=now, newest=None)
        )
        sinks = {
            "verdicts": raw,
            "standard output": ran.stdout,
            "standard error": ran.stderr,
            "refused file": (tmp_path / "register.refused.ndjson").read_bytes(),
            "listed": shown.stdout + shown.stderr,
            "diagnostics": gateway.diagnostics.read_bytes(),
            **{one.name: one.read_bytes() for one in deployment.home.rglob("*") if one.is_file()},
            "wire": b"".join(received.body for received in recipient.received),
        }

    assert tokens_in(left) == may
    assert {name: found for name, sink in sinks.items() if (found := tokens_in(sink))} == {}
    small = {name: sink for name, sink in sinks.items() if len(sink) < MEBIBYTE}
    assert {name: found for name, sink in small.items() if (found := hashed_in(sink, hashes_of(every)))} == {}

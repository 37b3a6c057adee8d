"""What never becomes a transfer: through a real `gateway serve`, each its own code, nothing recorded, nothing sent."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.deployment import (
    SERVICE_REQUEST,
    transfer_body,
)
from tests.e2e.answers import (
    SUBJECT,
    ask,
    expect_delivered,
    head,
    life,
    parsed,
    personal_in,
    raw_answer,
)
from tests.e2e.bench import GOOD, LIMIT, Bench, running_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with running_bench(tmp_path_factory.mktemp("bad-requests")) as found:
        yield found


def _body(**changes: Any) -> bytes:
    return orjson.dumps(transfer_body("mc-primer-uk", "service_request", SERVICE_REQUEST, SUBJECT) | changes)


def _with_payload(payload: bytes) -> bytes:
    return _body(payload=orjson.Fragment(payload))


MALFORMED = {
    "T1 the same key twice, on top": GOOD[:-1] + b',"recipient":"mc-primer-uk"}',
    "T1 the same key twice, deep in the payload": _with_payload(b'{"ticket":{"contact":{"phone":"1","phone":"2"}}}'),
    "T1 the same key twice, once escaped": _with_payload(b'{"id":1,"\\u0069d":2}'),
    "T4 a lone surrogate": _with_payload(b'{"ticket":{"text":"\\ud800"}}'),
    "T4 a lone surrogate in a key": _with_payload(b'{"\\udc00":1}'),
    "T4 bytes that are not UTF-8": _with_payload(b'{"ticket":{"text":"\xc0\xaf"}}'),
    "T4 NUL": _with_payload(b'{"ticket":{"text":"\\u0000"}}'),
    "T5 NaN": _with_payload(b'{"amount":NaN}'),
    "T5 Infinity": _with_payload(b'{"amount":-Infinity}'),
    "T5 1e400": _with_payload(b'{"amount":1e400}'),
    "T5 a number of 5,000 digits": _with_payload(b'{"amount":' + b"9" * 5000 + b"}"),
    "T6 100,000 opening brackets": b"[" * 100_000,
    "T6 nested 300 deep": _with_payload(b"[" * 300 + b"]" * 300),
    "T8 UTF-16": GOOD.decode().encode("utf-16-le"),
    "T8 UTF-16 with its mark": GOOD.decode().encode("utf-16"),
    "T8 UTF-32": GOOD.decode().encode("utf-32-le"),
    "T8 a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "T8 Windows-1251": GOOD.decode().encode("cp1251"),
    "nothing": b"",
    "not an object": b'["recipient"]',
    "cut off": GOOD[:-20],
    "two values": GOOD + b"{}",
    "a key that nobody knows": _body(**{"87000000123": 1}),
    "no recipient": _body(recipient=None),
    "a recipient that is a number": _body(recipient=5),
    "a payload that is text": _body(payload="ИИН 900101100103"),
    "a basis of no known kind": _body(basis={"kind": "interest", "ref": "x", "given_at": "2026-11-01T09:00:00Z"}),
    "a basis without its time": _body(basis={"kind": "consent", "ref": "x"}),
    "a delivery of no known kind": _body(delivery="pigeon"),
    "a subject with spaces": _body(subject="Примеров Тест"),
    "a subject of 65 characters": _body(subject="s" * 65),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_a_request_is_refused_before_it_is_a_transfer(bench: Bench, name: str) -> None:
    """T1, T4, T5, T6, T8."""
    before = bench.state

    answer = bench.post(MALFORMED[name])

    document = bench.expect_unrecorded(answer, 400, "malformed_request", before)
    assert document["detail"]


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("900101100103", "an IIN"),
        ("87000000123", "a phone number"),
        ("7-700-000-01-23", "a phone number"),
        ("4111111111111111", "a card number"),
        ("4111-1111-1111-1111", "a card number"),
        ("test.primerov@example.com", "an e-mail address"),
    ],
    ids=["IIN", "phone", "spelled phone", "card", "spelled card", "e-mail"],
)
def test_a_subject_that_the_world_knows_is_refused(bench: Bench, subject: str, kind: str) -> None:
    before = bench.state

    document = bench.expect_unrecorded(ask(bench.served, subject=subject), 400, "malformed_request", before)

    assert f"reads as {kind}" in document["detail"]
    assert subject not in document["detail"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/xml", "application/json; charset=utf-7", "application/json; charset=utf-16",
        "application/json, text/xml", "application/jsonp", "application/ndjson", "json",
    ],
)  # fmt: skip
def test_an_unknown_content_type(bench: Bench, content_type: str) -> None:
    """T8, T9, T10."""
    before = bench.state

    answer = bench.post(GOOD, Content_Type=content_type)

    assert bench.expect_unrecorded(answer, 415, "unsupported_media_type", before)


def test_no_content_type(bench: Bench) -> None:
    before = bench.state
    data = b"\r\n".join(line for line in head(bench.served.token).split(b"\r\n") if b"Content-Type" not in line)

    answer = raw_answer(bench.served.port, data[:-2] + b"Content-Length: %d\r\n\r\n%b" % (len(GOOD), GOOD))

    assert bench.expect_unrecorded(parsed(answer), 415, "unsupported_media_type", before)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity"])
def test_a_compressed_body_is_not_decoded(bench: Bench, encoding: str) -> None:
    """T32: ten mebibytes of zeros in ten kilobytes."""
    before = bench.state

    answer = bench.post(gzip.compress(bytes(10 * LIMIT)), Content_Encoding=encoding)

    assert bench.expect_unrecorded(answer, 415, "unsupported_media_type", before)


def test_a_body_that_says_it_is_too_long_is_not_waited_for(bench: Bench) -> None:
    """T6."""
    before = bench.state

    answer = raw_answer(bench.served.port, head(bench.served.token, Content_Length=str(100 * LIMIT)))

    assert bench.expect_unrecorded(parsed(answer), 413, "payload_too_large", before)


def test_a_body_of_one_byte_too_many(bench: Bench) -> None:
    before = bench.state
    padded = GOOD + b" " * (LIMIT + 1 - len(GOOD))

    answer = bench.post(padded)

    assert bench.expect_unrecorded(answer, 413, "payload_too_large", before)


def test_a_chunked_body_over_the_limit(bench: Bench) -> None:
    """T6: it says no length, and a good transfer stands in its first bytes."""
    before = bench.state
    chunk = b"%x\r\n%b\r\n" % (len(GOOD), GOOD) + b"10000\r\n" + b" " * 65_536 + b"\r\n"
    data = head(bench.served.token, Transfer_Encoding="chunked") + chunk
    data += (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 20 + b"0\r\n\r\n"

    answer = raw_answer(bench.served.port, data)

    assert bench.expect_unrecorded(parsed(answer), 413, "payload_too_large", before)


def test_a_body_that_ends_before_its_length(bench: Bench) -> None:
    """What came is whole JSON, and less than what was announced."""
    before = bench.state

    answer = raw_answer(
        bench.served.port, head(bench.served.token, Content_Length=str(len(GOOD) + 50)) + GOOD, end=True
    )

    assert bench.expect_unrecorded(parsed(answer), 400, "malformed_request", before)


@pytest.mark.parametrize(
    "token",
    ["", "gw_platform_" + "A" * 43, "gw_nobody_" + "A" * 43, "gw_platform_", "x", "' OR 1=1 --", "9" * 4000],
    ids=["none", "wrong", "of nobody", "half", "short", "SQL", "long"],
)
def test_an_unknown_caller(bench: Bench, token: str) -> None:
    before = bench.state

    answer = bench.post(GOOD, Gateway_Token=token)

    bench.expect_unrecorded(answer, 401, "unauthenticated", before)
    assert answer[1]["www-authenticate"].startswith("Bearer")


def test_every_unknown_caller_gets_the_same_answer(bench: Bench) -> None:
    """It is not said whether the token is unknown, revoked or wrong."""
    bodies = {bench.post(GOOD, Gateway_Token=token)[2] for token in ("gw_platform_" + "A" * 43, "gw_nobody_x", "x", "")}

    assert len(bodies) == 1


def test_a_stranger_learns_nothing_of_what_is_wrong_with_the_body(bench: Bench) -> None:
    before = bench.state

    answer = bench.post(b'{"a":1,"a":2}', Gateway_Token="gw_nobody_x", Idempotency_Key="k")

    assert bench.expect_unrecorded(answer, 401, "unauthenticated", before)


def test_what_comes_with_later_releases_is_refused_and_not_ignored(bench: Bench) -> None:
    before = bench.state

    answer = bench.post(_body(delivery="queue"))

    assert "queue" in bench.expect_unrecorded(answer, 501, "not_supported_yet", before)["detail"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_wrong_method_is_told_the_right_one(bench: Bench, method: str) -> None:
    before = bench.state

    answer = bench.served.call(method, "/v1/transfers")

    bench.expect_unrecorded(answer, 405, "method_not_allowed", before)
    assert answer[1]["allow"] == "POST"


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/transfers/", "/v1/previews", "/v2/transfers", "/debug", "/console", "/v1/transfers/%2e%2e/healthz",
     "/people/87000000123?fio=test.primerov", "/%00%ff%D0%9F"],
)  # fmt: skip
def test_an_unknown_route_is_not_repeated(bench: Bench, path: str) -> None:
    """T23, T88: not in the answer, and not in the diagnostics."""
    before = bench.state

    answer = bench.served.call("GET", path)

    bench.expect_unrecorded(answer, 404, "not_found", before)
    assert personal_in(bench.served.diagnostics.read_bytes()) == []


def test_garbage_on_the_socket_ends_one_connection_and_no_more(bench: Bench) -> None:
    """T19."""
    before, worker = bench.state, bench.worker.pid
    token, port = bench.served.token, bench.served.port
    smuggled = b"0\r\n\r\n" + head(token, Content_Length=str(len(GOOD))) + GOOD
    garbage = [
        os.urandom(2000),
        b"\0" * 2000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        head(token, Content_Length="-5"),
        head(token, Content_Length="5, 6") + b"12345",
        head(token, Transfer_Encoding="xchunked") + smuggled,
        head(token, Transfer_Encoding="chunked", Content_Length="5") + smuggled,
        head(token, Transfer_Encoding="chunked") + b"0x5\r\n12345\r\n" + smuggled,
        head(token, Content_Length=str(len(GOOD))) + GOOD[:100],
    ]

    answers = [raw_answer(port, data, end=True) for data in garbage]

    assert [answer[:12] for answer in answers if b" 200 " in answer] == []
    assert bench.state == before
    assert bench.worker.pid == worker
    expect_delivered(ask(bench.served))


def test_nothing_of_all_this_is_in_the_diagnostics_and_the_log_is_whole(bench: Bench) -> None:
    """T86, T87."""
    document = expect_delivered(ask(bench.served))

    assert len(life(bench.served, document["transfer_id"], 2)) == 2
    bench.expect_whole()

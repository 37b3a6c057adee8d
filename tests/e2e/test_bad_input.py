"""What bad input gets: through a real `gateway serve`, each its own code, nothing lost, nothing personal in an answer.

Requests that never become a transfer, transfers that are refused, recipients that behave badly. Faults of the database
stand in the second half, with a server of their own.
"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from ruamel.yaml import YAML

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.model import CallerId, SubjectId, Suite
from gateway.seal.keyring import generate_recipient_key
from tests.deployment import (
    PAIRS,
    ROOT,
    SERVICE_REQUEST,
    Deployment,
    Served,
    new_deployment,
    serving,
    transfer_body,
)
from tests.e2e.answers import (
    SUBJECT,
    Answer,
    ask,
    expect_delivered,
    expect_problem,
    head,
    life,
    log_size,
    parsed,
    personal_in,
    raw_answer,
    until_closed,
    verified,
)
from tests.e2e.hostile import BAD, bad_recipients
from tests.recipients import Authority, Received, RecordingRecipient, Reply

JSON = {"Content-Type": "application/json"}
BLOCKED = "subj_blocked"
QUOTA = 80
LIMIT = 1 << 20
GRANT = "mc-primer-uk:service_request"
GOOD = orjson.dumps(transfer_body("mc-primer-uk", "service_request", SERVICE_REQUEST, SUBJECT))


@dataclass
class Bench:
    """A running gateway, good recipients that write down what arrives, and bad ones."""

    deployment: Deployment
    served: Served
    good: RecordingRecipient
    elsewhere: RecordingRecipient

    @property
    def arrived(self) -> int:
        return len(self.good.received)

    @property
    def worker(self) -> psutil.Process:
        (worker,) = psutil.Process(self.served.process.pid).children()
        return worker

    def post(self, body: bytes, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.served.call("POST", "/v1/transfers", body, headers=JSON | named)

    def expect_unrecorded(self, answer: Answer, status: int, code: str, before: tuple[int, int]) -> dict[str, Any]:
        """A problem of a request that never became a transfer: no entry, and nothing arrived."""
        document = expect_problem(answer, status, code)
        assert "transfer_id" not in document
        assert (log_size(self.served), self.arrived) == before
        return document

    def expect_refused(self, answer: Answer, status: int, code: str, *, token: str | None = None) -> dict[str, Any]:
        """A problem of a transfer that was refused: one entry, a refusal with this reason."""
        document = expect_problem(answer, status, code)
        (entry,) = life(self.served, document["transfer_id"], 1, token=token)
        assert (entry["kind"], entry["reason"]) == ("refusal", code)
        assert entry["index"] == document["log"]["index"]
        assert personal_in(orjson.dumps(entry)) == []
        return document

    @property
    def state(self) -> tuple[int, int]:
        return log_size(self.served), self.arrived


def add_recipient(deployment: Deployment, name: str, base_url: str, ca_file: str, **changes: Any) -> None:
    """A managing company more, at this address."""
    folder = deployment.maps / "recipients"
    shutil.copy(folder / "mc-primer-uk.yaml", folder / f"{name}.yaml")
    deployment.point(name, base_url, ca_file, id=name, **changes)


def refuse_convictions(maps: Path) -> None:
    """Set one group of special categories to refuse the whole transfer."""
    yaml, path = YAML(), maps / "taxonomy.yaml"
    taxonomy = yaml.load(path.read_text(encoding="utf-8"))
    taxonomy["special_categories"]["convictions"]["refuse"] = True
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(taxonomy, file)


def _after_a_while(_: Received) -> Reply:
    time.sleep(0.4)
    return Reply()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bad-input")
    authority, other = Authority(folder), Authority(tmp_path_factory.mktemp("other"))
    deployment = new_deployment(folder, GATEWAY_REFUSALS_PER_MINUTE=str(QUOTA))
    with (
        RecordingRecipient(authority) as good,
        RecordingRecipient(authority, _after_a_while) as busy,
        RecordingRecipient(authority) as elsewhere,
        bad_recipients(authority, other, elsewhere) as url,
    ):
        for one in sorted({pair[0] for pair in PAIRS}):
            deployment.point(one, good.base_url, authority.ca_file)
        for name, bad in BAD.items():
            add_recipient(deployment, f"mc-{name}", url(name), authority.ca_file, timeout_seconds=bad.seconds)
        add_recipient(deployment, "mc-busy", busy.base_url, authority.ca_file, timeout_seconds=0.5, in_flight=1)
        expired = {"jwk": dict(generate_recipient_key(Suite.P256)[1]), "not_after": "2020-01-01T00:00:00Z"}
        deployment.point("psp-freedompay-test", good.base_url, authority.ca_file, keys=[expired])
        refuse_convictions(deployment.maps)
        deployment.make()
        more = [(f"mc-{name}", "service_request") for name in (*BAD, "busy")]
        deployment.token = deployment.add_caller("platform", (*PAIRS, *more, ("psp-freedompay-test", "payment")))
        with serving(deployment) as served:
            yield Bench(deployment, served, good, elsewhere)


# ── What never becomes a transfer ───────────────────────────────────────────


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


@pytest.mark.parametrize(("name", "key"), [("queue", None), ("Idempotency-Key", "k1")])
def test_what_comes_with_later_releases_is_refused_and_not_ignored(bench: Bench, name: str, key: str | None) -> None:
    before = bench.state

    answer = bench.post(_body(delivery="queue")) if key is None else bench.post(GOOD, Idempotency_Key=key)

    assert name in bench.expect_unrecorded(answer, 501, "not_supported_yet", before)["detail"]


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


# ── What is refused: an entry, and nothing leaves ───────────────────────────


def _ticket(**changes: Any) -> dict[str, Any]:
    return {"ticket": {**SERVICE_REQUEST["ticket"], **changes}}


OBLIGATION = {"kind": "obligation", "ref": "law-1", "given_at": "2026-11-01T09:00:00Z"}
CONVICTED = SERVICE_REQUEST | {"criminal_record": "1"}
PAYMENT = {"payment": {"order_id": "INV-000777", "amount": "5430.10", "currency": "KZT", "merchant_id": "500000"}}
REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "unknown recipient": (422, "unknown_recipient", {"recipient": "mc-nobody"}),
    "a recipient that is a phone": (422, "unknown_recipient", {"recipient": "87000000123"}),
    "unknown purpose": (422, "unknown_purpose", {"purpose": "marketing"}),
    "not granted": (403, "not_granted", {"recipient": "carrier-yandex-test", "purpose": "goods_delivery"}),
    "no basis": (403, "basis_missing", {"basis": None}),
    "a basis that the purpose does not take": (
        403,
        "basis_missing",
        {"purpose": "resident_register", "basis": OBLIGATION},
    ),
    "a map that allows nothing of it": (422, "empty_map", {"purpose": "management_services", "payload": {"iin": "1"}}),
    "a required field missing": (422, "required_missing", {"payload": _ticket(text=None)}),
    "a required field that fails its bounds": (422, "required_invalid", {"payload": _ticket(scope="87000000123")}),
    "a required field that is too long": (422, "required_invalid", {"payload": _ticket(text="х" * 1001)}),
    "a special category that refuses": (403, "special_category", {"payload": CONVICTED}),
    "a recipient without a usable key": (
        422,
        "key_unusable",
        {"recipient": "psp-freedompay-test", "purpose": "payment", "payload": PAYMENT},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_recorded_and_says_what_to_change(bench: Bench, name: str) -> None:
    status, code, changes = REFUSED[name]
    arrived = bench.arrived

    document = bench.expect_refused(ask(bench.served, **changes), status, code)

    assert document["detail"]
    assert bench.arrived == arrived


def test_a_refusal_names_the_fields_that_failed_and_no_value(bench: Bench) -> None:
    document = bench.expect_refused(ask(bench.served, payload=_ticket(scope="galaxy")), 422, "required_invalid")

    assert document["failures"] == [{"path": "ticket.scope", "reason": "required_invalid", "rule": "one_of"}]


def test_a_blocked_subject(bench: Bench) -> None:
    """From the moment in which the block is confirmed."""
    deployment = bench.deployment
    store = open_store(deployment.settings, deployment.keyring, SystemClock())
    store.restrictions.block(deployment.keyring.log_pseudonym(SubjectId(BLOCKED)), SystemClock().now())
    store.close()
    arrived = bench.arrived

    document = bench.expect_refused(ask(bench.served, subject=BLOCKED), 403, "restricted")

    assert document["transfer_id"]
    assert bench.arrived == arrived
    expect_delivered(ask(bench.served))


def test_every_pair_that_is_not_granted_is_refused(bench: Bench) -> None:
    """T47: each cell of recipient × purpose but one."""
    token = bench.deployment.add_caller("narrow", (PAIRS[2],))
    _until_known(bench, token)
    others = [pair for pair in (*PAIRS, *((f"mc-{name}", "service_request") for name in BAD)) if pair != PAIRS[2]]

    answers = [ask(bench.served, *pair, token=token) for pair in others]

    assert {(answer[0], answer[1].get("gateway-problem")) for answer in answers} == {(403, "not_granted")}
    expect_delivered(ask(bench.served, *PAIRS[2], token=token))


def test_a_caller_that_floods_the_log_with_refusals_is_stopped_and_no_other(bench: Bench) -> None:
    """T57."""
    token = bench.deployment.add_caller("flooder", (PAIRS[2],))
    _until_known(bench, token)

    codes = [ask(bench.served, "mc-nobody", token=token)[1]["gateway-problem"] for _ in range(QUOTA + 20)]
    before = bench.state
    last = ask(bench.served, token=token)

    assert codes[:10] == ["unknown_recipient"] * 10
    bench.expect_unrecorded(last, 429, "too_many_refusals", before)
    assert last[1]["retry-after"] == "60"
    expect_delivered(ask(bench.served))


def test_another_callers_transfer_looks_like_one_that_never_was(bench: Bench) -> None:
    """T48."""
    mine = expect_delivered(ask(bench.served))["transfer_id"]
    token = bench.deployment.add_caller("curious", PAIRS)
    _until_known(bench, token)
    never = "01a204e1-34ab-764d-b516-1b31c03ed455"

    answers = [
        bench.served.call("GET", f"/v1/transfers/{one}", headers={"Gateway-Token": token}) for one in (mine, never)
    ]

    expect_problem(answers[0], 404, "not_found")
    heads = [{name: value for name, value in answer[1].items() if name != "date"} for answer in answers]
    assert (answers[0][0], heads[0], answers[0][2]) == (answers[1][0], heads[1], answers[1][2])


def test_a_revoked_caller_is_out_within_two_seconds(bench: Bench) -> None:
    token = bench.deployment.add_caller("leaving", PAIRS)
    _until_known(bench, token)
    store = open_store(bench.deployment.settings, bench.deployment.keyring, SystemClock())

    store.callers.revoke(CallerId("leaving"))
    revoked = time.monotonic()
    store.close()
    status, last = 200, revoked
    while status == 200 and time.monotonic() < revoked + 5:
        status, last = ask(bench.served, token=token)[0], time.monotonic()

    assert status == 401
    assert last - revoked < 2


def _until_known(bench: Bench, token: str) -> None:
    """A new caller counts within two seconds."""
    deadline = time.monotonic() + 3
    while bench.post(b"{}", Gateway_Token=token)[0] == 401:
        assert time.monotonic() < deadline
        time.sleep(0.05)


# ── Recipients that behave badly: an intent, one outcome, in time ───────────


@pytest.mark.parametrize("name", BAD)
def test_a_recipient_that(bench: Bench, name: str) -> None:
    """T25, T29, T30, T31: down, slow, redirecting, dripping, answering 1 GiB or rubbish, and more."""
    bad = BAD[name]
    memory, began = bench.worker.memory_info().rss, time.monotonic()

    answer = ask(bench.served, f"mc-{name}")

    took, grown = time.monotonic() - began, bench.worker.memory_info().rss - memory
    document = expect_problem(answer, bad.status, bad.code)
    assert (document["outcome"], document.get("cause")) == (bad.outcome, bad.cause)
    assert took < bad.seconds + 1
    assert grown < 32 << 20
    intent, outcome = life(bench.served, document["transfer_id"], 2)
    assert (intent["kind"], outcome["kind"]) == ("intent", "outcome")
    assert (outcome["outcome"], outcome.get("cause")) == (bad.outcome, bad.cause)
    assert document["log"]["index"] == intent["index"] < outcome["index"]


def test_a_redirect_is_an_answer_and_not_a_way(bench: Bench) -> None:
    """T25."""
    document = expect_problem(ask(bench.served, "mc-redirects"), 502, "recipient_rejected")

    assert document["answer"]["status"] == 307
    assert "location" not in document["answer"]["headers"]
    assert bench.elsewhere.connections == 0


def test_a_recipients_own_refusal_comes_back_as_it_was_said(bench: Bench) -> None:
    document = expect_problem(ask(bench.served, "mc-refuses"), 502, "recipient_rejected")

    assert document["answer"]["status"] == 403
    assert document["answer"]["body"] == {"error": "no"}


def test_a_recipient_that_is_busy_with_others(bench: Bench) -> None:
    """T71: one place, and more who want it at one moment than can have it before their deadlines."""
    answers: list[Answer] = []
    while not (busy := [answer for answer in answers if answer[0] == 503]) and len(answers) < 60:
        answers += _at_one_moment(bench, "mc-busy", 12)

    assert {answer[0] for answer in answers} <= {200, 503, 504}
    assert busy
    for answer in busy:
        document = expect_problem(answer, 503, "recipient_busy")
        assert (document["outcome"], answer[1]["retry-after"]) == ("not_sent", "1")
        assert [entry["kind"] for entry in life(bench.served, document["transfer_id"], 2)] == ["intent", "outcome"]


def _at_one_moment(bench: Bench, recipient: str, count: int) -> list[Answer]:
    """Requests whose last bytes leave together."""
    body = orjson.dumps(transfer_body(recipient, "service_request", SERVICE_REQUEST, SUBJECT))
    with ExitStack() as opened:
        address = ("127.0.0.1", bench.served.port)
        sockets = [opened.enter_context(socket.create_connection(address, timeout=10)) for _ in range(count)]
        for sock in sockets:
            sock.sendall(head(bench.served.token, Content_Length=str(len(body))) + body[:-1])
        for sock in sockets:
            sock.sendall(body[-1:])
        return [parsed(until_closed(sock)) for sock in sockets]


def test_bad_recipients_do_not_hold_up_the_good_ones(bench: Bench) -> None:
    """T71: eight requests wait for recipients that never answer; the others pass."""
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(ask, bench.served, "mc-slow") for _ in range(8)]
        time.sleep(0.1)
        began = time.monotonic()
        for _ in range(10):
            expect_delivered(ask(bench.served))
        took = time.monotonic() - began
        codes = {one.result()[1]["gateway-problem"] for one in waiting}

    assert took < 1
    assert codes == {"deadline"}


def test_nothing_of_all_this_is_in_the_diagnostics_and_the_log_is_whole(bench: Bench) -> None:
    """T86, T87."""
    expect_problem(ask(bench.served, "mc-nobody"), 422, "unknown_recipient")
    document = expect_delivered(ask(bench.served))
    life(bench.served, document["transfer_id"], 2)

    sinks = bench.served.diagnostics.read_bytes() + bench.served.call("GET", "/metrics")[2]
    report = verified(bench.deployment)

    assert personal_in(sinks) == []
    assert b"mc-nobody" not in sinks
    assert [str(problem) for problem in report.problems] == []


# ── Faults of the database: 503, nothing sent, and it recovers by itself ────


@dataclass
class Faulty:
    """A running gateway whose database can be made to fail."""

    deployment: Deployment
    served: Served
    good: RecordingRecipient
    database: Path
    on_arrival: list[Callable[[], None]] = field(default_factory=list)

    @property
    def worker(self) -> psutil.Process:
        (worker,) = psutil.Process(self.served.process.pid).children()
        return worker

    def entries(self) -> int:
        with closing(sqlite3.connect(self.database)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM entry").fetchone()
            return int(count)

    def files(self) -> list[Path]:
        return sorted(self.database.parent.glob(f"{self.database.name}*"))


def _bound_by_modes() -> tuple[str, ...]:
    """What a process must run under so that the modes of files hold for it, root or not."""
    return ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    folder = tmp_path_factory.mktemp("faults")
    authority, deployment = Authority(folder), new_deployment(folder)
    waiting: list[Callable[[], None]] = []

    def answer(_: Received) -> Reply:
        while waiting:
            waiting.pop()()
        return Reply()

    with RecordingRecipient(authority, answer) as good:
        deployment.point("mc-primer-uk", good.base_url, authority.ca_file)
        deployment.make()
        with serving(deployment, under=_bound_by_modes()) as served:
            yield Faulty(deployment, served, good, deployment.database, waiting)


@contextmanager
def locked(faulty: Faulty) -> Iterator[None]:
    """Another program holds the database."""
    with closing(sqlite3.connect(faulty.database, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def read_only(faulty: Faulty) -> Iterator[None]:
    """The file was put back from a backup, by a hand that left it without the right to write."""
    copy = faulty.database.with_suffix(".copy")
    with closing(sqlite3.connect(faulty.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o444)
    for file in faulty.files():
        if file.name.endswith(("-wal", "-shm")):
            file.unlink()
    copy.replace(faulty.database)
    yield
    for file in faulty.files():
        file.chmod(0o600)


@contextmanager
def failing(faulty: Faulty) -> Iterator[None]:
    """No file can grow, diagnostics included: to SQLite a disk that fails, and not a full one."""
    _soft, hard = faulty.worker.rlimit(psutil.RLIMIT_FSIZE)
    faulty.worker.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
    yield
    faulty.worker.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def gone(faulty: Faulty) -> Iterator[None]:
    """The file is not where it was."""
    away = faulty.database.with_suffix(".away")
    faulty.database.rename(away)
    yield
    away.rename(faulty.database)


FAULTS = {"locked": locked, "read_only": read_only, "failing": failing, "gone": gone}
CODES = {"locked": "log_locked", "read_only": "log_read_only", "failing": "log_unavailable", "gone": "log_gone"}
SAID = {
    "locked": "the database is locked by another program",
    "read_only": "the database is read-only",
    "gone": "the database file is gone",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_database_that_is(faulty: Faulty, name: str) -> None:
    """Law 3, T62: neither an intent nor a refusal can be written, so nothing is sent and both are told 503."""
    before = _settled(faulty)

    with FAULTS[name](faulty), ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: ask(faulty.served, one), ("mc-primer-uk", "mc-nobody")))
        alive = faulty.served.call("GET", "/healthz")[0]
        for _ in range(3):  # what reads meanwhile must not keep those who write afterwards from it
            faulty.served.call("GET", "/v1/transfers/01a204e1-34ab-764d-b516-1b31c03ed455")
    first_after = ask(faulty.served)

    for answer in answers:
        document = expect_problem(answer, 503, CODES[name])
        assert "transfer_id" not in document
        assert answer[1]["retry-after"] == "1"
    assert alive == 200
    transfer_id = expect_delivered(first_after)["transfer_id"]
    assert len(life(faulty.served, transfer_id, 2)) == 2
    assert (faulty.entries(), len(faulty.good.received)) == (before[0] + 2, before[1] + 1)
    assert [str(problem) for problem in verified(faulty.deployment).problems] == []


@pytest.mark.parametrize("name", SAID)
def test_a_gateway_is_not_ready_while_its_database_is(faulty: Faulty, name: str) -> None:
    """A failing disk is not among them: it shows only where bytes are written."""
    _settled(faulty)
    before = faulty.served.diagnostics.stat().st_size

    with FAULTS[name](faulty):
        answer = faulty.served.call("GET", "/readyz")

    assert SAID[name].encode() in faulty.served.diagnostics.read_bytes()[before:]
    document = expect_problem(answer, 503, "not_ready")
    assert document["checks"]["database"] == "failed"
    assert faulty.served.call("GET", "/readyz")[0] == 200


@pytest.mark.parametrize("name", ["read_only", "failing", "gone"])
def test_a_fault_that_lasts_leaves_no_file_open(faulty: Faulty, name: str) -> None:
    """A connection that saw the fault and lives on would hold the database as it was, and others to that."""
    _settled(faulty)

    with FAULTS[name](faulty):
        statuses = {ask(faulty.served)[0] for _ in range(20)}
    _settled(faulty)
    opened = [file for file in faulty.worker.open_files() if faulty.database.name in file.path]

    assert statuses == {503}
    assert len(opened) < 12


@pytest.mark.parametrize("name", SAID)
def test_the_diagnostics_say_to_the_operator_what_is_wrong_with_the_database(faulty: Faulty, name: str) -> None:
    """The caller is told no more than the code; a line stays JSON whoever wrote it."""
    _settled(faulty)
    before = faulty.served.diagnostics.stat().st_size

    with FAULTS[name](faulty):
        answer = ask(faulty.served)

    expect_problem(answer, 503, CODES[name])
    told = [orjson.loads(line) for line in faulty.served.diagnostics.read_bytes()[before:].splitlines()]
    assert f"the transfer log is not available: {SAID[name]}" in [line["event"] for line in told]
    assert SAID[name].encode() not in answer[2]


@pytest.mark.parametrize("name", FAULTS)
def test_an_outcome_that_cannot_be_written_waits_until_it_can(faulty: Faulty, name: str) -> None:
    """The database fails when the recipient already has it: the caller is answered, and the outcome is not lost."""
    _settled(faulty)
    with ExitStack() as fault:
        faulty.on_arrival.append(lambda: fault.enter_context(FAULTS[name](faulty)))
        transfer_id = expect_delivered(ask(faulty.served))["transfer_id"]
        time.sleep(0.3)

    entries = life(faulty.served, transfer_id, 2)

    assert [(entry["kind"], entry.get("outcome")) for entry in entries] == [("intent", None), ("outcome", "delivered")]


def _settled(faulty: Faulty) -> tuple[int, int]:
    """Entries and arrivals, after a transfer whose outcome is written."""
    transfer_id = expect_delivered(ask(faulty.served))["transfer_id"]
    life(faulty.served, transfer_id, 2)
    return faulty.entries(), len(faulty.good.received)


def test_a_disk_without_room(tmp_path: Path) -> None:
    """ENOSPC itself, on a disk of the server's own; where none may be mounted, the tests of storage stand alone."""
    disk = tmp_path / "disk"
    disk.mkdir()
    small = ("unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size=2m none "{disk}" && exec "$@"', "sh")
    if subprocess.run([*small, "true"], capture_output=True, check=False).returncode != 0:
        print("no disk may be mounted here: storage's test of a full database and `failing` above stand in")
        assert "failing" in FAULTS
        return
    authority = Authority(tmp_path)
    deployment = new_deployment(tmp_path / "d", GATEWAY_DATABASE_URL=f"sqlite:///{disk}/gateway.db")
    with RecordingRecipient(authority) as good:
        deployment.point("mc-primer-uk", good.base_url, authority.ca_file)
        deployment.make()
        (disk / "gateway.db").unlink()
        with serving(deployment, under=small) as served:
            there = ("nsenter", "--mount", "--target", str(served.process.pid))
            served.token = str(_gateway(deployment, "caller", "add", "one", "--grant", GRANT, under=there)["token"])
            transfer_id = expect_delivered(_when_known(served))["transfer_id"]
            life(served, transfer_id, 2)
            filler = Path(f"/proc/{served.process.pid}/root{disk}/filler")

            _fill(filler)
            during = ask(served)
            filler.unlink()
            after = ask(served)

            expect_problem(during, 503, "log_full")
            assert b"the database or its disk is full" in served.diagnostics.read_bytes()
            life(served, expect_delivered(after)["transfer_id"], 2)
            assert len(good.received) == 2
            assert _gateway(deployment, "log", "verify", under=there)["verified"] is True


def _gateway(deployment: Deployment, *words: str, under: Sequence[str] = ()) -> dict[str, object]:
    ran = subprocess.run(
        [*under, sys.executable, "-m", "gateway.cli", *words, "--json"],
        env={**os.environ, **deployment.environ, "GATEWAY_HOME": str(deployment.home)},
        capture_output=True,
        check=True,
        timeout=30,
        cwd=ROOT,
    )
    told: dict[str, object] = orjson.loads(ran.stdout)
    return told


def _when_known(served: Served) -> Answer:
    deadline = time.monotonic() + 3
    while (answer := ask(served))[0] == 401 and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        for size in (65_536, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_a_database_that_is_read_only_at_the_start_stops_it(tmp_path: Path) -> None:
    """Law 10."""
    deployment = new_deployment(tmp_path)
    deployment.make()
    deployment.database.chmod(0o444)

    ran = subprocess.run(
        [*_bound_by_modes(), sys.executable, "-m", "gateway.cli", "serve", "--port", "1"],
        env={**os.environ, "GATEWAY_HOME": str(deployment.home)},
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert ran.returncode == 1
    assert "the database file cannot be made or opened there" in ran.stderr.decode()

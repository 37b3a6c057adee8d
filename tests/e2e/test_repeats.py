"""A request under an `Idempotency-Key`, repeated in every way that a caller's library repeats one (T49)."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.deployment import SERVICE_REQUEST, Served, serving, transfer_body
from tests.e2e.answers import Answer, expect_delivered, expect_problem
from tests.e2e.desk import ABOUT, PROXY, PURPOSE, RECIPIENT, Desk, Says, new_desk, same
from tests.recipients import Authority, RecordingRecipient, Reply

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("repeats")
    authority, says = Authority(folder), Says()
    with RecordingRecipient(authority, says) as recipient:
        deployment, other = new_desk(folder, authority, recipient)
        with serving(deployment, workers=2) as served:
            yield Desk(deployment, served, recipient, says, other)


@pytest.fixture
def desk(running: Desk) -> Iterator[Desk]:
    yield running
    running.says.__init__()  # type: ignore[misc]  # as it was


def test_of_64_who_ask_at_once_with_one_key_one_is_sent_and_all_get_its_answer(desk: Desk) -> None:
    """T49: two processes; whoever comes too early is told when to come again."""
    desk.says.seconds = 0.3
    before, start = desk.arrived, threading.Barrier(64)
    answers: list[Answer] = []
    early: Counter[str | None] = Counter()

    def ask() -> None:
        start.wait()
        deadline = time.monotonic() + 20
        while (answer := desk.post("of-64"))[0] != 200 and time.monotonic() < deadline:
            early[answer[1].get("gateway-problem")] += 1
            time.sleep(float(answer[1]["retry-after"]) / 4)
        answers.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    print(f"\n64 threads: {desk.arrived - before} arrived, {dict(early)} before the answer")
    assert desk.arrived == before + 1
    assert len(answers) == 64
    assert [answer for answer in answers if not same(answer, answers[0])] == []
    assert early.keys() == {"idempotency_in_flight"}
    assert sum("gateway-replayed" not in answer[1] for answer in answers) == 1


@pytest.mark.parametrize("way", ["post", "proxy"])
@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(body='{"сумма":1.10,"n":-0}'.encode()), 200),
        (
            Reply(status=201, headers=(("Content-Type", "text/plain"), ("Content-Language", "kk")), body=b"\xff\x00"),
            200,
        ),
        (Reply(status=204, headers=(), body=b""), 200),
        (Reply(status=422, body=b'{"error":"no such flat"}'), 502),
        (Reply(status=503, headers=(("Retry-After", "7"),), body=b""), 502),
    ],
    ids=["json", "bytes", "no content", "rejected", "unavailable"],
)
def test_the_answer_comes_again_as_it_was(
    desk: Desk, way: str, reply: Reply, status: int, request: pytest.FixtureRequest
) -> None:
    """T49: byte for byte, a failure too, whatever the recipient would answer now."""
    desk.says.reply, key = reply, f"again-{abs(hash(request.node.name))}"
    before = desk.arrived

    first = getattr(desk, way)(key)
    desk.says.reply = Reply(status=500, body=b"another answer")
    again = [getattr(desk, way)(key) for _ in range(3)]

    assert desk.arrived == before + 1
    assert first[0] == (status if way == "post" else reply.status)
    assert [one for one in again if not same(one, first) or one[1]["gateway-replayed"] != "1"] == []
    assert "gateway-replayed" not in first[1]


CHANGES: dict[str, dict[str, Any]] = {
    "another body": {"payload": {**SERVICE_REQUEST, "note": "x"}},
    "another content type": {"Content_Type": "application/json; charset=utf-8"},
}
PROXY_CHANGES = CHANGES | {
    "another subject": {"Gateway_Subject": "usr_0002"},
    "another basis": {"Gateway_Basis": ABOUT["Gateway-Basis"].replace("consent-1", "consent-2")},
    "another query": {"query": "?a=1"},
}


@pytest.mark.parametrize(
    ("way", "name"), [*(("post", name) for name in CHANGES), *(("proxy", name) for name in PROXY_CHANGES)]
)
def test_another_request_under_thesame_key_is_refused_and_not_sent(desk: Desk, way: str, name: str) -> None:
    """T49."""
    key = f"mismatch-{way}-{name.replace(' ', '-')}"
    first = getattr(desk, way)(key)
    before = desk.arrived

    answer = getattr(desk, way)(key, **PROXY_CHANGES[name])

    document = expect_problem(answer, 422, "idempotency_mismatch")
    assert first[0] == 200
    assert document["instance"].startswith("/v1/transfers/")
    assert desk.arrived == before


def test_thesame_request_by_another_door_is_another_request(desk: Desk) -> None:
    """T49."""
    desk.proxy("doors")
    before = desk.arrived

    expect_problem(desk.post("doors"), 422, "idempotency_mismatch")

    assert desk.arrived == before


@pytest.mark.parametrize("way", ["post", "proxy"])
def test_another_caller_with_thesame_key_and_request_is_independent(desk: Desk, way: str) -> None:
    """T49: nor does a guessed key show anyone's answer, or that it exists."""
    before = desk.arrived

    ours = [getattr(desk, way)(f"shared-{way}") for _ in range(2)]
    theirs = [getattr(desk, way)(f"shared-{way}", Gateway_Token=desk.other) for _ in range(2)]

    assert desk.arrived == before + 2
    assert same(*ours)
    assert same(*theirs)
    assert "gateway-replayed" not in theirs[0][1]
    assert not same(ours[0], theirs[0])


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ключ".encode().decode("latin-1")], ids=ascii)
@pytest.mark.parametrize("way", ["post", "proxy"])
def test_what_is_no_key_is_told_and_never_a_transfer(desk: Desk, way: str, key: str) -> None:
    before = desk.arrived
    call = {"post": ("/v1/transfers", transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST)), "proxy": (PROXY, None)}[way]
    body = orjson.dumps(call[1] or SERVICE_REQUEST)

    answer = _with_key(desk.served, call[0], body, key)

    document = expect_problem(answer, 400, "malformed_request")
    assert "Idempotency-Key is not 1 to 255 visible ASCII characters" in document["detail"]
    assert desk.arrived == before


def _with_key(served: Served, path: str, body: bytes, key: str) -> Answer:
    """`Served.call` leaves out what is empty."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    headers = {"Gateway-Token": served.token, "Content-Type": "application/json", **ABOUT}
    connection.putrequest("POST", path)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.putheader("Idempotency-Key", key.encode("latin-1"))
    connection.endheaders(body)
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


def test_a_refusal_claims_no_key_and_what_was_corrected_may_come_with_it(desk: Desk) -> None:
    """A refusal is a result of its own each time, recorded each time; nothing was sent that could be sent twice."""
    before = desk.arrived

    refused = [desk.post("refused", {"iin": "900101100103"}) for _ in range(2)]
    corrected = desk.post("refused")

    documents = [expect_problem(answer, 422, orjson.loads(answer[2])["code"]) for answer in refused]
    assert documents[0]["transfer_id"] != documents[1]["transfer_id"]
    assert expect_delivered(corrected)["outcome"] == "delivered"
    assert desk.arrived == before + 1


def test_an_answer_that_is_too_long_to_keep_is_not_asked_for_twice(desk: Desk) -> None:
    """As base64 inside of a reply, an answer is a third longer than it came."""
    desk.says.reply = Reply(headers=(("Content-Type", "image/png"),), body=b"\xff" * (MEGABYTE - 1))
    before = desk.arrived

    first, again, proxied = desk.post("too-long"), desk.post("too-long"), [desk.proxy("long") for _ in range(2)]

    document = expect_problem(again, 410, "answer_not_kept")
    assert document["transfer_id"] == expect_delivered(first)["transfer_id"]
    assert document["outcome"] == "delivered"
    assert len(first[2]) > MEGABYTE
    assert same(*proxied)
    assert desk.arrived == before + 2


def test_a_preview_has_no_use_for_a_key(desk: Desk) -> None:
    """Live traffic may be mirrored to it as it is."""
    body = orjson.dumps(transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST))
    before = desk.arrived

    answers = [desk.served.call("POST", "/v1/preview", body, headers={"Idempotency-Key": "seen"}) for _ in range(2)]

    assert [answer[0] for answer in answers] == [200, 200]
    assert "gateway-replayed" not in answers[1][1]
    assert expect_delivered(desk.post("seen", {**SERVICE_REQUEST, "note": "another"}))
    assert desk.arrived == before + 1

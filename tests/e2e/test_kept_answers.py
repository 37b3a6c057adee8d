"""What is kept for a repeated request: through kills and a log that is away, sealed, and for a day (T49, T63, T89)."""

from __future__ import annotations

import http.client
import random
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

import orjson

from gateway.bootstrap import Gateway, build
from gateway.clock import MICROSECONDS, Instant, SystemClock
from gateway.model import Call
from tests.deployment import SERVICE_REQUEST, Deployment, serving, transfer_body
from tests.e2e.answers import Answer, expect_delivered, expect_problem, verified
from tests.e2e.desk import PURPOSE, RECIPIENT, Desk, Says, new_desk, same, until
from tests.e2e.oracle import Tokens, hashed_in, hashes_of, tokens_in
from tests.recipients import Authority, RecordingRecipient, Reply, closed_port


class TomorrowClock(SystemClock):
    """A clock that is a day and a minute ahead."""

    def now(self) -> Instant:
        return Instant(super().now() + (24 * 3_600 + 60) * MICROSECONDS)


def test_of_one_whose_gateway_was_killed_it_is_not_known_whether_it_arrived(tmp_path: Path) -> None:
    """T63: in flight until the deadline and its grace are over, then `outcome_unknown`; never a second send."""
    authority, says = Authority(tmp_path), Says(seconds=5)
    with RecordingRecipient(authority, says) as recipient:
        deployment, other = new_desk(tmp_path, authority, recipient)
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            lost = threading.Thread(target=_suppressed, args=(desk,))
            lost.start()
            until(lambda: desk.arrived == 1)
            served.kill()
            lost.join()
        says.seconds = 0.0
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            early = desk.post("killed")
            until(lambda: desk.post("killed")[0] != 409)
            late = [desk.post("killed") for _ in range(2)]

    expect_problem(early, 409, "idempotency_in_flight")
    documents = [expect_problem(answer, 504, "outcome_unknown") for answer in late]
    assert {document["transfer_id"] for document in documents} == {recipient.received[0].header("Idempotency-Key")}
    assert len(recipient.received) == 1
    assert [str(problem) for problem in verified(deployment).problems] == []


def test_where_the_log_was_away_when_it_ended_the_answer_comes_with_the_repeat(tmp_path: Path) -> None:
    """T63, T67: the reply does not say more than is durable, and what is known is not lost."""
    authority, says = Authority(tmp_path), Says(seconds=0.6)
    with RecordingRecipient(authority, says) as recipient:
        deployment, other = new_desk(tmp_path, authority, recipient)
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            first: list[Answer] = []
            asking = threading.Thread(target=lambda: first.append(desk.post("away")))
            asking.start()
            until(lambda: desk.arrived == 1)
            with sqlite3.connect(deployment.database, isolation_level=None) as another_program:
                another_program.execute("BEGIN IMMEDIATE")
                asking.join()
                another_program.execute("ROLLBACK")
            another_program.close()
            until(lambda: desk.post("away")[0] not in {409, 503})
            again = desk.post("away")

    assert expect_problem(first[0], 504, "outcome_unknown")["transfer_id"] == expect_delivered(again)["transfer_id"]
    assert again[1]["gateway-replayed"] == "1"
    assert len(recipient.received) == 1


def _suppressed(desk: Desk) -> None:
    with suppress(OSError, http.client.HTTPException):
        desk.post("killed")


def _stored(deployment: Deployment) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(deployment.home.glob("gateway.db*")))


def test_a_kept_answer_cannot_be_read_where_it_is_kept_and_is_gone_after_a_day(tmp_path: Path) -> None:
    """Law 5, T89: request, answer, key and their digests, in the database, its journal and its free pages."""
    tokens = Tokens(random.Random(7))
    key, secret, asked, file = tokens.word(), tokens.word(), tokens.word(), tokens.number()
    authority = Authority(tmp_path)
    body = orjson.dumps({"answer": secret, "file": file, "more": "x" * 20_000})
    says = Says(reply=Reply(body=body))
    with RecordingRecipient(authority, says) as recipient:
        deployment, other = new_desk(tmp_path, authority, recipient)
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            first = desk.post(key, {**SERVICE_REQUEST, asked: asked})
            again = desk.post(key, {**SERVICE_REQUEST, asked: asked})
            while_serving, metrics = _stored(deployment), served.call("GET", "/metrics")[2]
        sinks = {"serving": while_serving, "closed": _stored(deployment), "metrics": metrics}
        sinks["diagnostics"] = served.diagnostics.read_bytes()
    sealed = _kept(deployment)
    gateway = build(deployment.settings, TomorrowClock())
    gateway.sweep.once()
    left, new = _stored(deployment), _is_new(gateway, desk, key)
    gateway.close()

    hashes = hashes_of([key, secret, asked, file])
    assert secret.encode() in first[2]
    assert same(first, again)
    assert {name for name, sink in sinks.items() if tokens_in(sink) or hashed_in(sink, hashes)} == set()
    assert len(sealed) > 20_000
    assert sealed[:32] in sinks["closed"]
    assert all(sealed[at : at + 32] not in left for at in range(0, len(sealed) - 32, 500))
    assert new


def _kept(deployment: Deployment) -> bytes:
    connection = sqlite3.connect(deployment.database)
    ((sealed,),) = connection.execute("SELECT sealed FROM kept_answer").fetchall()
    connection.close()
    return bytes(sealed)


def _is_new(gateway: Gateway, desk: Desk, key: str) -> bool:
    """Whether a key holds nothing any more."""
    body = orjson.dumps(transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST))
    admitted = gateway.house.admit(Call(desk.served.token, "application/json", body, idempotency_key=key))
    return gateway.house.recorder.repeated(admitted) is None


def test_where_the_transfers_key_was_destroyed_its_answer_is_gone_too(tmp_path: Path) -> None:
    """Law 5: what withdraws a transfer withdraws what is kept of it, and nothing is sent again."""
    authority, says = Authority(tmp_path), Says()
    with RecordingRecipient(authority, says) as recipient:
        deployment, other = new_desk(tmp_path, authority, recipient)
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            expect_delivered(desk.post("withdrawn"))
            with sqlite3.connect(deployment.database) as connection:
                connection.execute("DELETE FROM transfer_key")
            connection.close()
            answer = desk.post("withdrawn")

    assert expect_problem(answer, 410, "answer_not_kept")
    assert len(recipient.received) == 1


def test_what_could_not_be_sent_goes_through_with_thesame_key_later(tmp_path: Path) -> None:
    """Not one byte has left, so the key is free: a library that retries is not told the same for a day."""
    authority, says = Authority(tmp_path), Says()
    with RecordingRecipient(authority, says) as recipient:
        deployment, other = new_desk(tmp_path, authority, recipient)
        deployment.point(RECIPIENT, f"https://127.0.0.1:{closed_port()}", authority.ca_file)
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            unsent = [desk.post("held-up") for _ in range(2)]
        deployment.point(RECIPIENT, recipient.base_url, authority.ca_file)
        with serving(deployment) as served:
            desk = Desk(deployment, served, recipient, says, other)
            first, again = desk.post("held-up"), desk.post("held-up")

    documents = [expect_problem(answer, 502, "recipient_unreachable") for answer in unsent]
    assert documents[0]["transfer_id"] != documents[1]["transfer_id"]
    assert expect_delivered(first)["outcome"] == "delivered"
    assert same(first, again)
    assert len(recipient.received) == 1

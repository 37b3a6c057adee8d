"""The law that matters most: what a map does not name is nowhere (T22, T23, T45, T58, T86, law 5).

Random payloads × random maps through the whole server. Every leaf and every unknown name carries a token, and so do
recipients' answers and the Idempotency-Key of every second request, which is repeated. Afterwards no token stands in
the database with its WAL, in headers, URLs, diagnostics, metrics or replies (but the answer's own, twice); and at
recipients stand only tokens that the map lets through.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from gateway.canonical import write
from gateway.clock import SystemClock
from gateway.receiver import Receiver
from tests.deployment import PAIRS, Deployment, new_deployment, serving, transfer_body
from tests.e2e.invention import Invented, random_maps, random_payload
from tests.e2e.oracle import Tokens, hashed_in, hashes_of, tokens_in
from tests.recipients import Authority, Received, RecordingRecipient, Reply

COUNT = int(os.environ.get("GATEWAY_TEST_CANARIES", "200"))
SEED = int(os.environ.get("GATEWAY_TEST_SEED", "20261122"))
SERVERS = 2


@dataclass
class Harvest:
    """Everything that came out of a run."""

    invented: list[Invented] = field(default_factory=list)
    bodies: dict[str, set[str]] = field(default_factory=dict)  # transfer id → tokens that its recipient got
    sent: dict[str, Invented] = field(default_factory=dict)  # transfer id → what was asked
    outcomes: dict[int, int] = field(default_factory=dict)
    sinks: dict[str, bytes] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)  # tokens of recipients' answers
    keys: set[str] = field(default_factory=set)
    repeats: int = 0


def _run(folder: Path, seed: int, count: int, harvest: Harvest) -> None:
    randomness = random.Random(seed)
    tokens = Tokens(randomness)
    deployment = new_deployment(folder)
    maps = random_maps(deployment.maps, randomness)
    deployment.make()
    authority = Authority(folder)
    received: list[Received] = []

    def answer(request: Received) -> Reply:
        received.append(request)
        said = tokens.word()
        harvest.answered.add(said)
        return Reply(status=randomness.choice([200, 200, 200, 500]), body=orjson.dumps({"said": said}))

    with RecordingRecipient(authority, answer) as recipient:
        for one in sorted({pair[0] for pair in PAIRS}):
            deployment.point(one, recipient.base_url, authority.ca_file)
        replies = bytearray()
        with serving(deployment) as served:
            for number in range(count):
                made = random_payload(maps, randomness, tokens)
                subject = "subj_" + tokens.word()
                made.must_stay.add(subject.removeprefix("subj_"))
                body = transfer_body(made.recipient, made.purpose, made.payload, subject)
                key = tokens.word() if number % 2 else ""
                status, headers, raw = served.call("POST", "/v1/transfers", body, headers={"Idempotency-Key": key})
                if key and status in {200, 502}:
                    again = served.call("POST", "/v1/transfers", body, headers={"Idempotency-Key": key})
                    harvest.repeats += (again[0], again[2], again[1].get("gateway-replayed")) == (status, raw, "1")
                    harvest.keys.add(key)
                    replies += again[2] + repr(again[1]).encode()
                replies += raw + repr(headers).encode()
                harvest.invented.append(made)
                harvest.outcomes[status] = harvest.outcomes.get(status, 0) + 1
                transfer_id = orjson.loads(raw)["transfer_id"]
                harvest.sent[transfer_id] = made
                replies += served.call("GET", f"/v1/transfers/{transfer_id}")[2]
            harvest.sinks[f"metrics {seed}"] = served.call("GET", "/metrics")[2]
            harvest.sinks[f"database {seed}"] = _database(deployment)
        harvest.sinks[f"replies {seed}"] = bytes(replies)
        harvest.sinks[f"diagnostics {seed}"] = served.diagnostics.read_bytes()
        harvest.sinks[f"database, closed {seed}"] = _database(deployment)
        harvest.sinks[f"lines and headers {seed}"] = repr([(r.method, r.path, r.headers) for r in received]).encode()
        harvest.sinks[f"sealed bodies {seed}"] = b"\n".join(r.body for r in received)
    _open_all(deployment, received, harvest)


def _database(deployment: Deployment) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(deployment.home.glob("gateway.db*")))


def _open_all(deployment: Deployment, received: list[Received], harvest: Harvest) -> None:
    receivers: list[Receiver] = [deployment.receiver(one) for one in sorted({pair[0] for pair in PAIRS})]
    for request in received:
        opened = None
        for receiver in receivers:
            try:
                opened = receiver.open(request.body, now=SystemClock().now(), newest=None)
            except Exception:  # noqa: BLE001 -- it is for another of them
                continue
        assert opened is not None
        harvest.bodies[opened.transfer_id] = tokens_in(write(opened.data))


@pytest.fixture(scope="module")
def harvest(tmp_path_factory: pytest.TempPathFactory) -> Harvest:
    found = Harvest()
    for number in range(SERVERS):
        _run(tmp_path_factory.mktemp("canary"), SEED + number, COUNT // SERVERS, found)
    print(f"\ncanaries: seed {SEED}, {len(found.invented)} payloads, answers {found.outcomes}")
    print(f"bound: with 0 leaks in {len(found.invented)} cases, fewer than {3 / len(found.invented):.3%} leak (95 %)")
    return found


def test_no_token_is_in_any_sink_that_is_not_a_disclosure(harvest: Harvest) -> None:
    leaks = {name: tokens_in(sink) for name, sink in harvest.sinks.items()}
    for name in [name for name in leaks if name.startswith("replies")]:
        leaks[name] -= harvest.answered  # which is what a reply is for

    assert {name: found for name, found in leaks.items() if found} == {}


def test_no_hash_of_a_token_is_in_any_sink(harvest: Harvest) -> None:
    hashes = hashes_of(token for made in harvest.invented for token in made.must_stay | made.may_leave)
    hashes |= hashes_of(harvest.answered | harvest.keys)
    leaks = {name: hashed_in(sink, hashes) for name, sink in harvest.sinks.items()}

    assert {name: found for name, found in leaks.items() if found} == {}


def test_recipients_got_only_what_the_maps_let_through(harvest: Harvest) -> None:
    wrong = {key: got - harvest.sent[key].may_leave for key, got in harvest.bodies.items()}

    assert {key: tokens for key, tokens in wrong.items() if tokens} == {}


def test_recipients_got_something_and_the_run_was_not_empty(harvest: Harvest) -> None:
    """A gateway that refuses everything would pass the other tests."""
    released = sum(len(tokens) for tokens in harvest.bodies.values())

    assert len(harvest.bodies) >= len(harvest.invented) // 2
    assert released >= len(harvest.invented)
    assert set(harvest.outcomes) <= {200, 422, 502}
    assert harvest.repeats == len(harvest.keys) > len(harvest.invented) // 4
    assert len(harvest.answered) == len(harvest.bodies)

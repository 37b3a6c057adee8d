"""`gateway serve`: its processes share one log, say nothing personal, and end without losing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil
import pytest
from ruamel.yaml import YAML

from gateway.bootstrap import open_store
from gateway.canonical import write
from gateway.clock import SystemClock
from gateway.storage import Store
from gateway.transfer_log.checkpoint import open_checkpoint
from gateway.transfer_log.proof import read_proof
from gateway.transfer_log.tree import leaf_hash, verify_inclusion
from tests.deployment import (
    ORIGIN,
    PAIRS,
    SERVICE_REQUEST,
    Deployment,
    Served,
    new_deployment,
    serving,
    transfer_body,
)
from tests.e2e.answers import SUBJECT, ask, expect_delivered, expect_problem, life, personal_in, verified
from tests.e2e.server import serve_until_it_fails
from tests.recipients import Authority, RecordingRecipient

CARRIER = ("carrier-cdek-test", "goods_delivery")
PAYMENT = ("psp-halyk-test", "payment")
DELIVERY = {
    "number": "ORD-777",
    "tariff_code": 136,
    "delivery_point": "PVL-1",
    "packages": [
        {
            "number": "1",
            "weight": 500,
            "items": [
                {
                    "ware_key": "SKU-1",
                    "name": "Лампа",
                    "cost": "1980.10",
                    "payment": {"value": 0},
                    "weight": 500,
                    "amount": 2,
                }
            ],
        }
    ],
    "recipient": {
        "name": "Примеров Тест Образцович",
        "phones": [{"number": "87000000123"}],
        "email": "test.primerov@example.com",
        "tin": "900101100103",
    },
}


@dataclass
class Running:
    """Two processes of one gateway, and the recipient that all of its recipients are."""

    deployment: Deployment
    served: Served
    recipient: RecordingRecipient

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry these labels."""
        status, _headers, raw = self.served.call("GET", "/metrics")
        assert status == 200
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in raw.decode().splitlines() if line.startswith(f"{name}{{")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(part in line for part in wanted))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    authority, deployment = Authority(folder), new_deployment(folder)
    with RecordingRecipient(authority) as recipient:
        for one in sorted({pair[0] for pair in PAIRS}):
            deployment.point(one, recipient.base_url, authority.ca_file)
        deployment.point(
            CARRIER[0],
            recipient.base_url,
            authority.ca_file,
            protection="tls",
            protection_reason="its public API takes plain JSON",
            keys=[],
        )
        _let_long_numbers_through(deployment.maps)
        deployment.make()
        with serving(deployment, workers=2) as served:
            yield Running(deployment, served, recipient)


def _let_long_numbers_through(maps: Path) -> None:
    yaml, path = YAML(), maps / "payment_provider.yaml"
    text = yaml.load(path.read_text(encoding="utf-8"))
    text["purposes"]["payment"]["fields"]["payment.reference"] = {
        "category": "operational",
        "type": "integer",
        "minimum": 0,
        "maximum": 10**20,
        "because": "§5, invented for a test",
    }
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(text, file)


# ── Two processes, one log ──────────────────────────────────────────────────


def test_two_processes_share_one_log_and_their_metrics_add_up(running: Running) -> None:
    """T60: every index once, none left out; T87."""
    delivered, refused = running.metric("gateway_transfers_total"), running.metric("gateway_refusals_total")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(running.served), range(40)))
        refusals = list(pool.map(lambda _: ask(running.served, "mc-nobody"), range(8)))
    indices = [
        entry["index"]
        for answer in (*answers, *refusals)
        for entry in life(running.served, orjson.loads(answer[2])["transfer_id"], 2 if answer[0] == 200 else 1)
    ]

    assert Counter(answer[0] for answer in (*answers, *refusals)) == {200: 40, 422: 8}
    assert len(set(indices)) == len(indices) == 88
    assert max(indices) - min(indices) == 87
    assert running.metric("gateway_transfers_total") - delivered == 40
    assert running.metric("gateway_transfers_total", outcome="delivered") - delivered == 40
    assert running.metric("gateway_refusals_total", reason="unknown_recipient", recipient="other") >= 8
    assert running.metric("gateway_refusals_total") - refused == 8
    assert running.metric("gateway_transfer_seconds_count") >= 40
    report = verified(running.deployment)
    assert [str(problem) for problem in report.problems] == []


def test_both_processes_did_work(running: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda _: ask(running.served)[0], range(40)))

    workers = {process.pid for process in psutil.Process(running.served.process.pid).children()}
    counting = {int(path.stem.split("_")[-1]) for path in (running.deployment.home / "run/metrics").glob("counter_*")}
    assert statuses == {200}
    assert len(workers) == 2
    assert counting == workers


def test_health_and_readiness(running: Running) -> None:
    health = running.served.call("GET", "/healthz", headers={"Gateway-Token": ""})
    ready = running.served.call("GET", "/readyz", headers={"Gateway-Token": ""})
    forwarded = running.served.call("GET", "/readyz", headers={"X-Forwarded-For": "192.0.2.1"})

    assert (health[0], orjson.loads(health[2])) == (200, {"status": "alive"})
    assert orjson.loads(ready[2]) == {"status": "ready", "checks": {"database": "ok", "keys": "ok", "maps": "ok"}}
    assert orjson.loads(forwarded[2]) == {"status": "ready"}


def test_metrics_are_not_for_whoever_comes_through_a_proxy(running: Running) -> None:
    answer = running.served.call("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1"})

    assert expect_problem(answer, 401, "unauthenticated")


def test_diagnostics_are_json_lines_without_payload_subject_or_address(running: Running) -> None:
    """T22, T23, T86."""
    transfer_id = expect_delivered(ask(running.served))["transfer_id"]
    running.served.call("GET", f"/v1/people/{SUBJECT}?phone=87000000123")
    running.served.call("POST", "/v1/transfers", b'{"payload": "900101100103", ', headers={"X-Fio": "Primerov"})

    banner, *raw = running.served.diagnostics.read_bytes().splitlines()
    lines = [orjson.loads(line) for line in raw if not line.startswith(b"[WARNING]")]

    assert banner.startswith(b"gateway on http://127.0.0.1")
    assert personal_in(b"\n".join(raw)) == []
    assert not any(word in b"\n".join(raw) for word in (b"Primerov", b"people", b"127.0.0.1:", b"gw_", b"https://"))
    (line,) = [line for line in lines if line.get("transfer_id") == transfer_id and line["method"] == "POST"]
    assert (line["status"], line["route"], line["caller"]) == (200, "/v1/transfers", "backend")


# ── What is promised to callers and recipients ──────────────────────────────


def test_under_protection_tls_the_minimum_leaves_as_plain_json_and_the_caller_gets_the_proof(running: Running) -> None:
    answer = ask(running.served, *CARRIER, DELIVERY)

    document = expect_delivered(answer)
    request = running.recipient.received[-1]
    assert request.header("content-type") == "application/json"
    assert orjson.loads(request.body) == {
        "number": "ORD-777",
        "tariff_code": 136,
        "recipient": {"name": "Тест П.", "phones": [{"number": "+77000000123"}]},
        "delivery_point": "PVL-1",
        "packages": [
            {
                "number": "1",
                "weight": 500,
                "items": [
                    {
                        "ware_key": "SKU-1",
                        "name": "Товар",
                        "cost": "1980.10",
                        "payment": {"value": 0},
                        "weight": 500,
                        "amount": 2,
                    }
                ],
            }
        ],
    }
    proof = read_proof(document["log"]["proof"])
    key = running.deployment.keyring.log_key.public_key()
    checkpoint = open_checkpoint(proof.checkpoint_note, ORIGIN, key)
    leaf = leaf_hash(_leaf(running.deployment, document["log"]["index"]))
    assert proof.index == document["log"]["index"]
    assert verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)
    assert not verify_inclusion(proof.index, checkpoint.size, bytes(32), proof.hashes, checkpoint.root)


def _leaf(deployment: Deployment, index: int) -> bytes:
    store: Store = open_store(deployment.settings, deployment.keyring, SystemClock())
    try:
        with store.entries.reading() as reading:
            return dict(reading.leaves())[index]
    finally:
        store.close()


def test_the_alarm_of_a_special_category_stands_in_reply_entry_and_metrics(running: Running) -> None:
    before = running.metric("gateway_alarms_total", group="health")

    document = expect_delivered(ask(running.served, payload=SERVICE_REQUEST | {"diagnosis": "астма"}))

    assert document["alarms"] == ["health"]
    assert {"path": "diagnosis", "reason": "special_category"} in document["withheld"]
    intent, _outcome = life(running.served, document["transfer_id"], 2)
    assert intent["alarms"] == ["health"]
    assert running.metric("gateway_alarms_total", group="health", caller="backend") - before == 1


@pytest.mark.parametrize("amount", ["1.10", "0.1", "5430.00", "100", '"1.10"'])
def test_money_arrives_with_the_same_digits(running: Running, amount: str) -> None:
    """T18, law 9."""
    number = "12345678901234567890"
    fields = f'"order_id":"INV-1","amount":{amount},"currency":"KZT","merchant_id":"5","reference":{number}'
    body = orjson.dumps(transfer_body(*PAYMENT, orjson.Fragment(f'{{"payment":{{{fields}}}}}')))

    expect_delivered(running.served.call("POST", "/v1/transfers", body))

    opened = running.deployment.receiver(PAYMENT[0]).open(
        running.recipient.received[-1].body, now=SystemClock().now(), newest=None
    )
    assert f'"amount":{amount}'.encode() in write(opened.data)
    assert f'"reference":{number}'.encode() in write(opened.data)


def test_what_a_recipient_gets_is_ours_alone(running: Running) -> None:
    """T21, T22: nothing that the caller put into its headers."""
    headers = {
        "Cookie": "a=b",
        "X-Trace": SUBJECT,
        "User-Agent": "app",
        "Referer": "https://x.example",
        "Baggage": "u=1",
    }

    expect_delivered(running.served.call("POST", "/v1/transfers", transfer_body(*PAIRS[2], SERVICE_REQUEST), headers))

    names = [name.lower() for name, _value in running.recipient.received[-1].headers]
    assert sorted(names) == [
        "accept", "accept-encoding", "content-length", "content-type", "host", "idempotency-key", "user-agent",
    ]  # fmt: skip
    assert running.recipient.received[-1].header("user-agent") == "gateway"


# ── What does not start ─────────────────────────────────────────────────────


def test_a_port_that_is_taken(running: Running) -> None:
    """Not beside the one that listens there: the system would let both, and half of the requests would go astray."""
    before = running.metric("gateway_transfers_total")

    ran = serve_until_it_fails(running.deployment, "--port", str(running.served.port))

    assert ran.returncode == 1
    assert f"cannot listen on 127.0.0.1:{running.served.port}" in ran.stderr
    assert running.metric("gateway_transfers_total") == before  # its metrics are untouched

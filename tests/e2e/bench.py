"""A running gateway between a good recipient and bad ones: what tests of bad input are done to."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil
from ruamel.yaml import YAML

from gateway.model import Suite
from gateway.seal.keyring import generate_recipient_key
from tests.deployment import (
    PAIRS,
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
    expect_problem,
    life,
    log_size,
    personal_in,
    verified,
)
from tests.e2e.hostile import BAD, bad_recipients
from tests.recipients import Authority, Received, RecordingRecipient, Reply

JSON = {"Content-Type": "application/json"}
QUOTA = 80
LIMIT = 1 << 20
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

    def expect_whole(self) -> None:
        """Nothing of a payload is in the diagnostics or the metrics, and the log is whole."""
        sinks = self.served.diagnostics.read_bytes() + self.served.call("GET", "/metrics")[2]
        assert personal_in(sinks) == []
        assert b"mc-nobody" not in sinks
        assert [str(problem) for problem in verified(self.deployment).problems] == []

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


@contextmanager
def running_bench(folder: Path) -> Iterator[Bench]:
    """All of it at work; the addresses of the bad recipients are those of `BAD`."""
    authority, other = Authority(folder), Authority(folder)
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


def until_known(bench: Bench, token: str) -> None:
    """A new caller counts within two seconds."""
    deadline = time.monotonic() + 3
    while bench.post(b"{}", Gateway_Token=token)[0] == 401:
        assert time.monotonic() < deadline
        time.sleep(0.05)

"""The same cases through `gateway serve`, a real server before it and a real TLS connection behind it (T20 to T25)."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deployment import Served, serving
from tests.fuzz.cases import Case, make_case
from tests.fuzz.run import Harvest
from tests.fuzz.trials import Happened, database, deployed
from tests.fuzz.verdict import faults, sunk
from tests.recipients import Authority, Received, ScriptedRecipient, Visit

COUNT = int(os.environ.get("GATEWAY_TEST_SERVED_CASES", "300"))
SEED = os.environ.get("GATEWAY_TEST_SEED", "20261122") + ".served"


@dataclass
class Behind:
    """The recipient behind the gateway: it writes down each request and answers as the case says."""

    case: Case | None = None
    arrived: list[bytes] = field(default_factory=list)

    def __call__(self, visit: Visit) -> None:
        while (received := visit.read_request()) is not None and self.case is not None:
            self.arrived.append(_raw(received))
            visit.send(self.case.answer.raw)
            if self.case.answer.lost:
                return


def _raw(received: Received) -> bytes:
    head = [f"{received.method} {received.path} HTTP/1.1", *(f"{name}: {value}" for name, value in received.headers)]
    return "\r\n".join((*head, "", "")).encode("latin-1") + received.body


def _ask(served: Served, case: Case, behind: Behind) -> Happened:
    behind.case, behind.arrived = case, []
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    try:
        target = f"{case.path}?{case.query}" if case.query else case.path
        connection.request(case.method, target, case.body or None, dict(case.headers))
        answer = connection.getresponse()
        return Happened(answer.status, answer.getheaders(), answer.read(), behind.arrived)
    finally:
        connection.close()


@contextmanager
def _recipient(behind: Behind, authority: Authority) -> Iterator[str]:
    with ScriptedRecipient(behind, authority.server_context()) as recipient:
        yield recipient.base_url


def test_through_the_served_proxy_nothing_withheld_is_anywhere(tmp_path: Path) -> None:
    """A find names its case: it is that of `make_case` in the world of this seed."""
    behind, authority, total = Behind(), Authority(tmp_path), Harvest()
    with _recipient(behind, authority) as base_url:
        deployment, services, private_key = deployed(tmp_path, SEED, base_url, authority.ca_file)
        with serving(deployment) as served:
            for number in range(COUNT):
                case = make_case(services, SEED, number, deployment.token)
                happened = _ask(served, case, behind)
                total.faults += [f"{case!r}: {fault}" for fault in faults(case, happened, private_key)]
                total.count += 1
                total.arrived += len(happened.arrived)
                total.leaves += sum(map(len, case.wanted.values())) if happened.arrived else 0
                total.ended[case.code or "sent"] += 1
            sinks = {"metrics": served.call("GET", "/metrics")[2], "database": database(deployment)}
        sinks |= {"database, closed": database(deployment), "diagnostics": served.diagnostics.read_bytes()}
    print(f"\nseed {SEED}: {total}", f"bound: {total.bound()}", sep="\n")

    assert total.faults + sunk(sinks) == []
    assert total.arrived >= COUNT // 2

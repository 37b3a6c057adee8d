"""A caller's default basis, from the operator who sets it to the entry of the transfer log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.bootstrap import Gateway
from gateway.model import Basis, BasisKind, CallerId, PurposeId, RecipientId, TransferId
from gateway.web import create_app
from tests.deployment import SERVICE_REQUEST, Deployment, new_deployment, transfer_body
from tests.recipients import Authority, closed_port

MC = "mc-primer-uk"
PAIR = RecipientId(MC), PurposeId("service_request")
DEFAULT = Basis(BasisKind.OBLIGATION, "contract-7", "2026-01-01T00:00:00Z", None)
IN_ENTRY = {"kind": "obligation", "ref": "contract-7", "given_at": "2026-01-01T00:00:00Z", "text_version": None}
STATED = {"kind": "consent", "ref": "consent-1", "given_at": "2026-11-01T09:00:00+05:00", "text_version": None}
HEADER = "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00"


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    made = new_deployment(tmp_path)
    made.point(MC, f"https://127.0.0.1:{closed_port()}", Authority(tmp_path).ca_file)
    made.make()
    return made


@pytest.fixture
def gateway(deployment: Deployment) -> Iterator[Gateway]:
    made = deployment.build()
    made.store.callers.set_basis(CallerId("backend"), DEFAULT)
    yield made
    made.close()


def transfer(basis: Any = None) -> dict[str, Any]:
    return {**transfer_body(MC, "service_request", SERVICE_REQUEST), "basis": basis}


def ask(gateway: Gateway, deployment: Deployment, path: str, tree: Any, **headers: str) -> dict[str, Any]:
    sent = {"Gateway-Token": deployment.token, "Content-Type": "application/json", **headers}
    client = create_app(gateway).test_client(use_cookies=False)
    told: dict[str, Any] = client.post(path, data=orjson.dumps(tree), headers=sent).get_json()
    return told


def recorded_basis(gateway: Gateway, told: dict[str, Any]) -> Any:
    found = gateway.store.transfers.find(TransferId(told["transfer_id"]))
    assert found is not None
    entry = found.entries[0]
    assert (entry.kind, entry.private is not None) == ("intent", True)
    return (entry.private or {})["basis"]


def test_the_default_stands_in_the_entry_as_a_stated_basis_does(gateway: Gateway, deployment: Deployment) -> None:
    proxied = {"Gateway-Subject": "usr_0001"}
    path = f"/v1/proxy/{MC}/service_request{gateway.snapshot.maps[PAIR].route.path}"

    by_default = ask(gateway, deployment, "/v1/transfers", transfer())
    stated = ask(gateway, deployment, "/v1/transfers", transfer(STATED))
    proxied_by_default = ask(gateway, deployment, path, SERVICE_REQUEST, **proxied)
    proxied_stated = ask(gateway, deployment, path, SERVICE_REQUEST, **proxied, **{"Gateway-Basis": HEADER})

    told = [by_default, proxied_by_default, stated, proxied_stated]
    assert [recorded_basis(gateway, one) for one in told] == [IN_ENTRY, IN_ENTRY, STATED, STATED]


def test_a_preview_goes_by_the_default_too(gateway: Gateway, deployment: Deployment) -> None:
    with_default = ask(gateway, deployment, "/v1/preview", transfer())
    gateway.store.callers.set_basis(CallerId("backend"), None)
    without = ask(gateway, deployment, "/v1/preview", transfer())

    assert (with_default["decision"], without["reason"]) == ("permitted", "basis_missing")


def test_a_stated_basis_that_is_malformed_is_not_replaced(gateway: Gateway, deployment: Deployment) -> None:
    """Deny wins: what the caller states is what is judged."""
    told = ask(gateway, deployment, "/v1/transfers", transfer({"kind": "consent", "ref": "consent-1"}))

    assert told["code"] == "malformed_request"
    assert "basis.given_at is missing" in told["detail"]

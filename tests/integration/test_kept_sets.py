"""Sets that the platform keeps, from the request that fills one to the refusal that follows from it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from ruamel.yaml import YAML
from werkzeug.test import TestResponse

from gateway.bootstrap import Gateway
from gateway.model import CallerId, RecipientId
from gateway.web import create_app
from tests.deployment import SERVICE_REQUEST, Deployment, new_deployment, transfer_body

MC = "mc-primer-uk"
PATH = f"/v1/recipients/{MC}/scope/houses"
HOUSE = "10/1"  # of the invented request
CANARY = "zq-premises-of-примерова-45"


def serve_only(deployment: Deployment, serves: dict[str, Any]) -> None:
    """Narrow the copied map of a managing company to those whom it serves."""
    path = deployment.maps / "recipients" / f"{MC}.yaml"
    yaml = YAML()
    text = yaml.load(path.read_text(encoding="utf-8"))
    text["purposes"]["service_request"]["serves"] = serves
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(text, file)


@dataclass
class Running:
    """One process over a deployment."""

    deployment: Deployment
    gateway: Gateway
    client: FlaskClient

    def call(self, method: str, path: str, tree: Any) -> TestResponse:
        headers = {"Gateway-Token": self.deployment.token, "Content-Type": "application/json"}
        return self.client.open(path, method=method, data=orjson.dumps(tree), headers=headers)

    def preview(self, house: Any = HOUSE) -> str | None:
        """Why the request of this house would be refused; None where it would leave."""
        address = {**SERVICE_REQUEST["ticket"]["address"], "house": house}
        payload = {**SERVICE_REQUEST, "ticket": {**SERVICE_REQUEST["ticket"], "address": address}}
        answer = self.call("POST", "/v1/preview", transfer_body(MC, "service_request", payload)).get_json()
        reason: str | None = answer["reason"]
        return reason


def running(deployment: Deployment) -> Running:
    gateway = deployment.build()
    return Running(deployment, gateway, create_app(gateway).test_client(use_cookies=False))


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    made = new_deployment(tmp_path)
    serve_only(made, {"ticket.address.house": {"set": "houses"}})
    made.make()
    return made


@pytest.fixture
def here(deployment: Deployment) -> Iterator[Running]:
    made = running(deployment)
    made.gateway.store.callers.let_keep(CallerId("backend"), RecipientId(MC))
    yield made
    made.gateway.close()


def test_whom_the_set_holds_is_served_and_no_one_else(here: Running) -> None:
    """T11, T16: deny wins: never written, empty, another value, no value, no text: out of scope."""
    never_written = here.preview()
    here.call("PUT", PATH, {"values": []})
    emptied = here.preview()
    filled = here.call("PUT", PATH, {"values": [HOUSE, "12"]})

    assert (never_written, emptied) == ("out_of_scope", "out_of_scope")
    assert filled.get_json()["count"] == 2
    assert [here.preview(house) for house in (HOUSE, "12")] == [None, None]
    assert {here.preview(house) for house in ("10", "10/1 ", "", None, ["10/1"], True)} == {"out_of_scope"}


def test_what_is_taken_out_of_a_set_is_refused_and_the_refusal_is_recorded(here: Running) -> None:
    """Law 8."""
    here.call("PUT", PATH, {"values": [HOUSE]})
    here.call("PATCH", PATH, {"remove": [HOUSE]})

    answer = here.call("POST", "/v1/transfers", transfer_body(MC, "service_request", SERVICE_REQUEST))

    life = here.call("GET", answer.get_json()["instance"], None).get_json()["entries"]
    assert (answer.status_code, answer.get_json()["code"]) == (403, "out_of_scope")
    assert [(one["kind"], one["reason"]) for one in life] == [("refusal", "out_of_scope")]


def test_another_process_follows_within_two_seconds(here: Running, deployment: Deployment) -> None:
    there = running(deployment)
    before = there.preview()
    here.call("PUT", PATH, {"values": [HOUSE]})
    time.sleep(1.1)

    after = there.preview()
    there.gateway.close()

    assert (before, after) == ("out_of_scope", None)


def test_the_database_does_not_list_whom_a_set_holds(here: Running) -> None:
    """T58, T89: a set may hold people or houses; what is in the files is keyed digests."""
    here.call("PUT", PATH, {"values": [CANARY, "h-1"]})
    here.call("PUT", PATH, {"values": ["h-1"]})
    kept = here.gateway.keyring.set_digest(RecipientId(MC), "houses", "h-1")
    gone = here.gateway.keyring.set_digest(RecipientId(MC), "houses", CANARY)
    here.gateway.close()

    raw = b"".join(path.read_bytes() for path in here.deployment.home.glob("gateway.db*"))

    assert kept in raw
    assert gone not in raw
    for form in (CANARY, CANARY.casefold()):
        assert form.encode() not in raw
        assert base64.b64encode(form.encode())[4:-4] not in raw
        assert form.encode().hex().encode() not in raw


def test_a_list_and_a_set_must_both_hold(tmp_path: Path) -> None:
    made = new_deployment(tmp_path)
    serve_only(made, {"ticket.scope": ["common_property"], "ticket.address.house": {"set": "houses"}})
    made.make()
    here = running(made)
    here.gateway.store.callers.let_keep(CallerId("backend"), RecipientId(MC))
    here.call("PUT", PATH, {"values": [HOUSE]})

    reason = here.preview()
    here.gateway.close()

    assert reason == "out_of_scope"


def test_who_may_not_keep_a_set_and_what_is_no_set_is_told_by_a_code(here: Running) -> None:
    """T47: to keep one recipient's sets is no right over another's."""
    other = here.call("PUT", PATH.replace(MC, "psp-halyk-test"), {"values": [HOUSE]})
    unknown = here.call("PUT", PATH.replace("houses", "flats"), {"values": [HOUSE]})

    assert (other.status_code, other.get_json()["code"]) == (403, "not_granted")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "unknown_set")

"""What one caller may not do with what another may: each cell of the grants, each id of another's transfer.

The same cells are asked of the transfer, of its preview and of the proxy, so that no door is wider than the others.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import orjson
import pytest

from gateway.model import CallerId, PurposeId, RecipientId
from gateway.web import create_app
from tests.deployment import PAIRS, SERVICE_REQUEST, Deployment, Served, new_deployment, serving, transfer_body
from tests.e2e.answers import Answer, expect_delivered
from tests.recipients import Authority, RecordingRecipient
from tests.unit.web.served import Served as FakeServed

Pair = tuple[str, str]
RECIPIENTS = sorted({pair[0] for pair in PAIRS})
PURPOSES = sorted({pair[1] for pair in PAIRS})
ASKED_FOR = [
    (recipient, purpose)
    for recipient in (*RECIPIENTS, "mc-nobody", "mc-primer-u", "MC-PRIMER-UK", "*")
    for purpose in (*PURPOSES, "debt_collection", "service_reques", "*")
]
GRANTS: dict[str, tuple[Pair, ...]] = {
    "all": PAIRS,
    "none": (),
    "one": (("mc-primer-uk", "service_request"),),
    "crossed": (("mc-primer-uk", "resident_register"), ("carrier-cdek-test", "goods_delivery")),
    "of-no-map": (("mc-primer-uk", "payment"), ("mc-nobody", "service_request"), ("mc-primer-uk", "debt_collection")),
}
NO = {"not_granted", "unknown_recipient", "unknown_purpose", "malformed_request"}
BASIS = "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00"


@dataclass
class House:
    """A running gateway with a recipient behind every name, and a token for each caller."""

    deployment: Deployment
    served: Served
    recipient: RecordingRecipient
    tokens: dict[str, str]

    def ask(self, caller: str, path: str, pair: Pair) -> Answer:
        body = orjson.dumps(transfer_body(*pair, SERVICE_REQUEST))
        return self.served.call("POST", path, body, headers={"Gateway-Token": self.tokens[caller]})

    def proxy(self, caller: str, pair: Pair) -> Answer:
        path = f"/v1/proxy/{pair[0]}/{pair[1]}/platform/requests"
        about = {"Gateway-Token": self.tokens[caller], "Gateway-Subject": "usr_1", "Gateway-Basis": BASIS}
        return self.served.call("POST", path, orjson.dumps(SERVICE_REQUEST), headers=about)

    def look(self, caller: str, transfer_id: str) -> Answer:
        return self.served.call("GET", f"/v1/transfers/{transfer_id}", headers={"Gateway-Token": self.tokens[caller]})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("callers")
    authority = Authority(folder)
    deployment = new_deployment(folder, GATEWAY_REFUSALS_PER_MINUTE="100000")
    with RecordingRecipient(authority) as recipient:
        for one in RECIPIENTS:
            deployment.point(one, recipient.base_url, authority.ca_file)
        deployment.make()
        tokens = {name: deployment.add_caller(name, pairs) for name, pairs in GRANTS.items()}
        with serving(deployment) as served:
            yield House(deployment, served, recipient, tokens)


def _reason(answer: Answer) -> str:
    """The code of a problem, or the reason of a preview; empty where neither refused."""
    told = orjson.loads(answer[2])
    return str(told.get("code") or told.get("reason") or "")


@pytest.mark.parametrize("caller", GRANTS)
def test_each_cell_of_caller_recipient_and_purpose_is_open_where_it_was_granted_and_nowhere_else(
    house: House, caller: str
) -> None:
    """T47: what is not granted, or granted and in no map, is refused, by every door, and nothing leaves."""
    granted = set(GRANTS[caller]) & set(PAIRS)
    before = len(house.recipient.received)

    stated = {pair: _reason(house.ask(caller, "/v1/transfers", pair)) for pair in ASKED_FOR}
    seen = {pair: _reason(house.ask(caller, "/v1/preview", pair)) for pair in ASKED_FOR}
    proxied = {pair: _reason(house.proxy(caller, pair)) for pair in ASKED_FOR}

    assert {pair for pair, reason in stated.items() if reason not in NO} == granted
    assert {pair for pair, reason in seen.items() if reason not in NO} == granted
    assert {pair for pair, reason in proxied.items() if reason not in NO | {"unknown_route"}} <= granted
    assert {stated[pair] for pair in set(PAIRS) - granted} <= {"not_granted"}
    arrived = len(house.recipient.received) - before
    assert (arrived > 0) == (("mc-primer-uk", "service_request") in granted)
    print(f"\n{caller}: {len(ASKED_FOR)} cells by 3 doors, {len(granted)} open, {arrived} arrived")


def test_a_grant_that_is_taken_back_closes_its_cell_within_two_seconds(house: House) -> None:
    """T47."""
    token = house.deployment.add_caller("fleeting", GRANTS["one"])
    house.tokens["fleeting"] = token
    first = _until(house, "fleeting", "")
    gateway = house.deployment.build()
    gateway.store.callers.ungrant(CallerId("fleeting"), RecipientId(PAIRS[2][0]), PurposeId(PAIRS[2][1]))
    gateway.close()

    assert first == ""
    assert _until(house, "fleeting", "not_granted") == "not_granted"


def _until(house: House, caller: str, reason: str) -> str:
    deadline = time.monotonic() + 3
    found = "never asked"
    while time.monotonic() < deadline and found != reason:
        found = _reason(house.ask(caller, "/v1/transfers", PAIRS[2]))
        time.sleep(0.05)
    return found


BY_ID = {"/v1/transfers/<transfer_id>"}
"""The routes that show something by an id of its own. All other parts of paths are names that callers may know."""
NAMES = {"recipient", "recipient_id", "purpose", "path", "name"}


def test_no_other_route_shows_anything_by_an_id() -> None:
    """T48: a new one must be asked for by other callers below."""
    by_id = {
        rule.rule
        for rule in create_app(FakeServed()).url_map.iter_rules()
        if set(re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)) - NAMES
    }

    assert by_id == BY_ID


def test_no_caller_sees_a_transfer_of_another_nor_that_there_is_one(house: House) -> None:
    """T48: delivered, refused, under a key; to all others it is what never was."""
    key = {"Idempotency-Key": "k-1"}
    body = orjson.dumps(transfer_body("mc-primer-uk", "service_request", SERVICE_REQUEST))
    ids: dict[str, list[str]] = {}
    for caller in GRANTS:
        token = {"Gateway-Token": house.tokens[caller]}
        answers = [house.served.call("POST", "/v1/transfers", body, headers=token | more) for more in ({}, key, key)]
        answers.append(house.ask(caller, "/v1/transfers", ("mc-nobody", "payment")))
        ids[caller] = [orjson.loads(raw)["transfer_id"] for _, _, raw in answers]
    never = house.look("all", "019a9c3e-7b00-7000-8000-000000000001")

    wrong: list[tuple[str, str]] = []
    for owner, theirs in ids.items():
        for caller in GRANTS:
            for one in theirs:
                status, headers, raw = house.look(caller, one)
                if caller == owner:
                    assert status == HTTPStatus.OK
                elif (status, raw) != (never[0], never[2]) or headers.keys() != never[1].keys():
                    wrong.append((caller, owner))

    assert never[0] == HTTPStatus.NOT_FOUND
    assert wrong == []
    assert len({one for theirs in ids.values() for one in theirs}) >= 3 * len(GRANTS)


def test_a_caller_with_the_grant_is_delivered_what_the_others_are_refused(house: House) -> None:
    """The matrix would also be kept by a gateway that refuses everything."""
    expect_delivered(house.ask("one", "/v1/transfers", ("mc-primer-uk", "service_request")))

    assert _reason(house.ask("crossed", "/v1/transfers", ("mc-primer-uk", "service_request"))) == "not_granted"

"""Transfers that are refused: through a real `gateway serve`, each an entry with its reason, and nothing leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.model import CallerId, SubjectId
from tests.deployment import (
    PAIRS,
    SERVICE_REQUEST,
)
from tests.e2e.answers import (
    ask,
    expect_delivered,
    expect_problem,
    life,
)
from tests.e2e.bench import QUOTA, Bench, running_bench, until_known
from tests.e2e.hostile import BAD

BLOCKED = "subj_blocked"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with running_bench(tmp_path_factory.mktemp("refusals")) as found:
        yield found


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
    until_known(bench, token)
    others = [pair for pair in (*PAIRS, *((f"mc-{name}", "service_request") for name in BAD)) if pair != PAIRS[2]]

    answers = [ask(bench.served, *pair, token=token) for pair in others]

    assert {(answer[0], answer[1].get("gateway-problem")) for answer in answers} == {(403, "not_granted")}
    expect_delivered(ask(bench.served, *PAIRS[2], token=token))


def test_a_caller_that_floods_the_log_with_refusals_is_stopped_and_no_other(bench: Bench) -> None:
    """T57."""
    token = bench.deployment.add_caller("flooder", (PAIRS[2],))
    until_known(bench, token)

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
    until_known(bench, token)
    never = "01a204e1-34ab-764d-b516-1b31c03ed455"

    answers = [
        bench.served.call("GET", f"/v1/transfers/{one}", headers={"Gateway-Token": token}) for one in (mine, never)
    ]

    expect_problem(answers[0], 404, "not_found")
    heads = [{name: value for name, value in answer[1].items() if name != "date"} for answer in answers]
    assert (answers[0][0], heads[0], answers[0][2]) == (answers[1][0], heads[1], answers[1][2])


def test_a_revoked_caller_is_out_within_two_seconds(bench: Bench) -> None:
    token = bench.deployment.add_caller("leaving", PAIRS)
    until_known(bench, token)
    store = open_store(bench.deployment.settings, bench.deployment.keyring, SystemClock())

    store.callers.revoke(CallerId("leaving"))
    revoked = time.monotonic()
    store.close()
    status, last = 200, revoked
    while status == 200 and time.monotonic() < revoked + 5:
        status, last = ask(bench.served, token=token)[0], time.monotonic()

    assert status == 401
    assert last - revoked < 2


def test_nothing_of_all_this_is_in_the_diagnostics_and_the_log_is_whole(bench: Bench) -> None:
    """T86, T87."""
    document = expect_delivered(ask(bench.served))

    assert len(life(bench.served, document["transfer_id"], 2)) == 2
    bench.expect_whole()

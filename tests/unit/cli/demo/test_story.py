from __future__ import annotations

from gateway.cli.demo.story import ACTS, CHECKOUT, DROP_IN, ORDER, RECIPIENTS, REFUSALS, request


def test_every_act_goes_to_a_recipient_that_the_demo_starts_and_grants() -> None:
    grants = {pair for one in (*RECIPIENTS, *DROP_IN) for pair in one.grants}

    assert [act.title for act in (*ACTS, ORDER, CHECKOUT) if f"{act.recipient}:{act.purpose}" not in grants] == []


def test_each_refusal_is_told_once() -> None:
    reasons = [refusal.reason for refusal in REFUSALS]

    assert len(reasons) == len(set(reasons)) == 8


def test_a_request_states_its_basis_unless_told_not_to() -> None:
    assert "basis" in request(ACTS[0])
    assert "basis" not in request(ACTS[0], basis=False)

from __future__ import annotations

from tests.deployment import Deployment
from tests.unit.cli.conftest import Run


def test_a_block_is_kept_under_a_pseudonym_and_can_be_lifted(deployment: Deployment, run: Run) -> None:
    first = run("subject", "block", "usr_canary_0001", "--json").json
    again = run("subject", "block", "usr_canary_0001", "--json").json
    raw = b"".join(path.read_bytes() for path in deployment.home.glob("gateway.db*"))
    lifted = run("subject", "unblock", "usr_canary_0001", "--json").json

    assert (first["changed"], again["changed"], lifted["changed"]) == (True, False, True)
    assert b"usr_canary_0001" not in raw


def test_people_are_told_in_words(deployment: Deployment, run: Run) -> None:
    assert "nothing about this subject leaves" in run("subject", "block", "usr_1").out
    assert "unblocked" in run("subject", "unblock", "usr_1").out
    assert "was not blocked" in run("subject", "unblock", "usr_1").out

from __future__ import annotations

from gateway.cli.verdict import told, try_map
from gateway.model import Disclosure
from tests.values import PAIR, snapshot


def test_a_verdict_needs_no_database_and_assumes_a_grant_and_a_basis() -> None:
    result = try_map(snapshot(), PAIR[0], PAIR[1], {"ticket": "REQ-1"})

    assert isinstance(result, Disclosure)
    assert told(result)["disclosure"] == {"ticket": "REQ-1"}
    assert told(result)["reason"] is None


def test_a_refusal_is_told_with_its_reason() -> None:
    result = try_map(snapshot(), "nobody", PAIR[1], {})

    assert told(result)["decision"] == "refused"
    assert told(result)["reason"] == "unknown_recipient"

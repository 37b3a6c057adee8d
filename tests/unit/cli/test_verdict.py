from __future__ import annotations

import pytest

from gateway.cli.verdict import StatedSets, told, try_map
from gateway.errors import ConfigError
from gateway.model import Disclosure, RecipientId
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


MC = RecipientId("mc")


def test_a_stated_set_holds_what_it_states_and_nothing_is_assumed() -> None:
    sets = StatedSets(["houses=h-1,h-2", "houses=h-3", "flats="], {"houses", "flats"})

    assert [sets(MC, "houses", value) for value in ("h-1", "h-2", "h-3", "h-4", "")] == [True, True, True, False, False]
    assert sets(MC, "flats", "f-1") is False
    assert sets.assumed == set()


def test_a_set_that_is_not_stated_is_assumed_and_told() -> None:
    sets = StatedSets(["houses=h-1"], {"houses", "flats"})

    assert sets(MC, "flats", "f-1") is True
    assert sets.assumed == {"flats"}


@pytest.mark.parametrize("option", ["houses", "others=h-1", "=h-1"])
def test_an_option_that_names_no_set_is_refused(option: str) -> None:
    with pytest.raises(ConfigError, match="--scope") as caught:
        StatedSets([option], {"houses"})

    assert "houses" in caught.value.hint

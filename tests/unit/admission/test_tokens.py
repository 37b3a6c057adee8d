from __future__ import annotations

import hashlib
import re

import pytest

from gateway.admission.tokens import is_caller_id, new_token, token_hash
from gateway.model import CallerId


def test_a_token_names_its_caller_and_carries_256_random_bits() -> None:
    token = new_token(CallerId("crm-1"))

    assert re.fullmatch(r"gw_crm-1_[A-Za-z0-9_-]{43}", token)
    assert token != new_token(CallerId("crm-1"))


@pytest.mark.parametrize("caller_id", ["", "a" * 33, "CRM", "crm_1", "crm 1", "срм", "crm\n"])
def test_no_token_is_made_for_an_id_that_could_not_stand_in_one(caller_id: str) -> None:
    with pytest.raises(ValueError, match="a caller id is 1 to 32 of"):
        new_token(CallerId(caller_id))

    assert not is_caller_id(caller_id)


@pytest.mark.parametrize("token", ["gw_crm_x", "", "ключ", "\ud800", "\xff"])
def test_any_text_has_a_hash(token: str) -> None:
    actual = token_hash(token)

    assert hashlib.sha256(token.encode("utf-8", "backslashreplace")).digest() == actual

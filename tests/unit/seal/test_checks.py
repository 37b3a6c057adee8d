from __future__ import annotations

import pytest

from gateway.errors import EnvelopeRejected
from gateway.seal.checks import SENTENCES, Check, check, rejected


def test_every_check_has_a_sentence_of_its_own() -> None:
    assert SENTENCES.keys() == set(Check)
    assert len(set(SENTENCES.values())) == len(Check)


def test_what_holds_passes_in_silence() -> None:
    passed = [check(True, one) for one in Check]  # type: ignore[func-returns-value]

    assert passed == [None] * len(Check)


@pytest.mark.parametrize("one", Check)
def test_what_does_not_hold_is_rejected_by_name(one: Check) -> None:
    with pytest.raises(EnvelopeRejected) as caught:
        check(False, one)

    assert (caught.value.check, str(caught.value)) == (one.value, SENTENCES[one])
    assert str(rejected(one)) == SENTENCES[one]

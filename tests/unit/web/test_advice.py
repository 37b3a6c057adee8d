from __future__ import annotations

from gateway.model import OutcomeCode, WithheldReason
from gateway.web.advice import ADVICE, OUTCOMES, REASONS
from gateway.web.problems import PROBLEMS


def test_every_code_has_its_advice_and_no_other_has() -> None:
    assert sorted(ADVICE) == sorted(PROBLEMS)


def test_every_advice_is_of_whole_sentences() -> None:
    assert [code for code, text in ADVICE.items() if not (text[0].isupper() and text.endswith("."))] == []


def test_a_repetition_is_called_safe_only_where_nothing_was_sent() -> None:
    safe = {code for code, text in ADVICE.items() if "Safe to repeat" in text}

    assert safe == {"recipient_unreachable", "recipient_tls"}


def test_every_reason_and_outcome_is_explained() -> None:
    assert sorted(REASONS) == sorted(WithheldReason)
    assert sorted(OUTCOMES) == sorted(OutcomeCode)

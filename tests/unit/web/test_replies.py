from __future__ import annotations

import itertools

import pytest

from gateway.model import Cause, OutcomeCode, RefusedReason, Sent
from gateway.web import replies
from gateway.web.problems import PROBLEMS


@pytest.mark.parametrize(("outcome", "cause"), list(itertools.product(OutcomeCode, [None, *Cause])))
def test_every_way_an_attempt_can_end_has_a_problem(outcome: OutcomeCode, cause: Cause | None) -> None:
    code = replies.failure_code(Sent(outcome, cause))

    assert PROBLEMS[code].status in (403, 502, 503, 504)


def test_a_problem_that_says_nothing_was_sent_stands_only_for_what_was_not_sent() -> None:
    for outcome, cause in itertools.product(OutcomeCode, [None, Cause.CONNECTION_LOST, Cause.CRASH]):
        title = PROBLEMS[replies.failure_code(Sent(outcome, cause))].title

        assert outcome is OutcomeCode.NOT_SENT or "nothing was sent" not in title


@pytest.mark.parametrize("reason", RefusedReason)
def test_every_refusal_tells_what_to_change(reason: RefusedReason) -> None:
    assert replies._WHAT_TO_CHANGE[reason].endswith(".")

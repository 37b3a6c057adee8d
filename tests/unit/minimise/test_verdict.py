from __future__ import annotations

from dataclasses import replace

from gateway.minimise import compile_projection, minimise
from gateway.minimise.verdict import in_the_clear, told
from gateway.model import Failure, Permitted, Plan, Refused, RefusedReason, Withheld, WithheldReason
from tests.rules import LEXICON, rule
from tests.values import admitted, disclosure, purpose_map

WITHHELD = (Withheld("iin", WithheldReason.NEVER),)


def test_a_disclosure_is_told_with_what_would_leave_and_what_would_stay() -> None:
    result = replace(disclosure(), withheld=WITHHELD, alarms=("health",), findings={"phone": 1})

    assert told(result) == {
        "decision": "permitted",
        "reason": None,
        "disclosure": {"ticket": "REQ-1"},
        "released": [{"path": "ticket", "rule": "string"}],
        "withheld": [{"path": "iin", "reason": "never"}],
        "alarms": ["health"],
        "findings": {"phone": 1},
        "failures": [],
    }


def test_a_refusal_is_told_with_its_reason_and_what_failed() -> None:
    failure = Failure("ticket", RefusedReason.REQUIRED_MISSING, "string")

    found = told(
        Refused(
            admitted=admitted(),
            reason=RefusedReason.REQUIRED_MISSING,
            failures=(failure,),
            withheld=WITHHELD,
            alarms=(),
        )
    )

    assert (found["decision"], found["reason"], found["disclosure"]) == ("refused", "required_missing", None)
    assert found["failures"] == [{"path": "ticket", "reason": "required_missing", "rule": "string"}]
    assert found["withheld"] == [{"path": "iin", "reason": "never"}]


def test_a_name_in_the_clear_is_the_name() -> None:
    assert in_the_clear("87000000125") == "87000000125"


def test_a_value_that_failed_is_told_with_its_rule_and_never_as_it_was() -> None:
    """T18: who sent it can mend it."""
    project = compile_projection(Plan((rule("a"), rule("b", pattern="[0-9]{2}")), (), LEXICON))
    permitted = Permitted(admitted({"a": "x", "b": "hidden"}), purpose_map(project=project), "policy-1")

    found = told(minimise(permitted, in_the_clear, lambda *_: "", lambda *_: False))

    assert found["withheld"] == [{"path": "b", "reason": "bad_value", "rule": "pattern"}]
    assert "hidden" not in repr(found)

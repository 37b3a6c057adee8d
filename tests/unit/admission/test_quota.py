from __future__ import annotations

import pytest

from gateway.admission.quota import RefusalQuota
from gateway.clock import Instant
from gateway.errors import TooManyRefusals
from gateway.model import Admitted, Call, Caller, CallerId, SubjectId, TransferId

CRM, BILLING = CallerId("crm"), CallerId("billing")


class StoppedClock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> Instant:
        return Instant(0)

    def monotonic(self) -> float:
        return self.seconds


def test_a_caller_over_its_quota_is_stopped_and_no_other_caller_notices() -> None:
    """T57."""
    quota = RefusalQuota(StoppedClock(), per_minute=3)
    for _ in range(3):
        quota.require(CRM)
        quota.spend(CRM)

    with pytest.raises(TooManyRefusals):
        quota.require(CRM)

    quota.require(BILLING)
    assert quota.left(BILLING) == 3


def test_the_quota_refills_evenly_and_never_over_the_top() -> None:
    clock = StoppedClock()
    quota = RefusalQuota(clock, per_minute=60)
    for _ in range(60):
        quota.spend(CRM)

    clock.seconds += 2

    assert quota.left(CRM) == pytest.approx(2)
    clock.seconds += 600
    assert quota.left(CRM) == 60


def test_a_guarded_admission_asks_the_quota_only_after_the_caller_is_known() -> None:
    """T57."""
    quota = RefusalQuota(StoppedClock(), per_minute=1)
    asked: list[Call] = []

    def admit(call: Call) -> Admitted:
        asked.append(call)
        return admitted()

    guarded = quota.guard(admit)
    guarded(Call("token", "", b""))
    quota.spend(CRM)

    with pytest.raises(TooManyRefusals):
        guarded(Call("token", "", b""))

    assert len(asked) == 2


def admitted() -> Admitted:
    return Admitted(
        transfer_id=TransferId("t"),
        caller=Caller(CRM, frozenset()),
        recipient="r",
        purpose="p",
        subject=SubjectId("s"),
        basis=None,
        payload={},
        received_at=Instant(0),
    )

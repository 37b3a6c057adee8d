from __future__ import annotations

from gateway.batch.allowance import PERMITTED_PER_REFUSAL, Allowance


def _quota(left: int) -> tuple[list[int], Allowance]:
    spent: list[int] = []

    def spend() -> bool:
        spent.append(1)
        return len(spent) <= left

    return spent, Allowance(spend)


def test_a_registry_of_bad_rows_alone_ends_with_the_quota() -> None:
    """T57: the log is not flooded."""
    _, allowance = _quota(600)

    assert sum(allowance.refused() for _ in range(1_000_000)) == 600


def test_a_few_bad_rows_in_a_hundred_cost_no_quota() -> None:
    spent, allowance = _quota(600)

    held = []
    for row in range(1_000_000):
        if row % 50 == 49:
            held.append(allowance.refused())
        else:
            allowance.permitted()

    assert all(held)
    assert spent == []


def test_what_a_log_holds_of_refusals_is_bounded_by_what_was_disclosed() -> None:
    """T57: at most a quarter more, and the quota."""
    _, allowance = _quota(10)
    allowance.permitted(1_000)

    assert sum(allowance.refused() for _ in range(2_000)) == 1_000 // PERMITTED_PER_REFUSAL + 10

"""What the path carries shows nothing of a person and no credential when it is shown."""

from __future__ import annotations

from gateway.model import Answer, Basis, BasisKind, Call, Proxied, SubjectId
from tests.values import admitted, disclosure


def test_nothing_that_a_caller_brought_stands_in_a_repr() -> None:
    """A traceback or a debugger may show any of these."""
    canary = "canary-7f3a"
    proxied = Proxied(
        recipient="partner",
        purpose="orders",
        method="GET",
        path=f"/{canary}",
        query=canary,
        headers={"x": canary},
        subject=canary,
        basis=canary,
    )
    basis = Basis(BasisKind.CONSENT, canary, "2026-11-01T09:00:00+05:00", None)
    values = [
        Call(canary, "application/json", canary.encode(), None, proxied),
        admitted({"ticket": canary}, subject=SubjectId(canary), basis=basis),
        disclosure({"ticket": canary}),
        Answer(200, {"x": canary}, canary.encode()),
    ]

    shown = repr(values)

    assert canary not in shown

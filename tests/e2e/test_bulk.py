"""A registry of a few thousand, as `make bulk` runs it with a million: nothing lost, nothing twice, memory constant."""

from __future__ import annotations

import pytest

from tests.bulk import run


@pytest.mark.parametrize("together", [1, 100], ids=["own envelopes", "shared envelopes"])
def test_a_registry_goes_through_in_constant_memory(together: int) -> None:
    assert run(3_000 if together == 1 else 6_000, 7, together) == []

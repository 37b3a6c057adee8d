"""How many refusals a registry may cause: registries have bad rows, and the log may not be flooded with them (T57).

For every four records that it may disclose, a registry may have one refused; beyond that each refusal, and each record
that cannot be read, is spent from the caller's quota, as a single transfer's would be. So a log holds at most a quarter
more than what was disclosed, and the quota; and a file of nothing but bad rows ends soon.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PERMITTED_PER_REFUSAL: Final = 4


class Allowance:
    """Of one registry. `spend` takes one from the caller's quota, if it can."""

    def __init__(self, spend: Callable[[], bool]) -> None:
        self._spend = spend
        self._earned = 0

    def permitted(self, count: int = 1) -> None:
        """So many records may be disclosed."""
        self._earned += count

    def refused(self) -> bool:
        """Whether one more record may be refused."""
        if self._earned >= PERMITTED_PER_REFUSAL:
            self._earned -= PERMITTED_PER_REFUSAL
            return True
        return self._spend()

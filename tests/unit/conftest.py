"""Unit tests of a stage send nothing: whoever tries by `requests` is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

SENDING_ROOMS = {"transport", "cli", "batch"}  # with recipients of their own, on loopback


@pytest.fixture(autouse=True)
def nothing_leaves(request: pytest.FixtureRequest) -> Iterator[None]:
    """T28: every address answers with an error that names it, as none is declared."""
    rooms = Path(str(request.path)).parts
    if SENDING_ROOMS & set(rooms):
        yield
        return
    with responses.RequestsMock():
        yield

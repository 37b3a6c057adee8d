from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import registries
from tests.registries import Setting


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    with registries.setting(tmp_path) as made:
        yield made


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Setting]:
    """Four records may share an envelope."""
    with registries.setting(tmp_path, together=4) as made:
        yield made

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.opened import opened
from tests.deployment import Deployment
from tests.unit.cli.conftest import Run

READING = [["log", "verify"], ["log", "list"], ["transfer", "list"], ["caller", "list"], ["config", "check"]]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_log_that_is_gone_is_told_and_never_replaced_by_an_empty_one(
    deployment: Deployment, run: Run, words: list[str]
) -> None:
    """T62: an operator who looks must not be shown an empty log that verifies."""
    for path in deployment.home.glob("gateway.db*"):
        path.unlink()

    ran = run(*words)

    assert ran.code == 1
    assert not deployment.database.exists()


def test_the_database_is_closed_whatever_happens(deployment: Deployment) -> None:
    with opened() as log:
        head = log.store.entries.head()

    files = {str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()}
    assert head.size == 0
    assert str(deployment.database) not in files

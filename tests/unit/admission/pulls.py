"""Pulls for tests of one stage: the maps of `tests/data/pull_maps`, and a platform that answers as told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from gateway.minimise import compile_projection
from gateway.model import Answer, Pull, RecipientId, Snapshot
from gateway.purpose import load_snapshot

ROOT: Final = Path(__file__).parents[3]
KASPI: Final = RecipientId("psp-kaspi-test")
PRIMER: Final = RecipientId("mc-primer-pull-test")
SECRETS: Final = {
    "kaspi_pull_login": "kaspi",
    "kaspi_pull_password": "invented-password",
    "primer_pull_token": "invented-token",
}
Platform = Callable[[Pull, Mapping[str, str]], Answer]


@cache
def pull_snapshot() -> Snapshot:
    """The maps that declare pulls."""
    with TemporaryDirectory() as folder:
        maps = Path(folder) / "maps"
        shutil.copytree(ROOT / "purpose_maps", maps)
        shutil.copytree(ROOT / "tests" / "data" / "pull_maps", maps, dirs_exist_ok=True)
        return load_snapshot(maps, compile_projection)


def pull_of(recipient: RecipientId) -> Pull:
    """The one pull of a recipient."""
    (found,) = (pull for pull in pull_snapshot().pulls if pull.recipient == recipient)
    return found


def says(body: bytes, status: int = 200, content_type: str = "application/json") -> Platform:
    """A platform that always answers the same."""
    return lambda _pull, _values: Answer(status, {"content-type": content_type}, body)

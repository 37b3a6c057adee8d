from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
from ruamel.yaml import YAML

from tests.deployment import ROOT, SERVICE_REQUEST

MAPS = ["--maps", str(ROOT / "purpose_maps")]


@pytest.fixture
def payload(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service request on standard input."""
    given(monkeypatch, orjson.dumps(SERVICE_REQUEST))


def given(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    """These bytes on standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


@pytest.fixture
def serving(tmp_path: Path) -> list[str]:
    """The maps of the project, one managing company serving the houses of a kept set."""
    folder = tmp_path / "purpose_maps"
    shutil.copytree(ROOT / "purpose_maps", folder)
    path = folder / "recipients" / "mc-primer-uk.yaml"
    yaml = YAML()
    text = yaml.load(path.read_text(encoding="utf-8"))
    text["purposes"]["service_request"]["serves"] = {"ticket.address.house": {"set": "houses"}}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(text, file)
    return ["--maps", str(folder)]


def pulling_maps(folder: Path) -> list[str]:
    """The maps of the project under those of recipients that ask us."""
    maps = folder / "maps"
    shutil.copytree(ROOT / "purpose_maps", maps)
    shutil.rmtree(maps / "examples" / "psp-kaspi-test")  # of another file of that recipient
    shutil.copytree(ROOT / "tests" / "data" / "pull_maps", maps, dirs_exist_ok=True)
    return ["--maps", str(maps)]

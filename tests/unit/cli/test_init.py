from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.deployment import ROOT
from tests.unit.cli.conftest import Run


def test_init_makes_a_home_that_passes_config_check(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    made = run(
        "init",
        "--home",
        str(home),
        "--origin",
        "gateway.example.kz/log",
        "--maps",
        str(ROOT / "purpose_maps"),
        "--json",
    )
    monkeypatch.setenv("GATEWAY_HOME", str(home))

    checked = run("config", "check", "--json")

    assert made.code == 0
    assert checked.json["origin"] == "gateway.example.kz/log"
    assert stat.S_IMODE((home / "keys" / "master.key").stat().st_mode) == 0o600
    assert str(home / "keys" / "master.key") in made.json["back_up"]


def test_init_never_overwrites(tmp_path: Path, run: Run) -> None:
    words = ["init", "--home", str(tmp_path), "--origin", "a.example", "--maps", str(ROOT / "purpose_maps")]
    run(*words)
    key = (tmp_path / "keys" / "master.key").read_bytes()

    again = run(*words)

    assert again.code == 1
    assert "exists already" in again.err
    assert (tmp_path / "keys" / "master.key").read_bytes() == key


@pytest.mark.parametrize("origin", ["", "Not An Origin", "a/", "../x"])
def test_init_refuses_an_origin_that_is_no_name(tmp_path: Path, run: Run, origin: str) -> None:
    ran = run("init", "--home", str(tmp_path / "h"), "--origin", origin, "--maps", str(ROOT / "purpose_maps"))

    assert ran.code == 1
    assert not (tmp_path / "h" / "keys").exists()


def test_the_command_line_shows_its_version_and_help(run: Run) -> None:
    assert run("--version").code == 0
    assert "gateway demo" in run("--help").out
    assert run("nonsense").code == 2

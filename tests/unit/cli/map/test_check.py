from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Run
from tests.unit.cli.map.conftest import MAPS, pulling_maps


def test_the_maps_of_the_project_hold(run: Run) -> None:
    ran = run("map", "check", *MAPS, "--json")

    assert ran.code == 0
    assert ran.json["failed"] == []
    assert ran.json["examples"] >= 12


def test_check_says_which_sets_its_examples_assume(run: Run, serving: list[str]) -> None:
    assuming = run("map", "check", *serving)
    stating = run("map", "check", *serving, "--scope", "houses=nowhere", "--json")

    assert (assuming.code, "the kept set houses" in assuming.out) == (0, True)
    assert run("map", "check", *serving, "--json").json["assumed_sets"] == ["houses"]
    assert (stating.code, "assumed_sets" in stating.json) == (1, False)
    assert {one["example"].split("/")[1] for one in stating.json["failed"]} == {"service_request"}


def test_examples_of_what_recipients_ask_for_are_run_on_the_platforms_answer(run: Run, tmp_path: Path) -> None:
    maps = pulling_maps(tmp_path)

    checked = run("map", "check", *maps, "--json")
    broken = tmp_path / "maps" / "examples" / "psp-kaspi-test" / "payment" / "check.yaml"
    broken.write_text(broken.read_text(encoding="utf-8").replace("П***", "Примеров"), encoding="utf-8")
    failed = run("map", "check", *maps, "--json")

    assert (checked.code, checked.json["failed"]) == (0, [])
    assert failed.code == 1
    assert len(failed.json["failed"]) == 1

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML

from tests.deployment import ROOT, Deployment
from tests.unit.cli.conftest import Run


def test_recipients_are_listed_with_their_protection(deployment: Deployment, run: Run) -> None:
    listed = {row["recipient"]: row for row in run("recipient", "list", "--json").json["recipients"]}

    assert listed["mc-primer-uk"]["protection"] == "jwe"
    assert listed["carrier-cdek-test"]["protection"] == "tls"
    assert "service_request" in listed["mc-primer-uk"]["purposes"]
    assert "tls only" in run("recipient", "list").out


def test_one_recipient_is_shown_with_its_map_versions(deployment: Deployment, run: Run) -> None:
    shown = run("recipient", "show", "mc-primer-uk", "--json").json

    assert len(shown["map_versions"]["service_request"]) == 64
    assert "map" in run("recipient", "show", "mc-primer-uk").out


def test_an_unknown_recipient_is_an_error(deployment: Deployment, run: Run) -> None:
    assert run("recipient", "show", "nobody").code == 1


@pytest.fixture
def keeping(deployment: Deployment) -> Deployment:
    """A managing company that serves the houses of a set."""
    path = deployment.maps / "recipients" / "mc-primer-uk.yaml"
    yaml = YAML()
    text = yaml.load(path.read_text(encoding="utf-8"))
    text["purposes"]["service_request"]["serves"] = {"ticket.address.house": {"set": "houses"}}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(text, file)
    return deployment


def test_an_empty_set_is_told_wherever_an_operator_looks(keeping: Deployment, run: Run) -> None:
    shown, checked = run("recipient", "show", "mc-primer-uk"), run("config", "check")
    scope = run("recipient", "scope", "show", "mc-primer-uk", "--json").json

    assert "set houses   empty: it serves no one" in shown.out
    assert "mc-primer-uk:houses holds no one" in checked.out
    assert scope["sets"] == [{"name": "houses", "count": 0, "updated_at": None, "updated_by": None}]
    assert run("config", "check", "--json").json["empty_sets"] == ["mc-primer-uk:houses"]


def test_a_set_is_put_from_a_file_and_told_by_its_number(keeping: Deployment, run: Run, tmp_path: Path) -> None:
    values = tmp_path / "houses.txt"
    values.write_text("10/1\n\n12\n", encoding="utf-8")

    put = run("recipient", "scope", "put", "mc-primer-uk", "houses", "--file", str(values), "--json")

    shown = run("recipient", "scope", "show", "mc-primer-uk", "--json").json["sets"]
    assert (put.code, put.json["count"], put.json["updated_by"]) == (0, 2, "operator")
    assert shown == [{name: value for name, value in put.json.items() if name != "recipient"}]
    assert "set houses   2 since" in run("recipient", "show", "mc-primer-uk").out
    assert "houses" in run("recipient", "scope", "show", "mc-primer-uk").out
    assert run("config", "check", "--json").json["empty_sets"] == []


def test_a_set_is_put_from_standard_input(keeping: Deployment, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"10/1\n")))

    ran = run("recipient", "scope", "put", "mc-primer-uk", "houses", "--file", "-")

    assert (ran.code, "houses: 1 since" in ran.out) == (0, True)


def test_what_is_no_set_cannot_be_put(keeping: Deployment, run: Run, tmp_path: Path) -> None:
    values = tmp_path / "values.txt"
    values.write_bytes(b"87000000123\n\xff\n")
    bad = [
        run("recipient", "scope", "put", "mc-primer-uk", "flats", "--file", str(values)),
        run("recipient", "scope", "put", "psp-halyk-test", "houses", "--file", str(values)),
        run("recipient", "scope", "put", "nobody", "houses", "--file", str(values)),
        run("recipient", "scope", "put", "mc-primer-uk", "houses", "--file", str(values)),
        run("recipient", "scope", "put", "mc-primer-uk", "houses", "--file", str(tmp_path / "none.txt")),
        run("recipient", "scope", "show", "nobody"),
    ]

    assert [ran.code for ran in bad] == [1] * len(bad)
    assert "there are: houses" in bad[0].err
    assert "names none" in bad[1].err
    assert not any("87000000123" in ran.err for ran in bad)
    assert run("recipient", "scope", "show", "mc-primer-uk", "--json").json["sets"][0]["count"] == 0


def test_without_a_database_a_recipient_is_shown_and_its_sets_are_not_known(keeping: Deployment, run: Run) -> None:
    keeping.database.unlink()

    ran = run("recipient", "show", "mc-primer-uk")

    assert (ran.code, "not known" in ran.out) == (0, True)


def test_what_a_recipient_may_ask_us_for_is_shown(run: Run, deployment: Deployment) -> None:
    shutil.copytree(ROOT / "tests" / "data" / "pull_maps", deployment.maps, dirs_exist_ok=True)

    shown = run("recipient", "show", "psp-kaspi-test", "--json").json
    listed = run("recipient", "list", "--json").json["recipients"]

    assert [(one["route"], one["purpose"]) for one in shown["pulls"]] == [("GET /kaspi", "payment")]
    assert "asks us GET /kaspi for payment" in run("recipient", "show", "psp-kaspi-test").out
    assert [one["purposes"] for one in listed if one["recipient"] == "psp-kaspi-test"] == [["payment"]]

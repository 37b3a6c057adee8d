from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import orjson
import pytest

from tests.deployment import ROOT, SERVICE_REQUEST
from tests.unit.cli.conftest import Run

MAPS = ["--maps", str(ROOT / "purpose_maps")]


@pytest.fixture
def payload(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = orjson.dumps(SERVICE_REQUEST)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


def test_the_maps_of_the_project_hold(run: Run) -> None:
    ran = run("map", "check", *MAPS, "--json")

    assert ran.code == 0
    assert ran.json["failed"] == []
    assert ran.json["examples"] >= 12


@pytest.mark.usefixtures("payload")
def test_try_shows_what_would_leave_when_piped_as_json(run: Run) -> None:
    ran = run("map", "try", "mc-primer-uk", "service_request", *MAPS)

    told = ran.json
    assert told["decision"] == "permitted"
    assert told["disclosure"]["ticket"]["contact"] == {"name": "Тест П.", "phone": "+77000000123"}
    assert {"path": "iin", "reason": "never"} in told["withheld"]


@pytest.mark.usefixtures("payload")
def test_try_of_an_unknown_pair_is_a_refusal(run: Run) -> None:
    ran = run("map", "try", "mc-primer-uk", "marketing", *MAPS)

    assert (ran.json["decision"], ran.json["reason"]) == ("refused", "unknown_purpose")
    assert ran.json["disclosure"] is None


def test_try_takes_json_only_for_now(run: Run) -> None:
    assert run("map", "try", "mc-primer-uk", "service_request", "--content-type", "text/csv", *MAPS).code == 1


def test_show_gives_every_field_its_rule_and_its_because(run: Run) -> None:
    shown = run("map", "show", "mc-primer-uk", "service_request", *MAPS, "--json").json

    fields = {field["path"]: field for field in shown["fields"]}
    assert fields["ticket.contact.phone"]["rule"].startswith("phone → e164")
    assert all(field["because"] for field in shown["fields"])
    assert "ticket.text" in run("map", "show", "mc-primer-uk", "service_request", *MAPS).out


def test_show_of_no_map_lists_those_that_are(run: Run) -> None:
    ran = run("map", "show", "mc-primer-uk", "marketing", *MAPS)

    assert ran.code == 1
    assert "mc-primer-uk service_request" in ran.err

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Run
from tests.unit.cli.map.conftest import MAPS, pulling_maps


def test_show_gives_every_field_its_rule_and_its_because(run: Run) -> None:
    shown = run("map", "show", "mc-primer-uk", "service_request", *MAPS, "--json").json

    fields = {field["path"]: field for field in shown["fields"]}
    assert fields["ticket.contact.phone"]["rule"].startswith("phone → e164")
    assert all(field["because"] for field in shown["fields"])
    assert "ticket.text" in run("map", "show", "mc-primer-uk", "service_request", *MAPS).out


def test_show_tells_how_much_each_field_could_carry(run: Run) -> None:
    """T14."""
    shown = run("map", "show", "mc-primer-uk", "service_request", *MAPS, "--json").json

    bits = {field["path"]: field["bits"] for field in shown["fields"]}
    assert bits["ticket.address.floor"] < 8
    assert bits["ticket.text"] > 1000
    assert shown["bits"] > sum(bits.values()) - 1
    assert "· free" in run("map", "show", "mc-primer-uk", "service_request", *MAPS).out


def test_show_of_what_a_recipient_may_only_ask_for_tells_what_goes_back(run: Run, tmp_path: Path) -> None:
    maps = pulling_maps(tmp_path)

    shown = run("map", "show", "psp-kaspi-test", "payment", *maps, "--json").json

    assert shown["routes"] == ["GET /v1/pull/psp-kaspi-test/kaspi asks GET /billing/kaspi"]
    assert {field["path"]: field["rule"] for field in shown["fields"]}['fields.field1."#text"'].startswith(
        "string → mask"
    )
    assert run("map", "show", "psp-kaspi-test", "payment", *maps, "--pull", "GET /kaspi", "--json").json == shown


def test_show_of_a_pull_that_is_not_there_lists_those_that_are(run: Run, tmp_path: Path) -> None:
    said = run("map", "show", "psp-kaspi-test", "payment", *pulling_maps(tmp_path), "--pull", "GET /pay")

    assert said.code == 1
    assert "no such route" in said.err
    assert "GET /kaspi" in said.err

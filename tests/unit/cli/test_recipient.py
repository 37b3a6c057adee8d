from __future__ import annotations

from tests.deployment import Deployment
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

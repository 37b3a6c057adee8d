from __future__ import annotations

import sqlite3

from gateway.model import Call, Declined
from gateway.transfer import accept
from tests.deployment import Deployment
from tests.unit.cli.conftest import Run


def _refuse_one(deployment: Deployment) -> None:
    gateway = deployment.build()
    body = b'{"recipient": "nobody", "purpose": "x", "subject": "usr_1", "payload": {}}'
    result = accept(Call(deployment.token, "application/json", body), gateway.house)
    gateway.close()
    assert isinstance(result, Declined)


def test_an_empty_log_verifies_and_lists_nothing(deployment: Deployment, run: Run) -> None:
    assert run("log", "verify", "--json").json["verified"] is True
    assert "empty" in run("log", "list").out


def test_entries_are_listed(deployment: Deployment, run: Run) -> None:
    _refuse_one(deployment)

    listed = run("log", "list", "--json").json["entries"]

    assert [(entry["index"], entry["kind"]) for entry in listed] == [(0, "refusal")]
    assert "refusal" in run("log", "list").out
    assert "verified" in run("log", "verify").out


def test_an_edited_entry_is_found(deployment: Deployment, run: Run) -> None:
    """T53, through the command line."""
    _refuse_one(deployment)
    with sqlite3.connect(deployment.database) as database:
        database.execute("UPDATE opening SET shared_body = replace(shared_body, 'unknown_recipient', 'not_granted')")

    ran = run("log", "verify")

    assert ran.code == 1
    assert "problem" in ran.out

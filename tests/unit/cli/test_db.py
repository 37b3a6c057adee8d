from __future__ import annotations

from tests.deployment import Deployment
from tests.unit.cli.conftest import Run


def test_a_database_that_is_up_to_date_stays_as_it_is(deployment: Deployment, run: Run) -> None:
    ran = run("db", "upgrade", "--json")

    assert ran.code == 0
    assert ran.json["from"] == ran.json["to"]

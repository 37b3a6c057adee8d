from __future__ import annotations

from tests.unit.cli.conftest import Run
from tests.unit.cli.map.conftest import MAPS


def test_show_of_no_map_lists_those_that_are(run: Run) -> None:
    ran = run("map", "show", "mc-primer-uk", "marketing", *MAPS)

    assert ran.code == 1
    assert "mc-primer-uk service_request" in ran.err

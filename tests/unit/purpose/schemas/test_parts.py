from __future__ import annotations

from pathlib import Path

from gateway.purpose.schemas import ExampleSchema, conform
from tests.unit.purpose.samples import document


def test_an_unknown_key_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    """T11: a construct that is not known stops the load, it is never ignored."""
    _, problems = conform(
        document(tmp_path, "title: x\npayload: {}\nexpect: {decision: permitted, why: x}\n"), ExampleSchema()
    )

    where = (tmp_path / "file.yaml").as_posix()
    assert problems == [
        f"{where}:3: expect.why: unknown key; expected one of alarms, decision, disclosure, reason, withheld"
    ]

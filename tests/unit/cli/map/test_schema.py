from __future__ import annotations

import pytest

from gateway.purpose.json_schema import KINDS, json_schema
from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [[], ["--json"]], ids=["plain", "json"])
def test_schema_prints_what_an_editor_reads(run: Run, kind: str, words: list[str]) -> None:
    ran = run("map", "schema", kind, *words)

    assert (ran.code, ran.json) == (0, json_schema(kind))


def test_schema_is_of_a_recipients_file_where_nothing_is_asked(run: Run) -> None:
    assert run("map", "schema").json == json_schema("recipient")


def test_schema_of_another_file_is_told_which_there_are(run: Run) -> None:
    ran = run("map", "schema", "payload")

    assert (ran.code, "'taxonomy', 'class', 'recipient', 'example'" in ran.err) == (2, True)

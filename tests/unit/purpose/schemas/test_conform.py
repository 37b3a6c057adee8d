from __future__ import annotations

from pathlib import Path

import pytest

from gateway.purpose.schemas import ExampleSchema, TaxonomySchema, conform
from tests.unit.purpose.samples import SMALL_MAPS, document


@pytest.mark.parametrize("key", ["key", "value"])
def test_a_problem_below_a_key_named_like_a_word_of_marshmallow_is_placed(tmp_path: Path, key: str) -> None:
    text = (SMALL_MAPS / "taxonomy.yaml").read_text("utf-8").replace("  identity: [", f"  {key}: [5, ")

    _, problems = conform(document(tmp_path, text), TaxonomySchema())

    where = (tmp_path / "file.yaml").as_posix()
    assert problems == [f"{where}:18: never.{key}.0: expected text; quote it if it looks like a number"]


def test_a_problem_tells_the_place_and_not_the_value(tmp_path: Path) -> None:
    _, problems = conform(
        document(tmp_path, "title: 900101100103\npayload: {}\nexpect: {decision: permitted}\n"), ExampleSchema()
    )

    assert len(problems) == 1
    assert "900101100103" not in problems[0]

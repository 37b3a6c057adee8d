from __future__ import annotations

from pathlib import Path

import pytest

from gateway.purpose.schemas import ClassMapSchema, ExampleSchema, RecipientSchema, TaxonomySchema, conform
from tests.unit.purpose.samples import OUR_MAPS, SMALL_MAPS, document


def test_each_file_of_valid_maps_conforms_to_its_schema(tmp_path: Path) -> None:
    files = {
        "taxonomy.yaml": TaxonomySchema(),
        "managing_company.yaml": ClassMapSchema(),
        "recipients/mc-one.yaml": RecipientSchema(),
    }

    found = [conform(document(tmp_path, (SMALL_MAPS / file).read_text("utf-8")), files[file])[1] for file in files]

    assert found == [[], [], []]


def test_words_that_python_keeps_for_itself_are_words_of_the_maps(tmp_path: Path) -> None:
    values, problems = conform(
        document(tmp_path, (OUR_MAPS / "managing_company.yaml").read_text("utf-8")), ClassMapSchema()
    )

    assert problems == []
    assert values is not None
    fields = values["purposes"]["management_services"]["fields_"]
    assert fields["records[].payments[].paid_on"]["sources"] == ["records[].payments[].paid_at"]
    assert fields["records[].payments[].paid_on"]["transform"].value == "date_only"


def test_an_unknown_key_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    """T11: a construct that is not known stops the load, it is never ignored."""
    _, problems = conform(
        document(tmp_path, "title: x\npayload: {}\nexpect: {decision: permitted, why: x}\n"), ExampleSchema()
    )

    where = (tmp_path / "file.yaml").as_posix()
    assert problems == [
        f"{where}:3: expect.why: unknown key; expected one of alarms, decision, disclosure, reason, withheld"
    ]


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

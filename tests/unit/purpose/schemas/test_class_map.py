from __future__ import annotations

from pathlib import Path

from gateway.purpose.schemas import ClassMapSchema, RecipientSchema, TaxonomySchema, conform
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

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.errors import PurposeMapError
from gateway.purpose.map_files import read_map_file
from gateway.purpose.schemas import RecipientSchema, TaxonomySchema
from tests.unit.purpose.samples import OUR_MAPS


def test_a_file_is_read_with_its_lines_and_its_values() -> None:
    document, values = read_map_file(OUR_MAPS / "taxonomy.yaml", TaxonomySchema())

    assert "name" in values["categories"]
    assert document.lines["never",] > 1


@pytest.mark.parametrize("text", ["a: [", "id: x\n"], ids=["no YAML", "another form"])
def test_a_file_that_is_none_is_told_with_its_problems(tmp_path: FilePath, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text, "utf-8")

    with pytest.raises(PurposeMapError, match=r"x\.yaml"):
        read_map_file(tmp_path / "x.yaml", RecipientSchema())

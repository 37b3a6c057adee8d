from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.cli.map.proof import evidence_text, moment, write_evidence
from gateway.model import PurposeId, RecipientId
from gateway.purpose import Evidence
from gateway.purpose.evidence import EvidenceSchema
from gateway.purpose.schemas import conform
from gateway.purpose.yaml_files import read_document
from tests.values import NOW

EVIDENCE = Evidence(
    recipient=RecipientId("carrier-cdek-test"),
    purpose=PurposeId("goods_delivery"),
    taken_at=moment(NOW),
    against="https://sandbox.example",
    body='a: body, "quoted".json',
    map_version="0123456789e1",
    requests=7,
    complete=True,
    steady=False,
    accepts=("tariff_code", 'odd."@name"'),
    never_needed=(),
    undecided=("да.нет",),
)


def test_what_is_written_reads_as_what_it_was(tmp_path: Path) -> None:
    path = write_evidence(EVIDENCE, tmp_path, None)

    document, problems = read_document(path)
    assert (document is not None, problems) == (True, [])
    assert document is not None
    values, problems = conform(document, EvidenceSchema())
    expected = {key: list(one) if isinstance(one, tuple) else one for key, one in asdict(EVIDENCE).items()}
    assert (values, problems) == (expected, [])


def test_it_takes_no_other_files_place(tmp_path: Path) -> None:
    names = [write_evidence(EVIDENCE, tmp_path, None).name for _ in range(3)]

    assert names == [f"{EVIDENCE.taken_at[:10]}{more}.yaml" for more in ("", "-2", "-3")]


def test_it_takes_no_place_that_one_says_either(tmp_path: Path) -> None:
    """A map that was named by mistake is still there."""
    path = tmp_path / "map.yaml"
    path.write_text("id: mine", encoding="utf-8")

    with pytest.raises(FileExistsError):
        write_evidence(EVIDENCE, tmp_path, path)

    assert path.read_text(encoding="utf-8") == "id: mine"


def test_it_is_written_where_one_says(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "e.yaml"

    assert write_evidence(EVIDENCE, tmp_path, path) == path
    assert path.read_text(encoding="utf-8") == evidence_text(EVIDENCE)


def test_it_waits_for_a_person() -> None:
    assert evidence_text(EVIDENCE).endswith("\nconfirmed_by:\n")


@pytest.mark.parametrize("line", ["accepts:", "never_needed: []", "requests: 7"])
def test_lists_are_lists_and_numbers_numbers(line: str) -> None:
    assert f"\n{line}\n" in evidence_text(EVIDENCE)

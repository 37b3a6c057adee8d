"""Loading is all or nothing. Every rule has one broken file in tests/data/broken_maps, which says what it replaces and
which problems, with file and line, it is expected to bring (T11, T50)."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path, path_text
from gateway.errors import PurposeMapError
from gateway.model import Match, PurposeId, RecipientId
from gateway.purpose.load import load_snapshot
from tests.unit.purpose.samples import (
    BROKEN_MAPS,
    OUR_MAPS,
    SMALL_MAPS,
    copy_of_small_maps,
    fake_projection,
    replace,
)

BROKEN = sorted(BROKEN_MAPS.glob("*.yaml"))


def problems_of(folder: FilePath) -> list[str]:
    with pytest.raises(PurposeMapError) as caught:
        load_snapshot(folder, fake_projection)
    return [problem.removeprefix(f"{folder.as_posix()}/") for problem in caught.value.problems]


@pytest.mark.parametrize("file", BROKEN, ids=[file.stem for file in BROKEN])
def test_a_broken_map_stops_the_load_with_file_and_line(tmp_path: FilePath, file: FilePath) -> None:
    text = file.read_text("utf-8")
    lines = text.splitlines()
    expected = [line.removeprefix("# expected: ") for line in lines if line.startswith("# expected: ")]
    folder = copy_of_small_maps(tmp_path)
    (folder / lines[0].removeprefix("# replaces: ")).write_text(text, "utf-8")

    found = problems_of(folder)

    assert found == expected
    assert expected != []


def test_there_is_a_broken_file_for_every_rule() -> None:
    assert len(BROKEN) >= 240


def test_all_problems_of_all_files_are_told_at_once(tmp_path: FilePath) -> None:
    folder = copy_of_small_maps(tmp_path)
    replace(folder / "taxonomy.yaml", "[iin,", '["1", iin,')
    replace(folder / "managing_company.yaml", "for: P1Y", "for: ever")
    replace(folder / "managing_company.yaml", "§5, the number", "because")
    replace(folder / "recipients/mc-one.yaml", "\ncountry: KZ", "\ncountry: RU")

    found = problems_of(folder)

    assert [problem.split(": ")[0] for problem in found] == [
        "taxonomy.yaml:18",
        "managing_company.yaml:11",
        "managing_company.yaml:8",
        "recipients/mc-one.yaml:5",
    ]


def test_without_a_taxonomy_nothing_loads_and_what_cannot_be_read_is_told_too(tmp_path: FilePath) -> None:
    folder = copy_of_small_maps(tmp_path)
    (folder / "taxonomy.yaml").unlink()
    (folder / "managing_company.yaml").write_text("", "utf-8")

    assert problems_of(folder) == [
        "taxonomy.yaml:1: missing; expected the words of the privacy policy",
        "managing_company.yaml:1: the file is empty; an empty file allows nothing",
    ]


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_folder_is_no_folder_of_maps(tmp_path: FilePath, *, exists: bool) -> None:
    """T11: no maps is not "no restrictions"."""
    folder = tmp_path / "maps"
    if exists:
        folder.mkdir()

    assert problems_of(folder) == ["taxonomy.yaml:1: missing; expected the words of the privacy policy"]


@pytest.mark.parametrize("gone", ["recipients/mc-one.yaml", "managing_company.yaml"])
def test_maps_under_which_nothing_could_leave_stop_the_start(tmp_path: FilePath, gone: str) -> None:
    folder = copy_of_small_maps(tmp_path)
    (folder / gone).unlink()

    assert len(problems_of(folder)) == 1


@pytest.mark.parametrize("name", ["other.yml", "recipients/other.yml", "other.YAML", "recipients/other.json"])
def test_a_file_that_would_not_be_read_is_a_problem(tmp_path: FilePath, name: str) -> None:
    folder = copy_of_small_maps(tmp_path)
    (folder / name).write_text("x", "utf-8")

    assert problems_of(folder) == [f"{name}:1: expected a name that ends in .yaml; this file would not be read"]


def test_a_readme_and_a_hidden_file_disturb_nothing(tmp_path: FilePath) -> None:
    folder = copy_of_small_maps(tmp_path)
    (folder / "README.md").write_text("x", "utf-8")
    (folder / ".managing_company.yaml.swp").write_text("x", "utf-8")

    assert load_snapshot(folder, fake_projection).version == load_snapshot(SMALL_MAPS, fake_projection).version


def test_a_folder_elsewhere_loads_like_ours(tmp_path: FilePath) -> None:
    folder = copy_of_small_maps(tmp_path / "elsewhere")

    found = load_snapshot(folder, fake_projection)

    assert sorted(found.maps) == [("mc-one", "service_request")]
    assert sorted(found.purposes) == ["resident_register", "service_request"]


def test_our_maps_hold_all_six_pairs_of_the_policy_and_the_example_recipients() -> None:
    found = load_snapshot(OUR_MAPS, fake_projection)

    pairs = {(one.recipient.recipient_class, one.purpose) for one in found.maps.values()}
    assert len(pairs) == 6
    assert sorted(found.recipients) == [
        "carrier-cdek-test",
        "carrier-yandex-test",
        "mc-primer-uk",
        "partner-chistyi-test",
        "psp-freedompay-test",
        "psp-halyk-test",
        "psp-kaspi-test",
    ]


def test_our_maps_name_no_category_without_a_recipient_and_cite_the_policy_everywhere() -> None:
    found = load_snapshot(OUR_MAPS, fake_projection)

    fields = [field for one in found.maps.values() for field in one.fields]
    assert {field.category for field in fields}.isdisjoint({"ip", "device", "usage"})
    assert all(field.because.startswith("§5 ") for field in fields)


def test_a_carrier_is_told_what_a_carrier_needs_and_not_what_is_inside() -> None:
    found = load_snapshot(OUR_MAPS, fake_projection)

    fields = {
        path_text(field.path): field
        for field in found.maps[RecipientId("carrier-cdek-test"), PurposeId("goods_delivery")].fields
    }
    assert "packages[].weight" in fields
    assert fields["packages[].items[].name"].generic == "Товар"


def test_our_shapes_let_one_phone_out_and_an_address_to_a_door_only() -> None:
    """T16, law 7."""
    found = load_snapshot(OUR_MAPS, fake_projection)

    fields = {
        path_text(field.path): field
        for field in found.maps[RecipientId("carrier-cdek-test"), PurposeId("goods_delivery")].fields
    }
    assert fields["recipient.phones[].number"].max_items == 1
    assert fields["to_location.address"].when == ((Match(parse_path("tariff_code"), ("139", "137")),),)


def test_a_snapshot_cannot_be_changed() -> None:
    found = load_snapshot(SMALL_MAPS, fake_projection)

    with pytest.raises(TypeError):
        found.maps["x"] = None  # type: ignore[index]

from __future__ import annotations

import shutil
from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path, path_text
from gateway.minimise import compile_projection
from gateway.model import PurposeId, RecipientId
from gateway.purpose import load_snapshot
from gateway.purpose.explained import Sources, Voice, read_sources
from gateway.purpose.explained.staying import meaning_lines, staying_lines
from tests.unit.purpose.explained.conftest import CDEK, EN, KK, RU, sources
from tests.unit.purpose.samples import OUR_MAPS, copy_of_small_maps, replace


def told(found: Sources, field: str, voice: Voice) -> list[tuple[str, str]]:
    (rule,) = [one for one in found.rules.fields if one.path == parse_path(field)]
    return [(line.key, line.text) for line in staying_lines(rule, found, voice)]


def test_a_field_of_another_role_is_told_with_both_roles() -> None:
    found = sources(*CDEK)

    assert told(found, "order.items[].title", RU) == [
        (
            "role",
            (
                "Карта класса даёт это поле только при условии: значение «recipient.role» — seller. "
                "У этого получателя: значение «recipient.role» — carrier."
            ),
        )
    ]


def test_a_field_whose_condition_never_holds_there_is_told_with_what_the_api_means() -> None:
    found = sources(*CDEK)
    (rule,) = [one for one in found.rules.fields if one.path == parse_path("order.delivery.mode")]

    assert [key for key, _ in told(found, "order.delivery.mode", EN)] == ["unbound", "means"]
    (line,) = meaning_lines(rule.path, found, EN)
    assert "tariff_code 139 → door" in line.text
    assert line.at is not None


def test_a_place_without_a_word_for_its_condition_says_so(tmp_path: FilePath) -> None:
    folder = FilePath(shutil.copytree(OUR_MAPS, tmp_path / "maps"))
    file = folder / "recipients" / "carrier-cdek-test.yaml"
    replace(
        file, '      order.delivery.mode: {tariff_code: {"139": door,', '      order.delivery.mode: {type: {"9": door,'
    )
    replace(file, '"137": door, "138": pickup_point, "136": pickup_point}}', '"8": pickup_point}}')
    text = (
        file.read_text("utf-8")
        .replace("    means:\n", "")
        .replace('      order.delivery.mode: {type: {"9": door, "8": pickup_point}}\n', "")
    )
    file.write_text(text, "utf-8")
    pair = RecipientId("carrier-cdek-test"), PurposeId("goods_delivery")
    found = read_sources(folder, load_snapshot(folder, compile_projection).maps[pair])

    ((key, said),) = told(found, "order.recipient.postal_code", EN)

    assert key == "no_word"
    assert said.endswith("In this recipient's API “order.delivery.mode” is a value that has no place.")


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        (KK, "Алушылар тобының картасында бұл өріс бар"),
        (RU, "В карте класса это поле есть"),
        (EN, "The class map has this field"),
    ],
    ids=["kk", "ru", "en"],
)
def test_a_field_without_a_place_says_so(voice: Voice, said: str) -> None:
    found = sources(*CDEK)

    ((key, text),) = told(found, "order.comment", voice)
    assert (key, text.startswith(said)) == ("unbound", True)


def test_what_the_recipients_file_withholds_is_told_with_its_line(tmp_path: FilePath) -> None:
    folder = copy_of_small_maps(tmp_path)
    snapshot = load_snapshot(folder, compile_projection)
    (pair, found), *_ = snapshot.maps.items()
    optional = next(rule for rule in found.fields if not rule.required)
    file = folder / "recipients" / f"{pair[0]}.yaml"
    field = ".".join(step.key + ("[]" if step.each else "") for step in optional.path)
    replace(file, "    routes:", f"    withhold: [{field}]\n    routes:")
    again = load_snapshot(folder, compile_projection).maps[pair]

    read = read_sources(folder, again)
    (rule,) = [one for one in read.rules.fields if one.path == optional.path]

    (line,) = staying_lines(rule, read, RU)

    at = int(str(line.at).rpartition(":")[2])
    assert (line.key, line.text) == ("withheld", "Файл получателя оставляет это поле дома (withhold).")
    assert "withhold" in file.read_text("utf-8").splitlines()[at - 1]


@pytest.mark.parametrize("by", ["mc-one.yaml", "managing_company.yaml"])
def test_free_text_that_the_map_drops_is_told_with_the_line_that_says_so(tmp_path: FilePath, by: str) -> None:
    folder = copy_of_small_maps(tmp_path)
    field = "      ticket.text: {category: operational, type: text, max_length: 90, because: '§5, what is wrong'}\n"
    replace(folder / "managing_company.yaml", "    fields:\n", f"    fields:\n{field}")
    file, key = next(folder.rglob(by)), "    fields:" if by == "managing_company.yaml" else "    routes:"
    replace(file, key, f"    text: drop\n{key}")
    (found,) = load_snapshot(folder, compile_projection).maps.values()
    read = read_sources(folder, found)
    (rule,) = [one for one in read.rules.fields if path_text(one.path) == "ticket.text"]

    (line,) = staying_lines(rule, read, EN)

    name, _, at = str(line.at).rpartition(":")
    assert (line.key, name.endswith(by)) == ("dropped", True)
    assert file.read_text("utf-8").splitlines()[int(at) - 1] == "    text: drop"


def test_a_field_that_leaves_has_no_reason_to_stay() -> None:
    assert told(sources(*CDEK), "order.recipient.phone", EN) == []

from __future__ import annotations

import pytest

from gateway.canonical import path_text
from gateway.purpose.explained import Section, Voice, explain_map
from gateway.purpose.explained.sources import Sources
from tests.unit.purpose.explained.conftest import CDEK, EN, KK, PARTNERS, RU, asked, loaded, sources
from tests.unit.purpose.samples import OUR_MAPS

PAIRS = [(folder, pair) for folder in (OUR_MAPS, PARTNERS) for pair in loaded(folder).maps]
ASKED = ["psp-kaspi-test", "mc-primer-pull-test"]
ALL = [*(sources(*pair, folder) for folder, pair in PAIRS), *map(asked, ASKED)]
NAMED = [*(f"{'own' if folder is OUR_MAPS else 'partners'} {pair[0]} {pair[1]}" for folder, pair in PAIRS), *ASKED]


def by_key(found: Sources, voice: Voice) -> dict[str, Section]:
    return {section.key: section for section in explain_map(found, voice)}


@pytest.mark.parametrize("found", ALL, ids=NAMED)
@pytest.mark.parametrize("voice", [KK, RU, EN], ids=["kk", "ru", "en"])
def test_every_field_of_a_map_is_told_once_and_nothing_else_leaves(found: Sources, voice: Voice) -> None:
    sections = by_key(found, voice)

    entries = [*sections["section_fields"].entries]
    if "section_constants" in sections:
        entries += sections["section_constants"].entries
    assert sorted(str(one.path) for one in entries) == sorted(path_text(rule.path) for rule in found.map.fields)
    kept = {one.path for one in sections["section_stays"].entries} - {None}
    gone = {
        path_text(place.field) for place in found.service.shape or () if place.field and place.path in found.leaving
    }
    assert not kept & (gone or {path_text(path) for path in found.leaving})
    assert kept | gone | {path_text(path) for path in found.leaving} >= {
        path_text(one.path) for one in found.rules.fields
    }


@pytest.mark.parametrize("found", ALL, ids=NAMED)
def test_the_three_languages_say_the_same_of_a_map(found: Sources) -> None:
    told = [
        [(section.key, one.path, line.key, line.at) for section in explain_map(found, voice) for one in section.entries
         for line in one.lines]
        for voice in (KK, RU, EN)
    ]  # fmt: skip

    assert told[0] == told[1] == told[2]


def test_who_gets_it_and_what_for_comes_first() -> None:
    (about,) = by_key(sources(*CDEK), KK)["section_about"].entries

    told = {line.key: line.text for line in about.lines}

    assert told["purpose"] == "Мақсаты: тауар жеткізу (goods_delivery)."
    assert told["retention"] == "Алушы деректерді сақтай алатын мерзім: 30 күн."
    assert told["bases"] == "Құқықтық негізі: келісім."
    assert told["protection_reason"].startswith("Конверт болмауының себебі: «its public API")


def test_whose_data_it_is_is_told_with_its_line() -> None:
    register = by_key(sources("mc-primer-uk", "resident_register"), EN)["section_whose"].entries[0].lines
    anyone = by_key(sources(*CDEK), EN)["section_whose"].entries[0].lines

    assert [line.key for line in anyone] == ["serves_anyone"]
    assert all(line.at for line in register if line.key in ("items", "serves_values", "serves_set", "subject_from"))


def test_what_comes_back_is_told_by_its_path_in_the_answer() -> None:
    answer = by_key(sources(*CDEK), RU)["section_answer"].entries

    assert "entity.uuid" in {one.path for one in answer}
    assert all(one.lines[-1].key == "because" and one.lines[-1].at for one in answer)
    without = by_key(sources("mc-primer-uk", "service_request"), RU)["section_answer"].entries
    assert [line.key for one in without for line in one.lines] == ["answer_none"]


def test_what_a_recipient_asks_for_itself_is_told_with_its_request_and_the_question_to_the_platform() -> None:
    sections = by_key(asked("psp-kaspi-test"), EN)

    told = {line.key: line for one in sections["section_about"].entries for line in one.lines}
    assert told["asked"].text == (
        "The recipient asks for this itself: GET /kaspi. The platform is asked: GET /billing/kaspi."
    )
    assert "routes" not in told
    assert "section_answer" not in sections
    places = [
        line.at for one in sections["section_fields"].entries for line in one.lines if line.key.startswith("leaves")
    ]
    assert all("/psp-kaspi-test.yaml:" in str(at) for at in places)

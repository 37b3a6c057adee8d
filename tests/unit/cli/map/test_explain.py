from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.deployment import ROOT
from tests.unit.cli.conftest import Run
from tests.unit.cli.map.conftest import MAPS

CDEK = ("map", "explain", "carrier-cdek-test", "goods_delivery")


def test_explain_tells_programs_the_rule_its_sentence_and_its_line(run: Run) -> None:
    told = run(*CDEK, "recipient.passport_number", *MAPS, "--json", "--lang", "ru").json

    assert (told["path"], told["verdict"], told["reason"]) == ("recipient.passport_number", "stays", "never")
    assert [line["key"] for line in told["says"]] == ["stays", "never"]
    assert told["says"][1]["text"].startswith("Имя «passport» стоит в списке имён")
    assert "/taxonomy.yaml:" in told["says"][1]["at"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("kk", "Берілмейді: картада жоқ."),
        ("ru", "Не передаётся: нет в карте."),
        ("en", "It stays home: not in the map."),
    ],
)
def test_explain_tells_people_in_their_language(run: Run, lang: str, said: str) -> None:
    ran = run(*CDEK, "recipient.email", *MAPS, "--lang", lang)

    assert (ran.code, said in ran.out) == (0, True)


def test_explain_without_a_path_tells_the_whole_map(run: Run) -> None:
    told = run(*CDEK, *MAPS, "--json").json
    ran = run(*CDEK, *MAPS)

    assert [one["section"] for one in told["sections"]] == [
        "about", "fields", "constants", "stays", "whose", "answer",
    ]  # fmt: skip
    assert "recipient.phones[].number" in ran.out
    assert "purpose_maps/recipients/carrier-cdek-test.yaml:" in ran.out.replace("\\", "/")


def test_explain_of_no_path_says_where_it_stops_being_one(run: Run) -> None:
    ran = run(*CDEK, "recipient..name", *MAPS)

    assert (ran.code, "PATH: not a path at character 10" in ran.err) == (1, True)


def test_explain_of_no_map_lists_those_that_are(run: Run) -> None:
    ran = run("map", "explain", "carrier-cdek-test", "payment", *MAPS)

    assert (ran.code, "carrier-cdek-test goods_delivery" in ran.err) == (1, True)


def test_explain_tells_what_a_recipient_may_ask_for_beside_what_is_sent_to_it(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "purpose_maps", tmp_path / "maps"))
    shutil.copytree(ROOT / "tests/data/pull_maps", folder, dirs_exist_ok=True)

    told = run("map", "explain", "psp-kaspi-test", "payment", "sum", "--maps", str(folder), "--json").json
    ran = run("map", "explain", "psp-kaspi-test", "payment", "--maps", str(folder), "--lang", "ru")

    assert (told["asked"], told["verdict"]) == ("GET /kaspi", "leaves_if")
    assert "Эти данные получатель запрашивает сам: GET /kaspi." in ran.out

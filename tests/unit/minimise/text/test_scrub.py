"""Free text with what names a person replaced, the rest byte for byte (T13)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.text.findings import Finding
from gateway.minimise.text.phrases import NOTES
from gateway.minimise.text.scrub import Scrubbed, compile_scrub, merge, registry
from tests.rules import LEXICON

scrub = compile_scrub(registry(LEXICON, keeps_flats=True), LEXICON)
without_flats = compile_scrub(registry(LEXICON), LEXICON)
RANKS = {"iban": 0, "email": 1, "iin": 2, "card": 3, "phone": 4}

RUSSIAN = (
    "Течёт стояк, кв. 45. ИИН 900101100103. Звоните мне 8 700 000 01 23 или жене 8-700-000-01-24, почта a@example.com. "
    "Мама лежачая, не пугайте её. Верните на карту 4111 1111 1111 1111 или счёт KZ86 125K ZT50 0410 0100."
)


def test_a_russian_request_keeps_its_sense_and_loses_its_people() -> None:
    result = scrub(RUSSIAN)

    assert result.text == (
        "Течёт стояк, кв. 45. ИИН [ИИН]. Звоните мне [ТЕЛЕФОН] или жене [ТЕЛЕФОН], почта [EMAIL]. "
        "[ЗДОРОВЬЕ], не пугайте её. Верните на карту [КАРТА] или счёт [IBAN]."
    )
    assert result.kinds == ("iin", "phone", "phone", "email", "health", "card", "iban")


def test_a_flat_goes_where_the_map_withholds_it() -> None:
    result = without_flats(RUSSIAN)

    assert result.text.startswith("Течёт стояк, [КВАРТИРА]. ИИН [ИИН].")
    assert result.kinds[0] == "flat"


def test_a_kazakh_request_is_labelled_in_kazakh() -> None:
    result = scrub("Лифт тоқтап қалды, ЖСН 850515200208, нөмірі +7 (700) 000-01-26. Анам мүгедек, БСН 991240999991.")

    assert result.text == "Лифт тоқтап қалды, ЖСН [ЖСН], нөмірі [ТЕЛЕФОН]. [ДЕНСАУЛЫҚ], БСН [БСН]."


def test_an_english_request_is_labelled_in_english() -> None:
    assert scrub("Call +77000000123, IIN 900101100103.").text == "Call [PHONE], IIN [IIN]."


@pytest.mark.parametrize(
    "text",
    ["Дома кот №5 — «да»…", "", "кв. 45\n\tдом 10/1", "REQ-2026-000123 от 20.11.2026 18:30", "ё\u0301\u200b\u00a0½"],
)
def test_text_without_findings_is_the_same_text(text: str) -> None:
    assert scrub(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("８ ７００ ０００ ０１ ２３ да", "[ТЕЛЕФОН] да", id="full-width digits"),
        pytest.param("я 8\u200b700\u200b000\u200b01\u200b23\u200b я", "я [ТЕЛЕФОН]\u200b я", id="without width"),
        pytest.param(
            "8\ufe0f7\ufe0f0\ufe0f0\ufe0f0\ufe0f0\ufe0f0\ufe0f0\ufe0f1\ufe0f2\ufe0f3 да", "[ТЕЛЕФОН] да", id="selectors"
        ),
        pytest.param("да \U000e0038\U000e0037\U000e0030 да", "да [СКРЫТО] да", id="tags"),
        pytest.param("8\U000e0020700\U000e00200000123 да", "[ТЕЛЕФОН] да", id="tags between digits"),
        pytest.param("инва\U000e0041лид да", "[ЗДОРОВЬЕ] да", id="a tag in a word"),
        pytest.param("ивалид\u0306 \u0301да", "ивалид\u0306 \u0301да", id="marks stay"),
        pytest.param("инва\u00adлид да", "[ЗДОРОВЬЕ] да", id="soft hyphen"),
        pytest.param("да 8\u00a0700\u00a0000\u00a001\u00a023", "да [ТЕЛЕФОН]", id="no-break spaces"),
    ],
)
def test_disguises_do_not_help(text: str, expected: str) -> None:
    assert scrub(text).text == expected


def test_two_numbers_side_by_side_leave_nothing_of_either() -> None:
    result = scrub("да 8 700 000 01 23 8 700 000 01 24 да")

    assert not any(char.isdigit() for char in result.text)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([Finding(0, 5, "phone"), Finding(6, 9, "iin")], [Finding(0, 5, "phone"), Finding(6, 9, "iin")]),
        ([Finding(2, 9, "card"), Finding(0, 5, "phone")], [Finding(0, 9, "card")]),
        ([Finding(0, 9, "phone"), Finding(2, 5, "iin")], [Finding(0, 9, "phone")]),
        ([Finding(0, 5, "phone"), Finding(0, 5, "iin")], [Finding(0, 5, "iin")]),
        ([Finding(0, 5, "phone"), Finding(5, 9, "phone")], [Finding(0, 5, "phone"), Finding(5, 9, "phone")]),
        ([Finding(0, 4, "phone"), Finding(3, 6, "iin"), Finding(5, 9, "card")], [Finding(0, 9, "card")]),
    ],
)
def test_overlapping_findings_become_one_over_all_of_them(findings: list[Finding], expected: list[Finding]) -> None:
    assert merge(findings, RANKS) == expected


WORDS = st.sampled_from(["Течёт", "стояк", "кот,", "дома", "5", "10/1", "—", "№3", "да\n", "қалды"])
PRIVATE = st.sampled_from(
    ["900101100103", "8 700 000 01 23", "+7 (700) 000-01-26", "a.b@example.com", "4111 1111 1111 1111",
     "KZ86 125K ZT50 0410 0100", "инвалид", "９００１０１１００１０３"]
)  # fmt: skip


@given(st.lists(st.one_of(WORDS, PRIVATE.map(lambda text: f"<{text}>")), max_size=20))
def test_what_is_private_is_replaced_and_the_rest_is_byte_for_byte(pieces: list[str]) -> None:
    result = scrub(" ; ".join(pieces))

    left = result.text.split(" ; ")
    assert len([kind for kind in result.kinds if kind not in NOTES]) == sum(piece.startswith("<") for piece in pieces)
    for before, after in zip(pieces, left, strict=True) if pieces else ():
        assert after.startswith("<[") if before.startswith("<") else after == before


@pytest.mark.parametrize(
    "text", [RUSSIAN * 4, "1 " * 500, "a@" * 500, "8 700 " * 160, "Течёт стояк " * 80, "+1234567890 " * 83]
)
def test_a_thousand_characters_take_milliseconds_at_worst(text: str) -> None:
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        scrub(text[:1000])
        best = min(best, time.perf_counter() - began)

    print(f"{best * 1e6:.0f} µs")
    assert best < 0.02


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("В подъезде дым, сын инвалид", Scrubbed("В подъезде дым, [ЗДОРОВЬЕ]", ("health", "emergency"))),
        ("я инвалид", Scrubbed("[ЗДОРОВЬЕ]", ("health", "little_left"))),
        ("Айгүл Серікқызы", Scrubbed("[АТЫ-ЖӨНІ]", ("person", "little_left"))),
        ("Меня зовут Айгуль, кран течёт", Scrubbed("Меня зовут [ФИО], кран течёт", ("person",))),
    ],
)
def test_the_findings_say_where_a_person_should_look(text: str, expected: Scrubbed) -> None:
    assert scrub(text) == expected

"""What a reader takes for the same, a recogniser reads as the same (T3, T14), and the way back is exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.text import folding
from gateway.minimise.text.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("９００", "900", id="full width"),
        pytest.param("𝟗𝟎𝟎", "900", id="mathematical"),
        pytest.param("٩٠٠", "900", id="Arabic"),
        pytest.param("๙๐๐", "900", id="Thai"),
        pytest.param("\U0001fbf9\U0001fbf0", "90", id="segmented"),
        pytest.param("9\ufe0f\u20e30\u03360\u28000", "9000", id="keycaps, strokes, blanks"),
        pytest.param("9\U000e00200", "90", id="tags"),
        pytest.param("a。b｡c", "a.b.c", id="full stops"),
        pytest.param("²³¹", "231", id="superscript"),
        pytest.param("①②", "12", id="in circles"),
        pytest.param("ａ＠ｂ", "a@b", id="letters and signs"),
        pytest.param("8\u00a0700\u202f000", "8 700 000", id="odd spaces"),
        pytest.param("8\u200b7\ufeff0\u00ad0", "8700", id="no width"),
        pytest.param("инвaлид", "инвалид", id="a Latin letter in a Russian word"),
        pytest.param("КZ86", "KZ86", id="a Cyrillic letter in a Latin word"),
        pytest.param("иди на mаil", "иди на mail", id="one letter"),
        pytest.param("Жzя", "Жzя", id="letters that look like none of the other script"),
        pytest.param("Wi-Fi в подъезде, SMS жду", "Wi-Fi в подъезде, SMS жду", id="words of one script each"),
        pytest.param("ул. Примерная №5 — ½", "ул. Примерная №5 — ½", id="ordinary text stays"),
    ],
)
def test_look_alikes_fold(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_a_place_in_the_folded_text_leads_back_to_what_was_written() -> None:
    text = "я\u200b 8\u200b7\u200b00 \u200bя"

    folded = fold(text)
    start, end = folded.span(folded.text.index("8"), folded.text.index("0") + 2)

    assert text[start:end] == "8\u200b7\u200b00"


@given(st.text(alphabet="z1 я９\u200b\u00a0\ufeff@"))
def test_every_character_leads_back_to_its_own(text: str) -> None:
    folded = fold(text)

    for at, char in enumerate(folded.text):
        start, end = folded.span(at, at + 1)
        assert end == start + 1
        assert fold(text[start:end]).text == char


def test_what_is_taken_for_usual_is_nothing_that_folds() -> None:
    usual = [char for char in map(chr, range(0x10000)) if folding._USUAL.fullmatch(char) is not None]

    assert len(usual) > 300
    assert not any(char in folding._ODD or char in folding._NO_WIDTH for char in usual)

"""Every recogniser of the registry keeps the one interface that later ones will have."""

from __future__ import annotations

from gateway.minimise.text.findings import Finding, Recogniser
from gateway.minimise.text.scrub import registry
from tests.rules import LEXICON

TEXT = "ИИН 900101100103, 8 700 000 01 23, test@example.com, KZ86 125K ZT50 0410 0100, диагноз"


class Plates:
    """A recogniser as a later issue may add it."""

    kinds = ("plate",)

    def find(self, text: str) -> list[Finding]:
        return [Finding(0, 3, "plate")] if text.startswith("001") else []


def test_a_recogniser_needs_kinds_and_find_and_nothing_else() -> None:
    plates: Recogniser = Plates()

    assert list(plates.find("001AAA14")) == [Finding(0, 3, "plate")]


def test_findings_are_places_in_the_text_and_of_a_kind_that_was_promised() -> None:
    for recogniser in registry(LEXICON):
        for finding in recogniser.find(TEXT):
            assert 0 <= finding.start < finding.end <= len(TEXT)
            assert finding.kind in recogniser.kinds

"""The recognisers against their floors, over the corpus that `tests/text` generates and the texts by hand (T13).

The held-out texts have no floor: whoever makes a floor of them begins to build for them. `make bench-text` prints them.
"""

from __future__ import annotations

import random

import pytest

from tests.text.corpus import HARMLESS_EACH, SIZES, Text, by_hand, generated, make, parse
from tests.text.floors import BY_HAND, FLOORS, Floor, below, not_reached
from tests.text.measure import Judge, Removed, Report, measure


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def corpus() -> list[Text]:
    return generated()


@pytest.fixture(scope="module")
def report(judge: Judge, corpus: list[Text]) -> Report:
    return measure(corpus, judge)


def test_the_corpus_is_as_large_and_as_harmless_as_it_says(corpus: list[Text]) -> None:
    harmless = sum(text.harmless for text in corpus)

    assert len(corpus) == sum(SIZES.values()) >= 3000
    assert harmless == len(corpus) // HARMLESS_EACH
    assert {label.kind for text in corpus for label in text.labels} == {
        "iin", "bin", "card", "iban", "phone", "email", "document", "plate", "door_code", "account", "flat", "person",
        "special",
    }  # fmt: skip
    assert len(by_hand("hand_open")) + len(by_hand("hand_held_out")) >= 150


def test_what_must_go_goes_and_what_must_stay_stays(report: Report) -> None:
    """T13: with the figures in the message, so that a fall is seen with its size."""
    assert below(report) == []


def test_nothing_outside_the_findings_is_altered(report: Report) -> None:
    assert report.not_aligned == []


def test_texts_by_hand_hold_their_floors(judge: Judge) -> None:
    found = measure(by_hand("hand_open"), judge)

    assert found.not_aligned == []
    assert below(found, BY_HAND) == []


def test_a_floor_says_what_it_found_and_none_holds_more_than_is_demanded() -> None:
    report = Report()
    low, high = Floor("low", lambda report: 0.9, 0.95, 0.85), Floor("high", lambda report: 0.9, 0.95, 0.95)

    assert below(report, (low, high)) == ["high: 90.00%, at least 95%"]
    assert not_reached(report, (low, high)) == ["low: 90.00%, 95% are demanded"]
    assert [floor.name for floor in (*FLOORS, *BY_HAND) if floor.held > floor.demanded] == []


def test_a_text_follows_from_its_seed_and_number() -> None:
    assert make("kk", 17) == make("kk", 17)
    assert make("kk", 17) != make("kk", 17, seed=1)


def test_labels_stand_where_the_marked_words_stand() -> None:
    pieces = list(parse("Я <person|Тест>, {течёт <n:3> кран} <?|31>", random.Random(1), "ru"))

    assert [piece.words for piece in pieces if piece.kind == "person"] == ["Тест"]
    assert [piece.kind for piece in pieces if piece.words == "31"] == ["?"]
    assert [piece.words for piece in pieces if piece.useful][::2] == ["течёт ", " кран"]


def test_what_was_removed_is_found_by_aligning(judge: Judge) -> None:
    text = "ИИН 900101100103, почта a@example.com"

    assert judge.removed(text, "ИИН [ИИН], почта [EMAIL]") == [
        Removed(4, 16, "iin", 16),
        Removed(24, 37, "email", 37),
    ]
    assert judge.removed(text, "ИИН [ИИН], Почта [EMAIL]") is None
    assert judge.removed(text, "ИИН [ИИН], почта [EMAIL].") is None
    assert judge.removed(text, text) == []
    assert judge.removed("кв. 12 слеп тут", "[КВАРТИРА] [ЗДОРОВЬЕ] тут") == [
        Removed(0, 3, "flat", 6),
        Removed(4, 11, "special", 11),
    ]
    assert judge.removed(text, text[:-1]) is None


def test_half_a_name_is_a_miss_and_a_finding_of_nothing_a_mistake(judge: Judge) -> None:
    """The measure itself: a scrub that is partly right must not look right."""
    half = Judge()
    half.scrub = lambda words: judge.scrub(words)._replace(text=words.replace("Тест", "[ФИО]").replace("кран", "[КОД]"))
    text = next(text for text in by_hand("hand_open") if text.labels)
    made = text._replace(words="Я Тест Иванов, кран", labels=(text.labels[0]._replace(start=2, end=13, kind="person"),))

    found = measure([made._replace(useful=(made.labels[0]._replace(start=15, end=19),))], half)

    assert found.recall({"person"}) == 0
    assert found.precision({"person"}) == 1
    assert found.precision({"door_code"}) == 0
    assert found.useful_kept == 0

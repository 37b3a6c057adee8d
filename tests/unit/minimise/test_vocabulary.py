from __future__ import annotations

import pytest

from gateway.minimise.vocabulary import WORDS, Vocabulary
from tests.rules import rule
from tests.values import purpose_map, recipient, snapshot


def vocabulary() -> Vocabulary:
    known = purpose_map(fields=(rule("ЛицевойСчет.Номер"), rule("order.zorp"), rule('"@code"')))
    return Vocabulary(snapshot(known), lambda name: f"~{len(name)}")


@pytest.mark.parametrize(
    "key",
    ["passport_number", "passportNumber", "birth-date", "address2", "order", "zorp", "Номер", "zorp_code", "@code"],
)
def test_a_name_of_known_words_is_kept(key: str) -> None:
    assert vocabulary().spell(key).strip('"') == key


@pytest.mark.parametrize(
    "key",
    [
        "ivanov",
        "Ivanov_Ivan",
        "name_of_ivanov",
        "zqcanaryabcdefghij",
        "87000000125",
        "phone_87000000125",
        "account_12",
        "iin900101100103",
        "address2line",
        "Примеров",
        "order zorp",
        "a@example.com",
        "",
        "_",
        "~order",
        "order" * 12,
        "name_name_name_name_name_name_name",
    ],
)
def test_any_other_name_is_a_digest(key: str) -> None:
    """Law 4: a name may itself be personal, and looks like a program's when it is written in Latin letters."""
    assert vocabulary().spell(key) == f"~{len(key)}"


def test_the_words_of_the_taxonomy_count() -> None:
    bare = snapshot(purpose_map(recipient=recipient()))
    taught = type(bare)(bare.version, bare.purposes, bare.recipients, bare.maps, words=frozenset({"удостоверение"}))

    assert Vocabulary(bare, lambda _: "~").spell("удостоверение") == "~"
    assert Vocabulary(taught, lambda _: "~").spell("удостоверение") == "удостоверение"


def test_no_word_is_a_first_name() -> None:
    assert WORDS.isdisjoint({"bill", "mark", "max", "will", "may", "april", "grace", "rose", "art", "frank", "anna"})


def test_a_name_that_is_a_digest_is_not_remembered() -> None:
    kept = vocabulary()

    kept.spell("ivanov")
    kept.spell("order")

    assert set(kept._spelled) == {"order"}

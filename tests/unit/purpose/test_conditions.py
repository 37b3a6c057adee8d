from __future__ import annotations

import pytest

from gateway.canonical import parse_path
from gateway.model import Match, When
from gateway.purpose.conditions import Table, Terms, both, for_recipient, in_terms, parse_when

SCOPE = Match(parse_path("ticket.scope"), ("apartment",))
CALLBACK = Match(parse_path("ticket.callback"), ("true",))
CARRIER = Match(parse_path("recipient.role"), ("carrier",))
PICTURES = Match(parse_path("recipient.accepts_attachments"), ("true",))
ATTRIBUTES = {"role": "carrier", "accepts_attachments": "false"}


def test_tables_become_lines_in_their_order() -> None:
    found = parse_when([{"ticket.scope": ["apartment"]}, {"ticket.callback": ["true"], "recipient.role": ["carrier"]}])

    assert found == ((SCOPE,), (CALLBACK, CARRIER))


def test_a_key_that_is_no_path_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="not a path"):
        parse_when([{"ticket.": ["x"]}])


CASES: list[tuple[str, When, When | None]] = [
    ("no condition always holds", (), ()),
    ("a condition on the payload stays", ((SCOPE,),), ((SCOPE,),)),
    ("a true line falls away", ((CARRIER, SCOPE),), ((SCOPE,),)),
    ("a table of true lines makes the whole condition hold", ((SCOPE,), (CARRIER,)), ()),
    ("a false line kills its table", ((PICTURES, SCOPE), (CALLBACK,)), ((CALLBACK,),)),
    ("false in every table can never hold", ((PICTURES,), (PICTURES, CALLBACK)), None),
]


@pytest.mark.parametrize(("when", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_the_recipient_decides_is_decided_at_load(when: When, expected: When | None) -> None:
    assert for_recipient(when, ATTRIBUTES) == expected


def test_an_attribute_that_the_recipient_lacks_denies() -> None:
    assert for_recipient(((CARRIER,),), {}) is None


def test_a_payload_path_that_merely_contains_recipient_is_of_the_payload() -> None:
    line = Match(parse_path("order.recipient.role"), ("carrier",))

    assert for_recipient(((line,),), ATTRIBUTES) == ((line,),)


def terms(places: dict[str, tuple[str, ...]] | None = None, **means: Table | str) -> Terms:
    return Terms(
        {parse_path(ours): tuple(map(parse_path, theirs)) for ours, theirs in (places or {}).items()},
        {parse_path(f"ticket.{name}"): told for name, told in means.items()},
    )


TARIFF = Table(parse_path("tariff"), {"139": "apartment", "137": "apartment", "136": "yard"})
TERMS_CASES: list[tuple[str, When, Terms, When | None]] = [
    ("no condition always holds", (), terms(), ()),
    (
        "a bound path is read where their body has it",
        ((SCOPE,),),
        terms({"ticket.scope": ("s",)}),
        ((Match(parse_path("s"), ("apartment",)),),),
    ),
    (
        "a meaning is read from their value",
        ((SCOPE,),),
        terms(scope=TARIFF),
        ((Match(parse_path("tariff"), ("139", "137")),),),
    ),
    ("what an API always means always holds", ((SCOPE, CALLBACK),), terms(scope="apartment", callback="true"), ()),
    ("what an API never means never holds", ((SCOPE,),), terms(scope="yard"), None),
    (
        "what no value of theirs means never holds",
        ((SCOPE,),),
        terms(scope=Table(parse_path("t"), {"1": "yard"})),
        None,
    ),
    ("what an API has no word for denies", ((SCOPE,),), terms(), None),
    ("one way to hold is enough", ((SCOPE,), (CALLBACK,)), terms(scope="apartment"), ()),
]


@pytest.mark.parametrize(
    ("when", "known", "expected"), [row[1:] for row in TERMS_CASES], ids=[row[0] for row in TERMS_CASES]
)
def test_a_condition_is_asked_in_the_terms_of_the_api(when: When, known: Terms, expected: When | None) -> None:
    assert in_terms(when, parse_path("a[].b"), known) == expected


def test_of_several_places_the_one_in_the_field_s_own_item_is_meant() -> None:
    known = terms({"ticket.scope": ("a[].scope", "c[].scope")})

    assert in_terms(((SCOPE,),), parse_path("a[].b"), known) == ((Match(parse_path("a[].scope"), ("apartment",)),),)


@pytest.mark.parametrize("places", [("a[].scope",), ("one", "other")], ids=["another item", "two values"])
def test_where_it_is_open_which_value_is_meant_nothing_is_guessed(places: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="which value is meant"):
        in_terms(((SCOPE,),), parse_path("b"), terms({"ticket.scope": places}))


def test_two_conditions_hold_together_in_every_way_that_each_can() -> None:
    found = both(((SCOPE,), (CALLBACK,)), ((CARRIER,),))

    assert found == ((SCOPE, CARRIER), (CALLBACK, CARRIER))
    assert both((), ((SCOPE,),)) == both(((SCOPE,),), ()) == ((SCOPE,),)

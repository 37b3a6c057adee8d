from __future__ import annotations

import pytest

from gateway.canonical import parse_path
from gateway.model import Match, When
from gateway.purpose.conditions import for_recipient, parse_when

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

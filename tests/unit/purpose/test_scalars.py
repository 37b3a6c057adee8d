from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError, fields

from gateway.canonical import Number
from gateway.purpose.scalars import Anything, Either, Exact, Flag, Limit, Plain, Text, Whole

_LIMIT = "expected a number, a date such as 2026-01-31 or a period such as 2026-01"
TAKEN: list[tuple[str, fields.Field[Any], object, object]] = [
    ("text", Text(), "5", "5"),
    ("whole number", Whole(), Number("-5"), -5),
    ("decimal number", Exact(), Number("1.10"), "1.10"),
    ("bound that is a number", Limit(), Number("-1.5"), "-1.5"),
    ("bound that is a day", Limit(), "2026-01-31", "2026-01-31"),
    ("bound that is a month", Limit(), "2026-12", "2026-12"),
    ("true", Flag(), True, True),
    ("false", Flag(), False, False),
    ("text to compare", Plain(), "x", "x"),
    ("number to compare", Plain(), Number("1.0"), "1.0"),
    ("truth value to compare", Plain(), False, "false"),
    ("anything, even nothing", Anything(), None, None),
    ("one", Either(Text()), "x", ["x"]),
    ("several", Either(Text()), ["x", "y"], ["x", "y"]),
]
REFUSED: list[tuple[str, fields.Field[Any], object, str]] = [
    ("unquoted number as text", Text(), Number("5"), "expected text; quote it if it looks like a number"),
    ("blank text", Text(), " ", "expected text; quote it if it looks like a number"),
    ("quoted number", Whole(), "5", "expected a whole number"),
    ("fraction as whole number", Whole(), Number("5.7"), "expected a whole number"),
    ("truth value as number", Whole(), True, "expected a whole number"),
    ("quoted decimal", Exact(), "1.10", "expected a number"),
    ("bound that is no day", Limit(), "2026-02-32", _LIMIT),
    ("bound that is no month", Limit(), "2026-13", _LIMIT),
    ("quoted number as bound", Limit(), "5", _LIMIT),
    ("yes as truth value", Flag(), "yes", "expected true or false"),
    ("one as truth value", Flag(), Number("1"), "expected true or false"),
    ("list to compare", Plain(), ["x"], "expected text, a number, true or false"),
    ("empty list", Either(Text()), [], "expected at least one"),
]


@pytest.mark.parametrize(("field", "given", "expected"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_a_value_of_its_kind_is_taken(field: fields.Field[Any], given: object, expected: object) -> None:
    taken = field.deserialize(given)

    assert taken == expected
    assert type(taken) is type(expected)


@pytest.mark.parametrize(("field", "given", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_value_of_another_kind_is_refused(field: fields.Field[Any], given: object, expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        field.deserialize(given)

    assert caught.value.messages == [expected]

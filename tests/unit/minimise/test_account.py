"""The account of a run: merged, bounded, without values."""

from __future__ import annotations

from gateway.minimise.account import AND_MORE, LISTED_MOST_BYTES, WITHHELD_MOST, Account
from gateway.minimise.names import Spelled
from gateway.minimise.projection import NOBODY
from gateway.minimise.text import Scrubbed
from gateway.model import Failure, RefusedReason, Released, Withheld, WithheldReason
from tests.rules import LEXICON, conceal


def account(rules: int = 1) -> Account:
    return Account(Spelled(conceal), rules, NOBODY)


def test_the_same_path_and_reason_are_one_and_the_order_is_kept() -> None:
    one = account()
    for path in ("b", "a", "b"):
        one.withhold(path, WithheldReason.NOT_IN_MAP)
    one.withhold("b", WithheldReason.BAD_VALUE)

    withheld = one.close({}, [Released("x", "string")], ()).withheld

    assert [(item.path, item.reason.value) for item in withheld] == [
        ("b", "not_in_map"),
        ("a", "not_in_map"),
        ("b", "bad_value"),
    ]


def test_the_list_is_cut_and_says_so() -> None:
    """T57: a hostile payload does not grow the entry without bound."""
    one = account()
    for number in range(WITHHELD_MOST + 5):
        one.withhold_unknown("", f"key {number}")
    one.withhold("again", WithheldReason.BAD_VALUE)

    withheld = one.close({}, [Released("x", "string")], ()).withheld

    assert len(withheld) == WITHHELD_MOST + 1
    assert withheld[-1] == AND_MORE


def test_the_list_is_cut_by_its_bytes_too() -> None:
    one = account()
    for number in range(9):
        one.withhold(f"{number}" * (LISTED_MOST_BYTES // 8), WithheldReason.NOT_IN_MAP)
    one.withhold("short", WithheldReason.NOT_IN_MAP)

    withheld = one.close({}, [Released("x", "string")], ()).withheld

    assert [item.path[0] for item in withheld] == [*"01234567", "."]


def test_a_list_that_is_just_full_is_whole() -> None:
    one = account()
    for number in [*range(WITHHELD_MOST), 3]:
        one.withhold_unknown("", f"key {number}")

    assert AND_MORE not in one.close({}, [Released("x", "string")], ()).withheld


def test_an_alarm_is_raised_even_where_the_list_is_full() -> None:
    one = account()
    for number in range(WITHHELD_MOST):
        one.withhold(str(number), WithheldReason.NOT_IN_MAP)
    one.withhold("nationality", WithheldReason.SPECIAL_CATEGORY)
    one.alarm(("race",))

    projection = one.close({}, [Released("x", "string")], LEXICON.special)

    assert projection.alarms == ("race",)
    assert projection.forbidden == ("race",)


def test_an_unknown_name_is_concealed_once() -> None:
    asked: list[str] = []

    def count(name: str) -> str:
        asked.append(name)
        return "~x"

    one = Account(Spelled(count), 1, NOBODY)
    for _ in range(3):
        one.withhold_unknown("a.", "личное имя")

    assert asked == ["личное имя"]
    assert one.close({}, [Released("x", "string")], ()).withheld == (Withheld("a.~x", WithheldReason.NOT_IN_MAP),)


def test_a_leaf_that_one_rule_releases_is_not_withheld_by_another() -> None:
    for reasons in (
        [WithheldReason.CONDITION, None],
        [None, WithheldReason.CONDITION],
        [WithheldReason.BAD_VALUE, None, WithheldReason.CONDITION],
    ):
        one = account()
        for reason in reasons:
            one.note_shared("a", 1, reason)

        assert one.close({}, [Released("x", "string")], ()).withheld == ()


def test_a_bad_value_says_more_than_a_condition() -> None:
    for reasons in (
        [WithheldReason.CONDITION, WithheldReason.BAD_VALUE],
        [WithheldReason.BAD_VALUE, WithheldReason.CONDITION],
    ):
        one = account()
        for reason in reasons:
            one.note_shared("a", 1, reason)

        assert [item.reason for item in one.close({}, [Released("x", "string")], ()).withheld] == [
            WithheldReason.BAD_VALUE
        ]


def test_it_closes_with_what_was_flagged_found_and_failed() -> None:
    one = account(2)
    one.flags[1] = 1
    one.fail("b", RefusedReason.REQUIRED_MISSING, "string")
    one.fail("b", RefusedReason.REQUIRED_MISSING, "string")

    text = one.take(Scrubbed("x", ("phone", "phone", "iin")))
    projection = one.close({"b": "c"}, [Released("a", "string"), Released("b", "scrub")], ())

    assert text == "x"
    assert projection.data == {"b": "c"}
    assert projection.released == (Released("b", "scrub"),)
    assert projection.findings == {"phone": 2, "iin": 1}
    assert projection.failures == (Failure("b", RefusedReason.REQUIRED_MISSING, "string"),)

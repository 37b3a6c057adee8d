from __future__ import annotations

from gateway.cli.map.advice import Advice, ForMap, advise
from gateway.minimise.observed import Fact, FactKind, Group
from gateway.model import FieldType, RefusedReason
from gateway.storage import Counted
from tests.rules import rule
from tests.values import PAIR, purpose_map, snapshot

MAPS = snapshot(
    purpose_map(
        fields=(
            rule("ticket", required=True),
            rule("phone", FieldType.PHONE),
            rule("window"),
            rule("items[].id", required=True),
            rule("given", FieldType.STRING, "first", "last"),
        )
    )
)


def counted(
    facts: dict[tuple[str, FactKind, str], int], caller: str = "backend", pair: tuple[str, str] = PAIR
) -> list[Counted]:
    return [Counted(Group(caller, *pair), Fact(*fact), count, 20_000, 20_006) for fact, count in facts.items()]


def preview(permitted: int = 10, **refused: int) -> dict[tuple[str, FactKind, str], int]:
    """How so many previews were decided, each with its ticket."""
    decided = {"permitted": permitted, **refused}
    facts = {("", FactKind.PREVIEW, reason): count for reason, count in decided.items() if count}
    return {**facts, ("ticket", FactKind.SEEN, "string"): 10, ("ticket", FactKind.RELEASED, "string"): 10}


def one(facts: dict[tuple[str, FactKind, str], int]) -> ForMap:
    (found,) = advise(counted(facts), MAPS)
    return found


def lines(advice: list[Advice]) -> list[tuple[str, str, int, int]]:
    return [(line.path, line.why, line.count, line.of) for line in advice]


def test_nothing_observed_is_no_advice() -> None:
    assert advise([], MAPS) == []


def test_what_is_allowed_and_never_sent_is_told_with_its_figure() -> None:
    found = one({**preview(), ("phone", FactKind.SEEN, "string"): 1, ("last", FactKind.SEEN, "string"): 1})

    assert lines(found.never_sent) == [("window", "never sent", 0, 10), ("items[].id", "never sent", 0, 10)]
    assert [line.next for line in found.never_sent] == ["remove it from the map", "remove it from the class map"]


def test_what_any_caller_sends_is_not_never_sent() -> None:
    others = counted({**preview(), ("window", FactKind.SEEN, "string"): 1}, "billing")

    (found,) = advise([*counted(preview()), *others], MAPS)

    assert "window" not in [line.path for line in found.never_sent]
    assert (found.previews, [caller.caller for caller in found.callers]) == (20, ["backend", "billing"])


def test_where_not_all_was_looked_at_nothing_is_said_to_be_sent_by_no_one() -> None:
    cut = {**preview(), ("", FactKind.MORE, ""): 3}
    unlooked = {("", FactKind.PREVIEW, "basis_missing"): 10}

    (of_one_caller,) = advise(counted(preview()), MAPS, whole=False)

    assert (one(cut).never_sent, one(cut).more) == ([], 3)
    assert (one(unlooked).never_sent, one(unlooked).looked) == ([], 0)
    assert of_one_caller.never_sent == []


def test_what_is_required_and_missing_must_be_sent() -> None:
    facts = {
        ("", FactKind.PREVIEW, "required_missing"): 4,
        ("ticket", FactKind.FAILED, "required_missing string"): 4,
        ("other", FactKind.SEEN, "string"): 4,
    }
    found = one(facts)

    assert found.never_sent[0].next.startswith("required: send it")
    assert lines(found.callers[0].refused) == [
        ("", "required_missing", 4, 4),
        ("ticket", "required_missing (string)", 4, 4),
    ]


def test_a_value_that_never_passes_is_told_with_its_rule() -> None:
    always = {("phone", FactKind.SEEN, "string"): 8, ("phone", FactKind.WITHHELD, "bad_value phone"): 8}
    mostly = {("phone", FactKind.SEEN, "string"): 9, ("phone", FactKind.WITHHELD, "bad_value phone"): 8}

    assert lines(one({**preview(), **always}).callers[0].always_failing) == [("phone", "bad_value (phone)", 8, 8)]
    assert one({**preview(), **mostly}).callers[0].always_failing == []


def test_what_is_sent_in_vain_is_told_by_caller_the_most_frequent_first() -> None:
    facts = {
        ("passport", FactKind.WITHHELD, "never"): 3,
        ("email", FactKind.WITHHELD, "not_in_map"): 9,
        ("~AbCdEf", FactKind.WITHHELD, "not_in_map"): 2,
        ("phone", FactKind.WITHHELD, "condition"): 1,
        ("window", FactKind.WITHHELD, "narrowed"): 1,
        ("disability", FactKind.WITHHELD, "special_category"): 1,
    }
    (caller,) = one({**preview(), **facts}).callers

    assert lines(caller.in_vain) == [
        ("email", "not_in_map", 9, 10),
        ("passport", "never", 3, 10),
        ("~AbCdEf", "not_in_map", 2, 10),
        ("disability", "special_category", 1, 10),
        ("window", "narrowed", 1, 10),
    ]
    assert [line.path for line in caller.withheld if line not in caller.in_vain] == ["phone"]
    assert caller.in_vain[2].next.startswith("a name that is not kept")
    assert all(line.next for line in caller.withheld)


def test_every_refusal_has_its_next_step() -> None:
    found = one({("", FactKind.PREVIEW, reason.value): 1 for reason in RefusedReason})

    assert {line.why for line in found.callers[0].refused} == set(RefusedReason)
    assert all(line.next for line in found.callers[0].refused)


def test_what_no_map_names_is_told_too() -> None:
    (found,) = advise(counted({("", FactKind.PREVIEW, "unknown_recipient"): 5}, pair=("other", "payment")), MAPS)

    assert (found.recipient, found.previews, found.never_sent) == ("other", 5, [])
    assert (found.first_day, found.last_day) == (20_000, 20_006)

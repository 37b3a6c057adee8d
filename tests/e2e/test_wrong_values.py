"""What callers get wrong in a value: each type, each bound, each person that it is not about.

Through a real `gateway serve`. A value that violates its type stays home, and refuses the transfer where it is
required; either way a field and a rule are named, and the value is in no answer, no entry and at no recipient.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.e2e.answers import life
from tests.e2e.attacked import ORDER, SUBJECT, TYPES, Attacked, attacked, one_line

GOOD: dict[str, Any] = {
    "string": "door-7_A",
    "choice": "door",
    "integer": 17,
    "decimal": "5430.10",
    "boolean": True,
    "date": "2026-11-23",
    "datetime": "2026-11-23T09:00:00+05:00",
    "period": "2026-11",
    "share": "1/2",
    "area": "54.3",
    "postal_index": "140000",
    "phone": "87000000123",
    "email": "Test.Primerov@example.com",
    "url": "https://pay.example.com/back",
}
MADE = {"phone": "+77000000123", "email": "test.primerov@example.com"}
BAD: dict[str, dict[str, Any]] = {
    "string": {
        "signs": "a b!", "too long": "a" * 41, "a number": 5, "a truth": True, "an object": {"a": 1}, "a list": ["a"],
        "an IIN": "900101100103", "an IIN between letters": "X900101100103X", "a phone": "87000000123",
        "T14 a phone behind dashes": "8-700-000-01-23", "T14 a card": "4111-1111-1111-1111",
        "T14 base64 of an IIN": "OTAwMTAxMTAwMTAz", "T14 hex of an IIN": "393030313031313030313033",
        "T4 a line break": "door\n", "T4 a change of direction": "do\u202eor", "T3 a look-alike": "dооr",
    },
    "choice": {"another": "roof", "in capitals": "DOOR", "T4 a blank after it": "door ", "empty": "", "a number": 1},
    "integer": {
        "text": "seventeen", "a fraction": 1.5, "too small": -1, "too large": 1001, "signed": "+17",
        "with zeros": "017", "T5 with an exponent": "1e2", "T5 18 digits": 10**17, "T5 in other digits": "١٧",
        "a truth": True, "an IIN": 900101100103,
    },
    "decimal": {
        "text": "much", "three places": "1.001", "too small": "0", "a comma": "5430,10", "T5 negative nought": "-0",
        "T5 with an exponent": "1.5e3", "T5 NaN": "NaN", "T5 Infinity": "Infinity", "T5 spaces": "5 430.10",
        "T5 a phone in its decimals": "100.0079161234567", "T5 an underscore": "1_000",
    },
    "boolean": {"a number": 1, "a word": "yes", "in capitals": "True", "empty": ""},
    "date": {"not one": "2026-02-30", "the other way round": "23.11.2026", "a time": "2026-11-23T09:00:00Z"},
    "datetime": {"no offset": "2026-11-23T09:00:00", "not one": "2026-11-23T25:00:00Z", "a day": "2026-11-23"},
    "period": {"not one": "2026-13", "a day": "2026-11-23", "words": "ноябрь"},
    "share": {"more than all": "3/2", "of nothing": "1/0", "words": "половина", "a fraction": "0.5"},
    "area": {"signed": "-54", "three places": "54.333", "words": "54 м²"},
    "postal_index": {"five digits": "14000", "letters": "ABCDEF", "an IIN": "900101100103"},
    "phone": {"too short": "8700000", "words": "позвоните", "two of them": "87000000123, 87000000124",
              "no such": "80000000123"},
    "email": {"no host": "test.primerov@", "two of them": "a@example.com, b@example.com", "a phone": "87000000123"},
    "url": {
        "another host": "https://evil.example.com/", "not TLS": "http://pay.example.com/", "a query": "https://pay.example.com/?iin=1",
        "a person within": "https://pay.example.com/900101100103", "a login": "https://a@pay.example.com/",
        "a port": "https://pay.example.com:8443/", "a script": "javascript:alert(1)", "a part": "https://pay.example.com/#a",
        "dots of another script": "https://pay。example.com/",
    },
}  # fmt: skip
CASES = [(kind, name) for kind, values in BAD.items() for name in values]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("values")) as found:
        yield found


def _account(running: Attacked, answer: tuple[int, dict[str, str], bytes]) -> dict[str, str]:
    """What stayed home and why, as the log has it."""
    assert answer[0] == 200, answer[2]
    entry = life(running.served, answer[1]["gateway-transfer"], 2)[0]
    return {one["path"]: one["reason"] for one in entry.get("withheld", [])}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_value_of_each_type_arrives(running: Attacked, kind: str) -> None:
    """T18: or the tests below would prove nothing."""
    answer = running.order(value={kind: GOOD[kind]})

    assert _account(running, answer) == {}
    assert running.last == orjson.loads(orjson.dumps(ORDER | {"value": {kind: MADE.get(kind, GOOD[kind])}})) or (
        running.arrived[-1].body == orjson.dumps(ORDER | {"value": {kind: GOOD[kind]}})
    )


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
def test_a_value_that_violates_its_type_stays_home(running: Attacked, kind: str, name: str) -> None:
    """T3, T4, T5, T14; law 6."""
    value = BAD[kind][name]

    answer = running.order(value={kind: value})

    account = _account(running, answer)
    assert running.arrived[-1].body == orjson.dumps(ORDER)
    assert set(account.values()) <= {"bad_value", "not_in_map"}
    assert account, "it stayed home, and the account does not say so"
    if isinstance(value, str) and len(value) > 3:
        assert value.encode() not in answer[2] + repr(answer[1]).encode()


@pytest.mark.parametrize(
    "value",
    ["a b", "a" * 21, "", "900101100103", "87000000123", "A-1\r\nX-Admin: 1", "А-1", 5, True, {"a": "A-1"}, ["A-1"]],
    ids=["signs", "long", "empty", "IIN", "phone", "lines", "look-alike", "number", "truth", "object", "list"],
)
def test_a_required_value_that_violates_its_type_refuses_the_transfer(running: Attacked, value: Any) -> None:
    """T3, T14, T18: field and rule are named, never the value."""
    before = running.state

    answer = running.order(order={"number": value})

    document = running.expect_wrong(answer, 422, "required_invalid", before)
    (failure,) = document["failures"]
    assert failure["path"] == "order.number"
    assert isinstance(value, bool | int | dict | list) or not value or value not in str(document)


@pytest.mark.parametrize("kind", TYPES)
def test_a_required_value_in_each_content_type(running: Attacked, kind: str) -> None:
    """T18: not there, and there by another name; the refusal names it and is recorded."""
    good = one_line(kind, label="x")
    for body, code in (
        (good.replace(b"number", b"Number"), "required_missing"),
        (good.replace(b"A-1", b"a-1"), "required_invalid"),
        (good.replace(b"A-1", b"900101100103"), "required_invalid"),
    ):
        before = running.state
        document = running.expect_wrong(running.ask(kind, body), 422, code, before)
        assert document["failures"][0]["path"].replace('"@', "").replace('"', "").endswith("number")


@pytest.mark.parametrize("name", ["criminal_record", "criminalRecord", "CRIMINAL-RECORD", "судимость"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_special_category_whose_group_is_set_to_refuse(running: Attacked, kind: str, name: str) -> None:
    """In each content type, in whatever spelling: the transfer is refused, the group is named, and it is recorded."""
    before = running.state

    answer = running.ask(kind, one_line(kind, **{name: "canary-conviction"}))

    document = running.expect_wrong(answer, 403, "special_category", before)
    assert document["alarms"] == ["convictions"]
    assert b"canary-conviction" not in answer[2]


def test_a_special_category_whose_group_is_not_set_to_refuse_stays_home_with_an_alarm(running: Attacked) -> None:
    answer = running.order(diagnosis="canary", residents=[{"user_id": SUBJECT, "flat": "5", "nationality": "canary"}])

    assert "special_category" in _account(running, answer).values()
    assert b"canary" not in running.arrived[-1].body


@pytest.mark.parametrize(
    "order",
    [{}, {"town": "Астана"}, {"town": "павлодар"}, {"town": None}, {"town": ["Павлодар"]}, {"Town": "Павлодар"}],
    ids=["not said", "another", "in small letters", "null", "a list", "another name"],
)
def test_a_person_whom_the_recipient_does_not_serve(running: Attacked, order: dict[str, Any]) -> None:
    """T16: whose data it may have at all. Deny wins where nothing says it."""
    before = running.state

    answer = running.order("scoped", order={"number": "A-1", **order})

    running.expect_wrong(answer, 403, "out_of_scope", before)
    assert running.order("scoped", order={"number": "A-1", "town": "Павлодар"})[0] == 200


@pytest.mark.parametrize(
    ("headers", "user"),
    [({}, "usr_0002"), ({"Gateway-Subject": ""}, None), ({"Gateway-Subject": ""}, "87000000123")],
    ids=["two people", "no one", "a phone"],
)
def test_a_payload_that_says_itself_whom_it_is_about(
    running: Attacked, headers: dict[str, str], user: str | None
) -> None:
    before = running.state

    answer = running.ask("named", orjson.dumps({"order": {"number": "A-1", "user": user}}), headers=headers)

    running.expect_wrong(answer, 400, "malformed_request", before)
    assert b"87000000123" not in answer[2]


WITHHELD: dict[str, tuple[dict[str, Any], str]] = {
    "a name that no map knows": ({"hobby": "canary"}, "not_in_map"),
    "a name that no map may know": ({"order": {"number": "A-1", "iin": "900101100103"}}, "never"),
    "a special category": ({"diagnosis": "canary"}, "special_category"),
    "a value that is none": ({"value": {"date": "canary"}}, "bad_value"),
    "a text that is too long": ({"order": {"number": "A-1", "note": "х" * 201}}, "over_limit"),
    "more items than may leave": ({"order": {"number": "A-1", "codes": ["A", "B", "C", "D"]}}, "over_limit"),
    "an item about someone else": ({"residents": [{"user_id": "usr_0002", "flat": "45"}]}, "other_subject"),
}


@pytest.mark.parametrize("name", WITHHELD)
def test_what_stays_home_says_why(running: Attacked, name: str) -> None:
    parts, reason = WITHHELD[name]

    account = _account(running, running.order(**parts))

    assert reason in account.values()
    assert b"canary" not in running.arrived[-1].body

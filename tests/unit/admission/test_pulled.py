"""A recipient's request and the platform's answer become payloads, or nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest

from gateway.admission.knock import Knock, Trust
from gateway.admission.pulled import Pulled
from gateway.canonical import parse_path
from gateway.errors import MalformedRequest, NothingFound, Unauthenticated, UnknownRoute, UpstreamFailed
from gateway.model import Answer, BasisKind, Direction, Pull, SubjectIn
from tests.partners.partner import basic
from tests.unit.admission.pulls import KASPI, PRIMER, SECRETS, Platform, pull_of, pull_snapshot, says
from tests.values import FakeClock

KNOCK: Final = Knock("127.0.0.1", {"authorization": basic("kaspi", "invented-password")})
QUERY: Final = "command=check&txn_id=1234&account=100200300"
VALUES: Final = {"command": "check", "txn_id": "1234", "account": "100200300"}
ANSWER: Final[dict[str, Any]] = {"txn_id": "9", "result": 0, "sum": "5.00", "subject_id": "usr_0001"}
CSV: Final = "account;fio;subject_id\n1001;Примеров Тест;res_1\n1002;Пробный Тест;res_2\n"


def pulled(platform: Platform = says(orjson.dumps(ANSWER))) -> Pulled:  # noqa: B008 -- it always answers the same
    return Pulled(pull_snapshot(), SECRETS, Trust(), platform, FakeClock())


def test_the_recipient_is_a_caller_of_its_own_that_no_token_can_name() -> None:
    caller = pulled().caller(KASPI, KNOCK)

    assert caller.id == "pull:psp-kaspi-test"
    assert caller.grants == {(KASPI, "payment")}


@pytest.mark.parametrize("recipient", [PRIMER, "psp-halyk-test", "nobody", "", "PSP-KASPI-TEST"])
def test_whoever_it_is_not_is_told_one_thing(recipient: str) -> None:
    with pytest.raises(Unauthenticated, match="did not prove who it is, or may ask for nothing"):
        pulled().caller(recipient, KNOCK)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/kaspi"), ("GET", "/kaspi/"), ("GET", "/Kaspi"), ("GET", "/kaspi\n"), ("GET", "/")]
)
def test_only_a_declared_route_is_one(method: str, path: str) -> None:
    with pytest.raises(UnknownRoute):
        pulled().pull(KASPI, method, path)


def test_what_is_asked_is_what_the_route_takes_and_nothing_beside_it() -> None:
    route = pulled().pull(KASPI, "GET", "/kaspi")

    asked = pulled().asked(route, "/kaspi", f"{QUERY}&phone=87000000123&diagnosis=x&iin=900101100103")

    assert asked == VALUES


def test_segments_of_the_route_are_asked_too() -> None:
    route = pulled().pull(PRIMER, "GET", "/exchange/h_1/residents.csv")

    assert pulled().asked(route, "/exchange/h_1/residents.csv", "since=2026-11-01") == {
        "house_id": "h_1",
        "since": "2026-11-01",
    }


@pytest.mark.parametrize(
    "query",
    [
        "",
        "command=check",
        QUERY.replace("check", "x"),
        f"{QUERY}&sum=-1",
        f"{QUERY}&account=1",
        "&",
        QUERY + "&sum=1.005",
    ],
)
def test_what_the_route_does_not_take_is_malformed(query: str) -> None:
    with pytest.raises(MalformedRequest):
        pulled().asked(pull_of(KASPI), "/kaspi", query)


@pytest.mark.parametrize("house", ["..", "H 1", "h" * 21, "%2e"])
def test_a_segment_of_another_form_is_malformed(house: str) -> None:
    with pytest.raises(MalformedRequest):
        pulled().asked(pull_of(PRIMER), f"/exchange/{house}/residents.csv", "")


def test_the_platforms_answer_is_a_payload_about_the_person_that_it_names() -> None:
    (admitted,) = pulled().admit(pull_of(KASPI), VALUES)

    assert (admitted.subject, admitted.recipient, admitted.purpose) == ("usr_0001", KASPI, "payment")
    assert admitted.direction is Direction.ANSWER
    assert admitted.caller.id == "pull:psp-kaspi-test"
    assert admitted.basis is not None
    assert (admitted.basis.kind, admitted.basis.ref) == (BasisKind.OBLIGATION, "contract-kaspi-7")
    assert admitted.payload == {**ANSWER, "txn_id": "1234", "result": "0"}  # numbers are their text


def test_the_maps_of_a_pull_are_its_own_and_no_other() -> None:
    """A caller's map for the same recipient and purpose must not decide what goes back, nor the other way round."""
    found = pulled().snapshot_of(pull_of(KASPI))

    assert list(found.maps.values()) == [pull_of(KASPI).map]
    assert (KASPI, "payment") not in pull_snapshot().maps


UNUSABLE: Final[Mapping[str, tuple[Platform, type[Exception]]]] = {
    "404": (says(b"{}", 404), NothingFound),
    "about no one": (says(b"{}"), NothingFound),
    "about null": (says(b'{"subject_id":null}'), NothingFound),
    "about an object": (says(b'{"subject_id":{"id":"usr_1"}}'), NothingFound),
    "a list": (says(b"[]"), NothingFound),
    "about a phone": (says(b'{"subject_id":"87000000123"}'), UpstreamFailed),
    "about two words": (says(b'{"subject_id":"a b"}'), UpstreamFailed),
    "500": (says(b'{"subject_id":"usr_1"}', 500), UpstreamFailed),
    "206": (says(b'{"subject_id":"usr_1"}', 206), UpstreamFailed),
    "plain text": (says(b'{"subject_id":"usr_1"}', 200, "text/plain"), UpstreamFailed),
    "another charset": (says(b'{"subject_id":"usr_1"}', 200, "application/json; charset=latin-1"), UpstreamFailed),
    "half of it": (says(b'{"subject_id":"usr_1"', 200), UpstreamFailed),
    "a name twice": (says(b'{"subject_id":"usr_1","subject_id":"usr_2"}'), UpstreamFailed),
    "empty": (says(b""), UpstreamFailed),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_answer_that_cannot_be_used_is_none(name: str) -> None:
    platform, error = UNUSABLE[name]

    with pytest.raises(error) as caught:
        pulled(platform).admit(pull_of(KASPI), VALUES)

    assert "87000000123" not in str(caught.value)
    assert "usr_1" not in str(caught.value)


def test_each_record_is_a_payload_of_its_own() -> None:
    admitted = pulled(says(CSV.encode(), content_type="text/csv; charset=utf-8")).admit(pull_of(PRIMER), {})

    assert [one.subject for one in admitted] == ["res_1", "res_2"]
    assert [one.payload for one in admitted] == [
        {"records": [{"account": "1001", "fio": "Примеров Тест", "subject_id": "res_1"}]},
        {"records": [{"account": "1002", "fio": "Пробный Тест", "subject_id": "res_2"}]},
    ]
    assert len({one.transfer_id for one in admitted}) == 2


STATED: Final = "kind=consent; ref=own-7; given_at=2026-11-01T09:00:00+05:00"


def test_a_basis_that_the_platform_states_comes_before_the_files() -> None:
    text = f'account;subject_id;consent\n1001;res_1;"{STATED}"\n1002;res_2;\n'

    admitted = pulled(says(text.encode(), content_type="text/csv")).admit(pull_of(PRIMER), {})

    assert [one.basis and one.basis.ref for one in admitted] == ["own-7", "register-consents-2026"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("account;subject_id\n", NothingFound),
        ("account;subject_id\n1;res_1\n2;\n", UpstreamFailed),
        ("account;subject_id;consent\n1;res_1;yes\n", UpstreamFailed),
    ],
    ids=["no records", "one about no one", "a basis that is none"],
)
def test_records_that_cannot_be_used_are_none(text: str, error: type[Exception]) -> None:
    """One record that cannot be judged makes the file one that says less than it seems: none is better."""
    with pytest.raises(error):
        pulled(says(text.encode(), content_type="text/csv")).admit(pull_of(PRIMER), {})


def test_more_records_than_can_be_judged_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.admission.pulled.RECORDS_MOST", 1)

    with pytest.raises(UpstreamFailed):
        pulled(says(CSV.encode(), content_type="text/csv")).admit(pull_of(PRIMER), {})


def test_whom_it_is_about_may_stand_in_what_was_asked() -> None:
    pull = replace(pull_of(KASPI), subject_in=SubjectIn.ASKED, subject_from=parse_path("account"))

    (admitted,) = pulled().admit(pull, VALUES)

    assert admitted.subject == "100200300"


@pytest.mark.parametrize("keys", [("fields", "a"), ("sum", "a"), ("nothing", "a", "b")])
def test_what_is_echoed_makes_no_place_that_the_answer_has_not(keys: tuple[str, ...]) -> None:
    pull = replace(pull_of(KASPI), echo=((keys, "txn_id"),))

    (admitted,) = pulled().admit(pull, VALUES)

    assert "1234" not in repr(admitted.payload)


def test_the_platform_is_asked_once() -> None:
    """Asking may be a payment."""
    asked: list[Mapping[str, str]] = []

    def platform(_pull: Pull, values: Mapping[str, str]) -> Answer:
        asked.append(values)
        return Answer(500, {}, b"")

    with pytest.raises(UpstreamFailed):
        pulled(platform).admit(pull_of(KASPI), VALUES)

    assert asked == [VALUES]

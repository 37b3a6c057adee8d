from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from gateway.admission.request import PREVIEWED_MOST, Admission, basis_in, load_transfer
from gateway.canonical import Node, Number
from gateway.clock import Instant
from gateway.errors import (
    AdmissionError,
    MalformedRequest,
    NotSupportedYet,
    PayloadTooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from gateway.model import Basis, BasisKind, Call, Caller, CallerId, Proxied, PurposeId, RecipientId, Snapshot
from tests.values import digest

TOKEN = "gw_crm_" + "x" * 43
CRM = Caller(CallerId("crm"), frozenset({(RecipientId("mc"), PurposeId("service_request"))}))
NOW = Instant(1_790_000_000_123_456)
BASIS = {"kind": "consent", "ref": "consent/17", "given_at": "2026-05-01T10:00:00+05:00", "text_version": "3"}
ASKED: dict[str, Any] = {
    "recipient": "mc",
    "purpose": "service_request",
    "subject": "resident:17",
    "basis": BASIS,
    "payload": {"a": 1},
}


class StoppedClock:
    def now(self) -> Instant:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Callers:
    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def lookup(self, token_hash: bytes) -> Caller | None:
        self.asked.append(token_hash)
        return CRM if token_hash == hashlib.sha256(TOKEN.encode()).digest() else None


def snapshot() -> Snapshot:
    return Snapshot("0" * 64, frozenset(), {}, {})


def admission(max_body_bytes: int = 4_096) -> Admission:
    return Admission(Callers().lookup, snapshot, StoppedClock(), max_body_bytes, digest)


def call(body: bytes | None = None, token: str | None = TOKEN, content_type: str = "application/json") -> Call:
    return Call(token, content_type, orjson.dumps(ASKED) if body is None else body)


def error_of(asked: object) -> str:
    with pytest.raises(MalformedRequest) as caught:
        admission().admit(call(orjson.dumps(asked)))
    return str(caught.value)


def test_a_well_formed_request_of_a_known_caller_is_admitted_whole() -> None:
    actual = admission().admit(call())

    assert actual.caller == CRM
    assert (actual.recipient, actual.purpose, actual.subject) == ("mc", "service_request", "resident:17")
    assert actual.basis == Basis(BasisKind.CONSENT, "consent/17", "2026-05-01T10:00:00+05:00", "3")
    assert actual.payload == {"a": Number("1")}
    assert actual.received_at == NOW
    assert actual.transfer_id[14] == "7"


def test_the_basis_may_be_left_out_for_that_is_a_refusal_to_be_recorded() -> None:
    without = {key: value for key, value in ASKED.items() if key != "basis"}

    actual = admission().admit(call(orjson.dumps(without)))

    assert actual.basis is None


@pytest.mark.parametrize("token", [None, "", "gw_crm_" + "y" * 43, "\xff", TOKEN + " "])
def test_every_failure_to_authenticate_takes_one_lookup_and_says_the_same(token: str | None) -> None:
    callers = Callers()

    with pytest.raises(Unauthenticated) as caught:
        Admission(callers.lookup, snapshot, StoppedClock(), 4_096, digest).admit(call(token=token))

    assert len(callers.asked) == 1
    assert str(caught.value) == "a valid token of a caller is needed"


def test_the_caller_is_known_before_a_byte_is_parsed() -> None:
    bad = Call(None, "text/xml", b"\xff" * 10_000, idempotency_key="k")

    with pytest.raises(Unauthenticated):
        admission().admit(bad)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json ; CHARSET=UTF-8",
    ],
)
def test_json_in_utf_8_is_taken_however_it_is_spelled(content_type: str) -> None:
    actual = admission().admit(call(content_type=content_type))

    assert actual.recipient == "mc"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=utf-8; charset=utf-7",
        "application/json; boundary=x",
        "application/json,text/xml",
        "application/json, application/json",
        "application/problem+json",
        "application/json\n",
        "application/jsonx",
    ],
)
def test_every_other_content_type_is_refused(content_type: str) -> None:
    """T8, T9, T10."""
    with pytest.raises(UnsupportedMediaType) as caught:
        admission().admit(call(content_type=content_type))

    assert str(caught.value) == "the body must be application/json, in UTF-8"


def test_a_body_over_the_limit_is_refused_before_it_is_parsed() -> None:
    """T6."""
    with pytest.raises(PayloadTooLarge):
        admission(max_body_bytes=10).admit(call(b"[" * 11))


def test_what_comes_later_is_refused_and_not_silently_taken() -> None:
    with pytest.raises(NotSupportedYet):
        admission().admit(call(orjson.dumps({**ASKED, "delivery": "queue"})))


def test_a_key_makes_a_claim_and_without_one_there_is_none() -> None:
    body = orjson.dumps(ASKED)

    claimed = admission().admit(Call(TOKEN, "application/json", body, idempotency_key="k")).claim

    assert claimed is not None
    assert (claimed.at, claimed.expires_at) == (NOW, NOW + 24 * 60 * 60 * 1_000_000)
    assert admission().admit(Call(TOKEN, "application/json", body)).claim is None


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        admission().admit(Call(TOKEN, "application/json", orjson.dumps(ASKED), idempotency_key=""))


def test_a_key_means_nothing_to_a_preview() -> None:
    """It records and sends nothing, so that live traffic may be mirrored to it as it is."""
    asked = Call(TOKEN, "application/json", orjson.dumps(ASKED), idempotency_key="not a key")

    assert admission().admit_preview(asked).each[0].claim is None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("recipient", 5, "recipient is not a string"),
        ("recipient", ["mc"], "recipient is not a string"),
        ("recipient", None, "recipient is null"),
        ("purpose", "a b", "purpose is not 1 to 64 of A-Za-z0-9_.-"),
        ("purpose", "", "purpose is not 1 to 64 of A-Za-z0-9_.-"),
        ("subject", "a" * 65, "subject is not 1 to 64 of A-Za-z0-9_.:-"),
        ("subject", "resident:17\n", "subject is not 1 to 64 of A-Za-z0-9_.:-"),
        ("subject", 17, "subject is not a string"),
        ("basis", "consent", "basis is not an object"),
        ("basis", {**BASIS, "kind": "interest"}, "basis.kind is not one of: consent, obligation"),
        ("basis", {**BASIS, "ref": "a b"}, "basis.ref is not 1 to 128 of A-Za-z0-9_.:/-"),
        ("basis", {**BASIS, "x": 1, "_schema": 2}, "2 unknown keys in basis"),
        ("basis", {**BASIS, "text_version": 3}, "basis.text_version is not a string"),
        ("payload", "text", "payload is not an object or an array"),
        ("payload", 1.5, "payload is not an object or an array"),
        ("payload", None, "payload is null"),
        ("delivery", "later", "delivery is not one of: wait, queue"),
    ],
)
def test_an_error_tells_the_field_and_the_rule(field: str, value: object, expected: str) -> None:
    actual = error_of({**ASKED, field: value})

    assert actual == f"the request is not a transfer: {expected}"


@pytest.mark.parametrize(
    "given_at",
    [
        "2026-05-01",
        "2026-05-01T10:00:00",
        "2026-02-30T10:00:00Z",
        "2026-05-01T25:00:00Z",
        "2026-05-01T10:00:00+5",
        "2026-05-01T10:00:00+99:00",
        "20260501T100000Z",
        "٢٠٢٦-05-01T10:00:00Z",
        "2026-05-01T10:00:00Z\n",
    ],
)
def test_a_basis_needs_a_real_time_with_its_offset(given_at: str) -> None:
    actual = error_of({**ASKED, "basis": {**BASIS, "given_at": given_at}})

    assert "basis.given_at is not an RFC 3339 time with its offset" in actual


@pytest.mark.parametrize(
    "given_at", ["2026-05-01T10:00:00Z", "2026-05-01t10:00:00.123456789z", "2026-05-01T10:00:00-00:00"]
)
def test_a_basis_takes_every_rfc_3339_time(given_at: str) -> None:
    actual = load_transfer({**ASKED, "basis": {**BASIS, "given_at": given_at}})

    assert actual["basis"]["given_at"] == given_at


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("87000000123", "a phone number"),
        ("8-700-000-01-23", "a phone number"),
        ("+77000000123", "a phone number"),
        ("900101100103", "an IIN"),
        ("4111111111111111", "a card number"),
        ("KZ86125KZT5004100100", "an account number"),
        ("test.primerov@example.com", "an e-mail address"),
    ],
)
def test_an_identifier_that_the_world_knows_is_no_subject(subject: str, expected: str) -> None:
    """T15."""
    actual = error_of({**ASKED, "subject": subject})

    assert f"subject reads as {expected}; give the platform's own opaque id of the person" in actual
    assert subject not in actual


def test_every_fault_is_told_at_once_and_unknown_keys_only_as_a_count() -> None:
    """T86, law 4."""
    actual = error_of({"recipient": 5, "+77000000123": "жена", "87000000124": 1, "payload": {}})

    assert actual == (
        "the request is not a transfer: recipient is not a string; "
        "purpose is missing; subject is missing; 2 unknown keys"
    )


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true"])
def test_a_body_that_is_no_object_is_no_transfer(body: bytes) -> None:
    with pytest.raises(MalformedRequest) as caught:
        admission().admit(call(body))

    assert str(caught.value) == "the request is not a transfer: the body is not an object"


def test_no_canary_of_the_request_stands_in_any_error() -> None:
    """T86: one canary in each place of the request, one at a time made wrong."""
    bodies: list[Node] = [{**ASKED, field: {"CANARY": "CANARY"}} for field in ASKED]
    bodies += [{**ASKED, field: "CANARY CANARY"} for field in ASKED]
    bodies += [{**ASKED, "basis": {**BASIS, field: "CANARY CANARY"}} for field in BASIS]

    told: list[str] = []
    for body in bodies:
        try:
            admission().admit(call(orjson.dumps(body)))
        except AdmissionError as error:
            told.append(str(error) + error.hint + repr(error.__cause__))

    assert len(told) >= len(bodies) - 2
    assert not [line for line in told if "CANARY" in line]


@pytest.mark.parametrize("field", ["ref", "text_version"])
@pytest.mark.parametrize("value", ["900101100103", "87000000123", "KZ86125KZT5004100100"])
def test_a_basis_may_not_carry_an_identifier_of_a_person(field: str, value: str) -> None:
    """Law 4: the basis stands in the log as it is stated."""
    told = error_of({**ASKED, "basis": {**BASIS, field: value}})

    assert f"basis.{field} reads as" in told
    assert value not in told


def previewed(body: bytes, content_type: str, **changes: Any) -> Call:
    values: dict[str, Any] = {
        "recipient": "mc",
        "purpose": "service_request",
        "method": "POST",
        "path": "",
        "query": "",
        "headers": {},
        "subject": "resident:17",
        "basis": "kind=consent; ref=consent/17; given_at=2026-05-01T10:00:00+05:00; text_version=3",
    }
    return Call(TOKEN, content_type, body, proxied=Proxied(**{**values, **changes}))


def test_a_preview_in_json_is_asked_as_the_transfer_would_be() -> None:
    asked = admission().admit_preview(call())

    assert (asked.caller, asked.subject, asked.records) == (CRM, "resident:17", False)
    assert [one.payload for one in asked.each] == [{"a": Number("1")}]


def test_a_preview_of_records_asks_about_each() -> None:
    asked = admission().admit_preview(previewed(b"a;b\n1;2\n3;4\n", "text/csv"))

    assert asked.records is True
    assert [one.payload for one in asked.each] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert {one.subject for one in asked.each} == {"resident:17"}
    assert {one.basis for one in asked.each} == {Basis(BasisKind.CONSENT, "consent/17", BASIS["given_at"], "3")}


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Call(None, "text/csv", b""), Unauthenticated),
        (Call(TOKEN, "application/json", b" " * 4_097), PayloadTooLarge),
        (Call(TOKEN, "text/csv", b"a;b\n1;2\n"), MalformedRequest),
        (previewed(b"{}", "image/png"), UnsupportedMediaType),
        (previewed(b"{}", "application/json", subject=None), MalformedRequest),
        (previewed(b"{}", "application/json", subject="87000000123"), MalformedRequest),
        (previewed(b"{}", "application/json", basis="consent"), MalformedRequest),
    ],
    ids=["token", "length", "no headers", "format", "subject", "phone as subject", "basis"],
)
def test_a_preview_is_held_to_the_rules_of_a_request(asked: Call, error: type[AdmissionError]) -> None:
    with pytest.raises(error) as caught:
        admission().admit_preview(asked)

    assert "87000000123" not in str(caught.value)


def test_a_preview_takes_only_so_many_records() -> None:
    body = b"{}\n" * (PREVIEWED_MOST + 1)

    with pytest.raises(PayloadTooLarge, match="at most 10000 records"):
        admission(len(body)).admit_preview(previewed(body, "application/x-ndjson"))


DEFAULT = Basis(BasisKind.OBLIGATION, "contract-7", "2026-01-01T00:00:00Z", None)
STATED = "kind=consent; ref=consent/17; given_at=2026-05-01T10:00:00+05:00; text_version=3"
CONSENT = Basis(BasisKind.CONSENT, "consent/17", BASIS["given_at"], "3")


def with_default() -> Admission:
    caller = Caller(CRM.id, CRM.grants, DEFAULT)
    return Admission(lambda _hash: caller, snapshot, StoppedClock(), 4_096, digest)


def stated_in_the_body(basis: Any) -> Call:
    body = {name: value for name, value in ASKED.items() if name != "basis"}
    return Call(TOKEN, "application/json", orjson.dumps(body if basis is ... else body | {"basis": basis}))


def stated_in_the_header(basis: str | None) -> Call:
    return previewed(b"{}", "application/json", path="/a", basis=basis)


WAYS: dict[str, Callable[[Admission, Call], Basis | None]] = {
    "transfer": lambda stage, asked: stage.admit(asked).basis,
    "preview": lambda stage, asked: stage.admit_preview(asked).each[0].basis,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (stated_in_the_body(...), DEFAULT),
        (stated_in_the_body(None), DEFAULT),
        (stated_in_the_body(BASIS), CONSENT),
        (stated_in_the_header(None), DEFAULT),
        (stated_in_the_header(STATED), CONSENT),
    ],
    ids=["body, absent", "body, null", "body, stated", "header, absent", "header, stated"],
)
def test_a_callers_default_basis_counts_where_none_is_stated(
    way: Callable[[Admission, Call], Basis | None], asked: Call, expected: Basis
) -> None:
    """DESIGN 6.3."""
    assert way(with_default(), asked) == expected
    assert way(admission(), asked) == (None if expected is DEFAULT else expected)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    "asked",
    [
        stated_in_the_body({}),
        stated_in_the_body("consent"),
        stated_in_the_body({"kind": "consent", "ref": "consent/17"}),
        stated_in_the_header(""),
        stated_in_the_header(" "),
        stated_in_the_header("kind=consent; ref=consent/17"),
        stated_in_the_header("kind=interest; ref=x; given_at=2026-01-01T00:00:00Z"),
    ],
    ids=["empty", "no object", "part", "empty header", "blank header", "part of a header", "another kind"],
)
def test_a_stated_basis_that_is_none_is_refused_and_never_replaced(
    way: Callable[[Admission, Call], Basis | None], asked: Call
) -> None:
    """Law 1: a default fills what is not said, not what is said wrongly."""
    with pytest.raises(MalformedRequest):
        way(with_default(), asked)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("kind=consent; ref=consent/17", "given_at is missing"),
        ("kind=consent; given_at=2026-05-01T10:00:00+05:00", "ref is missing"),
        ("kind=consent; ref=c; given_at=2026-05-01", "given_at is not an RFC 3339 time"),
        ("kind=obligation; ref=87000000123; given_at=2026-05-01T10:00:00Z", "ref reads as a phone number"),
        ("kind=obligation; ref=c; given_at=2026-05-01T10:00:00Z; by=me", "1 unknown key"),
        ("obligation", "is not kind="),
    ],
)
def test_a_default_needs_all_that_a_stated_basis_needs(stated: str, said: str) -> None:
    with pytest.raises(MalformedRequest, match=said) as caught:
        basis_in(stated)

    assert "87000000123" not in str(caught.value)
    assert basis_in(STATED) == CONSENT

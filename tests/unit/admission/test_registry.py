from __future__ import annotations

from typing import Any

import pytest

from gateway.admission.registry import RegistryAdmission, Stated, decimal_columns, read_field, takes_records
from gateway.canonical import Node, parse_path
from gateway.errors import MalformedRequest
from gateway.model import Basis, BasisKind, Caller, CallerId, FieldRule, FieldType, PurposeMap, TransferId
from tests.values import NOW, purpose_map

BASIS = Basis(BasisKind.CONSENT, "c-1", "2026-11-01T09:00:00+05:00", None)
CALLER = Caller(CallerId("backend"), frozenset())
ID = TransferId("t-1")


def _admission(declared: PurposeMap | None = None, **said: Any) -> RegistryAdmission:
    stated = {"recipient": "mc", "purpose": "service", "basis": BASIS, "subject_from": parse_path("id"), **said}
    return RegistryAdmission(Stated(**stated), declared)


def _rule(path: str, kind: FieldType = FieldType.STRING) -> FieldRule:
    parsed = parse_path(path)
    return FieldRule(path=parsed, sources=(parsed,), category="operational", type=kind)


def _map(*rules: FieldRule, **changes: Any) -> PurposeMap:
    return purpose_map(fields=rules, **changes)


def test_a_record_is_admitted_with_what_was_stated_for_all() -> None:
    admitted = _admission().admit({"id": "usr_1", "ticket": "x"}, ID, CALLER, NOW)

    assert (admitted.subject, admitted.basis, admitted.recipient, admitted.transfer_id) == ("usr_1", BASIS, "mc", ID)
    assert admitted.payload == {"id": "usr_1", "ticket": "x"}
    assert admitted.claim is None


@pytest.mark.parametrize(
    "record",
    [{}, {"id": None}, {"id": {"a": "b"}}, {"id": "87000000123"}, {"id": "900101100103"}, {"id": "a b"}, {"id": ""}],
    ids=["missing", "null", "object", "phone", "iin", "not an id", "empty"],
)
def test_a_record_must_say_whom_it_is_about(record: Node) -> None:
    with pytest.raises(MalformedRequest) as caught:
        _admission().admit(record, ID, CALLER, NOW)

    assert "87000000123" not in str(caught.value)


def test_the_callers_default_basis_counts_where_none_is_stated() -> None:
    caller = Caller(CallerId("backend"), frozenset(), BASIS)

    assert _admission(basis=None).admit({"id": "usr_1"}, ID, caller, NOW).basis == BASIS
    assert _admission(basis=None).admit({"id": "usr_1"}, ID, CALLER, NOW).basis is None


def test_a_map_of_records_gets_each_as_a_register_of_one() -> None:
    rows = _map(_rule("records[].sum"))
    located = _map(_rule("body.records[].sum"), located=True)

    assert _admission(rows).admit({"id": "usr_1"}, ID, CALLER, NOW).payload == {"records": [{"id": "usr_1"}]}
    assert _admission(located).admit({"id": "usr_1"}, ID, CALLER, NOW).payload == {
        "body": {"records": [{"id": "usr_1"}]}
    }
    assert takes_records(_map(_rule("sum"), media_type="text/csv"))
    assert not takes_records(_map(_rule("sum")))


def test_another_try_is_the_same_record_under_another_id() -> None:
    admission = _admission()
    first = admission.admit({"id": "usr_1"}, ID, CALLER, NOW)

    again = admission.again(first, TransferId("t-2"), NOW)

    assert (again.transfer_id, again.subject, again.payload, again.basis) == ("t-2", "usr_1", {"id": "usr_1"}, BASIS)


def test_the_columns_of_decimals_are_those_of_the_map() -> None:
    nested = _map(_rule("bill.sum", FieldType.DECIMAL), _rule("bill.street"), _rule("flat.area", FieldType.AREA))
    rows = _map(_rule("records[].sum", FieldType.DECIMAL))

    assert decimal_columns(nested) == {"bill.sum", "flat.area"}
    assert decimal_columns(rows) == {"sum"}
    assert decimal_columns(None) == frozenset()


def test_a_field_is_a_column_or_a_path() -> None:
    assert read_field("№ п/п", ("№ п/п",))[0].key == "№ п/п"
    assert [step.key for step in read_field("a.b", None)] == ["a", "b"]


@pytest.mark.parametrize(("text", "names"), [("c", ("a", "b")), ("a..b", None), ("a[].b", None), ("", None)])
def test_a_field_that_is_none_is_refused(text: str, names: tuple[str, ...] | None) -> None:
    with pytest.raises(MalformedRequest):
        read_field(text, names)

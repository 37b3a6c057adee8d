from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import Node, Number, parse_path, path_text
from gateway.model import FieldRule, FieldType, Transform
from gateway.purpose.drafted.binding import bind, fits, total
from tests.unit.purpose.drafted.conftest import leaf


def rule(path: str, kind: str = "string", category: str = "operational", **more: object) -> FieldRule:
    at = parse_path(path)
    return FieldRule(path=at, sources=(at,), category=category, type=FieldType(kind), because="§5", **more)  # type: ignore[arg-type]


PHONE = rule("order.recipient.phone", "phone", "phone", transform=Transform.E164)
NAME = rule("order.recipient.name", category="name", pattern=r"[^\W\d_](?:[^\W\d_]|[ .-]){0,60}")
SENDER = rule("order.sender.address", "text", max_length=200)
LINE = rule("order.recipient.address.line", "text", "address", max_length=200)
SKU = rule("order.items[].sku", pattern="[A-Z0-9-]{1,40}")
WEIGHT = rule("order.items[].weight_g", "integer", minimum="1", maximum="1000000")
PARCEL = rule("order.packages[].weight_g", "integer", minimum="1", maximum="1000000")
KIND = rule("order.points[].kind", one_of=("source", "destination"))
LABEL = rule("order.items[].label", transform=Transform.GENERIC, generic="Товар")
ALL = (PHONE, NAME, SENDER, LINE, SKU, WEIGHT, PARCEL, KIND, LABEL)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("recipient.phones[].number", "+77000000123", "order.recipient.phone"),
        ("customer.mobile", "87000000123", "order.recipient.phone"),
        ("Получатель.Телефон", "87000000123", "order.recipient.phone"),
        ("recipientPhoneNumber", "87000000123", "order.recipient.phone"),
        ("recipient.way_to_reach", "87000000123", "order.recipient.phone"),
        ("recipient.fio", "Примеров Тест", "order.recipient.name"),
        ("from_location.address", "Склад, 1", "order.sender.address"),
        ("to_location.address", "ул. Примерная, 1", "order.recipient.address.line"),
        ("goods[].article", "SKU-1", "order.items[].sku"),
        ("packages[].items[].weight", Number("1200"), "order.items[].weight_g"),
        ("packages[].weight", Number("1200"), "order.packages[].weight_g"),
        ("route_points[].type", "source", "order.points[].kind"),
        ("items[].name", "Подгузники, уп.", "order.items[].label"),
    ],
)
def test_a_path_is_bound_to_the_field_that_it_is(path: str, value: Node, field: str) -> None:
    (found,) = bind([leaf(path, value)], ALL)

    assert path_text(found.rule.path) == field


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sender.phone", "87000000123"),
        ("recipient.phone", "call me"),
        ("recipient.phone", "900101100103"),
        ("recipient.name", "+77000000123"),
        ("items[].weight", Number("0")),
        ("items[].weight", "1.5"),
        ("route_points[].type", "elsewhere"),
        ("items[].article", "a b"),
        ("entity.uuid", "00000000-0000-0000-0000-000000000001"),
        ("address", "900101100103"),
    ],
)
def test_what_does_not_fit_is_not_bound(path: str, value: Node) -> None:
    assert bind([leaf(path, value)], ALL) == []


def test_a_field_is_bound_once_and_the_best_first() -> None:
    found = bind([leaf("contact", "87000000123"), leaf("recipient.phone", "87000000123")], ALL)

    assert [path_text(one.leaf.path) for one in found] == ["recipient.phone"]
    assert found[0].sure
    assert total(found) == found[0].score


def test_what_could_be_two_fields_is_a_guess_that_names_the_other() -> None:
    millimetres = rule("order.packages[].length_mm", "integer", minimum="1", maximum="9000")
    centimetres = rule("order.packages[].length_cm", "integer", minimum="1", maximum="900")

    (found,) = bind([leaf("packages[].length", Number("30"))], (millimetres, centimetres))

    assert (found.sure, found.others) == (False, (centimetres,))


def test_lists_of_other_things_are_no_lists_of_these() -> None:
    charged = rule("records[].charges[].amount", "decimal", "billing", minimum="0", maximum="100", places=2)
    paid = rule("records[].payments[].amount", "decimal", "billing", minimum="0", maximum="100", places=2)
    leaves = [leaf(f"records[].{name}[].amount", Number("5.00")) for name in ("charges", "payments", "other_services")]

    found = bind(leaves, (charged, paid))

    assert {path_text(one.leaf.path): one.rule for one in found} == {
        "records[].charges[].amount": charged,
        "records[].payments[].amount": paid,
    }
    assert all(one.sure for one in found)


def test_the_same_path_is_the_same_field() -> None:
    ticket, attachment = rule("ticket.id", max_length=40), rule("ticket.attachments[].id", max_length=40)

    found = bind([leaf("ticket.attachments[].id", "a1"), leaf("ticket.id", "t1")], (ticket, attachment))

    assert {path_text(one.leaf.path): path_text(one.rule.path) for one in found} == {
        "ticket.id": "ticket.id",
        "ticket.attachments[].id": "ticket.attachments[].id",
    }


def test_what_an_api_describes_without_values_is_bound_by_its_name() -> None:
    (found,) = bind([leaf("recipient.fullName")], ALL)

    assert found.rule is NAME


@pytest.mark.parametrize(
    ("bounds", "value", "good"),
    [
        ({"max_length": 3}, "abcd", False),
        ({"max_length": 3}, "abc", True),
        ({"kind": "url", "hosts": ("app.example.com",)}, "https://app.example.com/x", True),
        ({"kind": "url", "hosts": ("app.example.com",)}, "https://elsewhere.example/x", False),
        ({"kind": "decimal", "minimum": "0", "maximum": "10"}, "9,5", True),
        ({"kind": "decimal", "minimum": "0", "maximum": "10"}, "ten", False),
        ({"kind": "integer", "maximum": "10"}, "11", False),
    ],
)
def test_a_value_keeps_the_bounds_of_a_rule_or_does_not(bounds: dict[str, Any], value: str, good: bool) -> None:  # noqa: FBT001
    kind = str(bounds.pop("kind", "string"))

    assert fits(rule("a", kind, **bounds), value) is good

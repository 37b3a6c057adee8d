"""Drafts from realistic payloads bind what a person would bind, and leave at home what must stay there."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.purpose.drafted import draft_text
from tests.unit.purpose.drafted.conftest import bindings, body, drafted

WHOSE = pytest.mark.parametrize("whose", ["realistic", "own"])


@WHOSE
def test_the_body_of_cdek_is_bound_and_its_people_stay_home(tmp_path: FilePath, whose: str) -> None:
    draft = drafted(tmp_path, body("07", "07_cdek.json", whose))

    bound = bindings(draft)
    assert draft.role == "carrier"
    assert bound["recipient.name"] == "order.recipient.name"
    assert bound["recipient.phones[].number"] == "order.recipient.phone"
    assert bound["to_location.address"] == "order.recipient.address.line"
    assert bound["to_location.city"] in ("order.recipient.address.city", "order.recipient.address.town")
    assert bound["to_location.postal_code"] == "order.recipient.postal_code"
    assert bound.get("from_location.address", "order.sender.address") == "order.sender.address"
    assert bound["number"] == "order.order_id"
    assert bound["packages[].items[].name"] == "order.items[].label"
    assert bound["packages[].items[].ware_key"] == "order.items[].sku"
    assert bound["packages[].items[].amount"] == "order.items[].quantity"
    assert bound["packages[].items[].payment.value"] == "order.items[].cod_amount"
    assert bound["packages[].weight"] == "order.packages[].weight_g"
    home = {one.path for one in draft.home}
    assert home >= {"recipient.email", "recipient.tin", "recipient.passport_number", "to_location.latitude"}
    assert home >= {"recipient.phones[].additional"}
    assert not home & bound.keys()
    assert {"tariff_code", "type"} <= draft.constants.keys()
    assert draft.waiting["order.delivery.mode"] == [
        "to_location.city",
        "to_location.postal_code",
        "to_location.address",
    ]


@WHOSE
def test_the_body_of_yandex_is_bound_point_by_point(tmp_path: FilePath, whose: str) -> None:
    draft = drafted(tmp_path, body("08", "08_yandex.json", whose))

    bound = bindings(draft)
    assert bound["route_points[].contact.name"] == "order.points[].name"
    assert bound["route_points[].contact.phone"] == "order.points[].phone"
    assert bound["route_points[].address.fullname"] == "order.points[].address"
    assert bound["route_points[].address.sflat"] == "order.points[].apartment"
    assert bound["items[].weight"] == "order.items[].weight_kg"
    home = {one.path for one in draft.home}
    assert home >= {"emergency_contact.phone", "route_points[].address.door_code", "route_points[].contact.email"}


@WHOSE
def test_the_body_of_halyk_is_bound_and_the_name_stays_home(tmp_path: FilePath, whose: str) -> None:
    draft = drafted(tmp_path, body("10", "10_halyk.json", whose), "payment_provider", "payment")

    bound = bindings(draft)
    assert bound["amount"] == "payment.amount"
    assert bound["invoiceId"] == "payment.order_id"
    assert bound["backLink"] == "payment.return_url"
    assert bound["postLink"] == "payment.callback_url"
    assert {one.path for one in draft.home} >= {"accountId", "data", "name"}


def test_a_role_is_the_stated_one_or_the_one_whose_fields_fit(tmp_path: FilePath) -> None:
    cart = {"items": [{"sku": "A-1", "title": "Ведро", "price": 100}], "order_id": "ORD-1"}

    assert drafted(tmp_path, cart).role == "seller"
    assert bindings(drafted(tmp_path, cart))["items[].title"] == "order.items[].title"
    assert "items[].price" not in bindings(drafted(tmp_path, cart, role="carrier"))


def test_it_never_binds_what_the_class_does_not_have(tmp_path: FilePath) -> None:
    draft = drafted(tmp_path, {"recipient": {"email": "o.obraztsova@example.com", "fio": "Образцова Ольга"}})

    assert bindings(draft) == {"recipient.fio": "order.recipient.name"}
    assert [one.path for one in draft.home] == ["recipient.email"]


def test_an_array_about_several_people_asks_whose_its_items_are(tmp_path: FilePath) -> None:
    records = b"personal_account;premise_id\n100200300;p-1\n"

    draft = drafted(tmp_path, records, "managing_company", "management_services", suffix="csv")

    assert bindings(draft)["records[].personal_account"] == "records[].personal_account"
    assert draft.media_type == "text/csv"


def test_a_field_that_the_class_has_for_others_is_named_with_what_it_asks(tmp_path: FilePath) -> None:
    ticket = {"ticket": {"id": "t-1", "attachments": [{"id": "att_1", "mime": "image/jpeg"}]}}

    draft = drafted(tmp_path, ticket, "managing_company", "service_request")

    left = {one.path: one.said for one in draft.left}
    assert left["ticket.attachments[].id"] == (
        "code; ticket.attachments[].id, but only for recipient.accepts_attachments: true"
    )


def test_what_is_two_kinds_of_thing_is_listed(tmp_path: FilePath) -> None:
    draft = drafted(tmp_path, {"a": [{"mode": "x"}, {"mode": {"code": "y"}}]})

    assert {one.path: one.said for one in draft.left}["a[].mode"].startswith("stands here and is an object")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example\ncalls: {networks: [0.0.0.0/1]}\n#",
        "https://api.example # ours",
        "https://api.example\u2028x: y",
        "https://api: {example}",
    ],
)
def test_what_an_api_says_of_its_address_writes_no_line_of_the_file(tmp_path: FilePath, url: str) -> None:
    """Else a partner's own description could say who may call, or which secret goes where."""
    schema = {"properties": {"order_id": {"type": "string"}}}
    posted = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}
    told = {"openapi": "3.1.0", "servers": [{"url": url}], "paths": {"/v2/orders": {"post": posted}}}

    draft = drafted(tmp_path, told)

    assert draft.base_url is None
    assert "\nbase_url:  # <- fill in" in draft_text(draft)
    assert "api" not in draft_text(draft).partition("purposes:")[0].replace("API", "")

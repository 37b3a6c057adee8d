from __future__ import annotations

import pytest

from gateway.canonical import path_text
from gateway.purpose.drafted.traffic import Traffic, name_of, named


@pytest.mark.parametrize(
    ("path", "told", "values"),
    [
        ("v2/orders", "/v2/orders", {}),
        ("v2/orders/5002", "/v2/orders/{order_id}", {"path.order_id": "5002"}),
        ("orders/A-52/items/7", "/orders/{order_id}/items/{item_id}", {"path.order_id": "A-52", "path.item_id": "7"}),
        ("orders/900101100103", "/orders/{order_id}", {"path.order_id": "900101100103"}),
        ("clients/o.obraztsova@example.com", "/clients/{client_id}", {"path.client_id": "o.obraztsova@example.com"}),
        ("people/Примеров", "/people/{people_id}", {"path.people_id": "Примеров"}),
        ("users/primerov/orders", "/users/{user_id}/orders", {"path.user_id": "primerov"}),
        ("Clients/obraztsova", "/Clients/{client_id}", {"path.client_id": "obraztsova"}),
        ("recipient/test.primerov", "/recipient/{recipient_id}", {"path.recipient_id": "test.primerov"}),
        ("8/9", "/{id}/{id_2}", {"path.id": "8", "path.id_2": "9"}),
        ("b2b/cargo/integration/v2/claims/create", "/b2b/cargo/integration/v2/claims/create", {}),
    ],
    ids=["fixed", "number", "two", "IIN", "e-mail", "name", "login", "surname", "names", "nothing before", "version"],
)  # fmt: skip
def test_a_segment_that_is_a_value_becomes_a_name(path: str, told: str, values: dict[str, str]) -> None:
    """T14."""
    text, found = named(path.split("/"))

    assert (text, {path_text(at): value for at, value in found}) == (told, values)


def test_names_are_spelled_as_routes_spell_them() -> None:
    assert [name_of(text) for text in ("orderId", "Order-ID", "ЗАКАЗ")] == ["order_id", "order_id", "id"]


def test_routes_are_those_that_a_file_can_state_the_commonest_first() -> None:
    traffic = Traffic(media_types=["text/csv", "application/xml", "text/csv"])
    traffic.routes.update({("POST", "/a"): 1, ("GET", "/b"): 2, ("GET", "/c d"): 3, ("TRACE", "/e"): 4})

    assert traffic.texts() == ["GET /b", "POST /a"]
    assert (traffic.media_type, Traffic().media_type) == ("text/csv", "application/json")

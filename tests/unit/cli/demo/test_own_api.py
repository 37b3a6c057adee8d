from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import orjson
import pytest

from gateway.cli.demo.own_api import (
    FORM_ROUTE,
    NEEDED,
    ORDERS_ROUTE,
    TOKEN_ROUTE,
    Carrier,
    PaymentProvider,
    missing,
    pg_sig,
)
from gateway.cli.demo.story import ORDER
from tests.partners import freedompay

ACCOUNT = {"grant_type": "client_credentials", "client_id": "account", "client_secret": "secure"}
ENDS = ("from_location.address or shipment_point", "to_location.address or delivery_point")
FORM = {"pg_order_id": "INV-1", "pg_amount": "10.00", "pg_description": "Оплата счёта", "pg_salt": "s"}


def granted(carrier: Carrier, **changes: str) -> tuple[int, str]:
    judged = carrier.judge(f"POST {TOKEN_ROUTE}", {}, urlencode(ACCOUNT | changes).encode())
    return judged.status, orjson.loads(judged.body).get("access_token", "")


def posted(fields: Mapping[str, str]) -> tuple[object, bool]:
    """What the provider says of the signature, and whether it takes the form."""
    judged = PaymentProvider("key").judge(f"POST {FORM_ROUTE}", {}, urlencode(fields).encode())
    assert judged.told is not None
    return judged.told["signature"], b"<pg_status>ok<" in judged.body


def test_the_carrier_takes_an_order_from_who_shows_a_token_that_it_granted() -> None:
    carrier = Carrier("account", "secure")
    _status, token = granted(carrier)

    body = orjson.dumps(ORDER.payload)

    judged = carrier.judge(f"POST {ORDERS_ROUTE}", {"authorization": f"Bearer {token}"}, body)

    assert judged.status == 202
    assert judged.told == {"credential": "right", "data": ORDER.payload}


def test_the_carrier_refuses_an_order_that_lacks_something_and_says_what() -> None:
    carrier = Carrier("account", "secure")
    _status, token = granted(carrier)

    judged = carrier.judge(f"POST {ORDERS_ROUTE}", {"authorization": f"Bearer {token}"}, b'{"number":"ORD-1"}')

    said = [error["message"] for error in orjson.loads(judged.body)["requests"][0]["errors"]]
    assert judged.status == 400
    assert said == [f"[{path}] is empty" for path in (*NEEDED, *ENDS)]


@pytest.mark.parametrize("path", NEEDED)
def test_each_thing_that_a_delivery_needs_is_missed_where_one_item_lacks_it(path: str) -> None:
    order = orjson.loads(orjson.dumps(ORDER.payload))
    node = order
    *way, last = path.replace("[]", "").split(".")
    for step in way:
        node = node[step][0] if isinstance(node[step], list) else node[step]

    del node[last]

    assert missing(order) == [path]


@pytest.mark.parametrize("address", ["to_location", "shipment_point"])
def test_a_carrier_wants_to_know_both_ends_of_the_way(address: str) -> None:
    lacking = missing({name: value for name, value in ORDER.payload.items() if name != address})

    assert len(lacking) == 1
    assert lacking[0] in ENDS


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer other", "Basic b3RoZXI="])
def test_the_carrier_takes_nothing_from_anyone_else(shown: str) -> None:
    carrier = Carrier("account", "secure")
    granted(carrier)

    judged = carrier.judge(f"POST {ORDERS_ROUTE}", {"authorization": shown}, b"{}")

    assert (judged.status, judged.told) == (401, {"credential": "wrong"})


@pytest.mark.parametrize("name", list(ACCOUNT))
def test_the_carrier_grants_a_token_to_its_own_account_alone(name: str) -> None:
    assert granted(Carrier("account", "secure"), **{name: "other"}) == (401, "")


def test_the_provider_takes_a_form_that_is_signed_by_its_rule() -> None:
    assert posted({**FORM, "pg_sig": pg_sig(FORM, "key")}) == ("right", True)
    assert pg_sig(FORM, freedompay.SECRET_KEY) == freedompay.signature("init_payment.php", FORM)


@pytest.mark.parametrize(
    "changes",
    [{"pg_amount": "1.00"}, {"pg_more": "1"}, {"pg_salt": "t"}, {"pg_sig": ""}, {"pg_sig": pg_sig(FORM, "other")}],
    ids=["another sum", "a field more", "another salt", "no signature", "another key"],
)
def test_the_provider_takes_no_other(changes: dict[str, str]) -> None:
    assert posted({**FORM, "pg_sig": pg_sig(FORM, "key"), **changes}) == ("wrong", False)

"""Partners' own Python libraries, unchanged, with the base URL and our token set: they cannot tell the difference.

What each lets one set differs: `cdek` takes an access token, `cloudpayments` a login and a password. The basis is the
caller's default, so that it need not be said; whom a call is about stands behind the token or in the recipient's own
field.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import orjson
import pytest
from cdek import CdekClient, CdekRequestException
from cdek.apps.order import OrderApp, OrderRequest
from cloudpayments import CloudPayments

from gateway.model import Basis, BasisKind
from tests.e2e.drop_in import BY_NUMBER, SUBJECT, bodies
from tests.partners import cloudpayments as published
from tests.partners.deployed import JUDGES, Partners, partners
from tests.partners.partner import request_of
from tests.recipients import Received

CARRIER, PROVIDER = "carrier-cdek-test", "psp-cloudpayments-test"
FAR = 4_102_444_800  # a second in 2100: what the library takes for its token does not expire
BASIS = Basis(BasisKind.CONSENT, "consent-1", "2026-11-01T09:00:00+05:00", None)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partners]:
    with partners(tmp_path_factory.mktemp("libraries"), BASIS) as found:
        yield found


def orders_of(running: Partners) -> OrderApp:
    """CDEK's library, as the platform sets it up: whom a call is about stands behind the token."""
    cdek = CdekClient("the platform's old account", "and its password", timeout=30)
    cdek.base_url = f"http://127.0.0.1:{running.served.port}/v1/proxy/{CARRIER}/goods_delivery/v2/"
    held = {"account_type": "COMBAT", "expires_in": FAR, "access_token": f"{running.served.token}~{SUBJECT}"}
    cdek.set_memory(held, lambda _: None)
    return cdek.order


def invoices_of(running: Partners, token: str = "") -> CloudPayments:
    """The library of CloudPayments, as the platform sets it up."""
    library = CloudPayments("pk_of_the_platform", token or running.served.token)
    library.URL = f"http://127.0.0.1:{running.served.port}/v1/proxy/{PROVIDER}/payment/"
    return library


def arrivals(running: Partners, recipient: str) -> list[Received]:
    return running.recipients[recipient].received


def shown(received: Received) -> str:
    """All that arrived, as text."""
    return f"{received.method} {received.path} {received.headers} {received.body.decode()}"


# ── cdek ────────────────────────────────────────────────────────────────────


def test_the_library_of_cdek_registers_an_order_through_the_gateway(running: Partners) -> None:
    """T22: our token is the access token that it holds; CDEK gets CDEK's."""
    body = bodies(BY_NUMBER["07"])[0]

    answer = orders_of(running).create(OrderRequest.model_validate(orjson.loads(body)))

    received = arrivals(running, CARRIER)[-1]
    assert answer.get_requests()[0].state == "ACCEPTED"
    assert answer.get_entry_uuid() is not None
    assert JUDGES[CARRIER][1](request_of(received)).accepted
    assert orjson.loads(received.body)["recipient"] == {"name": "Тест П.", "phones": [{"number": "+77000000121"}]}
    assert [text for text in ("gw_shop_", "old account", SUBJECT) if text in shown(received)] == []


def test_the_library_of_cdek_hears_what_is_not_declared_as_an_error_of_its_own(running: Partners) -> None:
    before = len(arrivals(running, CARRIER))

    with pytest.raises(CdekRequestException) as caught:
        orders_of(running).get_by_uuid("0b9d4f0e-0000-4000-8000-000000000000")

    assert caught.value.response is not None
    assert (caught.value.status_code, caught.value.response["code"]) == (404, "unknown_route")
    assert len(arrivals(running, CARRIER)) == before


# ── cloudpayments ───────────────────────────────────────────────────────────


def test_the_library_of_cloudpayments_makes_an_invoice_with_nothing_but_a_base_url_and_a_token(
    running: Partners,
) -> None:
    """T22: our token is its password; CloudPayments gets its own credentials, and no id of the platform's.

    It reads every key of an answer by its name, also one that is null: the answer map gives back what it names.
    """
    order = invoices_of(running).create_order(
        5430,
        "KZT",
        "ЖКУ, Примеров Тест Образцович",
        email="test.primerov@example.com",
        phone="+77000000123",
        invoice_id="INV-0f6c2a",
        account_id=SUBJECT,
        require_confirmation=True,
    )

    received = arrivals(running, PROVIDER)[-1]
    assert (order.amount, order.currency, order.description) == (5430, "KZT", "Оплата счёта INV-0f6c2a")
    assert order.url.startswith("https://orders.cloudpayments.example/")
    assert order.email is None
    assert JUDGES[PROVIDER][1](request_of(received)).accepted
    assert orjson.loads(received.body) == {
        "Amount": 5430,
        "Currency": "KZT",
        "Description": "Оплата счёта INV-0f6c2a",
        "InvoiceId": "INV-0f6c2a",
        "RequireConfirmation": True,
    }
    basic = b64encode(f"{published.PUBLIC_ID}:{published.API_SECRET}".encode()).decode()
    assert received.header("Authorization") == f"Basic {basic}"
    assert [text for text in ("gw_shop_", "pk_of_the_platform", SUBJECT, "Примеров") if text in shown(received)] == []


@pytest.mark.parametrize("token", ["wrong", "gw_shop_" + "a" * 43], ids=["another password", "another token"])
def test_a_password_that_is_no_token_of_ours_gets_no_further(running: Partners, token: str) -> None:
    """T22: what the library makes of our problem is its own affair; nobody was asked for anything."""
    before = len(arrivals(running, PROVIDER))

    with pytest.raises(KeyError, match="Success"):
        invoices_of(running, token).create_order(5430, "KZT", "ЖКУ", invoice_id="INV-1", account_id=SUBJECT)

    assert len(arrivals(running, PROVIDER)) == before


def test_an_invoice_for_no_one_is_not_made(running: Partners) -> None:
    """Whom it is about stands in the body or nowhere: the library can set no header."""
    before = len(arrivals(running, PROVIDER))

    with pytest.raises(KeyError, match="Success"):
        invoices_of(running).create_order(5430, "KZT", "ЖКУ", invoice_id="INV-1")

    assert len(arrivals(running, PROVIDER)) == before

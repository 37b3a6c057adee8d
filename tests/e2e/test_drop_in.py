"""Drop-in: each partner's own request, posted to the proxy, is taken by the strict partner with the minimum in it.

The partners are real HTTPS servers behind a real `gateway serve`, each by the rules that it publishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

import orjson
import pytest

from gateway.formats import read
from tests.e2e.drop_in import (
    ABOUT,
    ALWAYS,
    BODYLESS,
    BY_NUMBER,
    CASES,
    FORM,
    HOSTILE,
    SUBJECT,
    Case,
    bodies,
    every,
    leaves,
    post,
)
from tests.partners import freedompay
from tests.partners.deployed import JUDGES, Partners, partners
from tests.partners.partner import request_of
from tests.recipients import Received

PERSONAL = (
    "850515200208", "900101100103", "87000000121", "+77000000121", "77000000121", "olga@example.com", "Сынақ",
    "Образцович", "Тест П.", "300400500", "4111111111111111", "KZ86125KZT5004100100", "198.51.100.23", "canary",
)  # fmt: skip


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partners]:
    with partners(tmp_path_factory.mktemp("drop-in")) as found:
        yield found


@pytest.mark.parametrize("case", CASES, ids=[case.recipient for case in CASES])
def test_a_partner_takes_its_own_request_with_the_minimum_in_it(running: Partners, case: Case) -> None:
    """T9, T10, T18, T20, T21, T22, T23, T33; laws 2, 11, 12."""
    for body in bodies(case):
        status, headers, raw = post(running.served, case, body)

        received = running.recipients[case.recipient].received[-1]
        verdict = JUDGES[case.recipient][1](request_of(received))
        assert (status, verdict.accepted) == (case.status, True), (status, verdict.refused, raw)
        expect_the_minimum(case, body, received)
        expect_no_trace(case, body, received)
        expect_the_answer(case, headers, raw, verdict.body)


def expect_the_minimum(case: Case, body: bytes, received: Received) -> None:
    """What arrived is exactly what the map names, each leaf with the value that it came with or the one made."""
    given = leaves(read(case.content_type, body).tree)
    arrived = leaves(read(received.header("Content-Type") or "", received.body).tree)
    wanted = {path: scrubbed(value, case) for path, value in given.items() if every(path) in case.kept} | {
        path: re.sub(r"\{(.+?)\}", lambda found: given[found[1]], made) for path, made in case.made.items()
    }
    assert {path: value for path, value in arrived.items() if path not in case.signed} == wanted
    assert arrived.keys() - wanted.keys() == case.signed


def scrubbed(value: str, case: Case) -> str:
    for found, label in case.scrubbed.items():
        value = value.replace(found, label)
    return value


def expect_no_trace(case: Case, body: bytes, received: Received) -> None:
    """No word of what stays home stands anywhere on the wire, and no header but ours and the partner's."""
    given = leaves(read(case.content_type, body).tree)
    wire = "\n".join((received.path, *map(repr, received.headers), received.body.decode()))
    wire += unquote_plus(wire)
    released = " ".join(leaves(read(received.header("Content-Type") or "", received.body).tree).values())
    home = [value for path, value in given.items() if every(path) not in case.kept]
    words = {word for value in home for word in (value, *re.findall(r"[\w.@+-]{4,}", value)) if len(word) > 2}
    words |= {"canary", "192.0.2.17", SUBJECT, "consent-1", "test.primerov", "gw_shop"}
    assert [word for word in words if word not in released and word in wire] == []
    assert {name for name, _ in received.headers} == ALWAYS | case.theirs
    assert len(received.headers) == len(ALWAYS | case.theirs)
    assert received.header("User-Agent") == "gateway"


def expect_the_answer(case: Case, headers: Mapping[str, str], raw: bytes, said: bytes) -> None:
    """The partner's answer under its own status, without the people in it."""
    found = leaves(read(headers["content-type"], raw).tree)
    assert [path for path, form in case.answered.items() if not re.fullmatch(form, found.get(path, ""))] == [], found
    assert [text for text in case.stays if text.encode() not in said] == []
    assert [text for text in case.stays if text in raw.decode()] == []
    assert headers["gateway-outcome"] == "delivered"
    assert int(headers["gateway-withheld"]) > 0
    assert "gateway-transfer" in headers
    assert "gateway-problem" not in headers


def test_what_freedom_pay_verifies_is_the_stripped_form_and_its_own_signature_still_verifies(running: Partners) -> None:
    """Law 11: the caller's signature, over what it sent, stays home; the one that arrives is over what arrived."""
    case = BY_NUMBER["09"]
    _status, headers, raw = post(running.served, case, bodies(case)[0])

    sent = leaves(read(FORM, running.recipients[case.recipient].received[-1].body).tree)
    answer = leaves(read(headers["content-type"], raw).tree)
    told = {path.removeprefix("response.").removesuffix("[0].#text"): value for path, value in answer.items()}
    assert sent["pg_sig"] == freedompay.signature("init_payment.php", sent)
    assert told["pg_sig"] == freedompay.signature("init_payment.php", told)


def test_an_invoice_of_cloudpayments_needs_no_payer(running: Partners) -> None:
    """The cardholder's name and address on the network, which a charge needs, have no place: an invoice has neither."""
    body = {
        "Amount": 5430,
        "Currency": "KZT",
        "Description": "ЖКУ, Примеров Тест",
        "InvoiceId": "INV-0f6c2a",
        "Email": "test.primerov@example.com",
        "SendEmail": True,
    }
    url = "/v1/proxy/psp-cloudpayments-test/payment/orders/create"

    status, headers, raw = running.served.call("POST", url, body, ABOUT)

    received = running.recipients["psp-cloudpayments-test"].received[-1]
    assert orjson.loads(received.body) == {
        "Amount": 5430,
        "Currency": "KZT",
        "Description": "Оплата счёта INV-0f6c2a",
        "InvoiceId": "INV-0f6c2a",
    }
    assert (status, orjson.loads(raw)["Success"], headers["gateway-withheld"]) == (200, True, "2")
    assert received.header("X-Request-ID") == headers["gateway-transfer"]


def test_a_partner_s_refusal_comes_back_as_the_partner_s_own(running: Partners) -> None:
    """T33: an address and a pickup point exclude each other; CDEK says so, and so it is heard."""
    case = BY_NUMBER["07"]
    body = orjson.loads(bodies(case)[0])
    body["delivery_point"] = "PVL7"
    body["tariff_code"] = 139
    body["shipment_point"] = "PVL1"
    body["from_location"] = {"address": "ул. Складская, 1"}

    status, headers, raw = post(running.served, case, orjson.dumps(body))

    assert (status, headers["gateway-outcome"]) == (400, "rejected")
    assert "gateway-problem" not in headers
    assert orjson.loads(raw)["requests"][0]["errors"][0]["code"].endswith("address_multivalued")


def test_a_field_in_a_wrong_place_stays_home(running: Partners) -> None:
    """What another place would take does not pass here: paths are exact."""
    case = BY_NUMBER["10"]
    body = orjson.loads(bodies(case)[0])
    body["payment"] = {"invoiceId": "000009118", "order_id": "ORD-1"}

    status, _headers, _raw = post(running.served, case, orjson.dumps(body))

    arrived = orjson.loads(running.recipients[case.recipient].received[-1].body)
    assert status == case.status
    assert "payment" not in arrived


def test_what_is_asked_by_address_leaves_with_the_declared_parts_only(running: Partners) -> None:
    """T20, T21, T23: path, query and headers are fields too; an e-mail in the query stays home."""
    url = (
        "/v1/proxy/psp-status-test/payment/v1/payments/pay_777?order_id=INV-0f6c2a&fields=all&email=olga%40example.com"
    )

    status, headers, raw = running.served.call("GET", url, None, {**ABOUT, **HOSTILE, "X-Api-Version": "2"})

    received = running.recipients["psp-status-test"].received[-1]
    assert (received.method, received.path) == ("GET", "/v1/payments/pay_777?order_id=INV-0f6c2a&fields=all")
    assert {name for name, _ in received.headers} == BODYLESS | {"X-Exchange-Key", "x-api-version"}
    assert (status, orjson.loads(raw)) == (200, {"payment_id": "pay_777", "status": "captured", "amount": "5430.00"})
    assert headers["gateway-withheld"] == "1"


@pytest.mark.parametrize("case", CASES, ids=[case.recipient for case in CASES])
def test_nothing_of_a_person_is_at_rest_after_a_drop_in_transfer(running: Partners, case: Case) -> None:
    """Law 5: not in the database, its WAL or the diagnostics, neither what left nor what stayed home."""
    post(running.served, case, bodies(case)[0])

    files = [file for file in running.deployment.home.rglob("*") if file.is_file()]
    at_rest = b"".join(file.read_bytes() for file in (*files, running.served.diagnostics))
    assert len(at_rest) > 0
    assert [text for text in PERSONAL if text.encode() in at_rest] == []

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest

from gateway.canonical import Node, Number, b64
from gateway.errors import GatewayError
from gateway.formats import blank
from gateway.model import Recorded, Route, Signer, SignerKind
from gateway.seal.plain import plain
from tests.partners import cloudpayments, freedompay, robokassa
from tests.partners.partner import Request
from tests.partners.samples import FREEDOMPAY_FIELDS, ROBOKASSA_FIELDS
from tests.values import admitted, recipient, recorded

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
SECRETS = {
    "freedompay_key": freedompay.SECRET_KEY,
    "robokassa_password": robokassa.PASSWORD1,
    "id": cloudpayments.PUBLIC_ID,
    "secret": cloudpayments.API_SECRET,
    "key": "hmac-key",
}
FREEDOMPAY = Signer(kind=SignerKind.FREEDOMPAY, secrets={"secret_key": "freedompay_key"})
ROBOKASSA = Signer(kind=SignerKind.ROBOKASSA, secrets={"password1": "robokassa_password"})
CLOUDPAYMENTS = Signer(kind=SignerKind.CLOUDPAYMENTS, secrets={"public_id": "id", "api_secret": "secret"})
HMAC = Signer(kind=SignerKind.HMAC, secrets={"key": "key"}, header="X-Signature")


def made(
    data: dict[str, Node],
    route: str = "POST /v1/requests",
    *,
    media_type: str = JSON,
    located: bool = True,
    signer: Signer | None = None,
) -> Recorded:
    """What was recorded of a disclosure that leaves in the recipient's own API."""
    method, _, path = route.partition(" ")
    found = recorded(recipient=recipient(signer=signer), located=located)
    form = blank(media_type)
    part = data.get("body") if located else data
    permitted = replace(found.disclosure.permitted, admitted=admitted(route=Route(method, path)))
    disclosure = replace(
        found.disclosure,
        permitted=permitted,
        data=data,
        body=b"" if part is None else form.write(part),
        media_type=form.media_type,
        write=form.write,
    )
    return replace(found, disclosure=disclosure)


def request(envelope: Any) -> Request:
    """The envelope as it would arrive."""
    path, _, query = envelope.target.partition("?")
    pairs = tuple(tuple(pair.split("=", 1)) for pair in query.split("&")) if query else ()
    headers = (*envelope.headers.items(), ("Content-Type", envelope.content_type))
    return Request(envelope.route.method, path, pairs, headers, envelope.body)


def test_a_body_alone_leaves_as_it_was_recorded() -> None:
    told = made({"sum": Number("1.10"), "n": Number("-0")}, located=False)

    envelope = plain(told, {})

    assert envelope.recorded is told
    assert (envelope.route, envelope.target) == (Route("POST", "/v1/requests"), "/v1/requests")
    assert (envelope.content_type, envelope.body) == (JSON, b'{"sum":1.10,"n":-0}')
    assert envelope.digest == b64(hashlib.sha256(envelope.body).digest())
    assert envelope.headers == {}


def test_a_transfer_that_came_by_no_route_takes_the_first_of_the_map() -> None:
    told = recorded()

    envelope = plain(told, {})

    assert (envelope.route, envelope.target) == (Route("POST", "/v1/requests"), "/v1/requests")


def test_where_nothing_is_declared_outside_keys_of_the_body_stay_in_the_body() -> None:
    told = made({"path": {"id": "1"}, "query": {"a": "1"}, "header": {"x-a": "1"}}, located=False)

    envelope = plain(told, {})

    assert (envelope.target, envelope.headers) == ("/v1/requests", {})
    assert envelope.body == b'{"path":{"id":"1"},"query":{"a":"1"},"header":{"x-a":"1"}}'


def test_path_query_headers_and_body_hold_what_the_disclosure_holds_and_nothing_else() -> None:
    """T21, T22, T23."""
    data: dict[str, Node] = {
        "path": {"id": "17", "item": Number("3")},
        "query": {"to": "А 1&b=2#", "fast": True, "n": Number("1.10")},
        "header": {"x-shop": "s-1", "x-fast": False},
        "body": {"sum": Number("1.10")},
    }

    envelope = plain(made(data, "POST /v2/orders/{id}/items/{item}"), {})

    assert envelope.target == "/v2/orders/17/items/3?to=%D0%90+1%26b%3D2%23&fast=true&n=1.10"
    assert envelope.headers == {"x-shop": "s-1", "x-fast": "false"}
    assert envelope.body == b'{"sum":1.10}'


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_without_a_body_there_is_no_content_type(method: str) -> None:
    envelope = plain(made({"path": {"id": "17"}}, method + " /v2/orders/{id}"), {})

    assert (envelope.target, envelope.body, envelope.content_type) == ("/v2/orders/17", b"", "")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_method_without_a_body_is_not_sent_with_one(method: str) -> None:
    with pytest.raises(GatewayError, match=f"{method} carries no body"):
        plain(made({"path": {"id": "17"}, "body": {"a": "1"}}, method + " /v2/orders/{id}"), {})


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("a b", "a%20b"),
        ("a?b=1#c", "a%3Fb%3D1%23c"),
        ("a..b;x=1", "a..b%3Bx%3D1"),
        ("заказ", "%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7"),
        ("a@evil.example:80", "a%40evil.example%3A80"),
        ("{id}", "%7Bid%7D"),
    ],
)
def test_a_value_in_a_path_stays_one_segment(value: str, segment: str) -> None:
    """T20, T23."""
    envelope = plain(made({"path": {"id": value}}, "GET /v2/orders/{id}/x"), {})

    assert envelope.target == f"/v2/orders/{segment}/x"


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "...",
        "..;x=1",
        "%2e%2e",
        "../x",
        "a/b",
        "/",
        "..\\x",
        "a\\b",
        "a\r\nX-Admin: 1",
        "a\nb",
        "\x00",
        "a\x7f",
        "a\tb",
    ],
)
def test_a_value_that_servers_would_read_as_another_path_is_not_sent(value: str) -> None:
    """T20: percent-encoded or not; some servers decode before they cut a path into segments."""
    with pytest.raises(GatewayError) as caught:
        plain(made({"path": {"id": value}}, "GET /v2/orders/{id}/x"), {})

    assert str(caught.value) == "{id}: a segment of a path cannot be this value"


@pytest.mark.parametrize("path", [{}, {"id": None}, {"id": ["17"]}, {"id": {"a": "17"}}, {"item": "17"}])
def test_a_path_that_lacks_a_segment_is_not_sent(path: Node) -> None:
    with pytest.raises(GatewayError):
        plain(made({"path": path}, "GET /v2/orders/{id}"), {})


@pytest.mark.parametrize("value", ["a", "a b", '"Ab", ~!', "x" * 500])
def test_a_header_carries_printable_ascii(value: str) -> None:
    envelope = plain(made({"header": {"x-shop": value}}), {})

    assert envelope.headers == {"x-shop": value}


@pytest.mark.parametrize(
    "value", ["", " a", "a ", "a\r\nX-Admin: 1", "a\n", "a\x00", "a\tb", "\x7f", "А", "\x85a", "a\u2028b"]
)
def test_a_value_that_a_header_cannot_carry_is_not_sent(value: str) -> None:
    """T20: every C0 and C1 control, and what is not ASCII."""
    with pytest.raises(GatewayError) as caught:
        plain(made({"header": {"x-shop": value}}), {})

    assert str(caught.value) == "x-shop: a header cannot carry this value"


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_no_control_character_reaches_the_head_of_a_request(code: int) -> None:
    """T20."""
    value = f"a{chr(code)}b"

    with pytest.raises(GatewayError):
        plain(made({"header": {"x-shop": value}}), {})
    target = plain(made({"query": {"q": value}}), {}).target
    assert target.isascii()
    assert target.isprintable()


# ── signed last ─────────────────────────────────────────────────────────────


def test_what_freedom_pay_gets_is_signed_over_what_is_left() -> None:
    """Law 11: the strict partner takes it."""
    told = made(dict(FREEDOMPAY_FIELDS), f"POST {freedompay.ROUTE}", media_type=FORM, located=False, signer=FREEDOMPAY)

    envelope = plain(told, SECRETS)

    assert freedompay.judge(request(envelope)).refused == ()
    assert envelope.digest == b64(hashlib.sha256(envelope.body).digest())


def test_what_robokassa_gets_is_signed_over_what_is_left() -> None:
    told = made({"body": dict(ROBOKASSA_FIELDS)}, f"POST {robokassa.JSON_ROUTE}", media_type=FORM, signer=ROBOKASSA)

    assert robokassa.judge(request(plain(told, SECRETS))).refused == ()


def test_the_signers_fields_stand_in_place_of_any_of_the_same_name() -> None:
    fields: dict[str, Node] = {**FREEDOMPAY_FIELDS, "pg_sig": "CANARY", "pg_salt": "CANARY"}
    told = made(fields, f"POST {freedompay.ROUTE}", media_type=FORM, located=False, signer=FREEDOMPAY)

    envelope = plain(told, SECRETS)

    assert freedompay.judge(request(envelope)).refused == ()
    assert b"CANARY" not in envelope.body
    assert envelope.body.count(b"pg_sig=") == 1
    assert envelope.body.count(b"pg_salt=") == 1


def test_of_a_request_without_a_body_the_query_is_signed() -> None:
    fields: dict[str, Node] = {**ROBOKASSA_FIELDS, "SignatureValue": "CANARY"}
    told = made({"query": fields}, "GET /Merchant/Index.aspx", signer=ROBOKASSA)

    envelope = plain(told, SECRETS)

    assert (envelope.body, envelope.content_type) == (b"", "")
    signature = dict(pair.split("=") for pair in envelope.target.partition("?")[2].split("&"))["SignatureValue"]
    assert signature == robokassa.signature(ROBOKASSA_FIELDS)


def test_a_signature_over_bytes_is_over_the_bytes_that_leave() -> None:
    envelope = plain(made({"sum": Number("1.10")}, located=False, signer=HMAC), SECRETS)

    assert envelope.body == b'{"sum":1.10}'
    assert envelope.headers == {"X-Signature": hmac.digest(b"hmac-key", envelope.body, "sha256").hex()}


def test_the_signers_headers_stand_beside_those_of_the_disclosure() -> None:
    told = made({"header": {"x-shop": "s-1"}, "body": {"a": "1"}}, signer=CLOUDPAYMENTS)

    envelope = plain(told, SECRETS)

    assert set(envelope.headers) == {"x-shop", "Authorization", "X-Request-ID"}
    assert envelope.headers["X-Request-ID"] == "t-1"


def test_no_value_and_no_secret_stands_in_a_repr_or_an_error() -> None:
    """T86."""
    told = made(
        {"path": {"id": "CANARY"}, "header": {"x-a": "CANARY"}, "body": {"a": "CANARY"}}, "POST /o/{id}", signer=HMAC
    )
    bad = made({"path": {"id": "CANARY/CANARY"}, "header": {"x-a": "CANARY\n"}}, "POST /o/{id}")

    shown = repr(plain(told, {"key": "CANARY"}))
    with pytest.raises(GatewayError) as caught:
        plain(bad, {})

    assert "CANARY" not in shown
    assert "CANARY" not in f"{caught.value}{caught.value.hint}"

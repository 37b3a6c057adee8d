"""gateway.admission.idempotency: what may be a key, and what makes a request the same request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.admission.idempotency import LONGEST_KEY, new_claim
from gateway.clock import MICROSECONDS
from gateway.errors import MalformedRequest
from gateway.model import Call, CallerId, Claim, Proxied
from tests.values import NOW, digest

BACKEND, BILLING = CallerId("backend"), CallerId("billing")
CALL = Call("t", "application/json", b'{"a":1}')
PROXIED = Proxied(
    recipient="carrier",
    purpose="goods_delivery",
    method="POST",
    path="/v2/orders",
    query="dry=1",
    headers={"x-shop": "7", "user-agent": "sdk/1", "authorization": "their own"},
    subject="usr_0001",
    basis="kind=consent; ref=c-1; given_at=2026-11-01T09:00:00+05:00",
)
PROXY_CALL = replace(CALL, proxied=PROXIED)


def _claim(call: Call, key: str = "k-1", caller: CallerId = BACKEND) -> Claim:
    return new_claim(call, key, caller, NOW, digest, headers=("x-shop",))


def _proxied(**changes: Any) -> Call:
    return replace(PROXY_CALL, proxied=replace(PROXIED, **changes))


def test_a_claim_lasts_a_day() -> None:
    claim = _claim(CALL)

    assert (claim.at, claim.expires_at) == (NOW, NOW + 24 * 3_600 * MICROSECONDS)


@pytest.mark.parametrize("key", ["k", "8e03978e-40d5-43dd-bc93-6894a57f9324", '"quoted"', "!~", "k" * LONGEST_KEY])
def test_visible_ascii_may_be_a_key(key: str) -> None:
    assert _claim(CALL, key).key == _claim(CALL, key).key


@pytest.mark.parametrize(
    "key",
    ["", " ", "a b", "k\n", "k\t", "k\x00", "k\x7f", "ключ", "é", "k" * (LONGEST_KEY + 1)],
    ids=["empty", "space", "a space inside", "newline", "tab", "nul", "delete", "cyrillic", "latin-1", "too long"],
)
def test_what_is_no_key_is_refused_without_repeating_it(key: str) -> None:
    """T86: a key may be anything, a phone number too."""
    with pytest.raises(MalformedRequest) as caught:
        _claim(CALL, key + "77000000123" if key else key)

    assert "77000000123" not in str(caught.value)
    assert "UUID" in caught.value.hint


def test_the_same_key_of_another_caller_is_another_key() -> None:
    """T49."""
    ours, theirs = _claim(CALL), _claim(CALL, caller=BILLING)

    assert ours.key != theirs.key
    assert ours.fingerprint == theirs.fingerprint


def test_nothing_can_move_between_a_callers_name_and_its_key() -> None:
    """T49."""
    assert _claim(CALL, "bc", CallerId("a")).key != _claim(CALL, "c", CallerId("ab")).key


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, body=b'{"a":2}'),
        replace(CALL, body=b'{"a": 1}'),
        replace(CALL, content_type="application/json; charset=utf-8"),
        PROXY_CALL,
    ],
    ids=["a value", "a space", "the content type", "the route"],
)
def test_another_request_is_told_apart(other: Call) -> None:
    assert _claim(other).fingerprint != _claim(CALL).fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "carrier-2"},
        {"purpose": "payment"},
        {"method": "PUT"},
        {"path": "/v2/orders/7"},
        {"query": "dry=0"},
        {"query": ""},
        {"subject": "usr_0002"},
        {"subject": None},
        {"basis": None},
        {"headers": {"x-shop": "8"}},
        {"headers": {}},
        {"path": "/v2/ordersdry", "query": "=1"},
    ],
    ids=str,
)
def test_another_proxied_request_is_told_apart(changes: dict[str, Any]) -> None:
    assert _claim(_proxied(**changes)).fingerprint != _claim(PROXY_CALL).fingerprint


def test_what_differs_between_two_tries_of_one_request_does_not_count() -> None:
    again = _proxied(headers={"x-shop": "7", "user-agent": "sdk/2", "traceparent": "00-1"})

    assert _claim(replace(again, token="rotated")) == _claim(PROXY_CALL)


def test_a_fingerprint_that_was_given_stands_for_the_whole_request() -> None:
    """A record of a registry is told by what its registry says of it."""
    given = replace(CALL, fingerprint=b"record 7")

    assert _claim(given).fingerprint == _claim(replace(given, body=b"otherwise written")).fingerprint
    assert _claim(given).fingerprint != _claim(replace(given, fingerprint=b"record 8")).fingerprint
    assert _claim(given).fingerprint != _claim(CALL).fingerprint

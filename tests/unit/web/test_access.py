from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.web.access import caller_token, may_see_operations
from tests.unit.web.served import FakeSettings


def request(address: str = "127.0.0.1", **headers: str) -> Request:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(EnvironBuilder(headers=named, environ_base={"REMOTE_ADDR": address}).get_environ())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Gateway_Token": "a"}, "a"),
        ({"Authorization": "Bearer b"}, "b"),
        ({"Authorization": "bearer  b"}, "b"),
        ({"Authorization": "Basic b"}, None),
        ({"Authorization": "Bearer"}, None),
        ({"Gateway_Token": "a", "Authorization": "Bearer b"}, "a"),
    ],
)
def test_a_callers_token_stands_in_one_of_two_headers(headers: dict[str, str], expected: str | None) -> None:
    actual = caller_token(request(**headers))

    assert actual == expected


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback_may_see_operations(address: str) -> None:
    assert may_see_operations(request(address), FakeSettings())


@pytest.mark.parametrize("address", ["10.0.0.1", "203.0.113.7", "::ffff:10.0.0.1", "fe80::1", "", "localhost"])
@pytest.mark.parametrize("spoofed", ["X_Forwarded_For", "X_Real_Ip", "Host", "Forwarded"])
def test_an_address_beyond_loopback_may_not_whatever_its_headers_say(address: str, spoofed: str) -> None:
    assert not may_see_operations(request(address, **{spoofed: "127.0.0.1"}), FakeSettings())


@pytest.mark.parametrize("name", ["X_Forwarded_For", "X_Real_Ip", "Forwarded", "Via"])
def test_what_a_proxy_on_this_machine_forwards_is_not_from_loopback(name: str) -> None:
    assert not may_see_operations(request("127.0.0.1", **{name: "203.0.113.7"}), FakeSettings())


def test_the_metrics_token_opens_operations_from_anywhere() -> None:
    assert may_see_operations(request("203.0.113.7", Authorization="Bearer metrics-token"), FakeSettings())


@pytest.mark.parametrize("token", ["", "metrics", "metrics-token ж", "None"])
def test_another_token_does_not(token: str) -> None:
    raw = token.encode().decode("latin-1")

    assert not may_see_operations(request("203.0.113.7", Authorization=f"Bearer {raw}"), FakeSettings())


def test_without_a_metrics_token_no_token_opens_them() -> None:
    for token in ("", "None"):
        asked = request("203.0.113.7", Authorization=f"Bearer {token}")

        assert not may_see_operations(asked, FakeSettings(metrics_token=None))


def test_behind_a_proxy_loopback_is_nobody() -> None:
    assert not may_see_operations(request("127.0.0.1"), FakeSettings(tls_terminated=True))

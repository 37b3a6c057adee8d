from __future__ import annotations

from base64 import b64encode

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.web.access import caller_token, may_see_operations, token_and_subject
from tests.unit.web.served import FakeSettings

OURS, OTHER = "gw_backend_" + "a" * 43, "gw_shop_" + "b" * 43


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


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
        ({"Authorization": "Bearer"}, None),
        ({"Authorization": basic("pk_any:c")}, "c"),
        ({"Authorization": basic(":c")}, "c"),
        ({"Authorization": basic("pk_any:c:d")}, "c:d"),
        ({"Authorization": basic("pk_any:c").replace("Basic", "bASIC ")}, "c"),
        ({"Authorization": "Digest c"}, None),
        ({"Gateway_Token": "", "Authorization": "Bearer b"}, "b"),
    ],
)
def test_a_callers_token_stands_in_a_header_of_ours_or_is_a_bearer_token_or_a_password(
    headers: dict[str, str], expected: str | None
) -> None:
    actual = caller_token(request(**headers))

    assert actual == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (None, None)),
        ({"Authorization": f"Bearer {OURS}"}, (OURS, None)),
        ({"Authorization": f"Bearer {OURS}~usr_1"}, (OURS, "usr_1")),
        ({"Authorization": basic(f"pk:{OURS}~usr:1")}, (OURS, "usr:1")),
        ({"Gateway_Token": f"{OURS}~usr_1"}, (OURS, "usr_1")),
        ({"Authorization": f"Bearer {OURS}~"}, (OURS, "")),
        ({"Authorization": f"Bearer {OURS}~a~b"}, (OURS, "a~b")),
        ({"Authorization": "Bearer ~usr_1"}, (None, "usr_1")),
    ],
)
def test_the_subject_may_stand_behind_the_token(headers: dict[str, str], expected: tuple[str | None, ...]) -> None:
    assert token_and_subject(request(**headers)) == expected


@pytest.mark.parametrize(
    "stated",
    [
        "Basic",
        "Basic ",
        "Basic c",
        "Basic b64!",
        "Basic \xe9\xe9\xe9\xe9",
        basic("no colon"),
        f"{basic('pk:c')},{basic('pk:c')}",
        f"{basic('pk:c')}, Bearer c",
        basic("pk:c")[:-2],
        basic("pk:c").replace(" ", "\t"),
        "Basic " + b64encode(b"pk:\xff\xfe").decode(),
        "Basic cGs6_-8=",
    ],
)
def test_a_password_that_is_not_plainly_one_is_none(stated: str) -> None:
    """T22: what could be read in two ways is not read."""
    assert caller_token(request(Authorization=stated)) is None


@pytest.mark.parametrize(
    "stated",
    ["Bearer b", basic("pk_invented:secret"), "Token b", "Bearer", "Basic ?", f"Bearer {OURS}", basic(f"x:{OURS}")],
)
def test_beside_our_own_header_authorization_is_the_recipients_affair(stated: str) -> None:
    assert caller_token(request(Gateway_Token=OURS, Authorization=stated)) == OURS


@pytest.mark.parametrize("stated", [f"Bearer {OTHER}", basic(f"pk_any:{OTHER}"), basic(f"{OURS}:{OTHER}")])
def test_two_different_tokens_of_callers_are_nobodys(stated: str) -> None:
    """T22: no credential outvotes another."""
    assert caller_token(request(Gateway_Token=OURS, Authorization=stated)) is None


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

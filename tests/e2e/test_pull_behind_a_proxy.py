"""A recipient behind a proxy that ends its TLS: what the proxy says of its address and certificate is what counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from tests.e2e.pulling import KNOWN, Pulling, in_json, pulling

CHECK: Final = "/v1/pull/psp-kaspi-test/kaspi?command=check&txn_id=123456789&account=100200300"
ANSWER: Final = {"txn_id": "123456789", "result": 0, "sum": "5.00", "subject_id": "usr_0001"}
SHOWN: Final = "ab" * 32
BY_PASSWORD: Final = "  basic: {login: kaspi_pull_login, password: kaspi_pull_password}\n"
ASKED: Final = (
    f"{BY_PASSWORD}  networks: [127.0.0.0/8]\n",
    f'{BY_PASSWORD}  networks: [203.0.113.0/24]\n  certificate: {{fingerprints: ["{SHOWN}"]}}\n',
)
SAID: Final = {"PeerAddress": "203.0.113.7", "PeerSHA256": SHOWN}
HEADERS: Final = {"GATEWAY_PEER_HEADER": "PeerAddress", "GATEWAY_CERTIFICATE_FINGERPRINT_HEADER": "PeerSHA256"}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulling]:
    """A gateway that trusts the proxy of this machine."""
    folder = tmp_path_factory.mktemp("trusted")
    with pulling(folder, lambda *_: in_json(ANSWER), ASKED, GATEWAY_TRUSTED_PROXIES="127.0.0.1", **HEADERS) as found:
        yield found


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulling]:
    """A gateway that trusts a proxy of another machine."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with pulling(folder, lambda *_: in_json(ANSWER), ASKED, GATEWAY_TRUSTED_PROXIES="10.0.0.0/8", **HEADERS) as found:
        yield found


def test_what_the_trusted_proxy_says_opens_the_door(trusted: Pulling) -> None:
    status, _, body = trusted.ask(CHECK, {**KNOWN, **SAID})

    assert status == 200
    assert b'"sum":"5.00"' in body


WRONG: Final[Mapping[str, dict[str, str]]] = {
    "no certificate": {"PeerSHA256": ""},
    "another certificate": {"PeerSHA256": "cd" * 32},
    "two certificates": {"PeerSHA256": f"{SHOWN},{SHOWN}"},
    "no address": {"PeerAddress": ""},
    "another network": {"PeerAddress": "198.51.100.7"},
    "a stranger who says that he was someone else before": {"PeerAddress": "203.0.113.7, 198.51.100.7"},
    "no password": {"Authorization": ""},
    "other headers": {"PeerAddress": "", "X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"},
}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_is_not_right_keeps_it_shut(trusted: Pulling, name: str) -> None:
    before = len(trusted.asked)

    status, headers, body = trusted.ask(CHECK, {**KNOWN, **SAID, **WRONG[name]})

    assert (status, body) == (401, b"")
    assert "content-type" not in headers
    assert len(trusted.asked) == before


def test_whoever_is_no_trusted_proxy_says_what_it_likes(elsewhere: Pulling) -> None:
    status, _, body = elsewhere.ask(CHECK, {**KNOWN, **SAID})

    assert (status, body) == (401, b"")
    assert elsewhere.asked == []

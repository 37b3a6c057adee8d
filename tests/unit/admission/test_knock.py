"""Whether it is the recipient that calls: all that its file asks for, each wrong way, and whom a proxy speaks for."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final

import pytest

from gateway.admission.knock import Door, Knock, Trust, door_problems
from gateway.model import Calls
from tests.partners.partner import basic

SECRETS: Final = {"pull_token": "s3cret-of-the-recipient", "pull_login": "kaspi", "pull_password": "pa:ss wörd"}
TOKEN: Final = Calls(token="pull_token", header="authorization", scheme="Bearer")
KEY: Final = Calls(token="pull_token", header="x-api-key")
BASIC: Final = Calls(login="pull_login", password="pull_password")
NETWORKS: Final = Calls(networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))
FINGERPRINT: Final = "ab" * 32
CERTIFICATE: Final = Calls(fingerprints=frozenset({FINGERPRINT}))
SUBJECT: Final = Calls(subjects=frozenset({"CN=kaspi,O=Bank"}))
BEHIND: Final = Trust(
    proxies=(ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8")),
    peer="x-forwarded-for",
    fingerprint="x-client-sha256",
    subject="x-client-subject",
)
PROXY: Final = "127.0.0.1"


def opens(calls: Calls, headers: Mapping[str, str], peer: str | None = "192.0.2.7", trust: Trust = Trust()) -> bool:  # noqa: B008 -- it is frozen
    return Door(calls, SECRETS, trust).opens(Knock(peer, headers))


GOOD_BASIC: Final = {"authorization": basic("kaspi", "pa:ss wörd")}
SHOWN: Final[Mapping[str, tuple[Calls, dict[str, str]]]] = {
    "a bearer token": (TOKEN, {"authorization": "Bearer s3cret-of-the-recipient"}),
    "a scheme in other letters": (TOKEN, {"authorization": "bearer s3cret-of-the-recipient"}),
    "an API key": (KEY, {"x-api-key": "s3cret-of-the-recipient"}),
    "login and password": (BASIC, GOOD_BASIC),
    "its address": (NETWORKS, {}),
}
NOT_SHOWN: Final[Mapping[str, tuple[Calls, dict[str, str]]]] = {
    "nothing": (TOKEN, {}),
    "an empty token": (TOKEN, {"authorization": "Bearer "}),
    "no scheme": (TOKEN, {"authorization": "s3cret-of-the-recipient"}),
    "another scheme": (TOKEN, {"authorization": "Basic s3cret-of-the-recipient"}),
    "a token in another header": (TOKEN, {"x-api-key": "s3cret-of-the-recipient"}),
    "a part of the token": (TOKEN, {"authorization": "Bearer s3cret"}),
    "the token and more": (TOKEN, {"authorization": "Bearer s3cret-of-the-recipientX"}),
    "the token in other letters": (TOKEN, {"authorization": "Bearer S3CRET-OF-THE-RECIPIENT"}),
    "the token twice": (KEY, {"x-api-key": "s3cret-of-the-recipient,s3cret-of-the-recipient"}),
    "the name of the secret": (KEY, {"x-api-key": "pull_token"}),
    "a surrogate": (KEY, {"x-api-key": "\udc80"}),
    "no password": (BASIC, {"authorization": basic("kaspi", "")}),
    "another password": (BASIC, {"authorization": basic("kaspi", "pa:ss word")}),
    "another login": (BASIC, {"authorization": basic("", "pa:ss wörd")}),
    "login and password turned": (BASIC, {"authorization": basic("pa:ss wörd", "kaspi")}),
    "no base64": (BASIC, {"authorization": "Basic %%%"}),
    "no UTF-8": (BASIC, {"authorization": "Basic //8="}),
    "a bearer token where Basic is asked": (BASIC, {"authorization": "Bearer kaspi"}),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_door_opens_for_what_is_asked(name: str) -> None:
    assert opens(*SHOWN[name])


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_the_door_stays_shut_for_all_else(name: str) -> None:
    assert not opens(*NOT_SHOWN[name])


def test_all_that_is_asked_must_be_shown() -> None:
    """A token from another network opens nothing, nor does the network alone."""
    both = Calls(login="pull_login", password="pull_password", networks=NETWORKS.networks)

    assert opens(both, GOOD_BASIC)
    assert not opens(both, GOOD_BASIC, "198.51.100.7")
    assert not opens(both, {})


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("192.0.2.7", True), ("::ffff:192.0.2.7", True), ("2001:db8::7", True), ("192.0.3.7", False),
        ("2001:db9::7", False), ("", False), (None, False), ("unix:", False), ("192.0.2.7:1234", False),
    ],
)  # fmt: skip
def test_the_address_is_that_of_the_connection(peer: str | None, *, expected: bool) -> None:
    assert opens(NETWORKS, {}, peer) is expected


CHAINS: Final = {
    "whom the proxy speaks for": ("192.0.2.7", True),
    "the last one that no proxy of ours said": ("198.51.100.1, 192.0.2.7", True),
    "a forged one before it": ("192.0.2.7, 198.51.100.1", False),
    "through two of our proxies": ("192.0.2.7, 10.0.0.3", True),
    "proxies all the way": ("10.0.0.2, 127.0.0.1", False),
    "nobody": ("", False),
    "a name": ("kaspi.kz", False),
    "with a port": ("192.0.2.7:443", False),
    "an endless chain": ("192.0.2.7, " + ", ".join(["10.0.0.1"] * 40), False),
}


@pytest.mark.parametrize("name", CHAINS)
def test_behind_a_trusted_proxy_the_address_is_the_one_that_it_says(name: str) -> None:
    chain, expected = CHAINS[name]

    assert opens(NETWORKS, {"x-forwarded-for": chain}, PROXY, BEHIND) is expected


def test_a_trusted_proxy_that_does_not_say_for_whom_it_speaks_speaks_for_no_one() -> None:
    """Its own address may lie in the recipient's network; whoever comes through it does not."""
    silent = Trust(proxies=(ip_network("192.0.2.1"),), fingerprint="xclientsha256")

    assert not opens(NETWORKS, {}, "192.0.2.1", silent)
    assert opens(NETWORKS, {}, "192.0.2.7", silent)


def test_what_anyone_else_says_of_an_address_counts_for_nothing() -> None:
    assert not opens(NETWORKS, {"x-forwarded-for": "192.0.2.7"}, "198.51.100.7", BEHIND)
    assert not opens(NETWORKS, {"x-forwarded-for": "192.0.2.7"}, PROXY)
    assert opens(NETWORKS, {"x-forwarded-for": "198.51.100.1"}, "192.0.2.7", BEHIND)


@pytest.mark.parametrize(
    ("calls", "header", "value", "expected"),
    [
        (CERTIFICATE, "x-client-sha256", FINGERPRINT, True),
        (CERTIFICATE, "x-client-sha256", ":".join(["AB"] * 32), True),
        (CERTIFICATE, "x-client-sha256", "cd" * 32, False),
        (CERTIFICATE, "x-client-sha256", f"{FINGERPRINT},{FINGERPRINT}", False),
        (CERTIFICATE, "x-client-subject", FINGERPRINT, False),
        (SUBJECT, "x-client-subject", "CN=kaspi,O=Bank", True),
        (SUBJECT, "x-client-subject", "CN=kaspi,O=Bank,OU=x", False),
        (SUBJECT, "x-client-subject", "", False),
    ],
)
def test_a_certificate_counts_where_a_trusted_proxy_passes_it_on(
    calls: Calls, header: str, value: str, *, expected: bool
) -> None:
    assert opens(calls, {header: value}, PROXY, BEHIND) is expected
    assert not opens(calls, {header: value}, "192.0.2.7", BEHIND)
    assert not opens(calls, {header: value}, PROXY, Trust(fingerprint="x-client-sha256", subject="x-client-subject"))


@pytest.mark.parametrize(
    ("calls", "secrets", "words"),
    [
        (TOKEN, {}, ["no secret named 'pull_token'; set GATEWAY_SECRET_PULL_TOKEN"]),
        (TOKEN, {"pull_token": ""}, ["no secret named 'pull_token'"]),
        (BASIC, {"pull_login": "x"}, ["no secret named 'pull_password'"]),
        (CERTIFICATE, {}, ["set GATEWAY_CERTIFICATE_FINGERPRINT_HEADER and GATEWAY_TRUSTED_PROXIES"]),
        (SUBJECT, {}, ["set GATEWAY_CERTIFICATE_SUBJECT_HEADER"]),
        (NETWORKS, {}, []),
        (BASIC, SECRETS, []),
    ],
)
def test_what_the_settings_lack_is_told(calls: Calls, secrets: dict[str, str], words: list[str]) -> None:
    problems = door_problems(calls, secrets, Trust())

    assert len(problems) == len(words)
    assert [word for word, problem in zip(words, problems, strict=True) if word not in problem] == []


def test_no_secret_and_no_address_is_in_what_is_shown_of_it() -> None:
    shown: Any = [Knock("192.0.2.7", GOOD_BASIC), Door(BASIC, SECRETS, Trust())]

    assert "192.0.2.7" not in repr(shown)
    assert "pa:ss" not in repr(shown)

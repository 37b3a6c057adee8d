"""The opener by itself; what it must refuse stands in the attack table of tests/unit/test_receiver.py."""

from __future__ import annotations

import pathlib
from typing import Any

import orjson
import pytest

from gateway.canonical import write
from gateway.errors import ConfigError, EnvelopeRejected
from gateway.model import Suite
from gateway.receiver import Check, Receiver
from gateway.seal.keyring import generate_recipient_key
from gateway.seal.opening import Opener
from gateway.seal.suites import MAX_ENVELOPE_BYTES
from tests.unit.seal.forgery import claims_of, forge
from tests.unit.seal.samples import DATA, World, world

VECTORS = pathlib.Path(__file__).parent / "vectors"


@pytest.fixture(scope="module", params=Suite)
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("home"), request.param)


def _opener(gateway: World) -> Opener:
    return Opener([gateway.private], gateway.keyring.public_jwks())


def test_what_comes_out_is_byte_for_byte_what_was_signed(gateway: World) -> None:
    claims = claims_of(gateway, gateway.token()) | {"data": DATA}
    payload = b'{"spaces" : "and\\u0020escapes", "number": 1.10}'

    opened = _opener(gateway).open(forge(gateway, claims, payload=payload))

    assert opened == payload


def test_the_keys_of_one_suite_never_open_the_other(tmp_path: pathlib.Path) -> None:
    """T35: a recipient that holds keys of both suites still gets each signature from the suite of its key."""
    p256, okp = world(tmp_path / "p256", Suite.P256), world(tmp_path / "okp", Suite.OKP)
    both = Opener([p256.private, okp.private], p256.keyring.public_jwks())
    other = p256.keyring.signing_key(Suite.OKP)

    def ed25519(header: dict[str, Any]) -> None:
        header.update(alg=other.algorithm, kid=other.kid)

    token = forge(p256, claims_of(p256, p256.token()) | {"data": DATA}, inner=ed25519, signing_key=other.key)

    with pytest.raises(EnvelopeRejected) as caught:
        both.open(token)
    assert caught.value.check == Check.JWS_ALGORITHM


def test_the_size_is_checked_before_anything_is_read(gateway: World) -> None:
    at_the_limit, over = b"A" * MAX_ENVELOPE_BYTES, b"A" * (MAX_ENVELOPE_BYTES + 1)

    checks = []
    for token in (at_the_limit, over):
        with pytest.raises(EnvelopeRejected) as caught:
            _opener(gateway).open(token)
        checks.append(caught.value.check)

    assert checks == [Check.JWE_FORM, Check.SIZE]


def test_every_problem_with_the_keys_is_told_at_once() -> None:
    """Law 10."""
    private, public = generate_recipient_key(Suite.P256)

    with pytest.raises(ConfigError) as caught:
        Opener([public, {"kty": "oct", "k": private["d"]}], {"keys": []})

    assert [problem.split(":")[0] for problem in caught.value.problems] == ["private key 0", "private key 1", "JWK Set"]
    assert private["d"] not in str(caught.value)


@pytest.mark.parametrize("suite", Suite)
def test_an_envelope_of_the_first_release_opens_in_this_one(suite: Suite) -> None:
    """A fixed vector: partners that built on 0.1 must not be broken unnoticed."""
    told = orjson.loads((VECTORS / f"envelope_{suite.value}.json").read_bytes())
    receiver = Receiver([told["private_jwk"]], told["recipient"], told["issuer"], told["jwks"], told["log_key"])

    opened = receiver.open(told["envelope"].encode(), now=told["now"], newest=None)

    assert (write(opened.data).decode(), opened.index) == (told["data"], told["index"])

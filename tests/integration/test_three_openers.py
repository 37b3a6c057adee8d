"""What we seal opens with the stock JOSE libraries of three languages: Python, JavaScript and C.

jwcrypto opens in this process, npm's `jose` under Node, and the `jose` command of Debian (latchset, P-256 only). None
of them knows our code: they are what a recipient has. A machine without `node` or `jose` fails here and says what to
install, for a test that is skipped proves nothing.
"""

from __future__ import annotations

import fcntl
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from jwcrypto import jwe, jwk, jws

from gateway.canonical import b64, write
from gateway.errors import EnvelopeRejected
from gateway.model import Suite
from gateway.receiver import Check
from tests.unit.seal.samples import DATA, ORIGIN, World, world
from tests.values import NOW, PAIR

OPENERS = pathlib.Path(__file__).parent / "openers"
SECONDS = 120

Open = Callable[[World, bytes, pathlib.Path], bytes]


def _command(name: str, package: str) -> str:
    found = shutil.which(name)
    assert found, f"the command `{name}` is missing: install the Debian package `{package}`, then run the tests again"
    return found


def _run(words: list[str], told: bytes, cwd: pathlib.Path | None = None) -> bytes:
    done = subprocess.run(words, input=told, cwd=cwd, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@pytest.fixture(scope="session")
def node_modules() -> pathlib.Path:
    """The library that package-lock.json names, installed once; tests that run side by side wait for one another."""
    npm = _command("npm", "npm")
    with (OPENERS / "package.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed, wanted = OPENERS / "node_modules/.package-lock.json", OPENERS / "package-lock.json"
        if not installed.is_file() or installed.stat().st_mtime < wanted.stat().st_mtime:
            _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], b"", cwd=OPENERS)
    return OPENERS / "node_modules"


def _python(gateway: World, token: bytes, folder: pathlib.Path) -> bytes:
    """jwcrypto: another implementation in our own language."""
    sealed = jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    sealed.deserialize(token.decode(), key=jwk.JWK(**gateway.private))
    signed = jws.JWS()
    signed.allowed_algs = ["ES256", "EdDSA", "Ed25519"]
    signed.deserialize(sealed.payload.decode())
    kid = signed.jose_header["kid"]
    key = jwk.JWKSet.from_json(orjson.dumps(gateway.keyring.public_jwks()).decode()).get_key(kid)
    signed.verify(key)
    payload: bytes = signed.payload
    return payload


def _node(gateway: World, token: bytes, folder: pathlib.Path) -> bytes:
    """npm's jose under Node."""
    told = {
        "token": token.decode(),
        "privateJwk": gateway.private,
        "jwks": gateway.keyring.public_jwks(),
        "issuer": ORIGIN,
        "audience": PAIR[0],
        "now": NOW // 1_000_000,
    }
    return _run([_command("node", "nodejs"), str(OPENERS / "open.mjs")], orjson.dumps(told), cwd=OPENERS)


def _debian(gateway: World, token: bytes, folder: pathlib.Path) -> bytes:
    """Debian's jose command, as a shell script of a recipient would use it."""
    jose = _command("jose", "jose")
    private, published = folder / "private.jwk", folder / "jwks.json"
    private.write_bytes(orjson.dumps(gateway.private))
    published.write_bytes(orjson.dumps({"keys": [key for key in _published(gateway) if key["alg"] == "ES256"]}))
    signed = _run([jose, "jwe", "dec", "-i", "-", "-k", str(private), "-O", "-"], token)
    return _run([jose, "jws", "ver", "-i", "-", "-k", str(published), "-O", "-"], signed)


def _published(gateway: World) -> list[dict[str, str]]:
    return gateway.keyring.public_jwks()["keys"]


@pytest.fixture(scope="module", params=Suite)
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("home"), request.param)


def _expect_the_claims(gateway: World, payload: bytes) -> None:
    claims: dict[str, Any] = orjson.loads(payload)
    assert (claims["iss"], claims["aud"], claims["jti"]) == (ORIGIN, PAIR[0], "t-1")
    assert write(DATA) in payload  # law 9: the digits are still those that came
    assert claims["log"]["index"] == gateway.log.frontier.size - 1


def test_python_opens_it_with_jwcrypto(gateway: World, tmp_path: pathlib.Path) -> None:
    payload = _python(gateway, gateway.token(), tmp_path)

    _expect_the_claims(gateway, payload)


@pytest.mark.usefixtures("node_modules")
def test_node_opens_it_with_the_stock_library(gateway: World, tmp_path: pathlib.Path) -> None:
    payload = _node(gateway, gateway.token(), tmp_path)

    _expect_the_claims(gateway, payload)


def test_debian_opens_it_with_the_jose_command(tmp_path: pathlib.Path) -> None:
    """Latchset's library has P-256 and no X25519: the default suite is the one that every recipient can open."""
    gateway = world(tmp_path / "home", Suite.P256)

    payload = _debian(gateway, gateway.token(), tmp_path)

    _expect_the_claims(gateway, payload)


@pytest.mark.usefixtures("node_modules")
def test_all_of_them_read_the_very_same_bytes(tmp_path: pathlib.Path) -> None:
    gateway = world(tmp_path / "home", Suite.P256)
    token = gateway.token()

    read = {opener(gateway, token, tmp_path) for opener in (_python, _node, _debian)}

    assert len(read) == 1


@pytest.mark.parametrize("opener", [_python, _node, _debian], ids=["python", "node", "debian"])
@pytest.mark.usefixtures("node_modules")
def test_none_of_them_opens_what_was_sealed_to_someone_else(opener: Open, tmp_path: pathlib.Path) -> None:
    """T40: nor would this suite pass with an opener that opens everything."""
    gateway, other = world(tmp_path / "home"), world(tmp_path / "other")
    token = other.token()

    with pytest.raises((AssertionError, jwe.InvalidJWEData)):
        opener(gateway, token, tmp_path)


@pytest.mark.parametrize(("name", "package"), [("node", "nodejs"), ("npm", "npm"), ("jose", "jose")])
def test_a_missing_command_fails_with_what_to_install(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AssertionError, match=f"`{name}` is missing: install the Debian package `{package}`"):
        _command(name, package)


@pytest.mark.parametrize("suite", Suite)
def test_what_another_library_seals_in_our_form_our_receiver_opens(suite: Suite, tmp_path: pathlib.Path) -> None:
    """The receiver too is held against an implementation that is not ours."""
    gateway = world(tmp_path, suite)
    claims = _python(gateway, gateway.token(), tmp_path)
    signing = gateway.keyring.signing_key(suite)
    inner = {"alg": signing.algorithm, "kid": signing.kid, "typ": "JWT"}
    outer = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": gateway.public["kid"], "cty": "JWT"}

    signed = jws.JWS(claims)
    signed.allowed_algs = [signing.algorithm]
    signed.add_signature(jwk.JWK(**signing.key.as_dict(private=True)), protected=orjson.dumps(inner).decode())
    sealed = jwe.JWE(signed.serialize(compact=True), protected=orjson.dumps(outer).decode())
    sealed.add_recipient(jwk.JWK(**gateway.public))
    opened = gateway.receiver.open(sealed.serialize(compact=True).encode(), now=NOW, newest=None)

    assert opened.data == DATA


def test_the_nested_example_of_the_cookbook_is_refused_for_its_algorithm(tmp_path: pathlib.Path) -> None:
    """RFC 7520 section 6 nests as we do, with RSA-OAEP and PS256, which no suite of ours has (T35)."""
    cookbook = pathlib.Path(__file__).parents[3] / "shared/vectors/jose-cookbook"
    nested = cookbook / "6.nesting_signatures_and_encryption.json"
    if nested.is_file():
        token = orjson.loads(nested.read_bytes())["encrypt"]["output"]["compact"].encode()
    else:
        print("the JOSE cookbook is not here: an example of our own stands in for RFC 7520 section 6")
        header = b64(orjson.dumps({"alg": "RSA-OAEP", "cty": "JWT", "enc": "A128GCM"}))
        token = f"{header}.AAAA.AAAA.AAAA.AAAA".encode()
    gateway = world(tmp_path)

    with pytest.raises(EnvelopeRejected) as caught:
        gateway.receiver.open(token, now=NOW, newest=None)

    assert caught.value.check == Check.JWE_ALGORITHM

from __future__ import annotations

import pathlib
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from jwcrypto import jwe as other_jwe
from jwcrypto import jwk as other_jwk
from jwcrypto import jws as other_jws

from gateway.canonical import b64, unb64
from gateway.model import Suite
from gateway.seal.compact import (
    CompactEncrypter,
    CompactSigner,
    derived_key,
    other_info,
    p256_members,
    raw_signature,
    segment,
)
from gateway.seal.suites import (
    ALGORITHMS,
    ENCRYPTIONS,
    P256,
    SIGNATURES,
    Curve,
    CurveKey,
    generate,
    import_private,
    import_public,
    public_jwk,
)

ROOT = pathlib.Path(__file__).parents[3]

# RFC 7518, appendix C.
ALICE = {
    "kty": "EC",
    "crv": "P-256",
    "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
    "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
    "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
}
BOB = {
    "kty": "EC",
    "crv": "P-256",
    "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
    "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
}
# RFC 7515, appendix A.3.
A3_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}
A3_PAYLOAD = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
A3_SIGNATURE = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

_SIGNING = {suite: generate(one.signing) for suite, one in ALGORITHMS.items()}
_SEALING = {suite: generate(one.sealing) for suite, one in ALGORITHMS.items()}
_SIGNERS = {suite: CompactSigner(key, key.thumbprint()) for suite, key in _SIGNING.items()}
_ENCRYPTERS = {suite: CompactEncrypter(key, key.thumbprint()) for suite, key in _SEALING.items()}

suites = pytest.mark.parametrize("suite", Suite)
payloads = st.builds(lambda size, seed: random.Random(seed).randbytes(size), st.integers(0, 100_000), st.integers())


def _other_key(key: CurveKey) -> other_jwk.JWK:
    return other_jwk.JWK(**key.as_dict(private=True))


def _content_key(suite: Suite, token: bytes) -> bytes:
    """The key of an envelope, as its recipient finds it, by the library's own Concat KDF."""
    epk = orjson.loads(unb64(token.split(b".")[0].decode()))["epk"]
    private, public = _SEALING[suite].private_key, import_public(epk, ALGORITHMS[suite].sealing).public_key
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(public, ec.EllipticCurvePublicKey):
        secret = private.exchange(ec.ECDH(), public)
    else:
        assert isinstance(private, X25519PrivateKey)
        assert isinstance(public, X25519PublicKey)
        secret = private.exchange(public)
    return ConcatKDFHash(SHA256(), 32, b"\0\0\0\x07A256GCM\0\0\0\0\0\0\0\0\0\0\x01\0").derive(secret)


def test_the_derived_key_is_that_of_rfc_7518_appendix_c() -> None:
    ephemeral, public = import_private(ALICE, P256).private_key, import_public(BOB, P256).public_key
    assert isinstance(ephemeral, ec.EllipticCurvePrivateKey)
    assert isinstance(public, ec.EllipticCurvePublicKey)

    secret = ephemeral.exchange(ec.ECDH(), public)
    key = derived_key(secret, other_info(b"A128GCM", 128, b"Alice", b"Bob"))

    assert list(secret[:6]) == [158, 86, 217, 29, 129, 113]
    assert b64(key[:16]) == "VqqN6vgjbSBcIijNcacQGg"


def test_a_segment_is_that_of_rfc_7515_appendix_c() -> None:
    assert segment(bytes([3, 236, 255, 224, 193])) == b"A-z_4ME"
    assert segment(b'{"alg":"ES256"}') == b"eyJhbGciOiJFUzI1NiJ9"


@given(st.binary(max_size=300))
def test_a_segment_is_the_canonical_base64url(raw: bytes) -> None:
    assert segment(raw).decode() == b64(raw)
    assert segment(memoryview(raw)) == segment(raw)


def test_a_signature_is_spelled_as_in_rfc_7515_appendix_a_3() -> None:
    raw = unb64(A3_SIGNATURE)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    assert b64(raw_signature(der)) == A3_SIGNATURE


def test_the_key_and_payload_of_rfc_7515_appendix_a_3_sign_and_verify() -> None:
    key = import_private(A3_KEY, P256)

    token = CompactSigner(key, "a3").sign(A3_PAYLOAD)

    assert token.split(b".")[1].startswith(b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6")
    assert jws.deserialize_compact(token, import_public(A3_KEY, P256), registry=SIGNATURES).payload == A3_PAYLOAD


@pytest.mark.parametrize(
    ("r", "s"), [(1, 2), (1, 2**255), (2**255, 1), (2**248 - 1, 2**240 - 1)], ids=["both", "r", "s", "a byte or two"]
)
def test_halves_of_a_signature_keep_their_leading_zeros(r: int, s: int) -> None:
    raw = raw_signature(encode_dss_signature(r, s))

    assert (len(raw), raw[:32], raw[32:]) == (64, r.to_bytes(32, "big"), s.to_bytes(32, "big"))


@suites
@settings(deadline=None, max_examples=100)
@given(payload=payloads)
def test_whatever_is_sealed_joserfc_opens(suite: Suite, payload: bytes) -> None:
    token = _ENCRYPTERS[suite].encrypt(_SIGNERS[suite].sign(payload))

    signed = jwe.decrypt_compact(token, _SEALING[suite], registry=ENCRYPTIONS).plaintext or b""

    assert jws.deserialize_compact(signed, _SIGNING[suite], registry=SIGNATURES).payload == payload


@suites
@settings(deadline=None, max_examples=50)
@given(payload=payloads)
def test_whatever_is_sealed_jwcrypto_opens(suite: Suite, payload: bytes) -> None:
    token = _ENCRYPTERS[suite].encrypt(_SIGNERS[suite].sign(payload))

    sealed = other_jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    sealed.deserialize(token.decode(), key=_other_key(_SEALING[suite]))
    signed = other_jws.JWS()
    signed.allowed_algs = ["ES256", "Ed25519"]
    signed.deserialize(sealed.payload.decode(), key=_other_key(_SIGNING[suite]))

    assert signed.payload == payload


def test_what_is_deterministic_is_byte_for_byte_what_joserfc_writes() -> None:
    """Ed25519 draws nothing: the whole signature must be the same."""
    key = _SIGNING[Suite.OKP]
    header = {"alg": "Ed25519", "kid": key.thumbprint(), "typ": "JWT"}

    token = _SIGNERS[Suite.OKP].sign(A3_PAYLOAD)

    assert token.decode() == jws.serialize_compact(header, A3_PAYLOAD, key, registry=SIGNATURES)


@suites
def test_headers_are_exactly_what_the_receiver_takes(suite: Suite) -> None:
    """T45: two constants, two names of keys, an ephemeral key."""
    curve = ALGORITHMS[suite].sealing
    signed = _SIGNERS[suite].sign(b"{}")

    outer = orjson.loads(unb64(_ENCRYPTERS[suite].encrypt(signed).split(b".")[0].decode()))
    inner = orjson.loads(unb64(signed.split(b".")[0].decode()))

    epk = outer.pop("epk")
    assert outer == {"alg": "ECDH-ES", "enc": "A256GCM", "kid": _SEALING[suite].thumbprint(), "cty": "JWT"}
    assert (set(epk), epk["kty"], epk["crv"]) == (set(curve.members), curve.kty, curve.crv)
    assert inner == {"alg": ALGORITHMS[suite].signature, "kid": _SIGNING[suite].thumbprint(), "typ": "JWT"}


@suites
def test_the_header_is_authenticated(suite: Suite) -> None:
    """The protected header is the additional data, as it stands: another spelling of it no longer opens."""
    header, rest = _ENCRYPTERS[suite].encrypt(b"sealed").split(b".", 1)
    respelled = segment(unb64(header.decode()).replace(b'"JWT"', b'"jwt"'))

    with pytest.raises(JoseError):
        jwe.decrypt_compact(respelled + b"." + rest, _SEALING[suite], registry=ENCRYPTIONS)


def _ephemeral(wanted: Callable[[ec.EllipticCurvePrivateKey], bool]) -> ec.EllipticCurvePrivateKey:
    keys = (ec.derive_private_key(number, ec.SECP256R1()) for number in range(1, 10_000))
    return next(key for key in keys if wanted(key))


def _sealing_p256() -> ec.EllipticCurvePublicKey:
    public = _SEALING[Suite.P256].public_key
    assert isinstance(public, ec.EllipticCurvePublicKey)
    return public


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(lambda key: key.public_key().public_numbers().x < 2**248, id="x"),
        pytest.param(lambda key: key.public_key().public_numbers().y < 2**248, id="y"),
        pytest.param(lambda key: key.exchange(ec.ECDH(), _sealing_p256())[0] == 0, id="the agreed secret"),
    ],
)
def test_leading_zeros_stay(
    wanted: Callable[[ec.EllipticCurvePrivateKey], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One envelope in 85 has one of them: RFC 7518 sections 4.6.2 and 6.2.1.2 want the full length."""
    ephemeral = _ephemeral(wanted)
    monkeypatch.setattr(ec, "generate_private_key", lambda _curve: ephemeral)

    token = _ENCRYPTERS[Suite.P256].encrypt(b"sealed")

    told = orjson.loads(unb64(token.split(b".")[0].decode()))["epk"]
    assert told == public_jwk(ECKey.import_key(ephemeral.public_key()), P256)
    assert orjson.loads(b"{%b}" % p256_members(ephemeral.public_key())) == {"x": told["x"], "y": told["y"]}
    assert (len(told["x"]), len(told["y"])) == (43, 43)
    sealed = other_jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    sealed.deserialize(token.decode(), key=_other_key(_SEALING[Suite.P256]))
    assert sealed.payload == b"sealed"


@suites
def test_no_two_envelopes_share_a_key_or_a_nonce(suite: Suite) -> None:
    """T43: in threads that share one encrypter, and for the same bytes."""
    with ThreadPoolExecutor(8) as threads:
        tokens = list(threads.map(_ENCRYPTERS[suite].encrypt, [b"the same"] * 400))

    assert len({_content_key(suite, token) for token in tokens}) == 400
    assert len({token.split(b".")[2] for token in tokens}) == 400


@suites
def test_the_key_found_by_the_recipient_is_the_key_that_was_used(suite: Suite) -> None:
    """So that the test above counts the keys that matter."""
    token = _ENCRYPTERS[suite].encrypt(b"sealed")
    header, _, nonce, text, tag = (part.decode() for part in token.split(b"."))

    cipher = AESGCM(_content_key(suite, token))

    assert cipher.decrypt(unb64(nonce), unb64(text) + unb64(tag), header.encode()) == b"sealed"


FORKS = """
import os
from gateway.model import Suite
from gateway.seal.compact import CompactEncrypter
from gateway.seal.suites import ALGORITHMS, generate

for suite in Suite:
    encrypter = CompactEncrypter(generate(ALGORITHMS[suite].sealing), "k")
    encrypter.encrypt(b"before the fork")
    for _ in range(8):
        if (child := os.fork()) == 0:
            parts = [encrypter.encrypt(b"the same").split(b".") for _ in range(25)]
            os.write(1, b"".join(b"%b %b\\n" % (one[0], one[2]) for one in parts))
            os._exit(0)
        os.waitpid(child, 0)
"""


def test_processes_forked_after_a_seal_share_no_key_and_no_nonce() -> None:
    """T43: a server forks its workers from a process that may have sealed already."""
    run = subprocess.run([sys.executable, "-c", FORKS], cwd=ROOT, capture_output=True, check=True)

    lines = [line.split() for line in run.stdout.decode().splitlines()]
    assert len(lines) == 400
    assert len({header for header, _ in lines}) == 400
    assert len({nonce for _, nonce in lines}) == 400


def test_nothing_of_a_seal_is_kept() -> None:
    """What the object holds after a seal is what it held before."""
    encrypter = CompactEncrypter(_SEALING[Suite.P256], "k")
    before = dict(vars(encrypter))

    encrypter.encrypt(b"sealed")

    assert vars(encrypter) == before


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(bytes(32), id="zero"),
        pytest.param(b"\1" + bytes(31), id="one"),
        pytest.param((2**255 - 20).to_bytes(32, "little"), id="minus one"),
        pytest.param((2**255 - 19).to_bytes(32, "little"), id="zero, spelled as p"),
        pytest.param(
            bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), id="of order eight"
        ),
    ],
)
def test_a_point_that_contributes_nothing_is_never_sealed_to(point: bytes) -> None:
    """T38: what it agrees to is known to everyone."""
    curve = ALGORITHMS[Suite.OKP].sealing
    key = import_public({"kty": "OKP", "crv": "X25519", "x": b64(point)}, curve)

    with pytest.raises(ValueError):  # noqa: PT011 -- the words are the library's
        CompactEncrypter(key, "k")


def _p384() -> CurveKey:
    return ECKey.generate_key("P-384")


def _of(curve: Curve) -> Callable[[], CurveKey]:
    return lambda: generate(curve)


@pytest.mark.parametrize("make", [_p384, _of(ALGORITHMS[Suite.OKP].sealing)], ids=["P-384", "X25519"])
def test_a_key_of_another_kind_does_not_sign(make: Callable[[], CurveKey]) -> None:
    with pytest.raises(ValueError, match="signs for a suite"):
        CompactSigner(make(), "k")


@suites
def test_a_public_key_does_not_sign(suite: Suite) -> None:
    curve = ALGORITHMS[suite].signing
    public = import_public(public_jwk(_SIGNING[suite], curve), curve)

    with pytest.raises(ValueError, match="signs for a suite"):
        CompactSigner(public, "k")


@pytest.mark.parametrize("make", [_p384, _of(ALGORITHMS[Suite.OKP].signing)], ids=["P-384", "Ed25519"])
def test_a_key_of_another_kind_is_not_sealed_to(make: Callable[[], CurveKey]) -> None:
    with pytest.raises(ValueError, match="a suite seals to"):
        CompactEncrypter(make(), "k")

from __future__ import annotations

import pytest
from jwcrypto import jwk as other

from gateway.model import Suite
from gateway.seal.suites import (
    ALGORITHMS,
    ED25519,
    ENCRYPTIONS,
    P256,
    SIGNATURES,
    X25519,
    Curve,
    generate,
    generate_recipient_key,
    import_private,
    import_public,
    private_member,
    public_jwk,
)

CURVES = {"p256": P256, "ed25519": ED25519, "x25519": X25519}
OFF_THE_CURVE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
def test_a_key_survives_the_way_through_a_jwk_and_keeps_its_name(curve: Curve) -> None:
    key = generate(curve)
    public = public_jwk(key, curve)

    again = import_private(public | {"d": private_member(key)}, curve)

    assert (again.thumbprint(), private_member(again)) == (key.thumbprint(), private_member(key))
    assert import_public(public, curve).thumbprint() == key.thumbprint()


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
def test_the_thumbprint_is_what_another_library_computes(curve: Curve) -> None:
    key = generate(curve)

    expected = other.JWK(**public_jwk(key, curve)).thumbprint()

    assert key.thumbprint() == expected


def test_a_public_key_drops_a_private_member_that_came_along() -> None:
    private, _ = generate_recipient_key(Suite.P256)

    key = import_public(private, P256)

    assert not key.is_private


@pytest.mark.parametrize("suite", Suite)
def test_a_recipients_public_jwk_holds_nothing_private(suite: Suite) -> None:
    private, public = generate_recipient_key(suite)

    assert private.keys() - public.keys() == {"d"}
    assert (public["use"], public["alg"]) == ("enc", "ECDH-ES")
    assert public["kid"] == import_public(public, ALGORITHMS[suite].sealing).thumbprint()


@pytest.mark.parametrize(
    ("jwk", "curve"),
    [
        pytest.param({"kty": "oct", "k": "c2VjcmV0"}, P256, id="symmetric"),
        pytest.param({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, P256, id="rsa"),
        pytest.param({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}, P256, id="other curve"),
        pytest.param(
            {"kty": "EC", "crv": "P-256", "x": OFF_THE_CURVE, "y": OFF_THE_CURVE}, P256, id="not on the curve"
        ),
        pytest.param({"kty": "EC", "crv": "P-256", "x": OFF_THE_CURVE}, P256, id="half a point"),
        pytest.param({"kty": "EC", "crv": "P-256", "x": 1, "y": 2}, P256, id="numbers"),
        pytest.param(
            {"kty": "OKP", "crv": "Ed25519", "x": OFF_THE_CURVE}, X25519, id="signing key where a sealing key is due"
        ),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": "AA"}, X25519, id="short"),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": "!"}, X25519, id="not base64url"),
        pytest.param({}, P256, id="empty"),
    ],
)
def test_what_is_no_key_of_the_curve_is_refused_without_being_quoted(jwk: dict[str, object], curve: Curve) -> None:
    """T38, T39: an invalid point or a key of another kind never becomes a key."""
    with pytest.raises(ValueError, match=r"key of|expected a JWK") as caught:
        import_public(jwk, curve)

    assert OFF_THE_CURVE not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
def test_a_private_member_must_belong_to_the_public_key_beside_it(curve: Curve) -> None:
    mine, theirs = generate(curve), generate(curve)

    with pytest.raises(ValueError, match=r"another public key|not a key of"):
        import_private(public_jwk(mine, curve) | {"d": private_member(theirs)}, curve)


@pytest.mark.parametrize("name", ["none", "HS256", "EdDSA", "RS256", "ES384", "ES512"])
def test_no_other_signature_algorithm_is_allowed(name: str) -> None:
    """T35."""
    assert name not in (SIGNATURES.allowed or [])


@pytest.mark.parametrize("name", ["dir", "RSA1_5", "RSA-OAEP", "A256KW", "PBES2-HS256+A128KW", "ECDH-ES+A256KW", "DEF"])
def test_no_other_way_to_a_content_key_is_allowed(name: str) -> None:
    """T35, T36, T37."""
    assert name not in (ENCRYPTIONS.allowed or [])

"""What a signer may not say has its broken files in tests/data/broken_maps; here stands what a right one becomes."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.model import SIGNER_SECRETS, Digest, Signer, SignerKind
from gateway.purpose.signers import headers_of
from tests.unit.purpose.samples import served_by

MORE = {SignerKind.OAUTH2: ", token_url: https://auth.mc-one.example.com/oauth/token"}


@pytest.mark.parametrize("kind", SignerKind)
def test_every_kind_of_signer_names_the_secrets_that_it_needs(tmp_path: FilePath, kind: SignerKind) -> None:
    secrets = ", ".join(f"{role}: mc_{role}" for role in sorted(SIGNER_SECRETS[kind]))

    found = served_by(tmp_path, top=f"signer: {{kind: {kind}, secrets: {{{secrets}}}{MORE.get(kind, '')}}}").recipient

    assert found.signer is not None
    assert found.signer.kind is kind
    assert dict(found.signer.secrets) == {role: f"mc_{role}" for role in SIGNER_SECRETS[kind]}


def test_an_hmac_says_how_it_is_written(tmp_path: FilePath) -> None:
    signer = 'signer: {kind: hmac, secrets: {key: k}, header: X-Sign, digest: sha512, base64: true, prefix: "v1="}'

    found = served_by(tmp_path, top=signer).recipient.signer

    assert found == Signer(
        kind=SignerKind.HMAC, secrets={"key": "k"}, header="X-Sign", digest=Digest.SHA512, base64=True, prefix="v1="
    )


def test_a_recipient_may_do_without(tmp_path: FilePath) -> None:
    assert served_by(tmp_path).recipient.signer is None


@pytest.mark.parametrize(
    ("signer", "expected"),
    [
        (None, frozenset()),
        (Signer(kind=SignerKind.BEARER, secrets={}), {"authorization"}),
        (Signer(kind=SignerKind.API_KEY, secrets={}, header="X-API-Key"), {"x-api-key"}),
        (Signer(kind=SignerKind.CLOUDPAYMENTS, secrets={}), {"authorization", "x-request-id"}),
        (Signer(kind=SignerKind.FREEDOMPAY, secrets={}), frozenset()),
    ],
    ids=["none", "bearer", "a key", "CloudPayments", "FreedomPay"],
)
def test_the_headers_of_a_signer_are_known(signer: Signer | None, expected: frozenset[str]) -> None:
    assert headers_of(signer) == expected

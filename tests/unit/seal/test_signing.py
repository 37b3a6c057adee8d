from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from gateway.model import RESERVED_HEADERS, SIGNER_SECRETS, Digest, Signer, SignerKind, TransferId
from gateway.seal.signing import Signed, Unsigned, sign, signer_problems
from tests.partners import cloudpayments, freedompay, kaspi, onec, robokassa, yandex
from tests.partners.partner import Judge, Request
from tests.partners.samples import FREEDOMPAY_FIELDS, GOOD, ROBOKASSA_FIELDS, form

TRANSFER = TransferId("019a0000-0000-7000-8000-000000000001")
FORMS = (SignerKind.FREEDOMPAY, SignerKind.ROBOKASSA)
SECRETS = {
    "yandex_token": yandex.TOKEN,
    "onec_login": onec.LOGIN,
    "onec_password": onec.PASSWORD,
    "kaspi_key": kaspi.API_KEY,
    "freedompay_key": freedompay.SECRET_KEY,
    "robokassa_password": robokassa.PASSWORD1,
    "cloudpayments_id": cloudpayments.PUBLIC_ID,
    "cloudpayments_secret": cloudpayments.API_SECRET,
}
BASIC = Signer(kind=SignerKind.BASIC, secrets={"login": "onec_login", "password": "onec_password"})
FREEDOMPAY = Signer(kind=SignerKind.FREEDOMPAY, secrets={"secret_key": "freedompay_key"})
ROBOKASSA = Signer(kind=SignerKind.ROBOKASSA, secrets={"password1": "robokassa_password"})
CLOUDPAYMENTS = Signer(
    kind=SignerKind.CLOUDPAYMENTS, secrets={"public_id": "cloudpayments_id", "api_secret": "cloudpayments_secret"}
)
SIGNERS = {
    "yandex": Signer(kind=SignerKind.BEARER, secrets={"token": "yandex_token"}),
    "onec": BASIC,
    "kaspi invoice": Signer(kind=SignerKind.API_KEY, secrets={"key": "kaspi_key"}, header="X-API-Key"),
    "freedompay": FREEDOMPAY,
    "robokassa": ROBOKASSA,
    "cloudpayments charge": CLOUDPAYMENTS,
}
SIGNS = {"authorization", "x-api-key"}


def _unsigned(
    path: str = "/", fields: Mapping[str, str] | None = None, body: bytes = b"", transfer_id: TransferId = TRANSFER
) -> Unsigned:
    return Unsigned(path=path, fields=fields or {}, body=body, transfer_id=transfer_id)


def _hmac(**options: object) -> Signer:
    return Signer(kind=SignerKind.HMAC, secrets={"key": "k"}, header="X-Signature", **options)  # type: ignore[arg-type]


def _stripped(name: str) -> tuple[Judge, Request, Mapping[str, str]]:
    """What a partner takes, without what signs it."""
    judge, request = GOOD[name]
    bare = tuple(pair for pair in request.headers if pair[0].lower() not in SIGNS)
    fields = {"freedompay": FREEDOMPAY_FIELDS, "robokassa": ROBOKASSA_FIELDS}.get(name, {})
    body = urlencode(fields).encode() if fields else request.body
    return judge, Request(request.method, request.path, request.query, bare, body), fields


def _signed(request: Request, fields: Mapping[str, str], signed: Signed) -> Request:
    body = urlencode({**fields, **signed.fields}).encode() if fields else request.body
    return Request(request.method, request.path, request.query, (*request.headers, *signed.headers.items()), body)


@pytest.mark.parametrize("name", sorted(SIGNERS))
def test_the_strict_partner_takes_what_is_signed_and_nothing_else(name: str) -> None:
    judge, request, fields = _stripped(name)

    signed = sign(SIGNERS[name], _unsigned(request.path, fields, request.body), SECRETS)

    assert not judge(request).accepted
    assert judge(_signed(request, fields, signed)).refused == ()


@pytest.mark.parametrize("name", sorted(SIGNERS))
def test_it_refuses_what_another_secret_signed(name: str) -> None:
    judge, request, fields = _stripped(name)
    others = {key: value + "x" for key, value in SECRETS.items()}

    signed = sign(SIGNERS[name], _unsigned(request.path, fields, request.body), others)

    assert not judge(_signed(request, fields, signed)).accepted


@pytest.mark.parametrize(
    ("signer", "secrets", "value"),
    [
        (Signer(kind=SignerKind.BEARER, secrets={"token": "k"}), {"k": "mF_9.B5f-4.1JqM"}, "Bearer mF_9.B5f-4.1JqM"),
        (BASIC, {"onec_login": "Aladdin", "onec_password": "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        (BASIC, {"onec_login": "test", "onec_password": "123£"}, "Basic dGVzdDoxMjPCow=="),
        (Signer(kind=SignerKind.API_KEY, secrets={"key": "k"}, scheme="Token"), {"k": "abc"}, "Token abc"),
    ],
    ids=["RFC 6750 2.1", "RFC 7617 2", "RFC 7617 2.1", "a key under a scheme"],
)
def test_a_credential_stands_in_its_header_as_published(signer: Signer, secrets: Mapping[str, str], value: str) -> None:
    assert sign(signer, _unsigned(), secrets) == Signed(headers={"Authorization": value})


@pytest.mark.parametrize(
    ("signer", "value"),
    [
        (_hmac(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (_hmac(prefix="sha256="), "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (_hmac(base64=True), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
        (
            _hmac(digest=Digest.SHA512),
            (
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
                "caeab1a34d4a6b4b636e070a38bce737"
            ),
        ),
    ],
    ids=["hex", "prefix", "base64", "sha512"],
)
def test_an_hmac_is_that_of_rfc_4231_over_the_bytes_of_the_body(signer: Signer, value: str) -> None:
    signed = sign(signer, _unsigned(body=b"what do ya want for nothing?"), {"k": "Jefe"})

    assert signed == Signed(headers={"X-Signature": value})


def test_freedompay_signs_script_values_by_name_and_key() -> None:
    """The example of their signature page, in the order that it spells out."""
    fields = {"pg_order_id": "23", "pg_merchant_id": "500000", "pg_amount": "25", "pg_description": "test"}

    added = sign(FREEDOMPAY, _unsigned("/v1/init_payment.php?lang=ru", fields), {"freedompay_key": "key"}).fields

    spelled = f"init_payment.php;25;test;500000;23;{added['pg_salt']};key"
    assert added["pg_sig"] == hashlib.md5(spelled.encode()).hexdigest()


def test_freedompay_orders_nested_names_level_by_level() -> None:
    """Their rule is recursive: item 9 before item 10, and a name before the names that it begins."""
    fields = {
        "pg_positions[10][name]": "ten", "pg_positions[9][price]": "9", "pg_positions[9][name]": "nine",
        "pg_positions1": "after", "pg_a": "first",
    }  # fmt: skip

    added = sign(FREEDOMPAY, _unsigned("/init_payment.php", fields), SECRETS).fields

    spelled = f"init_payment.php;first;nine;9;ten;after;{added['pg_salt']};{freedompay.SECRET_KEY}"
    assert added["pg_sig"] == hashlib.md5(spelled.encode()).hexdigest()
    assert added["pg_sig"] == freedompay.signature("init_payment.php", {**fields, **added})


def test_each_salt_of_freedompay_is_fresh_and_takes_the_place_of_any_that_came() -> None:
    fields = {**FREEDOMPAY_FIELDS, "pg_salt": "a1b2c3", "pg_sig": "0" * 32}

    first, second = (sign(FREEDOMPAY, _unsigned("/init_payment.php", fields), SECRETS).fields for _ in range(2))

    assert first["pg_salt"] != second["pg_salt"]
    assert re.fullmatch(r"[0-9a-f]{32}", first["pg_salt"])
    assert first["pg_sig"] == freedompay.signature("init_payment.php", {**fields, **first})


@pytest.mark.parametrize(
    ("digest", "value"),
    [
        (Digest.MD5, "6551af9bc333c59e19972e2d1a0c0e5a"),
        (Digest.SHA256, "40ea5388c7c0981894bed4bc83508f8dd4b66a26201d309b6e6397b9b54a8916"),
        (
            Digest.SHA512,
            (
                "d78da29b9e1ae00c6eaad5509dbf8779312a9e12f825e5c6d3f1f249852f8d8726fa6df0c729bd12dedb9ac57b00cb9d"
                "0d09c1096fcbcc3a7e742e926c018b55"
            ),
        ),
    ],
)
def test_robokassa_signs_its_own_fields_by_name_whatever_their_order(digest: Digest, value: str) -> None:
    """`invented-shop:5430.00:5002:invented-password-1:Shp_a=1:Shp_b=2`, hashed by openssl."""
    signer = Signer(kind=SignerKind.ROBOKASSA, secrets={"password1": "robokassa_password"}, digest=digest)
    fields = {"Shp_b": "2", "InvId": "5002", "OutSum": "5430.00", "MerchantLogin": "invented-shop", "Shp_a": "1"}

    signed = sign(signer, _unsigned(fields={**fields, "Description": "is not signed"}), SECRETS)

    assert signed == Signed(fields={"SignatureValue": value})
    assert value == robokassa.signature(fields, digest.value)


@pytest.mark.parametrize(
    ("fields", "spelled"),
    [
        ({"MerchantLogin": "test", "OutSum": "5.12", "InvId": "5"}, "test:5.12:5:securepass1"),
        ({"MerchantLogin": "test", "OutSum": "5.12"}, "test:5.12::securepass1"),
        (
            {"MerchantLogin": "test", "OutSum": "5.12", "InvId": "5", "Receipt": "%7B%7D", "UserIp": "192.0.2.17"},
            "test:5.12:5:192.0.2.17:%7B%7D:securepass1",
        ),
        (
            {"MerchantLogin": "test", "OutSum": "1", "InvId": "", "SuccessUrl2Method": "GET", "SuccessUrl2": "u"},
            "test:1::u:GET:securepass1",
        ),
        ({"MerchantLogin": "test", "OutSum": "1", "shp_b": "2", "SHP_a": "1"}, "test:1::securepass1:SHP_a=1:shp_b=2"),
    ],
    ids=["as their example", "without an invoice", "with a receipt", "with ways back", "small letters"],
)
def test_robokassa_signs_what_is_sent_in_the_order_of_its_page(fields: Mapping[str, str], spelled: str) -> None:
    signer = Signer(kind=SignerKind.ROBOKASSA, secrets={"password1": "k"}, digest=Digest.MD5)

    signed = sign(signer, _unsigned(fields=fields), {"k": "securepass1"})

    assert signed.fields["SignatureValue"] == hashlib.md5(spelled.encode()).hexdigest()


def test_cloudpayments_hears_the_same_request_id_at_every_attempt() -> None:
    first, second = (sign(CLOUDPAYMENTS, _unsigned(body=body), SECRETS).headers for body in (b"{}", b"{ }"))

    assert first["X-Request-ID"] == second["X-Request-ID"] == TRANSFER


def test_the_token_of_oauth2_is_the_transports_to_add() -> None:
    signer = Signer(kind=SignerKind.OAUTH2, secrets={"client_id": "i", "client_secret": "s"})

    assert sign(signer, _unsigned(), {"i": "x", "s": "y"}) == Signed()


def test_nothing_of_a_secret_or_of_a_body_stands_in_a_repr() -> None:
    unsigned = _unsigned("/init_payment.php?phone=87000000123", FREEDOMPAY_FIELDS, b"87000000123")

    shown = [repr(unsigned)]
    for signer in SIGNERS.values():
        shown += [repr(signer), repr(sign(signer, unsigned, SECRETS))]

    hidden = [*SECRETS.values(), "87000000123", "5430.00", "Basic", "Bearer ", "pg_sig"]
    assert [text for text in hidden if text in "".join(shown)] == []


@pytest.mark.parametrize("kind", SignerKind)
def test_a_signer_with_its_secrets_has_no_problems(kind: SignerKind) -> None:
    signer = Signer(kind=kind, secrets={role: role for role in SIGNER_SECRETS[kind]})

    assert signer_problems(signer, dict.fromkeys(SIGNER_SECRETS[kind], "invented")) == []


@pytest.mark.parametrize("kind", SignerKind)
def test_every_problem_of_every_secret_is_named_at_load(kind: SignerKind) -> None:
    named = {role: f"of_{role}" for role in SIGNER_SECRETS[kind]}

    assert len(signer_problems(Signer(kind=kind, secrets={}), {})) == len(named)
    assert signer_problems(Signer(kind=kind, secrets=named), {}) == [
        f"signer: {role}: no secret named 'of_{role}'; set GATEWAY_SECRET_OF_{role.upper()}" for role in sorted(named)
    ]
    assert signer_problems(
        Signer(kind=kind, secrets={**named, "other": "x"}), dict.fromkeys((*named.values(), "x"), "v")
    ) == [f"signer: other means nothing to {kind}"]


@pytest.mark.parametrize("kind", SignerKind)
@pytest.mark.parametrize("secret", ["", " invented", "invented\n", "inv\r\nX-Admin: 1", "inv\x00", "inv\x85ented"])
def test_a_secret_that_cannot_be_carried_is_a_problem_at_load(kind: SignerKind, secret: str) -> None:
    """T20: a line break in a secret would be a header of its own; and at the end of a file it breaks a signature."""
    signer = Signer(kind=kind, secrets=dict.fromkeys(SIGNER_SECRETS[kind], "k"))

    problems = signer_problems(signer, {"k": secret})

    assert len(problems) == len(SIGNER_SECRETS[kind])
    assert not any(secret.strip() in problem for problem in problems if secret.strip())


@pytest.mark.parametrize(
    ("kind", "secret", "problems"),
    [
        (SignerKind.BEARER, "ключ", 1),
        (SignerKind.API_KEY, "a\xa0b", 1),
        (SignerKind.BASIC, "a:b", 1),
        (SignerKind.CLOUDPAYMENTS, "pk:1", 1),
        (SignerKind.FREEDOMPAY, "ключ:1", 0),
        (SignerKind.HMAC, "ключ", 0),
    ],
)
def test_only_a_secret_that_stands_in_a_header_must_fit_one(kind: SignerKind, secret: str, problems: int) -> None:
    signer = Signer(kind=kind, secrets=dict.fromkeys(SIGNER_SECRETS[kind], "k"))

    assert len(signer_problems(signer, {"k": secret})) == problems


@pytest.mark.parametrize("header", [*sorted(RESERVED_HEADERS), "Content-Type", "X Signature", "X-Sig:", "", "Подпись"])
def test_a_signature_stands_in_no_header_of_ours_and_in_no_broken_one(header: str) -> None:
    """T20, T21."""
    signer = Signer(kind=SignerKind.HMAC, secrets={"key": "k"}, header=header)

    assert signer_problems(signer, {"k": "invented"}) == [f"signer: header {header!r} cannot carry a signature"]


@pytest.mark.parametrize(
    "signer",
    [_hmac(digest=Digest.MD5), _hmac(prefix="v1 \r\n"), _hmac(scheme="a b")],
    ids=["md5", "prefix", "scheme"],
)
def test_an_option_that_cannot_be_is_a_problem_at_load(signer: Signer) -> None:
    assert len(signer_problems(signer, {"k": "invented"})) == 1


def test_the_forms_are_the_only_ones_that_add_fields() -> None:
    for signer in SIGNERS.values():
        signed = sign(signer, _unsigned("/init_payment.php", FREEDOMPAY_FIELDS), SECRETS)
        assert (bool(signed.fields), bool(signed.headers)) == (signer.kind in FORMS, signer.kind not in FORMS)


def test_the_form_that_leaves_is_the_form_that_was_signed() -> None:
    """Law 11: one sign more or less in what leaves, and the partner refuses it."""
    judge, request, fields = _stripped("freedompay")
    signed = sign(FREEDOMPAY, _unsigned(request.path, fields), SECRETS)

    assert judge(form(request.path, {**fields, **signed.fields})).refused == ()
    assert judge(form(request.path, {**fields, **signed.fields, "pg_user_phone": "77000000123"})).refused == ("pg_sig",)

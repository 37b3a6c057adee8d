"""What is refused has its broken file in tests/data/broken_maps; here stands what a right file becomes."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from joserfc.jwk import ECKey, OKPKey

from gateway.canonical import parse_path
from gateway.model import Credentials, Protection, PurposeId, Route, Suite
from gateway.purpose.recipients import RecipientFile, read_recipient
from gateway.purpose.schemas import RecipientSchema, conform
from tests.unit.purpose.samples import SMALL_MAPS, document

WHOLE = (SMALL_MAPS / "recipients" / "mc-one.yaml").read_text("utf-8")
KEYS = WHOLE[WHOLE.index("keys:") : WHOLE.index("purposes:")]


def read(tmp_path: Path, text: str = WHOLE) -> tuple[RecipientFile, list[str]]:
    file = document(tmp_path, text, "mc-one.yaml")
    values, problems = conform(file, RecipientSchema())
    assert problems == []
    assert values is not None
    found, problems = read_recipient(file, values, tmp_path)
    return found, [problem.removeprefix(file.file) for problem in problems]


def test_a_recipient_carries_what_its_file_says(tmp_path: Path) -> None:
    found, problems = read(tmp_path)

    assert problems == []
    assert (found.recipient.id, found.recipient.recipient_class) == ("mc-one", "managing_company")
    assert found.recipient.base_url == "https://mc-one.example.com/in"
    assert (found.recipient.protection, found.recipient.suite) == (Protection.JWE, Suite.P256)
    assert (found.recipient.timeout_seconds, found.recipient.in_flight) == (10.0, 16)
    assert dict(found.recipient.title) == {"kk": "бір", "ru": "один", "en": "one"}
    assert found.services[PurposeId("service_request")].routes == (Route("POST", "/requests"),)


def test_conditions_may_read_the_fixed_attributes_and_the_traits(tmp_path: Path) -> None:
    found, problems = read(tmp_path, WHOLE + "role: carrier\ntraits: {accepts_attachments: true, key_by: account}\n")

    assert problems == []
    assert found.attributes == {
        "id": "mc-one",
        "class": "managing_company",
        "role": "carrier",
        "country": "KZ",
        "storage_country": "KZ",
        "protection": "jwe",
        "accepts_attachments": "true",
        "key_by": "account",
    }


def test_a_key_is_named_by_its_thumbprint_and_holds_its_public_members_only(tmp_path: Path) -> None:
    """T39: a name that the file gives to a key counts for nothing."""
    found, problems = read(tmp_path, WHOLE.replace("{kty: EC,", "{kid: ../../other, use: enc, alg: ECDH-ES, kty: EC,"))

    assert problems == []
    key = found.recipient.keys[0]
    assert key.kid == ECKey.import_key(dict(key.jwk)).thumbprint()
    assert sorted(key.jwk) == ["crv", "kty", "x", "y"]
    assert key.not_after is None


def test_the_other_suite_takes_x25519(tmp_path: Path) -> None:
    public = OKPKey.generate_key("X25519").as_dict(private=False)

    found, problems = read(
        tmp_path, WHOLE.replace(KEYS, f'suite: okp\nkeys:\n  - jwk: {{kty: OKP, crv: X25519, x: "{public["x"]}"}}\n')
    )

    assert problems == []
    assert found.recipient.keys[0].jwk["x"] == public["x"]


def test_the_end_of_a_key_is_an_instant(tmp_path: Path) -> None:
    found, problems = read(tmp_path, WHOLE.replace("purposes:", "    not_after: 2027-01-01T05:00:00+05:00\npurposes:"))

    assert problems == []
    assert found.recipient.keys[0].not_after == 1_798_761_600_000_000


@pytest.mark.parametrize("moment", ["2027-02-30T00:00:00Z", "2027-01-01T00:00:00", "2027-01-01", "tomorrow"])
def test_a_moment_without_zone_or_that_never_comes_is_a_problem(tmp_path: Path, moment: str) -> None:
    _, problems = read(tmp_path, WHOLE.replace("purposes:", f"    not_after: {moment}\npurposes:"))

    assert problems == [":11: keys.0.not_after: expected a time such as 2027-01-01T00:00:00Z"]


def test_tls_needs_no_key_and_keeps_its_reason(tmp_path: Path) -> None:
    found, problems = read(
        tmp_path, WHOLE.replace(KEYS, "").replace("protection: jwe", "protection: tls\nprotection_reason: plain API")
    )

    assert problems == []
    assert found.recipient.protection is Protection.TLS
    assert found.recipient.protection_reason == "plain API"


def test_credentials_name_a_secret_and_do_not_hold_it(tmp_path: Path) -> None:
    found, problems = read(
        tmp_path, WHOLE + "credentials: {header: Authorization, scheme: Bearer, secret: cdek_token}\n"
    )

    assert problems == []
    assert found.recipient.credentials == Credentials("Authorization", "cdek_token", "Bearer")


def test_a_ca_file_stands_below_the_folder_of_the_maps(tmp_path: Path) -> None:
    (tmp_path / "ca").mkdir()
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca" / "root.pem"))

    found, problems = read(tmp_path, WHOLE + "ca_file: ca/root.pem\n")

    assert problems == []
    assert found.recipient.ca_file == str(tmp_path / "ca" / "root.pem")


def test_a_ca_file_that_is_no_certificate_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_text("-----BEGIN NOTHING-----", "utf-8")

    _, problems = read(tmp_path, WHOLE + "ca_file: root.pem\n")

    assert problems == [":14: ca_file: expected a readable file of PEM certificates"]


@pytest.mark.parametrize("bin_", ["991240999991", "900101100103"], ids=["a company", "a sole trader"])
def test_a_bin_is_a_company_s_or_a_sole_trader_s_number(tmp_path: Path, bin_: str) -> None:
    _, problems = read(tmp_path, WHOLE.replace("991240999991", bin_))

    assert problems == []


@pytest.mark.parametrize(
    "address", ["https://a.example", "https://a.example:8443", "https://127.0.0.1:8443/x", "'https://[::1]:8443'"]
)
def test_an_address_may_have_a_port_and_a_path(tmp_path: Path, address: str) -> None:
    _, problems = read(tmp_path, WHOLE.replace("https://mc-one.example.com/in", address))

    assert problems == []


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example",
        "https://user:pass@a.example",
        "https://@a.example",
        "https://a.example@b.example",
        "https://a.example/?x=1",
        "https://a.example#x",
        "https://a.example/",
        "https://a.example/../b",
        "https://a.example//b",
        "https://a.example:0",
        "https://127.1",
        "https://2130706433:8443",
        "https://0x7f.1/x",
        "https://1.1.1.01",
        "https://a.0x",
        "'https://[0:0::1]'",
        "'https://[::ffff:127.0.0.1]'",
        "'https://[::ffff:7f00:1]:8443'",
        "https://a.example:99999",
        "https://a.example:",
        "https://A.EXAMPLE",
        "https://a..example",
        "https://а.example",
        "https://a。example",
        "https://a.example\\\\@b.example",
        "https://a.example/%2e%2e",
        "https://",
        "https:a.example",
        "ftp://a.example",
        "a.example",
    ],
)
def test_an_address_that_could_mean_another_place_is_a_problem(tmp_path: Path, address: str) -> None:
    """T26."""
    _, problems = read(tmp_path, WHOLE.replace("https://mc-one.example.com/in", f'"{address}"'))

    assert problems == [
        ":7: base_url: expected https://host[:port][/path], without user, query, fragment or a slash at the end"
    ]


def test_what_a_recipient_withholds_are_paths(tmp_path: Path) -> None:
    found, problems = read(tmp_path, WHOLE + "    withhold: [ticket.phone]\n")

    assert problems == []
    assert found.services[PurposeId("service_request")].withhold == (parse_path("ticket.phone"),)

from __future__ import annotations

import hashlib
import itertools
import pathlib
from typing import Any

import orjson
import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OKPKey

from gateway.canonical import Node, Number, b64, unb64, write
from gateway.clock import Instant
from gateway.errors import GatewayError
from gateway.model import Protection, RecipientKey, Retention, Suite
from gateway.seal.envelope import Sealer
from gateway.seal.keyring import Keyring, create_keys, generate_recipient_key
from gateway.seal.suites import ENCRYPTIONS, SIGNATURES, X25519, import_public
from gateway.transfer_log.proof import read_proof, write_proof
from tests.unit.seal.samples import DATA, FIELDS_KEY, ORIGIN, World, world
from tests.values import NOW, PAIR, FakeClock

DAY = 86_400_000_000
CANARY = "каналы-7f3a"


@pytest.fixture(scope="module", params=Suite)
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("home"), request.param)


@pytest.fixture
def p256(tmp_path: pathlib.Path) -> World:
    return world(tmp_path)


def _segment(token: bytes | str, at: int = 0) -> Any:
    text = token.decode() if isinstance(token, bytes) else token
    return orjson.loads(unb64(text.split(".")[at]))


def _signed(gateway: World, token: bytes) -> str:
    key = (ECKey if gateway.suite is Suite.P256 else OKPKey).import_key(dict(gateway.private))
    return (jwe.decrypt_compact(token, key, registry=ENCRYPTIONS).plaintext or b"").decode()


def _payload(gateway: World, token: bytes) -> bytes:
    """The claims as they were signed, byte for byte."""
    key = gateway.keyring.signing_key(gateway.suite).key
    return jws.deserialize_compact(_signed(gateway, token), key, registry=SIGNATURES).payload


def test_an_envelope_is_a_signature_inside_an_encryption(gateway: World) -> None:
    envelope = gateway.sealer.seal(gateway.recorded())

    outer, inner = _segment(envelope.body), _segment(_signed(gateway, envelope.body))
    signing = gateway.keyring.signing_key(gateway.suite)
    assert envelope.content_type == "application/jose"
    assert (outer["alg"], outer["enc"], outer["kid"], outer["cty"]) == (
        "ECDH-ES",
        "A256GCM",
        gateway.public["kid"],
        "JWT",
    )
    assert inner == {"alg": signing.algorithm, "kid": signing.kid, "typ": "JWT"}
    assert signing.algorithm == {Suite.P256: "ES256", Suite.OKP: "Ed25519"}[gateway.suite]


def test_the_claims_say_all_that_the_recipient_must_know(gateway: World) -> None:
    recorded = gateway.recorded()

    claims = orjson.loads(_payload(gateway, gateway.sealer.seal(recorded).body))

    log = claims.pop("log")
    del claims["data"]
    assert claims == {
        "iss": ORIGIN,
        "aud": PAIR[0],
        "jti": "t-1",
        "iat": NOW // 1_000_000,
        "exp": NOW // 1_000_000 + 300,
        "purpose": PAIR[1],
        "map_version": "ab" * 32,
        "retain_until": "2027-11-18",
        "subject": gateway.keyring.pairwise(PAIR[0], recorded.disclosure.permitted.admitted.subject),
        "data_type": "application/json",
    }
    shared = recorded.receipt.entry.shared
    assert log["shared"] == {"salt": b64(shared.salt), "body": b64(shared.body)}
    assert (log["origin"], log["index"], log["leaf"]) == (
        ORIGIN,
        recorded.receipt.index,
        b64(recorded.receipt.entry.leaf),
    )
    assert log["fields_key"] == b64(FIELDS_KEY)
    assert read_proof(log["proof"]).checkpoint_note == recorded.receipt.checkpoint


def test_numbers_leave_with_the_digits_they_came_with(gateway: World) -> None:
    """Law 9: the bytes of the disclosure stand in what was signed, as they are."""
    payload = _payload(gateway, gateway.token())

    assert write(DATA) in payload
    assert b'"amount":1.10,' in payload
    assert b'"count":12345678901234567890' in payload


def test_a_disclosure_of_another_media_type_leaves_as_json_beside_its_type(gateway: World) -> None:
    recorded = gateway.recorded()
    object.__setattr__(recorded.disclosure, "media_type", "text/csv")
    object.__setattr__(recorded.disclosure, "body", b"id;amount\n1;1.10\n")

    claims = orjson.loads(_payload(gateway, gateway.sealer.seal(recorded).body))

    assert claims["data_type"] == "text/csv"
    assert write(DATA) in _payload(gateway, gateway.sealer.seal(recorded).body)


def test_the_platforms_own_id_of_the_subject_never_leaves(gateway: World) -> None:
    """T15."""
    recorded = gateway.recorded()

    payload = _payload(gateway, gateway.sealer.seal(recorded).body)

    assert recorded.disclosure.permitted.admitted.subject.encode() not in payload


def test_nothing_but_constants_and_names_of_keys_stands_in_the_clear(gateway: World) -> None:
    """T45: the header is the same for every transfer but for the ephemeral key."""
    headers = [
        _segment(gateway.token({"ticket": f"{CANARY}-{number}"}, transfer_id=f"{CANARY}-{number}"))
        for number in range(3)
    ]

    assert [header.keys() for header in headers] == [{"alg", "enc", "kid", "cty", "epk"}] * 3
    assert len({header["epk"]["x"] for header in headers}) == 3
    assert CANARY not in str(headers)
    assert {tuple(sorted(header["epk"].keys() - {"x", "y"})) for header in headers} == {("crv", "kty")}


def test_an_envelope_says_nothing_of_its_content_to_those_who_print_it(gateway: World) -> None:
    """T86."""
    envelope = gateway.sealer.seal(gateway.recorded({"ticket": CANARY}))

    assert CANARY not in repr(envelope)
    assert CANARY not in repr(gateway.sealer)


def test_every_seal_draws_a_content_key_of_its_own(gateway: World) -> None:
    """T43: ephemeral keys and nonces never repeat, not even for the same transfer."""
    recorded = gateway.recorded()
    tokens = [gateway.sealer.seal(recorded).body.split(b".") for _ in range(200)]

    assert len({parts[0] for parts in tokens}) == 200
    assert len({parts[2] for parts in tokens}) == 200


def test_the_digest_is_of_what_goes_on_the_wire(gateway: World) -> None:
    envelope = gateway.sealer.seal(gateway.recorded())

    assert envelope.digest == b64(hashlib.sha256(envelope.body).digest())


def test_under_tls_the_disclosure_leaves_as_it_is(p256: World) -> None:
    recipient = p256.recipient(protection=Protection.TLS, protection_reason="its public API takes plain JSON", keys=())
    recorded = p256.recorded(recipient=recipient)

    envelope = p256.sealer.seal(recorded)

    assert (envelope.content_type, envelope.body) == ("application/json", write(DATA))
    assert envelope.digest == b64(hashlib.sha256(write(DATA)).digest())


def test_a_disclosure_of_a_mebibyte_is_sealed_and_opened(gateway: World) -> None:
    data: dict[str, Node] = {"ticket": "ә" * (1 << 19)}

    opened = gateway.receiver.open(gateway.token(data), now=NOW, newest=None)

    assert opened.data == data


def test_a_mebibyte_of_small_fields_is_sealed_and_opened(p256: World) -> None:
    """The entry's opening travels along, with a digest for each field: the envelope is seven times the disclosure."""
    charge: dict[str, Node] = {"account": "KZ-00000042", "service": "heating", "amount": Number("5430.00")}
    data: dict[str, Node] = {"charges": [charge] * 17_000}

    token = p256.token(data)

    assert len(write(data)) > 1 << 20
    assert p256.receiver.open(token, now=NOW, newest=None).data == data


@pytest.mark.parametrize(
    ("start", "retention", "until"),
    [
        pytest.param("2026-11-18", Retention(years=1), "2027-11-18", id="a year"),
        pytest.param("2028-02-29", Retention(years=1), "2029-02-28", id="a year from a leap day"),
        pytest.param("2026-01-31", Retention(months=1), "2026-02-28", id="a month into a shorter one"),
        pytest.param("2026-12-31", Retention(months=2), "2027-02-28", id="months over the end of the year"),
        pytest.param("2026-12-31", Retention(days=1), "2027-01-01", id="a day"),
        pytest.param("2026-11-18", Retention(years=1, months=1, days=14), "2028-01-01", id="all three"),
        pytest.param("2026-11-18", Retention(), "2026-11-18", id="no longer than the day"),
    ],
)
def test_the_recipient_learns_the_last_day_on_which_it_may_keep_the_data(
    p256: World, start: str, retention: Retention, until: str
) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 -- only here

    p256.clock.at = int(datetime.fromisoformat(f"{start}T23:59:59").replace(tzinfo=UTC).timestamp()) * 1_000_000

    claims = orjson.loads(_payload(p256, p256.sealer.seal(p256.recorded(retention=retention)).body))

    assert claims["retain_until"] == until


def _key(suite: Suite, not_after: int | None) -> RecipientKey:
    _, public = generate_recipient_key(suite)
    return RecipientKey(public["kid"], public, None if not_after is None else Instant(not_after))


def test_the_key_that_stays_usable_longest_is_sealed_to(p256: World) -> None:
    expired, soon, late = (_key(Suite.P256, NOW + days * DAY) for days in (-1, 1, 90))

    for order in itertools.permutations([expired, soon, late]):
        envelope = p256.sealer.seal(p256.recorded(recipient=p256.recipient(keys=order)))

        assert _segment(envelope.body)["kid"] == late.kid


def test_a_key_without_an_end_goes_before_one_that_has_one(p256: World) -> None:
    endless, late = _key(Suite.P256, None), _key(Suite.P256, NOW + 90 * DAY)

    envelope = p256.sealer.seal(p256.recorded(recipient=p256.recipient(keys=(late, endless))))

    assert _segment(envelope.body)["kid"] == endless.kid


def test_a_key_is_not_used_from_the_instant_at_which_it_ends(p256: World) -> None:
    """T46: the clock decides at each seal, not at the load of the maps."""
    recorded = p256.recorded(recipient=p256.recipient(keys=(_key(Suite.P256, NOW + 1),)))
    p256.sealer.seal(recorded)
    p256.clock.at = NOW + 1

    with pytest.raises(GatewayError, match="no key that may be used now"):
        p256.sealer.seal(recorded)


def _misnamed(_: World) -> RecipientKey:
    return RecipientKey("not-its-thumbprint", _key(Suite.P256, None).jwk, None)


def _of_another_suite(_: World) -> RecipientKey:
    return _key(Suite.OKP, None)


def _off_the_curve(_: World) -> RecipientKey:
    return RecipientKey(
        "k", {"kty": "EC", "crv": "P-256", "x": b64(bytes(31) + b"\1"), "y": b64(bytes(31) + b"\1")}, None
    )


@pytest.mark.parametrize("make", [_misnamed, _of_another_suite, _off_the_curve])
def test_a_key_that_is_not_what_it_says_is_never_sealed_to(p256: World, make: Any) -> None:
    """T38, T40: the header's `kid` is the thumbprint of the key that was used, or nothing leaves."""
    recorded = p256.recorded(recipient=p256.recipient(keys=(make(p256),)))

    with pytest.raises(GatewayError, match="no key that may be used now"):
        p256.sealer.seal(recorded)


def test_a_point_of_low_order_is_never_sealed_to(p256: World) -> None:
    """T38: a key that agrees to nothing secret is no key."""
    jwk = {"kty": "OKP", "crv": "X25519", "x": b64(bytes(32))}
    key = RecipientKey(import_public(jwk, X25519).thumbprint(), jwk, None)
    recorded = p256.recorded(recipient=p256.recipient(suite=Suite.OKP, keys=(key,)))

    with pytest.raises(GatewayError, match="no key that may be used now"):
        p256.sealer.seal(recorded)


def test_a_recipient_without_keys_gets_nothing(p256: World) -> None:
    with pytest.raises(GatewayError, match="mc-primer-uk"):
        p256.sealer.seal(p256.recorded(recipient=p256.recipient(keys=())))


def test_two_recipients_get_what_only_each_of_them_can_open(tmp_path: pathlib.Path, p256: World) -> None:
    """T40: keys are cached by what they are, not by who asked last."""
    other = _key(Suite.P256, None)
    mine = p256.sealer.seal(p256.recorded())
    theirs = p256.sealer.seal(p256.recorded(recipient=p256.recipient(keys=(other,))))
    again = p256.sealer.seal(p256.recorded())

    assert [_segment(one.body)["kid"] for one in (mine, theirs, again)] == [
        p256.public["kid"],
        other.kid,
        p256.public["kid"],
    ]


def test_the_sealer_signs_with_the_keys_of_its_own_keyring(tmp_path: pathlib.Path, p256: World) -> None:
    create_keys(tmp_path / "other", ORIGIN)
    keyring = Keyring.load(tmp_path / "other")

    envelope = Sealer(keyring, ORIGIN, FakeClock(), write_proof, {}).seal(p256.recorded())

    assert _segment(_signed(p256, envelope.body))["kid"] == keyring.signing_key(Suite.P256).kid

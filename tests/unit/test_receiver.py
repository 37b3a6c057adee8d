from __future__ import annotations

import pathlib
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey

from gateway.canonical import Node, Number, b64, encode, unb64, write
from gateway.clock import Instant
from gateway.errors import ConfigError, EnvelopeRejected
from gateway.model import Entry, Opening, Suite
from gateway.receiver import Check, Receiver, read_state, write_state
from gateway.seal.keyring import Keyring, create_keys, generate_recipient_key, rotate_signing
from gateway.seal.suites import MAX_ENVELOPE_BYTES
from gateway.transfer_log import tree
from gateway.transfer_log.checkpoint import Checkpoint, sign_checkpoint
from gateway.transfer_log.digests import digest_tree
from gateway.transfer_log.entry import commitment
from gateway.transfer_log.proof import read_proof, write_proof
from tests.unit.seal.forgery import claims_of, forge, seal, shared_key, sign, with_header
from tests.unit.seal.samples import DATA, FIELDS_KEY, ORIGIN, SmallLog, World, world
from tests.values import NOW, PAIR

SECOND = 1_000_000
CANARY = "каналья-7f3a"
CANARY_DATA: dict[str, Node] = {"ticket": CANARY, "amount": Number("1.10")}


@pytest.fixture(scope="module")
def p256(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("p256"), Suite.P256)


@pytest.fixture(scope="module")
def okp(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("okp"), Suite.OKP)


@pytest.fixture(params=["p256", "okp"])
def gateway(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


def _failed(gateway: World, token: bytes, *, now: int = NOW, newest: Checkpoint | None = None) -> str:
    """The check that refuses the envelope; its message must say nothing of the content."""
    with pytest.raises(EnvelopeRejected) as caught:
        gateway.receiver.open(token, now=Instant(now), newest=newest)
    assert CANARY not in f"{caught.value!r} {caught.value.__cause__!r}"
    return caught.value.check


def _true(gateway: World) -> dict[str, Any]:
    return claims_of(gateway, gateway.token(CANARY_DATA, transfer_id="t-9")) | {"data": CANARY_DATA}


def test_what_was_sealed_is_opened_and_proven(gateway: World) -> None:
    opened = gateway.receiver.open(gateway.token(transfer_id="t-7"), now=NOW, newest=None)

    assert (opened.transfer_id, opened.purpose, opened.map_version) == ("t-7", PAIR[1], "ab" * 32)
    assert (opened.data, opened.data_type) == (DATA, "application/json")
    assert write(opened.data) == write(DATA)
    assert (opened.sealed_at, opened.logged_at) == (NOW, NOW)
    assert opened.index == gateway.log.frontier.size - 1
    assert opened.checkpoint == Checkpoint(ORIGIN, gateway.log.frontier.size, tree.root(gateway.log.frontier))
    assert opened.subject == gateway.keyring.pairwise(PAIR[0], _subject(gateway))
    assert opened.checkpoint_note.startswith(ORIGIN.encode())


def _subject(gateway: World) -> Any:
    return gateway.recorded().disclosure.permitted.admitted.subject


def test_the_checkpoint_that_is_kept_is_the_one_that_the_next_envelope_is_held_against(gateway: World) -> None:
    newest: Checkpoint | None = None
    for number in range(5):
        newest = gateway.receiver.open(gateway.token(transfer_id=f"t-{number}"), now=NOW, newest=newest).checkpoint

    assert newest is not None
    assert newest.size == gateway.log.frontier.size


def test_nothing_that_was_opened_is_shown_by_accident(gateway: World) -> None:
    """T86."""
    opened = gateway.receiver.open(gateway.token(CANARY_DATA), now=NOW, newest=None)

    assert CANARY not in repr(opened)
    assert gateway.private["d"] not in repr(vars(gateway.receiver))


# ── the attack table ────────────────────────────────────────────────────────────────────────────────────────────────
# Each row: what the attacker makes of a true envelope's claims, and the check that refuses it.


def _set(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.update(members)


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda told: told.pop(name)


def _outer(**members: Any) -> Callable[[World], bytes]:
    """Other members in the header of the encryption, authenticated."""
    return lambda gateway: forge(gateway, _true(gateway), outer=_set(**members))


def _outer_bytes(**members: Any) -> Callable[[World], bytes]:
    """The same, by an attacker who has no key: refused before anything is decrypted."""
    return lambda gateway: with_header(gateway.token(), _set(**members))


def _inner(**members: Any) -> Callable[[World], bytes]:
    """Other members in the header of the signature, signed."""
    return lambda gateway: forge(gateway, _true(gateway), inner=_set(**members))


def _claim(**members: Any) -> Callable[[World], bytes]:
    return lambda gateway: forge(gateway, _true(gateway) | members)


def _no_claim(name: str) -> Callable[[World], bytes]:
    def make(gateway: World) -> bytes:
        claims = _true(gateway)
        del claims[name]
        return forge(gateway, claims)

    return make


def _log(**members: Any) -> Callable[[World], bytes]:
    def make(gateway: World) -> bytes:
        claims = _true(gateway)
        return forge(gateway, claims | {"log": claims["log"] | members})

    return make


def _payload(payload: bytes) -> Callable[[World], bytes]:
    return lambda gateway: forge(gateway, {}, payload=payload)


def _signed_with_a_password(gateway: World) -> bytes:
    """The public key's bytes as an HMAC secret."""
    published = orjson.dumps(gateway.keyring.public_jwks()["keys"][0])
    return forge(gateway, _true(gateway), inner=_set(alg="HS256"), signing_key=OctKey.import_key(published))


def _unsigned(gateway: World) -> bytes:
    signed = b64(b'{"alg":"none","kid":"k","typ":"JWT"}') + "." + b64(orjson.dumps({"iss": ORIGIN})) + "."
    return seal(gateway, signed.encode())


def _of_the_other_suite(gateway: World) -> bytes:
    other = gateway.keyring.signing_key(Suite.OKP if gateway.suite is Suite.P256 else Suite.P256)
    return forge(gateway, _true(gateway), inner=_set(alg=other.algorithm, kid=other.kid), signing_key=other.key)


def _signed_with_eddsa(gateway: World) -> bytes:
    key = gateway.keyring.signing_key(Suite.OKP)
    return forge(gateway, _true(gateway), inner=_set(alg="EdDSA", kid=key.kid), signing_key=key.key)


def _by_a_stranger(gateway: World) -> bytes:
    stranger = ECKey.generate_key("P-256") if gateway.suite is Suite.P256 else OKPKey.generate_key("Ed25519")
    return forge(gateway, _true(gateway), inner=_set(kid=stranger.thumbprint()), signing_key=stranger)


def _by_a_stranger_under_our_name(gateway: World) -> bytes:
    stranger = ECKey.generate_key("P-256") if gateway.suite is Suite.P256 else OKPKey.generate_key("Ed25519")
    return forge(gateway, _true(gateway), signing_key=stranger)


def _for_another_key(gateway: World) -> bytes:
    _, public = generate_recipient_key(gateway.suite)
    key = (ECKey if gateway.suite is Suite.P256 else OKPKey).import_key(
        {k: public[k] for k in public if k in "kty crv x y"}
    )
    return forge(gateway, _true(gateway), outer=_set(kid=public["kid"]), sealing_key=key)


def _for_another_key_under_our_name(gateway: World) -> bytes:
    _, public = generate_recipient_key(gateway.suite)
    key = (ECKey if gateway.suite is Suite.P256 else OKPKey).import_key(
        {k: public[k] for k in public if k in "kty crv x y"}
    )
    return forge(gateway, _true(gateway), sealing_key=key)


def _with_a_shared_key(alg: str) -> Callable[[World], bytes]:
    return lambda gateway: forge(gateway, _true(gateway), outer=_set(alg=alg), sealing_key=shared_key())


def _bomb(gateway: World) -> bytes:
    """800 MB of zeros would come out of this; none of them does."""
    return seal(gateway, bytes(1 << 20), outer=_set(zip="DEF"))


def _with_an_encrypted_key(gateway: World) -> bytes:
    parts = gateway.token().split(b".")
    return b".".join([parts[0], b"AAAA", *parts[2:]])


def _not_a_jws(gateway: World) -> bytes:
    return seal(gateway, b"plain text")


def _twice_the_alg(gateway: World) -> bytes:
    signing = gateway.keyring.signing_key(gateway.suite)
    header = f'{{"alg":"none","alg":"{signing.algorithm}","kid":"{signing.kid}","typ":"JWT"}}'
    return seal(gateway, f"{b64(header.encode())}.e30.AAAA".encode())


def _outer_alg_twice(gateway: World) -> bytes:
    first, rest = gateway.token().split(b".", 1)
    header = unb64(first.decode()).replace(b"{", b'{"alg":"dir",', 1)
    return b64(header).encode() + b"." + rest


def _on_no_curve(gateway: World) -> bytes:
    """T38: a point of another curve, or of low order, as the ephemeral key."""
    point = b64(bytes(31) + b"\1") if gateway.suite is Suite.P256 else b64(bytes(32))

    def change(header: dict[str, Any]) -> None:
        header["epk"] = {name: point if name in "xy" else text for name, text in header["epk"].items()}

    return with_header(gateway.token(), change)


def _epk(**members: Any) -> Callable[[World], bytes]:
    return lambda gateway: with_header(gateway.token(), lambda told: told["epk"].update(members))


def _another_leaf(make: Callable[[dict[str, Any]], bytes]) -> Callable[[World], bytes]:
    """A leaf that the log really holds, with a good proof, and that is not what it should be."""

    def forged(gateway: World) -> bytes:
        claims = _true(gateway)
        leaf = make(orjson.loads(unb64(claims["log"]["leaf"])))
        return forge(gateway, _logged(gateway, claims, leaf))

    return forged


def _another_body(make: Callable[[dict[str, Any]], bytes]) -> Callable[[World], bytes]:
    """An entry that the log really holds, whose shared half says something else."""

    def forged(gateway: World) -> bytes:
        claims = _true(gateway)
        shared = Opening(
            unb64(claims["log"]["shared"]["salt"]), make(orjson.loads(unb64(claims["log"]["shared"]["body"])))
        )
        leaf = orjson.loads(unb64(claims["log"]["leaf"])) | {"shared": b64(commitment(shared))}
        claims["log"]["shared"]["body"] = b64(shared.body)
        return forge(gateway, _logged(gateway, claims, encode(leaf)))

    return forged


def _logged(gateway: World, claims: dict[str, Any], leaf: bytes) -> dict[str, Any]:
    empty = Opening(bytes(16), b"{}")
    receipt = gateway.log.append(Entry(leaf, empty, empty))
    proof = write_proof(receipt.index, receipt.proof, receipt.checkpoint)
    return claims | {"log": claims["log"] | {"index": receipt.index, "leaf": b64(leaf), "proof": proof}}


def _checkpoint_of(origin: str) -> Callable[[World], bytes]:
    def make(gateway: World) -> bytes:
        claims = _true(gateway)
        proof = read_proof(claims["log"]["proof"])
        note = sign_checkpoint(Checkpoint(origin, 7, bytes(32)), gateway.keyring.log_key)
        claims["log"]["proof"] = write_proof(proof.index, proof.hashes, note)
        return forge(gateway, claims)

    return make


def _checkpoint_with_an_edited_size(gateway: World) -> bytes:
    claims = _true(gateway)
    size = str(gateway.log.frontier.size)
    claims["log"]["proof"] = claims["log"]["proof"].replace(f"\n{size}\n", f"\n{size}0\n")
    return forge(gateway, claims)


def _never_logged(gateway: World) -> bytes:
    """The proof of another entry: it was logged, this was not."""
    claims, other = _true(gateway), _true(gateway)
    return forge(
        gateway, claims | {"log": claims["log"] | {"proof": other["log"]["proof"], "index": other["log"]["index"]}}
    )


def _index_that_is_not_the_proofs(gateway: World) -> bytes:
    claims = _true(gateway)
    return forge(gateway, claims | {"log": claims["log"] | {"index": claims["log"]["index"] - 1}})


def _proof_of_another_index(gateway: World) -> bytes:
    claims = _true(gateway)
    proof = read_proof(claims["log"]["proof"])
    claims["log"]["proof"] = write_proof(proof.index - 1, proof.hashes, proof.checkpoint_note)
    return forge(gateway, claims)


def _opening_of_another_entry(gateway: World) -> bytes:
    claims, other = _true(gateway), _true(gateway)
    return forge(gateway, claims | {"log": claims["log"] | {"shared": other["log"]["shared"]}})


def _byte_moved_from_body_to_salt(gateway: World) -> bytes:
    claims = _true(gateway)
    salt, body = (unb64(claims["log"]["shared"][name]) for name in ("salt", "body"))
    claims["log"]["shared"] = {"salt": b64(salt + body[:1]), "body": b64(body[1:])}
    return forge(gateway, claims)


def _released(change: Callable[[dict[str, Any]], object]) -> Callable[[World], bytes]:
    def make(told: dict[str, Any]) -> bytes:
        change(told["released"])
        return encode(told)

    return _another_body(make)


_LATER = NOW // SECOND
_DEEP = b'{"a":' * 199 + b"1" + b"}" * 199

ATTACKS: dict[str, tuple[Callable[[World], bytes], Check]] = {
    # size and form
    "T36 larger than any envelope": (lambda gateway: gateway.token() + b"A" * MAX_ENVELOPE_BYTES, Check.SIZE),
    "empty": (lambda _: b"", Check.JWE_FORM),
    "a JWS alone": (lambda gateway: sign({"alg": "HS256"}, b"{}", shared_key()), Check.JWE_FORM),
    "six parts": (lambda gateway: gateway.token() + b".AAAA", Check.JWE_FORM),
    "a wrapped key beside direct agreement": (_with_an_encrypted_key, Check.JWE_FORM),
    "a header that is no JSON": (lambda gateway: b"AAAA" + gateway.token()[4:], Check.JWE_HEADER),
    "a header that is no object": (lambda _: b64(b"[]").encode() + b"..a.b.c", Check.JWE_HEADER),
    "a header of a megabyte": (_outer_bytes(apu="A" * 1_000_000), Check.JWE_HEADER),
    "a kid of a kilobyte": (_outer_bytes(kid="A" * 1_000), Check.JWE_HEADER),
    "a header with alg twice": (_outer_alg_twice, Check.JWE_HEADER),
    # T35 algorithms
    "T35 dir": (_with_a_shared_key("dir"), Check.JWE_ALGORITHM),
    "T35 A256KW": (_with_a_shared_key("A256KW"), Check.JWE_ALGORITHM),
    "T35 A256GCMKW": (_with_a_shared_key("A256GCMKW"), Check.JWE_ALGORITHM),
    "T35 RSA1_5": (_outer_bytes(alg="RSA1_5"), Check.JWE_ALGORITHM),
    "T35 RSA-OAEP": (_outer_bytes(alg="RSA-OAEP"), Check.JWE_ALGORITHM),
    "T35 ECDH-ES+A256KW": (_outer(alg="ECDH-ES+A256KW"), Check.JWE_ALGORITHM),
    "T35 another content encryption": (_outer(enc="A128CBC-HS256"), Check.JWE_ALGORITHM),
    "T35 a shorter content key": (_outer(enc="A128GCM"), Check.JWE_ALGORITHM),
    "T35 alg that is no text": (_outer_bytes(alg=["ECDH-ES"]), Check.JWE_ALGORITHM),
    "T37 PBES2": (_with_a_shared_key("PBES2-HS256+A128KW"), Check.JWE_ALGORITHM),
    "T37 PBES2 with two thousand million rounds": (
        _outer_bytes(alg="PBES2-HS256+A128KW", p2c=2**31 - 1, p2s="AAAA"),
        Check.JWE_ALGORITHM,
    ),
    "T35 none": (_unsigned, Check.JWS_ALGORITHM),
    "T35 HS256 with the public key": (_signed_with_a_password, Check.JWS_ALGORITHM),
    "T35 the other suite": (_of_the_other_suite, Check.JWS_ALGORITHM),
    "T35 EdDSA, which names no curve": (_signed_with_eddsa, Check.JWS_ALGORITHM),
    "alg twice": (_twice_the_alg, Check.JWS_HEADER),
    # T36 compression
    "T36 zip": (_bomb, Check.JWE_HEADER),
    "T36 zip of nothing": (_outer_bytes(zip="DEF"), Check.JWE_HEADER),
    # T39 keys that an envelope names
    "T39 jwk": (_outer_bytes(jwk={"kty": "oct", "k": "AAAA"}), Check.JWE_HEADER),
    "T39 jku": (_outer_bytes(jku="https://evil.example/jwks.json"), Check.JWE_HEADER),
    "T39 x5u": (_outer_bytes(x5u="https://evil.example/cert.pem"), Check.JWE_HEADER),
    "T39 crit": (_outer_bytes(crit=["exp"], exp=1), Check.JWE_HEADER),
    "T39 crit of a known name": (_outer_bytes(crit=["kid"]), Check.JWE_HEADER),
    "T39 party info": (_outer_bytes(apu="QWxpY2U"), Check.JWE_HEADER),
    "T39 b64": (_outer_bytes(b64=False), Check.JWE_HEADER),
    "no kid": (lambda gateway: with_header(gateway.token(), _without("kid")), Check.JWE_HEADER),
    "no cty": (lambda gateway: with_header(gateway.token(), _without("cty")), Check.JWE_HEADER),
    "another cty": (_outer(cty="text/plain"), Check.JWE_HEADER),
    "no epk": (lambda gateway: with_header(gateway.token(), _without("epk")), Check.JWE_HEADER),
    "epk of another curve": (_epk(crv="P-521"), Check.JWE_HEADER),
    "epk with a private member": (_epk(d="AAAA"), Check.JWE_HEADER),
    "epk of numbers": (_epk(x=1), Check.JWE_HEADER),
    "epk that is no object": (_outer_bytes(epk="AAAA"), Check.JWE_HEADER),
    "T39 kid of a path": (_outer(kid="../../etc/passwd"), Check.JWE_KEY),
    "T39 kid of SQL": (_outer(kid="' OR 1=1 --"), Check.JWE_KEY),
    "T39 kid that is no text": (_outer_bytes(kid=["a"]), Check.JWE_KEY),
    "T40 for another recipient's key": (_for_another_key, Check.JWE_KEY),
    "T40 for another key under the name of ours": (_for_another_key_under_our_name, Check.DECRYPTION),
    "T38 a point that is on no curve": (_on_no_curve, Check.DECRYPTION),
    "another header than was authenticated": (_epk(x=b64(bytes(range(32)))), Check.DECRYPTION),
    # the signature
    "not a JWS": (_not_a_jws, Check.JWS_FORM),
    "T39 jwk in the signature": (_inner(jwk={"kty": "oct", "k": "AAAA"}), Check.JWS_HEADER),
    "T39 jku in the signature": (_inner(jku="https://evil.example/jwks.json"), Check.JWS_HEADER),
    "T39 crit in the signature": (_inner(crit=["kid"]), Check.JWS_HEADER),
    "T35 b64 in the signature": (_inner(b64=True), Check.JWS_HEADER),
    "another typ": (_inner(typ="at+jwt"), Check.JWS_HEADER),
    "T39 unknown kid": (_by_a_stranger, Check.JWS_KEY),
    "T39 kid of a path in the signature": (_inner(kid="../../etc/passwd"), Check.JWS_KEY),
    "a signature by someone else": (_by_a_stranger_under_our_name, Check.SIGNATURE),
    # the claims
    "claims that are no JSON": (_payload(b"{"), Check.CLAIMS),
    "claims that are no object": (_payload(b"[]"), Check.CLAIMS),
    "T1 a claim twice": (_payload(b'{"iss":"a","iss":"b","data":{}}'), Check.CLAIMS),
    "claims nested beyond reading": (_payload(b"[" * 100_000), Check.CLAIMS),
    **{
        f"no {name}": (_no_claim(name), Check.CLAIMS)
        for name in (
            "iss",
            "aud",
            "jti",
            "iat",
            "exp",
            "purpose",
            "map_version",
            "retain_until",
            "subject",
            "data",
            "data_type",
        )
    },
    "aud of many": (_claim(aud=[PAIR[0]]), Check.CLAIMS),
    "jti that is a number": (_claim(jti=5), Check.CLAIMS),
    "an empty subject": (_claim(subject=""), Check.CLAIMS),
    "iat that is text": (_claim(iat=str(_LATER)), Check.CLAIMS),
    "iat with a fraction": (_claim(iat=_LATER + 0.5), Check.CLAIMS),
    "iat before the epoch": (_claim(iat=-5), Check.CLAIMS),
    "T41 another issuer": (
        lambda gateway: forge(
            gateway, _true(gateway) | {"iss": "evil", "log": _true(gateway)["log"] | {"origin": "evil"}}
        ),
        Check.ISSUER,
    ),
    "T41 forwarded to us": (_claim(aud="carrier-cdek-test"), Check.AUDIENCE),
    "T42 expired": (_claim(iat=_LATER - 361, exp=_LATER - 61), Check.TIME),
    "from the future": (_claim(iat=_LATER + 61, exp=_LATER + 361), Check.TIME),
    "T42 valid for a year": (_claim(exp=_LATER + 31_536_000), Check.TIME),
    "expired before it was issued": (_claim(exp=_LATER - 1), Check.TIME),
    # the proof
    "no proof": (_no_claim("log"), Check.PROOF),
    "a proof that is none": (_log(proof="logged, trust me"), Check.PROOF),
    "a proof that is no text": (_log(proof=5), Check.PROOF),
    "no leaf": (_log(leaf=None), Check.PROOF),
    "a leaf that is no base64url": (_log(leaf="!"), Check.PROOF),
    "no opening": (_log(shared=None), Check.PROOF),
    "a short fields key": (_log(fields_key="AAAA"), Check.PROOF),
    "an index that is text": (_log(index="5"), Check.PROOF),
    "T55 the proof of another log": (_log(origin="other.example/log"), Check.PROOF),
    "T53 a checkpoint that the log did not sign": (_checkpoint_with_an_edited_size, Check.CHECKPOINT),
    "T55 a checkpoint of another log": (_checkpoint_of("other.example/log"), Check.CHECKPOINT),
    "a checkpoint of another tree": (_checkpoint_of(ORIGIN), Check.INCLUSION),
    "never logged": (_never_logged, Check.INCLUSION),
    "a proof of another index": (_proof_of_another_index, Check.INCLUSION),
    "an index that is not the proof's": (_index_that_is_not_the_proofs, Check.INCLUSION),
    # the entry
    "a leaf that is not canonical": (_another_leaf(lambda told: encode(told) + b" "), Check.LEAF),
    "a leaf nested beyond writing": (_another_leaf(lambda _: b'{"at":' + b"[" * 300 + b"]" * 300 + b"}"), Check.LEAF),
    "a refusal's leaf": (_another_leaf(lambda told: encode(told | {"kind": "refusal"})), Check.LEAF),
    "an outcome's leaf": (_another_leaf(lambda told: encode(told | {"kind": "outcome"})), Check.LEAF),
    "the opening of another entry": (_opening_of_another_entry, Check.OPENING),
    "a byte moved from body to salt": (_byte_moved_from_body_to_salt, Check.OPENING),
    "an entry of another transfer": (_another_body(lambda told: encode(told | {"transfer": "t-8"})), Check.ENTRY),
    "an entry for another recipient": (_another_body(lambda told: encode(told | {"recipient": "other"})), Check.ENTRY),
    "an entry for another purpose": (_another_body(lambda told: encode(told | {"purpose": "other"})), Check.ENTRY),
    "an entry under another map": (_another_body(lambda told: encode(told | {"map": "cd" * 32})), Check.ENTRY),
    "an entry of an answer": (_another_body(lambda told: encode(told | {"direction": "answer"})), Check.ENTRY),
    "an entry of another media type": (
        _another_body(lambda told: encode(told | {"media_type": "text/csv"})),
        Check.ENTRY,
    ),
    "a body that is not canonical": (_another_body(lambda told: encode(told) + b" "), Check.ENTRY),
    "a body that is no JSON": (_another_body(lambda _: b"{"), Check.ENTRY),
    "a body that is no object": (_another_body(lambda _: b"[]"), Check.ENTRY),
    "a body nested beyond writing": (_another_body(lambda _: b"[" * 300 + b"]" * 300), Check.ENTRY),
    "a purpose that was not logged": (_claim(purpose="debt_collection"), Check.ENTRY),
    # the data
    "a field more than was logged": (_claim(data=CANARY_DATA | {"phone": "+77010000000"}), Check.FIELDS),
    "a field less than was logged": (_claim(data={"ticket": CANARY}), Check.FIELDS),
    "another value than was logged": (_claim(data=CANARY_DATA | {"ticket": "other"}), Check.FIELDS),
    "T18 other digits than were logged": (_claim(data=CANARY_DATA | {"amount": Number("1.1")}), Check.FIELDS),
    "a text where a number was logged": (_claim(data=CANARY_DATA | {"amount": "1.10"}), Check.FIELDS),
    "no data where data was logged": (_claim(data=None), Check.FIELDS),
    "another key than made the digests": (_log(fields_key=b64(bytes(32))), Check.FIELDS),
    "a digest less in the entry": (_released(_without("ticket")), Check.FIELDS),
    "an entry without digests": (
        _another_body(lambda told: encode({k: told[k] for k in told if k != "released"})),
        Check.FIELDS,
    ),
}


@pytest.mark.parametrize(("make", "expected"), ATTACKS.values(), ids=ATTACKS.keys())
def test_the_attack_is_refused_by_its_check(gateway: World, make: Callable[[World], bytes], expected: Check) -> None:
    assert _failed(gateway, make(gateway)) == expected


def test_the_attack_table_proves_every_check() -> None:
    proven = {expected for _, expected in ATTACKS.values()}

    assert proven == set(Check) - {Check.REWOUND, Check.FORKED}  # these two have their own tests below


def test_the_forger_of_the_table_makes_good_envelopes_when_nothing_is_forged(gateway: World) -> None:
    """Else the table would prove that the forger is clumsy."""
    opened = gateway.receiver.open(forge(gateway, _true(gateway)), now=NOW, newest=None)
    same_leaf = gateway.receiver.open(_another_leaf(encode)(gateway), now=NOW, newest=None)
    same_body = gateway.receiver.open(_another_body(encode)(gateway), now=NOW, newest=None)

    assert [one.data for one in (opened, same_leaf, same_body)] == [CANARY_DATA] * 3


@pytest.mark.parametrize("name", [name for name in ATTACKS if name.startswith(("T36", "T37", "a header of a"))])
def test_what_would_exhaust_a_receiver_is_refused_at_once(p256: World, name: str) -> None:
    """T36, T37: 2^31 rounds or 800 MB would take minutes; this takes next to nothing."""
    token = ATTACKS[name][0](p256)

    start = time.process_time()
    _failed(p256, token)

    assert time.process_time() - start < 0.05


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0), byte=st.integers(min_value=0, max_value=255))
def test_no_byte_of_an_envelope_can_be_changed(gateway: World, place: int, byte: int) -> None:
    token = bytearray(gateway.token())
    at = place % len(token)
    token[at] = byte if byte != token[at] else byte ^ 1

    assert _failed(gateway, bytes(token)) in set(Check)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["alg", "enc", "kid", "cty", "epk", "zip", "crit", "typ", "x"]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
)
def test_no_header_makes_a_receiver_fail_in_another_way(gateway: World, name: str, value: Any) -> None:
    """T39: whatever stands there, in the encryption or in the signature, it is a refusal."""
    outer = with_header(gateway.token(), _set(**{name: value}))
    signing = gateway.keyring.signing_key(gateway.suite)
    header = {"alg": signing.algorithm, "kid": signing.kid, "typ": "JWT", name: value}
    inner = seal(gateway, f"{b64(orjson.dumps(header))}.e30.AAAA".encode())

    assert {_failed(gateway, outer), _failed(gateway, inner)} <= set(Check)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.binary(max_size=200) | st.from_regex(rb"\A[A-Za-z0-9_.-]{0,200}\Z"))
def test_rubbish_is_refused(gateway: World, token: bytes) -> None:
    assert _failed(gateway, token) in {Check.JWE_FORM, Check.JWE_HEADER, Check.JWE_ALGORITHM}


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [
        pytest.param(-61, False, id="the recipient's clock is over a minute behind"),
        pytest.param(-60, True, id="a minute behind"),
        pytest.param(0, True, id="at once"),
        pytest.param(359, True, id="in the last second, a minute of skew included"),
        pytest.param(360, False, id="expired"),
    ],
)
def test_an_envelope_lives_for_five_minutes_and_a_minute_of_skew(gateway: World, seconds: int, accepted: bool) -> None:  # noqa: FBT001
    """T42: what is replayed later is refused; within the five minutes `transfer_id` tells."""
    token = gateway.token()
    now = Instant(NOW + seconds * SECOND)

    if accepted:
        assert gateway.receiver.open(token, now=now, newest=None).transfer_id == "t-1"
    else:
        assert _failed(gateway, token, now=now) == Check.TIME


def test_a_replay_carries_the_same_transfer_id(gateway: World) -> None:
    """T42: a fresh seal of the same transfer is another envelope and the same transfer."""
    recorded = gateway.recorded(transfer_id="t-5")
    tokens = [gateway.sealer.seal(recorded).body for _ in range(2)]

    opened = [gateway.receiver.open(token, now=NOW, newest=None) for token in (*tokens, tokens[0])]

    assert len(set(tokens)) == 2
    assert {one.transfer_id for one in opened} == {"t-5"}


# ── the log that the recipient knows (T54, T55) ─────────────────────────────────────────────────────────────────────


def test_a_log_that_was_rewound_is_noticed_at_the_next_envelope(tmp_path: pathlib.Path) -> None:
    """T54: yesterday's backup is restored, and the gateway goes on as if nothing had happened."""
    gateway = world(tmp_path)
    backup = gateway.log.frontier
    newest: Checkpoint | None = None
    for number in range(3):
        newest = gateway.receiver.open(gateway.token(transfer_id=f"t-{number}"), now=NOW, newest=newest).checkpoint

    gateway.log.frontier = backup

    assert _failed(gateway, gateway.token(), newest=newest) == Check.REWOUND


def test_a_log_that_was_forked_is_noticed_at_the_same_size(tmp_path: pathlib.Path) -> None:
    """T55: two histories, both signed."""
    gateway = world(tmp_path)
    backup = gateway.log.frontier
    newest = gateway.receiver.open(gateway.token(transfer_id="t-1"), now=NOW, newest=None).checkpoint
    gateway.log.frontier = backup

    assert _failed(gateway, gateway.token(transfer_id="t-2"), newest=newest) == Check.FORKED


def test_the_same_checkpoint_twice_is_no_contradiction(gateway: World) -> None:
    """Transfers of one group commit share a checkpoint."""
    token = gateway.token()
    newest = gateway.receiver.open(token, now=NOW, newest=None).checkpoint

    assert gateway.receiver.open(token, now=NOW, newest=newest).checkpoint == newest


def test_envelopes_that_overtake_one_another_are_no_rewound_log(tmp_path: pathlib.Path) -> None:
    """Two attempts under way at once arrive in any order; what was sealed long after the newest is another matter."""
    gateway = world(tmp_path)
    early, late = gateway.token(transfer_id="t-1"), gateway.token(transfer_id="t-2")
    newest = gateway.receiver.open(late, now=NOW, newest=None)

    overtaken = gateway.receiver.open(
        early, now=NOW, newest=newest.checkpoint, newest_sealed_at=Instant(newest.sealed_at - 60 * SECOND)
    )

    assert overtaken.transfer_id == "t-1"
    with pytest.raises(EnvelopeRejected) as caught:
        gateway.receiver.open(
            early, now=NOW, newest=newest.checkpoint, newest_sealed_at=Instant(newest.sealed_at - 61 * SECOND)
        )
    assert caught.value.check == Check.REWOUND


def test_the_kept_checkpoint_survives_the_process(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "seen.json"
    first, second = Checkpoint(ORIGIN, 5, bytes(range(32))), Checkpoint(ORIGIN, 6, bytes(32))

    before = read_state(path)
    write_state(path, first)
    write_state(path, second)

    assert (before, read_state(path)) == (None, second)
    assert [one.name for one in tmp_path.iterdir()] == ["seen.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"origin":"a"}', b'{"origin":"a","size":"x","root":"AAAA"}'])
def test_a_kept_checkpoint_that_cannot_be_read_is_no_reason_to_forget_it(
    tmp_path: pathlib.Path, content: bytes
) -> None:
    path = tmp_path / "seen.json"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match="does not hold a checkpoint"):
        read_state(path)


# ── whom a receiver trusts ──────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_rotation_old_and_new_envelopes_open_with_the_new_key_set(tmp_path: pathlib.Path) -> None:
    """T46."""
    gateway = world(tmp_path)
    old = gateway.token(transfer_id="t-1")
    rotate_signing(tmp_path)
    keyring = Keyring.load(tmp_path)
    receiver = Receiver([gateway.private], PAIR[0], ORIGIN, keyring.public_jwks(), keyring.log_verifier_key())

    assert receiver.open(old, now=NOW, newest=None).transfer_id == "t-1"


def test_a_recipient_with_several_keys_opens_with_the_one_that_is_named(p256: World) -> None:
    keys = [generate_recipient_key(Suite.P256)[0], p256.private, generate_recipient_key(Suite.OKP)[0]]
    receiver = Receiver(keys, PAIR[0], ORIGIN, p256.keyring.public_jwks(), p256.keyring.log_verifier_key())

    assert receiver.open(p256.token(), now=NOW, newest=None).data == DATA


def test_a_recipient_trusts_the_log_key_that_it_was_given_and_no_other(tmp_path: pathlib.Path, p256: World) -> None:
    """T56: whoever has the signing keys but not the log's cannot prove anything."""
    create_keys(tmp_path, ORIGIN)
    stolen = SmallLog(Keyring.load(tmp_path))
    true_log, p256.log = p256.log, stolen
    token = p256.token()
    p256.log = true_log

    assert _failed(p256, token) == Check.CHECKPOINT


def _wrong(gateway: World, **changes: Any) -> list[str]:
    told: dict[str, Any] = {
        "keys": [gateway.private],
        "recipient": PAIR[0],
        "issuer": ORIGIN,
        "jwks": gateway.keyring.public_jwks(),
        "log_key": gateway.keyring.log_verifier_key(),
    }
    with pytest.raises(ConfigError) as caught:
        Receiver(**{**told, **changes})
    return [problem.split(":")[0] for problem in caught.value.problems]


def test_a_receiver_that_could_open_nothing_is_not_made(p256: World) -> None:
    rsa = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}

    assert _wrong(p256, keys=[]) == ["private keys"]
    assert _wrong(p256, keys=[rsa, p256.public]) == ["private key 0", "private key 1"]
    assert _wrong(p256, jwks={}) == ["JWK Set"]
    assert _wrong(p256, jwks={"keys": [rsa, "text", p256.public]}) == ["JWK Set"]
    assert _wrong(p256, jwks={"keys": [{"use": "sig", "alg": "ES256", "kty": "EC"}]}) == ["JWK Set", "JWK Set"]
    assert _wrong(p256, log_key="not a key") == ["log key"]
    assert _wrong(p256, issuer="other.example/log") == ["log key"]
    assert _wrong(p256, keys=[], jwks={}, log_key="") == ["private keys", "JWK Set", "log key"]


def test_no_private_key_is_quoted_in_what_is_wrong(p256: World) -> None:
    with pytest.raises(ConfigError) as caught:
        Receiver([p256.private | {"x": p256.private["y"]}], PAIR[0], ORIGIN, {}, "")

    assert p256.private["d"] not in str(caught.value)


def test_keys_of_other_kinds_in_the_key_set_are_left_alone(p256: World) -> None:
    """RFC 7517 section 5: a set may hold more than we understand."""
    published = p256.keyring.public_jwks()
    more: list[Any] = [{"kty": "AKP", "alg": "ML-DSA-44", "use": "sig"}, {"kty": "RSA"}, *published["keys"]]
    receiver = Receiver([p256.private], PAIR[0], ORIGIN, {"keys": more}, p256.keyring.log_verifier_key())

    assert receiver.open(p256.token(), now=NOW, newest=None).data == DATA


def test_the_digests_of_the_log_open_with_the_data_alone(p256: World) -> None:
    """What binds them: the recipient computes the same tree of digests from what it got."""
    recorded = p256.recorded()
    opened = p256.receiver.open(p256.sealer.seal(recorded).body, now=NOW, newest=None)

    logged = orjson.loads(recorded.receipt.entry.shared.body)["released"]

    assert digest_tree(opened.data, FIELDS_KEY) == logged

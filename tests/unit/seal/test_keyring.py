from __future__ import annotations

import pathlib
import re

import pytest

from gateway.canonical import b64
from gateway.errors import ConfigError, LogDiverged
from gateway.model import RecipientId, SubjectId, Suite, TransferId
from gateway.seal.keyring import SET_DIGEST_BYTES, Keyring, create_keys, rotate_signing
from gateway.transfer_log.checkpoint import parse_verifier_key, verifier_key

ORIGIN = "gateway.test.example/log"
SUBJECT = SubjectId("usr_0001")
TRANSFER = TransferId("01890a5d-ac96-774b-bcce-b302099a8057")
OTHER_TRANSFER = TransferId("01890a5d-ac96-774b-bcce-b302099a8058")
PRIVATE_MEMBERS = {"d", "k", "p", "q", "dp", "dq", "qi", "oth"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("home")
    create_keys(folder, ORIGIN)
    return folder


@pytest.fixture(scope="module")
def keyring(home: pathlib.Path) -> Keyring:
    return Keyring.load(home)


def _other(tmp_path: pathlib.Path) -> Keyring:
    create_keys(tmp_path / "other", ORIGIN)
    return Keyring.load(tmp_path / "other")


def test_a_concealed_name_is_short_the_same_every_time_and_says_nothing(keyring: Keyring) -> None:
    """Law 4: a key such as {"87000000125": "wife"} is itself personal."""
    found = keyring.conceal("87000000125"), keyring.conceal("87000000125"), keyring.conceal("87000000126")

    assert found[0] == found[1] != found[2]
    assert re.fullmatch(r"~[A-Za-z0-9_-]{10}", found[0])


def test_a_concealed_name_needs_the_key(keyring: Keyring, tmp_path: pathlib.Path) -> None:
    assert _other(tmp_path).conceal("87000000125") != keyring.conceal("87000000125")


def test_every_name_that_strict_json_lets_through_can_be_concealed(keyring: Keyring) -> None:
    assert len({keyring.conceal(name) for name in ("", "Әже", "👵", "a" * 10_000)}) == 4


def test_no_two_recipients_know_a_person_by_the_same_name(keyring: Keyring) -> None:
    """T15."""
    subjects = [SubjectId(f"usr_{number:04}") for number in range(1_000)]
    recipients = [RecipientId("mc-primer-uk"), RecipientId("carrier-cdek-test")]

    names = {keyring.pairwise(recipient, subject) for recipient in recipients for subject in subjects}

    assert len(names) == 2_000
    assert all(name[0].isalpha() for name in names)  # in a cell of a CSV it stays as it is
    assert keyring.pairwise(recipients[0], SUBJECT) == keyring.pairwise(recipients[0], SUBJECT)
    assert SUBJECT not in keyring.pairwise(recipients[0], SUBJECT)


def test_a_value_looks_different_in_every_kept_set(keyring: Keyring) -> None:
    """T15: a house that two recipients serve is not to be recognised by its digest."""
    sets = [(RecipientId(who), name) for who in ("mc-a", "mc-b") for name in ("houses", "flats")]

    digests = {keyring.set_digest(*one, value) for one in sets for value in ("h-1", "h-2")}

    assert len(digests) == 8
    assert {len(one) for one in digests} == {SET_DIGEST_BYTES}
    assert keyring.set_digest(*sets[0], "h-1") == keyring.set_digest(*sets[0], "h-1")


def test_a_claim_is_known_by_a_digest_that_needs_the_key(keyring: Keyring, tmp_path: pathlib.Path) -> None:
    """T49: who reads the database cannot try keys or requests."""
    found = keyring.claim_digest(b"k-1"), keyring.claim_digest(b"k-1"), keyring.claim_digest(b"k-2")

    assert found[0] == found[1] != found[2]
    assert len(found[0]) == 32
    assert _other(tmp_path).claim_digest(b"k-1") != found[0]


def test_the_log_knows_a_person_by_a_name_of_its_own(keyring: Keyring) -> None:
    found = keyring.log_pseudonym(SUBJECT)

    assert found == keyring.log_pseudonym(SUBJECT)
    assert found not in {keyring.pairwise(RecipientId(name), SUBJECT) for name in ("mc-primer-uk", "index", "")}


def test_a_sealed_subject_opens_for_its_transfer_alone(keyring: Keyring) -> None:
    sealed = keyring.seal_subject(SUBJECT, TRANSFER)

    opened = keyring.open_subject(sealed, TRANSFER)

    assert opened == SUBJECT
    with pytest.raises(LogDiverged):
        keyring.open_subject(sealed, OTHER_TRANSFER)


def test_a_wrapped_key_opens_for_its_transfer_alone(keyring: Keyring) -> None:
    key = bytes(range(32))
    wrapped = keyring.wrap_key(key, TRANSFER)

    unwrapped = keyring.unwrap_key(wrapped, TRANSFER)

    assert unwrapped == key
    assert key not in wrapped
    with pytest.raises(LogDiverged):
        keyring.unwrap_key(wrapped, OTHER_TRANSFER)


def test_what_was_sealed_under_one_use_does_not_open_under_another(keyring: Keyring) -> None:
    wrapped = keyring.wrap_key(b"usr_0001", TRANSFER)

    with pytest.raises(LogDiverged) as caught:
        keyring.open_subject(b64(wrapped), TRANSFER)

    assert "usr_0001" not in str(caught.value)


@pytest.mark.parametrize("sealed", ["", "AAAA", "!", "usr_0001", "A" * 200])
def test_rubbish_does_not_open(keyring: Keyring, sealed: str) -> None:
    with pytest.raises(LogDiverged):
        keyring.open_subject(sealed, TRANSFER)
    with pytest.raises(LogDiverged):
        keyring.unwrap_key(sealed.encode(), TRANSFER)


def test_sealing_the_same_twice_looks_different(keyring: Keyring) -> None:
    """T43: a nonce is drawn each time."""
    assert len({keyring.seal_subject(SUBJECT, TRANSFER) for _ in range(100)}) == 100
    assert len({keyring.wrap_key(bytes(32), TRANSFER) for _ in range(100)}) == 100


def test_the_published_keys_are_public(keyring: Keyring) -> None:
    keys = keyring.public_jwks()["keys"]

    assert [(key["alg"], key["use"], key["kid"]) for key in keys] == [
        ("ES256", "sig", keyring.signing_key(Suite.P256).kid),
        ("Ed25519", "sig", keyring.signing_key(Suite.OKP).kid),
    ]
    assert [key.keys() & PRIVATE_MEMBERS for key in keys] == [set(), set()]


def test_after_a_rotation_old_signatures_still_verify_and_new_keys_sign(tmp_path: pathlib.Path) -> None:
    create_keys(tmp_path, ORIGIN)
    before = Keyring.load(tmp_path)
    rotate_signing(tmp_path)

    after = Keyring.load(tmp_path)

    published = [key["kid"] for key in after.public_jwks()["keys"]]
    assert published[:2] == [after.signing_key(suite).kid for suite in Suite]
    assert published[2:] == [before.signing_key(suite).kid for suite in Suite]
    assert [key.keys() & PRIVATE_MEMBERS for key in after.public_jwks()["keys"]] == [set()] * 4
    assert after.log_verifier_key() == before.log_verifier_key()
    assert after.pairwise(RecipientId("a"), SUBJECT) == before.pairwise(RecipientId("a"), SUBJECT)
    assert after.fingerprint() != before.fingerprint()


def test_the_logs_key_is_published_as_outsiders_read_it(keyring: Keyring) -> None:
    text = keyring.log_verifier_key()

    assert text == verifier_key(ORIGIN, keyring.log_key.public_key())
    assert parse_verifier_key(text)[0] == ORIGIN


def test_the_fingerprint_can_be_read_out_and_is_the_same_at_every_start(home: pathlib.Path, keyring: Keyring) -> None:
    assert re.fullmatch(r"[0-9a-f]{4}(-[0-9a-f]{4}){4}", keyring.fingerprint())
    assert Keyring.load(home).fingerprint() == keyring.fingerprint()


def test_no_text_of_a_keyring_shows_a_secret(home: pathlib.Path, keyring: Keyring) -> None:
    """T86."""
    master = (home / "keys/master.key").read_text().strip()
    members = [str(keyring.signing_key(suite).key.as_dict(private=True)["d"]) for suite in Suite]
    shown = f"{keyring!r} {keyring} {[keyring.signing_key(suite) for suite in Suite]} {keyring.describe()}"

    assert repr(keyring) == f"Keyring('{ORIGIN}', {keyring.fingerprint()})"
    assert [secret for secret in (master, *members) if secret in shown] == []


def test_the_description_names_every_key(keyring: Keyring) -> None:
    told = keyring.describe()

    assert [(key["use"], key["alg"], key["state"]) for key in told] == [
        ("sig", "ES256", "active"),
        ("sig", "Ed25519", "active"),
        ("log", "Ed25519", "active"),
    ]
    assert all(key["created_at"].endswith("Z") for key in told)


def test_a_home_without_keys_does_not_load(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.load(tmp_path)

    assert len(caught.value.problems) == 2


def test_a_key_file_without_an_active_key_does_not_load(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the master key to write one; the start says so all the same."""
    create_keys(tmp_path, ORIGIN)
    monkeypatch.setattr("gateway.seal.files._new_signing_keys", lambda *_: ())
    rotate_signing(tmp_path)

    with pytest.raises(ConfigError, match="expected one active sig key for ES256, found 0"):
        Keyring.load(tmp_path)

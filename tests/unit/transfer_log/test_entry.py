"""gateway.transfer_log.entry: a leaf that says nothing, two openings that do."""

from __future__ import annotations

import hashlib

import orjson
import pytest
import rfc8785

from gateway.canonical import Json, b64, encode
from gateway.model import Cause, Entry, EntryKind, Opening, OutcomeCode
from gateway.transfer_log.digests import digest_tree
from gateway.transfer_log.entry import (
    Leaf,
    commitment,
    intent_entry,
    outcome_entry,
    read_leaf,
    refusal_entry,
    unknown_outcome,
)
from tests.unit.transfer_log.samples import (
    ABOUT,
    DATA,
    NOW,
    POLICY_VERSION,
    PURPOSE,
    RECIPIENT,
    crash,
    disclosure,
    intent,
    outcome,
    purpose_map,
    refusal,
    refused,
    transfer_id,
)

FIELDS_KEY = bytes(32)
INTENT = intent_entry(disclosure(), ABOUT, at=NOW, attempt=1, fields_key=FIELDS_KEY)
LEAF: dict[str, Json] = {"at": NOW, "kind": "intent", "private": "p" * 43, "shared": "s" * 43, "v": 1}
BASIS = {"kind": "consent", "ref": "consent-77", "given_at": "2026-11-01T08:00:00Z", "text_version": "terms-4"}


def _shared(entry: Entry) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(entry.shared.body)
    return body


def _private(entry: Entry) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(entry.private.body)
    return body


ALL_KINDS = pytest.mark.parametrize(
    ("entry", "kind"),
    [
        pytest.param(INTENT, EntryKind.INTENT, id="intent"),
        pytest.param(refusal(2), EntryKind.REFUSAL, id="refusal"),
        pytest.param(outcome(1), EntryKind.OUTCOME, id="outcome"),
        pytest.param(crash(1), EntryKind.OUTCOME, id="unknown"),
    ],
)


@ALL_KINDS
def test_a_leaf_holds_two_commitments_a_kind_and_an_instant(entry: Entry, kind: EntryKind) -> None:
    leaf = orjson.loads(entry.leaf)

    assert leaf == {
        "v": 1,
        "kind": kind,
        "at": NOW,
        "shared": b64(hashlib.sha256(entry.shared.salt + entry.shared.body).digest()),
        "private": b64(hashlib.sha256(entry.private.salt + entry.private.body).digest()),
    }
    assert read_leaf(entry.leaf) == Leaf(NOW, kind, leaf["private"], leaf["shared"])


@ALL_KINDS
def test_everything_is_spelled_canonically(entry: Entry, kind: EntryKind) -> None:
    for spelled in (entry.leaf, entry.shared.body, entry.private.body):
        assert rfc8785.dumps(orjson.loads(spelled)) == spelled


@ALL_KINDS
def test_each_half_has_a_salt_of_its_own(entry: Entry, kind: EntryKind) -> None:
    """T58: without its salt, a body that someone guesses cannot be told from any other."""
    assert len(entry.shared.salt) == len(entry.private.salt) == 16
    assert entry.shared.salt != entry.private.salt


def test_the_same_disclosure_twice_gives_leaves_that_share_nothing() -> None:
    again = intent_entry(disclosure(), ABOUT, at=NOW, attempt=1, fields_key=FIELDS_KEY)

    assert again.shared.body == INTENT.shared.body
    assert read_leaf(again.leaf).shared != read_leaf(INTENT.leaf).shared
    assert read_leaf(again.leaf).private != read_leaf(INTENT.leaf).private


def test_the_shared_half_of_an_intent_says_what_leaves_to_whom_and_why() -> None:
    assert _shared(INTENT) == {
        "transfer": transfer_id(1),
        "direction": "request",
        "recipient": RECIPIENT,
        "purpose": PURPOSE,
        "map": purpose_map().version,
        "policy": POLICY_VERSION,
        "media_type": "application/json",
        "attempt": 1,
        "released": digest_tree(DATA, FIELDS_KEY),
    }


def test_the_private_half_of_an_intent_says_who_asked_about_whom() -> None:
    body = _private(INTENT)

    withheld = body.pop("withheld")
    assert isinstance(withheld, dict)
    assert withheld["never"] == ["order.note"]
    assert withheld["not_in_map"][-2:] == ["order.client.ip", "order.client.ua"]
    assert body == {
        "caller": "marketplace",
        "subject": ABOUT.subject,
        "sealed_subject": ABOUT.sealed_subject,
        "basis": BASIS,
        "alarms": ["health"],
        "findings": {"phone": 1},
    }


def test_a_refusal_says_its_reason_and_the_rules_that_failed() -> None:
    entry = refusal_entry(refused(2), ABOUT, at=NOW, recipient=RECIPIENT, purpose=PURPOSE)

    assert _shared(entry) == {
        "transfer": transfer_id(2),
        "direction": "request",
        "recipient": RECIPIENT,
        "purpose": PURPOSE,
        "reason": "required_invalid",
        "map": purpose_map().version,
        "policy": POLICY_VERSION,
    }
    assert _private(entry) == {
        "caller": "marketplace",
        "subject": ABOUT.subject,
        "sealed_subject": ABOUT.sealed_subject,
        "basis": BASIS,
        "failures": [{"path": "order.customer.phone", "reason": "required_invalid", "rule": "phone"}],
    }


def test_an_outcome_says_how_the_attempt_ended_and_nothing_privately() -> None:
    entry = outcome_entry(
        at=NOW,
        transfer_id=transfer_id(1),
        recipient=RECIPIENT,
        purpose=PURPOSE,
        attempt=2,
        outcome=OutcomeCode.REJECTED,
        cause=Cause.ANSWER_TOO_LARGE,
        status=500,
        envelope_digest="h" * 43,
    )

    assert _shared(entry) == {
        "transfer": transfer_id(1),
        "direction": "request",
        "recipient": RECIPIENT,
        "purpose": PURPOSE,
        "attempt": 2,
        "outcome": "rejected",
        "cause": "answer_too_large",
        "status": 500,
        "envelope": "h" * 43,
    }
    assert _private(entry) == {}


def test_an_abandoned_attempt_ends_as_unknown_because_of_a_crash() -> None:
    entry = unknown_outcome(at=NOW, transfer_id=transfer_id(1), recipient=RECIPIENT, purpose=PURPOSE, attempt=1)

    body = _shared(entry)
    assert (body["outcome"], body["cause"]) == ("unknown", "crash")
    assert "status" not in body
    assert "envelope" not in body


@pytest.mark.parametrize("entry", [INTENT, refusal(2)], ids=["intent", "refusal"])
def test_no_value_of_the_payload_or_the_disclosure_stands_in_an_entry(entry: Entry) -> None:
    """T58, law 4: what is written down for years says which fields left, never what stood in them."""
    written = b"".join((entry.leaf, entry.shared.body, entry.private.body)).decode()

    values = ("900101100103", "ORD-5001", "Тест П.", "77000000123", "Павлодар", "Дома кот", "usr_0001")
    assert [value for value in values if value in written] == []


def test_a_leaf_names_no_one() -> None:
    """Law 4: what cannot be erased says nothing about anyone."""
    names = (RECIPIENT, PURPOSE, "marketplace", transfer_id(1), ABOUT.subject)

    assert [name for name in names if name in INTENT.leaf.decode()] == []


def test_the_entry_of_a_marketplace_order_stays_small() -> None:
    size = sum(map(len, (INTENT.leaf, INTENT.shared.body, INTENT.private.body)))

    assert len(INTENT.leaf) <= 160
    assert size <= 2_200  # 20 fields that left, 22 that stayed


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)], ids=["none", "short", "long"])
def test_a_salt_of_another_length_commits_to_nothing(salt: bytes) -> None:
    with pytest.raises(ValueError, match="a salt has 16 bytes"):
        commitment(Opening(salt, b"{}"))


def test_no_byte_can_move_from_the_body_into_the_salt() -> None:
    opening = INTENT.shared
    moved = Opening(opening.salt + opening.body[:1], opening.body[1:])

    with pytest.raises(ValueError, match="a salt has 16 bytes"):
        commitment(moved)


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b"[]", id="no object"),
        pytest.param(encode(LEAF) + b"\n", id="newline"),
        pytest.param(encode(LEAF).replace(b'"at":', b'"at": '), id="space"),
        pytest.param(encode(LEAF).replace(b'{"at":', b'{"at":1,"at":'), id="duplicate key"),
        pytest.param(orjson.dumps(dict(reversed(LEAF.items()))), id="keys in another order"),
        pytest.param(encode({**LEAF, "note": "x"}), id="a key too many"),
        pytest.param(encode({key: LEAF[key] for key in ("at", "kind", "private", "v")}), id="a key missing"),
        pytest.param(encode({**LEAF, "v": 2}), id="another version"),
        pytest.param(encode({**LEAF, "v": True}), id="a version that is true"),
        pytest.param(encode({**LEAF, "at": "1"}), id="an instant as text"),
        pytest.param(encode({**LEAF, "at": -1}), id="an instant before all"),
        pytest.param(encode({**LEAF, "at": 2**53}), id="an instant that is not exact"),
        pytest.param(encode({**LEAF, "kind": "other"}), id="an unknown kind"),
        pytest.param(encode({**LEAF, "kind": ["intent"]}), id="a list of kinds"),
        pytest.param(encode({**LEAF, "shared": "s" * 42}), id="a short commitment"),
        pytest.param(encode({**LEAF, "private": "+" * 43}), id="another alphabet"),
        pytest.param(encode({**LEAF, "private": None}), id="no commitment"),
    ],
)
def test_a_leaf_that_is_not_spelled_canonically_is_refused(leaf: bytes) -> None:
    with pytest.raises(ValueError, match=r"^the leaf "):
        read_leaf(leaf)


def test_every_kind_of_entry_can_be_told_from_its_leaf() -> None:
    kinds = [read_leaf(entry.leaf).kind for entry in (intent(1), outcome(1), refusal(2), crash(3))]

    assert kinds == [EntryKind.INTENT, EntryKind.OUTCOME, EntryKind.REFUSAL, EntryKind.OUTCOME]

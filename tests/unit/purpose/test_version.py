from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

import pytest

from gateway.model import PurposeId, RecipientId, Snapshot
from gateway.purpose.load import load_snapshot
from gateway.purpose.version import snapshot_version
from tests.unit.purpose.samples import SMALL_MAPS, copy_of_small_maps, fake_projection, served_by
from tests.unit.purpose.samples import replace as replace_in

PAIR = RecipientId("mc-one"), PurposeId("service_request")
CLASS, RECIPIENT, TAXONOMY = "managing_company.yaml", "recipients/mc-one.yaml", "taxonomy.yaml"

ANSWER = '    answer: {state: {category: operational, type: string, max_length: 9, because: "§5, done"}}'
SAME = {
    "a comment": (CLASS, "purposes:", "# what for\npurposes:"),
    "quotes": (CLASS, "max_length: 40", '"max_length": 40'),
    "the order of keys": (CLASS, "{category: operational, type: string,", "{type: string, category: operational,"),
    "the order of a list": (CLASS, "when: {ticket.scope: [apartment]}", "when: {ticket.scope: [apartment, apartment]}"),
    "a better reason": (CLASS, "§5, the number", "§5, the number of the request"),
    "a title": (CLASS, "ru: заявка", "ru: заявки"),
    "another address": (RECIPIENT, "mc-one.example.com", "mc-one.example.net"),
    "more time": (RECIPIENT, "purposes:", "timeout_seconds: 20\npurposes:"),
    "a trait that no condition reads": (RECIPIENT, "purposes:", "traits: {floors: 9}\npurposes:"),
}
OTHER = {
    "a longer limit": (CLASS, "max_length: 40", "max_length: 41"),
    "a field more": (
        CLASS,
        "      ticket.id:",
        '      ticket.no: {category: operational, type: date, because: "§5"}\n      ticket.id:',
    ),
    "no longer required": (CLASS, "required: true", "required: false"),
    "another condition": (CLASS, "[apartment]", "[apartment, yard]"),
    "another basis": (CLASS, "basis: [consent]", "basis: [consent, obligation]"),
    "another clause": (CLASS, 'policy_clause: "5"', 'policy_clause: "5.1"'),
    "another retention": (CLASS, "for: P1Y", "for: P2Y"),
    "another category": (CLASS, "category: operational", "category: premise"),
    "another limit of items": (CLASS, "max_length: 9,", "max_length: 9, max_items: 3,"),
    "a source": (CLASS, "ticket.id: {", "ticket.id: {from: ticket.number, "),
    "a transform": (CLASS, "type: phone,", "type: phone, as: e164,"),
    "a name that never leaves": (TAXONOMY, "door_code,", "door_code, gate_code,"),
    "a special category's key": (TAXONOMY, "blood_type,", "blood_type, illness,"),
    "a special category's word": (TAXONOMY, "инвалид*,", "инвалид*, болезнь,"),
    "a special category that refuses": (TAXONOMY, "    keys: [health", "    refuse: true\n    keys: [health"),
    "a route": (RECIPIENT, "/requests", "/request"),
    "whose data the items are": (CLASS, "people[].user_id", "people[].of.whom"),
    "a pattern": (CLASS, "[A-Z]{3}", "[A-Z]{4}"),
    "a text in its place": (CLASS, "max_length: 9,", "as: generic, text: a file,"),
    "a body of another kind": (RECIPIENT, "    routes:", "    media_type: text/csv\n    routes:"),
    "a subject told by the payload": (RECIPIENT, "    routes:", "    subject_from: user_id\n    routes:"),
    "whom it serves": (RECIPIENT, "    routes:", "    serves: {ticket.kind: [leak]}\n    routes:"),
    "whom it serves everywhere": (RECIPIENT, "purposes:", "serves: {ticket.kind: [lift]}\npurposes:"),
    "a set that it serves": (RECIPIENT, "    routes:", "    serves: {ticket.kind: {set: kinds}}\n    routes:"),
    "whose data its own items are": (
        RECIPIENT,
        "    routes:",
        '    items: {"ticket.files[]": "ticket.files[].of"}\n    routes:',
    ),
    "an answer": (RECIPIENT, "    routes:", ANSWER + "\n    routes:"),
    "another answer": (RECIPIENT, "    routes:", ANSWER.replace("9", "10") + "\n    routes:"),
    "a shape": (RECIPIENT, "    routes:", "    shape: {number: ticket.id}\n    routes:"),
    "another shape": (RECIPIENT, "    routes:", "    shape: {no: ticket.id}\n    routes:"),
    "a field withheld": (RECIPIENT, "    routes:", "    withhold: [ticket.phone]\n    routes:"),
}


def load(folder: FilePath) -> Snapshot:
    return load_snapshot(folder, fake_projection)


@pytest.fixture(scope="module")
def before() -> Snapshot:
    return load(SMALL_MAPS)


@pytest.mark.parametrize(("file", "old", "new"), SAME.values(), ids=SAME.keys())
def test_what_changes_no_rule_keeps_the_version_of_the_map(
    tmp_path: FilePath, before: Snapshot, file: str, old: str, new: str
) -> None:
    folder = copy_of_small_maps(tmp_path)
    replace_in(folder / file, old, new)

    after = load(folder)

    assert after.maps[PAIR].version == before.maps[PAIR].version


@pytest.mark.parametrize(("file", "old", "new"), OTHER.values(), ids=OTHER.keys())
def test_every_rule_changes_the_version_of_the_map_and_of_the_snapshot(
    tmp_path: FilePath, before: Snapshot, file: str, old: str, new: str
) -> None:
    """T50."""
    folder = copy_of_small_maps(tmp_path)
    replace_in(folder / file, old, new)

    after = load(folder)

    assert after.maps[PAIR].version != before.maps[PAIR].version
    assert after.version != before.version


def test_fields_in_another_order_are_the_same_map(tmp_path: FilePath, before: Snapshot) -> None:
    folder = copy_of_small_maps(tmp_path)
    head, first, second, third = (folder / CLASS).read_text("utf-8").rsplit("\n      ", 3)
    (folder / CLASS).write_text("\n      ".join([head, third.rstrip("\n"), second, first]) + "\n", "utf-8")

    after = load(folder)

    assert after.maps[PAIR].fields != before.maps[PAIR].fields
    assert after.maps[PAIR].version == before.maps[PAIR].version


def test_versions_are_64_hex_digits(before: Snapshot) -> None:
    assert len(bytes.fromhex(before.version)) == 32
    assert len(bytes.fromhex(before.maps[PAIR].version)) == 32


def test_two_recipients_of_one_class_have_maps_of_their_own(tmp_path: FilePath, before: Snapshot) -> None:
    folder = copy_of_small_maps(tmp_path)
    (folder / RECIPIENT).rename(folder / "recipients" / "mc-two.yaml")
    replace_in(folder / "recipients" / "mc-two.yaml", "id: mc-one", "id: mc-two")

    after = load(folder)

    assert after.maps[RecipientId("mc-two"), PAIR[1]].version != before.maps[PAIR].version


def test_the_version_of_a_snapshot_covers_certificates_too() -> None:
    versions = {
        snapshot_version({"a.yaml": {"b": "1"}}, {}),
        snapshot_version({"a.yaml": {"b": "2"}}, {}),
        snapshot_version({"c.yaml": {"b": "1"}}, {}),
        snapshot_version({"a.yaml": {"b": "1"}}, {"mc-one": "00"}),
    }

    assert len(versions) == 4


def test_loading_twice_gives_the_same_versions(before: Snapshot) -> None:
    again = load(SMALL_MAPS)

    assert again.version == before.version
    assert replace(again.maps[PAIR], project=before.maps[PAIR].project) == before.maps[PAIR]


MEANS = "means: {ticket.scope: {s: {flat: apartment}}}"
SHAPE = ("shape:", "  number: ticket.id", "  call: ticket.phone")
VARIANTS = {
    "as it is": ((MEANS, *SHAPE), ""),
    "a meaning more": ((MEANS.replace("flat: apartment", "flat: apartment, yard: yard"), *SHAPE), ""),
    "another meaning": ((MEANS.replace("flat", "room"), *SHAPE), ""),
    "another place of it": ((MEANS.replace("{s:", "{t:"), *SHAPE), ""),
    "one that always holds": (("means: {ticket.scope: apartment}", *SHAPE), ""),
    "one that never holds": ((*SHAPE,), ""),
    "a narrower place": ((MEANS, *SHAPE[:2], "  call: {field: ticket.phone, required: true}"), ""),
    "a place under a condition": ((MEANS, *SHAPE[:2], "  call: {field: ticket.phone, when: {k: [x]}}"), ""),
    "a constant more": ((MEANS, *SHAPE, "  kind: {operational: boolean}"), ""),
    "a text in its place": ((MEANS, *SHAPE, "  no: {field: ticket.id, as: generic, text: one}"), ""),
    "another text in its place": ((MEANS, *SHAPE, "  no: {field: ticket.id, as: generic, text: other}"), ""),
    "a signer": ((MEANS, *SHAPE), "signer: {kind: bearer, secrets: {token: one}}"),
    "another signer": ((MEANS, *SHAPE), "signer: {kind: api_key, secrets: {key: one}}"),
    "a signer elsewhere": ((MEANS, *SHAPE), "signer: {kind: api_key, secrets: {key: one}, header: X-Key}"),
}


def test_each_part_of_a_shape_and_a_signer_is_a_version_of_its_own(tmp_path: FilePath) -> None:
    """T50."""
    versions = {
        name: served_by(tmp_path / str(at), *lines, top=top).version
        for at, (name, (lines, top)) in enumerate(VARIANTS.items())
    }

    assert len(set(versions.values())) == len(VARIANTS)


def test_another_name_of_a_secret_is_no_other_policy(tmp_path: FilePath) -> None:
    one = served_by(tmp_path / "a", top="signer: {kind: bearer, secrets: {token: one}}")
    other = served_by(tmp_path / "b", top="signer: {kind: bearer, secrets: {token: other}}")

    assert one.version == other.version

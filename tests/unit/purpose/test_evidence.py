from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.canonical import path_text
from gateway.errors import PurposeMapError
from gateway.minimise import compile_projection
from gateway.model import Snapshot
from gateway.purpose import contradictions, load_evidence, load_snapshot
from tests.deployment import ROOT

GOOD = """\
recipient: carrier-cdek-test
purpose: goods_delivery
taken_at: "2026-11-23T04:32:15Z"
against: "https://sandbox.carrier.example"
body: "to-the-door.yaml"
map_version: "c4c2a5701ac8"
requests: 18
complete: true
steady: true
accepts: [tariff_code, "recipient.name"]
never_needed: [number, "packages[].length", recipient.email]
undecided: []
confirmed_by: "Н. Примерова"
"""


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    folder = tmp_path / "purpose_maps"
    shutil.copytree(ROOT / "purpose_maps", folder)
    return folder


def put(maps: Path, text: str, name: str = "2026-11-23", of: str = "carrier-cdek-test/goods_delivery") -> Snapshot:
    path = maps / "evidence" / of / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_snapshot(maps, compile_projection)


def test_evidence_is_read_and_leaves_the_maps_as_they_are(maps: Path) -> None:
    before = load_snapshot(maps, compile_projection).version
    snapshot = put(maps, GOOD)

    (found,) = load_evidence(maps, snapshot)

    assert (found.recipient, found.requests, found.confirmed_by) == ("carrier-cdek-test", 18, "Н. Примерова")
    assert found.never_needed == ("number", "packages[].length", "recipient.email")
    assert snapshot.version == before


def test_without_a_folder_there_is_none(maps: Path) -> None:
    assert load_evidence(maps, load_snapshot(maps, compile_projection)) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("requests: 18", "requests: many", "expected a whole number"),
        ("steady: true", "steady: true\nvalues: [1]", "unknown key"),
        ("complete: true\n", "", "missing"),
        ("recipient: carrier-cdek-test", "recipient: psp-halyk-test", "of its folder"),
        ("2026-11-23T04:32:15Z", "2026-11-22T04:32:15Z", "of its file's day"),
        ("2026-11-23T04:32:15Z", "yesterday", "expected a time"),
        ("undecided: []", "undecided: [comment]", "expected false"),
        ("undecided: []", "undecided: [number]", "stands here twice"),
        ("undecided: []", 'undecided: ["a..b"]', "expected the path"),
        ("accepts: [", "accepts: [1, ", "expected text"),
    ],
    ids=lambda text: text[:30],
)
def test_a_file_that_says_something_else_does_not_load(maps: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    snapshot = put(maps, GOOD.replace(old, new))

    with pytest.raises(PurposeMapError, match=said):
        load_evidence(maps, snapshot)


@pytest.mark.parametrize(
    ("name", "of"), [("today", "carrier-cdek-test/goods_delivery"), ("2026-11-23", "carrier-cdek-test")]
)
def test_a_file_elsewhere_is_a_problem(maps: Path, name: str, of: str) -> None:
    snapshot = put(maps, GOOD, name, of)

    with pytest.raises(PurposeMapError, match="expected evidence/"):
        load_evidence(maps, snapshot)


def test_evidence_of_a_map_that_is_gone_is_a_problem(maps: Path) -> None:
    snapshot = put(maps, GOOD.replace("goods_delivery", "payment"), of="carrier-cdek-test/payment")

    with pytest.raises(PurposeMapError, match="a purpose it has"):
        load_evidence(maps, snapshot)


def test_what_the_map_has_and_no_one_needs_is_a_contradiction(maps: Path) -> None:
    snapshot = put(maps, GOOD)

    found = contradictions(load_evidence(maps, snapshot), snapshot)

    assert [(path_text(one.path), one.required) for one in found] == [("number", True), ("packages[].length", False)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('confirmed_by: "Н. Примерова"', "confirmed_by:"),
        ("complete: true", "complete: false"),
        ("steady: true", "steady: false"),
    ],
    ids=["unconfirmed", "incomplete", "unsteady"],
)
def test_only_confirmed_whole_and_steady_evidence_contradicts(maps: Path, old: str, new: str) -> None:
    snapshot = put(maps, GOOD.replace(old, new))

    assert contradictions(load_evidence(maps, snapshot), snapshot) == []


def test_the_newest_counts(maps: Path) -> None:
    put(maps, GOOD)
    later = GOOD.replace("2026-11-23T", "2026-11-24T").replace("number, ", "")
    snapshot = put(maps, later, "2026-11-24")

    found = contradictions(load_evidence(maps, snapshot), snapshot)

    assert [path_text(one.path) for one in found] == ["packages[].length"]

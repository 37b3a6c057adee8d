"""What a pull may not say has its broken files in tests/data/broken_maps; here stands what a right one becomes."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path
from gateway.minimise import compile_projection
from gateway.model import BasisKind, Protection, PullFault, RecipientId, Route, SubjectIn
from gateway.purpose.load import load_snapshot
from tests.unit.admission.pulls import KASPI, PRIMER, pull_of, pull_snapshot
from tests.unit.purpose.samples import BROKEN_MAPS, copy_of_small_maps, fake_projection, replace

LEAST = """
id: mc-one
class: managing_company
title: {kk: бір, ru: один, en: one}
bin: "991240999991"
country: KZ
storage_country: KZ
base_url: https://mc-one.example.com/in
protection: tls
protection_reason: it reads plain JSON
signer: {kind: bearer, secrets: {token: our_token}}
calls: {networks: [192.0.2.0/24]}
purposes:
  service_request:
    routes: ["POST /requests"]
    pulls:
      - route: "GET /requests"
        ask: "GET /tickets"
        subject_from: answer.subject
        basis_from: basis
        shape: {number: ticket.id}
"""


def test_a_pull_says_what_it_takes_what_is_asked_and_what_goes_back() -> None:
    pull = pull_of(KASPI)

    assert (pull.recipient, pull.purpose) == (KASPI, "payment")
    assert (pull.route, pull.ask) == (Route("GET", "/kaspi"), Route("GET", "/billing/kaspi"))
    assert (pull.subject_in, pull.subject_from) == (SubjectIn.ANSWER, parse_path("subject_id"))
    assert pull.basis is not None
    assert (pull.basis.kind, pull.basis.ref) == (BasisKind.OBLIGATION, "contract-kaspi-7")
    assert pull.echo == ((("txn_id",), "txn_id"),)
    assert pull.map.media_type == pull.answer_type == "application/json"


def test_records_may_each_be_about_a_person() -> None:
    pull = pull_of(PRIMER)

    assert (pull.subject_in, pull.subject_from) == (SubjectIn.RECORD, parse_path("subject_id"))
    assert pull.basis_from == parse_path("consent")


def test_what_is_told_holds_the_files_text_and_what_was_asked() -> None:
    faults = pull_of(KASPI).faults

    told = {kind: (one.status, one.write({"txn_id": "1234"})) for kind, one in faults.items()}

    assert told == {
        PullFault.MALFORMED: (200, b'{"result":5}'),
        PullFault.NOT_FOUND: (200, b'{"txn_id":"1234","result":1}'),
        PullFault.REFUSED: (200, b'{"txn_id":"1234","result":5}'),
        PullFault.UNAVAILABLE: (200, b'{"txn_id":"1234","result":5}'),
    }


def test_what_a_file_does_not_tell_is_a_status_without_a_body() -> None:
    faults = pull_of(PRIMER).faults

    told = {kind: (one.status, one.content_type, one.write({})) for kind, one in faults.items()}

    assert told == {
        PullFault.MALFORMED: (400, "", b""),
        PullFault.NOT_FOUND: (404, "", b""),
        PullFault.REFUSED: (403, "", b""),
        PullFault.UNAVAILABLE: (503, "", b""),
    }


def test_what_goes_back_is_not_signed_and_carries_no_credentials(tmp_path: FilePath) -> None:
    """Those are for requests of ours: an answer with our token in it would give the token away."""
    folder = copy_of_small_maps(tmp_path)
    (folder / "recipients/mc-one.yaml").write_text(LEAST, "utf-8")

    snapshot = load_snapshot(folder, fake_projection)

    (pull,) = snapshot.pulls
    assert (pull.map.recipient.signer, pull.map.recipient.credentials) == (None, None)
    assert pull.map.recipient.protection is Protection.TLS
    assert snapshot.recipients[RecipientId("mc-one")].signer is not None
    assert len(snapshot.maps) == 1


def test_a_recipient_may_do_nothing_but_ask() -> None:
    """Then nothing can be sent to it: no map of its stands among those of transfers."""
    assert not [pair for pair in pull_snapshot().maps if pair[0] in {KASPI, PRIMER}]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("shape: {number: ticket.id}", "shape: {number: {field: ticket.id, max_length: 9}}"),
        ("basis_from: basis", "basis: {kind: consent, ref: own-7, given_at: 2026-01-01T00:00:00Z}"),
        ("192.0.2.0/24", "192.0.2.0/25"),
    ],
)
def test_a_change_of_a_pull_is_a_change_of_the_maps(tmp_path: FilePath, old: str, new: str) -> None:
    folder = copy_of_small_maps(tmp_path)
    file = folder / "recipients/mc-one.yaml"
    file.write_text(LEAST, "utf-8")
    before = load_snapshot(folder, fake_projection)
    replace(file, old, new)

    after = load_snapshot(folder, fake_projection)

    assert after.version != before.version
    assert (after.pulls[0].map.version != before.pulls[0].map.version) == ("shape" in old)


def test_a_segment_of_the_route_is_required_of_every_request() -> None:
    taken = pull_of(PRIMER).takes({"query": {"since": "2026-11-01"}}, lambda name: name)

    assert [failure.path for failure in taken.failures] == ["path.house_id"]


def test_each_rule_of_pulls_has_a_broken_file() -> None:
    assert len(list(BROKEN_MAPS.glob("pull*.yaml"))) >= 33
    assert len(list(BROKEN_MAPS.glob("calls_*.yaml"))) >= 10


def test_a_shape_of_nothing_is_no_pull(tmp_path: FilePath) -> None:
    """Law 1, here too: the whole of the class's map stands where no shape does, and must be served whole."""
    folder = copy_of_small_maps(tmp_path)
    file = folder / "recipients/mc-one.yaml"
    file.write_text(LEAST.replace("        shape: {number: ticket.id}\n", ""), "utf-8")

    (pull,) = load_snapshot(folder, compile_projection).pulls
    projection = pull.map.project({"number": "7"}, lambda name: name)

    assert [failure.path for failure in projection.failures] == ["ticket.id"]

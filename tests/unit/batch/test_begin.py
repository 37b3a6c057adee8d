from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import MalformedRequest, PurposeMapError
from gateway.minimise import compile_projection
from gateway.purpose import load_snapshot
from tests import registries
from tests.deployment import Deployment, new_deployment
from tests.registries import Setting, lines, record, set_service


@pytest.mark.parametrize(
    ("body", "said", "fault"),
    [
        pytest.param(b"", {"batch": ""}, "no name", id="no name"),
        pytest.param(b"", {"subject_field": "a..b"}, "not a path", id="no path"),
        pytest.param(b"", {"subject_field": "a[].b"}, "an array", id="an array"),
        pytest.param(b"", {"subject_field": None}, "names whom it is about", id="no one says whom"),
        pytest.param(b"usr_1;10\n", {"content_type": "text/csv"}, "no column 'resident'", id="no header row"),
        pytest.param(b"", {"content_type": "text/csv"}, "no header row", id="an empty file"),
        pytest.param(
            b"a,b\n", {"content_type": "text/csv", "subject_field": "a", "basis_field": "c"}, "'c'", id="basis"
        ),
    ],
)
def test_what_is_wrong_with_every_record_is_told_before_the_first(
    setting: Setting, body: bytes, said: dict[str, Any], fault: str
) -> None:
    with pytest.raises(MalformedRequest, match=fault):
        setting.begin(io.BytesIO(body).read, **said)


def test_a_register_of_rows_goes_like_one_of_lines(setting: Setting) -> None:
    told = setting.run(_csv("utf-8"), content_type="text/csv", subject_field="житель")
    again = setting.run(_csv("cp1251"), "b-2", content_type="text/csv; charset=windows-1251", subject_field="житель")

    assert (told[0].get("outcome"), again[0].get("outcome")) == ("delivered", "delivered"), told
    assert setting.opened() == ["REQ-000001"] * 2


def _csv(charset: str) -> bytes:
    ticket = record(1)["ticket"]
    names = ["житель", *(f"ticket.{name}" for name in ("id", "category", "scope", "created_at", "text"))]
    names += [f"ticket.address.{name}" for name in ticket["address"]]
    names += [f"ticket.contact.{name}" for name in ticket["contact"]]
    cells = ["usr_000001", *(ticket[name] for name in ("id", "category", "scope", "created_at", "text"))]
    cells += [*ticket["address"].values(), *ticket["contact"].values()]
    return ("\n".join([";".join(names), ";".join(f'"{cell}"' for cell in cells)])).encode(charset)


def test_the_recipients_file_may_say_whom_a_record_is_about(tmp_path: Path) -> None:
    def maps(deployment: Deployment) -> None:
        set_service(deployment, subject_from="resident")

    with registries.setting(tmp_path, maps=maps) as made:
        told = made.run(lines(record(1)), subject_field=None)

    assert told[0]["outcome"] == "delivered"


def test_a_record_may_state_its_own_basis(setting: Setting) -> None:
    stated = {"kind": "obligation", "ref": "contract-7", "given_at": "2026-11-01T09:00:00+05:00"}
    rows = [record(1, law=stated), record(2, law="kind=consent; ref=c-9; given_at=2026-11-01T09:00:00+05:00")]
    rows += [record(3), record(4, law={"kind": "because"}), record(5, law=7)]

    told = setting.run(lines(*rows), basis=None, basis_field="law")

    assert [one["decision"] for one in told[:-1]] == ["permitted", "permitted", *["unreadable"] * 3]
    found = setting.gateway.store.transfers.find(told[0]["transfer_id"])
    assert found is not None
    assert (found.entries[0].private or {})["basis"] == {**stated, "text_version": None}


def test_without_a_basis_it_ends_with_the_first(setting: Setting) -> None:
    told = setting.run(lines(record(1), record(2)), basis=None)

    assert (told[-1]["records"], told[-1]["code"]) == (1, "basis_missing")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"media_type": "application/xml"}, "a media_type of many records"),
        ({"routes": ["GET /v1/requests"]}, "all of a record in the body"),
    ],
    ids=["one document", "no body"],
)
def test_a_file_that_lets_records_share_what_cannot_be_shared_does_not_load(
    tmp_path: Path, said: dict[str, Any], fault: str
) -> None:
    deployment = new_deployment(tmp_path)
    set_service(deployment, records_per_envelope=10, **said)

    with pytest.raises(PurposeMapError, match=fault):
        load_snapshot(deployment.maps, compile_projection)

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.cli.map.conftest import MAPS

FOR = ["--class", "marketplace_partner", "--purpose", "goods_delivery", "--id", "drafted", *MAPS]


@pytest.fixture
def sample(tmp_path: Path) -> str:
    """A body with a person in it."""
    (tmp_path / "order.json").write_text(
        '{"number": "ORD-5002", "recipient": {"phone": "+77000000123", "email": "o.obraztsova@example.com"}}', "utf-8"
    )
    return str(tmp_path / "order.json")


def test_draft_prints_the_file_and_tells_what_it_did(run: Run, sample: str) -> None:
    ran = run("map", "draft", sample, *FOR)

    assert ran.code == 0
    assert "recipient.phone: order.recipient.phone" in ran.out
    assert "#   recipient.email   looks personal: e-mail" in ran.out
    assert "2 paths bound, 0 constants, 0 not bound, 1 stay home" in ran.err


def test_draft_tells_programs_the_same(run: Run, sample: str) -> None:
    told = run("map", "draft", sample, *FOR, "--role", "carrier", "--json").json

    assert told["bound"]["recipient.phone"] == {"field": "order.recipient.phone", "sure": True}
    assert told["stays_home"] == {"recipient.email": "looks personal: e-mail"}
    assert (told["role"], told["blanks"]) == ("carrier", told["text"].count("<- fill in"))


def test_draft_writes_a_new_file_and_never_replaces_one(run: Run, sample: str, tmp_path: Path) -> None:
    out = tmp_path / "drafted.yaml"

    first = run("map", "draft", sample, *FOR, "--out", str(out))
    again = run("map", "draft", sample, *FOR, "--out", str(out), "--json")

    assert (first.code, first.out) == (0, "")
    assert out.read_text("utf-8").startswith("# Drafted from samples.")
    assert (again.code, "exists already" in again.err) == (1, True)


def test_draft_takes_no_name_that_a_file_could_not_have(run: Run, sample: str) -> None:
    ran = run("map", "draft", sample, *FOR, "--id", "../x")

    assert (ran.code, "--id: expected small letters" in ran.err) == (1, True)

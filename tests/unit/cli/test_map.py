from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
from ruamel.yaml import YAML

from tests.deployment import ROOT, SERVICE_REQUEST
from tests.unit.cli.conftest import Run

MAPS = ["--maps", str(ROOT / "purpose_maps")]


@pytest.fixture
def payload(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = orjson.dumps(SERVICE_REQUEST)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


def test_the_maps_of_the_project_hold(run: Run) -> None:
    ran = run("map", "check", *MAPS, "--json")

    assert ran.code == 0
    assert ran.json["failed"] == []
    assert ran.json["examples"] >= 12


@pytest.mark.usefixtures("payload")
def test_try_shows_what_would_leave_when_piped_as_json(run: Run) -> None:
    ran = run("map", "try", "mc-primer-uk", "service_request", *MAPS)

    told = ran.json
    assert told["decision"] == "permitted"
    assert told["disclosure"]["ticket"]["contact"] == {"name": "Тест П.", "phone": "+77000000123"}
    assert {"path": "iin", "reason": "never"} in told["withheld"]


@pytest.mark.usefixtures("payload")
def test_try_of_an_unknown_pair_is_a_refusal(run: Run) -> None:
    ran = run("map", "try", "mc-primer-uk", "marketing", *MAPS)

    assert (ran.json["decision"], ran.json["reason"]) == ("refused", "unknown_purpose")
    assert ran.json["disclosure"] is None


def given(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("text/csv", b"personal_account;premise_id;iin\n100200300;p-1;900101100103\nx y;p-2;\n"),
        (
            "application/x-ndjson",
            b'{"personal_account":"100200300","premise_id":"p-1","iin":"900101100103"}\n{"personal_account":"x y"}\n',
        ),
    ],
    ids=["csv", "ndjson"],
)
def test_try_gives_each_record_a_verdict_on_a_line_of_its_own(
    run: Run, monkeypatch: pytest.MonkeyPatch, content_type: str, raw: bytes
) -> None:
    given(monkeypatch, raw)

    lines = run("map", "try", "mc-primer-uk", "management_services", *MAPS, "--content-type", content_type).out

    told = [orjson.loads(line) for line in lines.splitlines()]
    assert [one["decision"] for one in told] == ["permitted", "refused"]
    assert told[0]["disclosure"] == {"records": [{"personal_account": "100200300", "premise_id": "p-1"}]}
    assert told[0]["withheld"] == [{"path": "records[].iin", "reason": "never"}]
    assert told[1]["failures"][0]["path"] == "records[].personal_account"


def test_try_reads_what_stands_outside_the_body_from_its_options(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, b'{"optional_return": false}')
    words = ["--query", "request_id=INV-1&a=b", "--header", "Accept-Language: ru", "--header", "Cookie: c"]

    told = run("map", "try", "carrier-yandex-test", "goods_delivery", *MAPS, *words).json

    assert [one["path"] for one in told["failures"]] == ["body.items[].title", "body.route_points[].point_id"]
    assert {"path": "query.a", "reason": "not_in_map"} in told["withheld"]


def test_try_gives_the_body_as_it_would_leave_where_it_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, b"personal_account;premise_id;iin\n100200300;p-1;900101100103\n")

    told = run("map", "try", "mc-primer-uk", "management_services", *MAPS, "--content-type", "text/csv", "--body").json

    assert (told["content_type"], told["body"]) == ("text/csv", "personal_account;premise_id\n100200300;p-1\n")


def test_try_refuses_a_content_type_that_no_parser_reads(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """T9."""
    given(monkeypatch, b"")

    ran = run("map", "try", "mc-primer-uk", "service_request", "--content-type", "text/yaml", *MAPS)

    assert ran.code == 1
    assert "unsupported_media_type" in ran.err


def test_show_gives_every_field_its_rule_and_its_because(run: Run) -> None:
    shown = run("map", "show", "mc-primer-uk", "service_request", *MAPS, "--json").json

    fields = {field["path"]: field for field in shown["fields"]}
    assert fields["ticket.contact.phone"]["rule"].startswith("phone → e164")
    assert all(field["because"] for field in shown["fields"])
    assert "ticket.text" in run("map", "show", "mc-primer-uk", "service_request", *MAPS).out


def test_show_tells_how_much_each_field_could_carry(run: Run) -> None:
    """T14."""
    shown = run("map", "show", "mc-primer-uk", "service_request", *MAPS, "--json").json

    bits = {field["path"]: field["bits"] for field in shown["fields"]}
    assert bits["ticket.address.floor"] < 8
    assert bits["ticket.text"] > 1000
    assert shown["bits"] > sum(bits.values()) - 1
    assert "· free" in run("map", "show", "mc-primer-uk", "service_request", *MAPS).out


def test_show_of_no_map_lists_those_that_are(run: Run) -> None:
    ran = run("map", "show", "mc-primer-uk", "marketing", *MAPS)

    assert ran.code == 1
    assert "mc-primer-uk service_request" in ran.err


@pytest.fixture
def serving(tmp_path: Path) -> list[str]:
    """The maps of the project, one managing company serving the houses of a kept set."""
    folder = tmp_path / "purpose_maps"
    shutil.copytree(ROOT / "purpose_maps", folder)
    path = folder / "recipients" / "mc-primer-uk.yaml"
    yaml = YAML()
    text = yaml.load(path.read_text(encoding="utf-8"))
    text["purposes"]["service_request"]["serves"] = {"ticket.address.house": {"set": "houses"}}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(text, file)
    return ["--maps", str(folder)]


@pytest.mark.usefixtures("payload")
@pytest.mark.parametrize(
    ("stated", "reason", "assumed"),
    [
        ([], None, ["houses"]),
        (["--scope", "houses=10/1,12"], None, None),
        (["--scope", "houses=12", "--scope", "houses=10/1"], None, None),
        (["--scope", "houses=12"], "out_of_scope", None),
        (["--scope", "houses="], "out_of_scope", None),
    ],
    ids=["not stated", "in it", "in it by parts", "not in it", "empty"],
)
def test_try_asks_the_kept_sets_that_are_stated_and_says_which_it_assumes(
    run: Run, serving: list[str], stated: list[str], reason: str | None, assumed: list[str] | None
) -> None:
    told = run("map", "try", "mc-primer-uk", "service_request", *serving, *stated).json

    assert (told["reason"], told.get("assumed_sets")) == (reason, assumed)


@pytest.mark.usefixtures("payload")
def test_try_tells_a_person_what_it_assumes(run: Run, serving: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    ran = run("map", "try", "mc-primer-uk", "service_request", *serving)

    assert "the kept set houses holds whatever it was asked for" in ran.out


@pytest.mark.usefixtures("payload")
def test_try_takes_no_set_that_the_recipients_file_does_not_name(run: Run, serving: list[str]) -> None:
    ran = run("map", "try", "mc-primer-uk", "service_request", *serving, "--scope", "flats=1")

    assert (ran.code, "there are: houses" in ran.err) == (1, True)


def test_check_says_which_sets_its_examples_assume(run: Run, serving: list[str]) -> None:
    assuming = run("map", "check", *serving)
    stating = run("map", "check", *serving, "--scope", "houses=nowhere", "--json")

    assert (assuming.code, "the kept set houses" in assuming.out) == (0, True)
    assert run("map", "check", *serving, "--json").json["assumed_sets"] == ["houses"]
    assert (stating.code, "assumed_sets" in stating.json) == (1, False)
    assert {one["example"].split("/")[1] for one in stating.json["failed"]} == {"service_request"}

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.unit.cli.conftest import Run
from tests.unit.cli.map.conftest import MAPS, given, pulling_maps


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


def test_try_of_what_a_recipient_asks_for_shows_what_would_go_back(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, b'{"txn_id":"1234","result":0,"sum":"5.00","comment":"\xd0\xa2\xd0\xb5\xd1\x81\xd1\x82"}')

    told = run("map", "try", "psp-kaspi-test", "payment", *pulling_maps(tmp_path), "--pull", "GET /kaspi").json

    assert told["decision"] == "permitted"
    assert told["disclosure"] == {"txn_id": "1234", "result": 0, "sum": "5.00", "comment": "OK"}

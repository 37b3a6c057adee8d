from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console
from rich.progress import Progress

from gateway.cli import registry
from gateway.cli.registry import content_type_of
from tests import registries
from tests.deployment import Deployment
from tests.recipients import Received, RecordingRecipient, Reply
from tests.registries import WORDS, lines, record, refusable
from tests.unit.cli.conftest import Run


@contextmanager
def _deployed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any
) -> Iterator[tuple[Deployment, RecordingRecipient]]:
    with registries.deployed(folder, **more) as (deployment, recipient):
        monkeypatch.setenv("GATEWAY_HOME", str(deployment.home))
        monkeypatch.setenv("GATEWAY_TOKEN", deployment.token)
        yield deployment, recipient


def _file(folder: Path, *records: Any, name: str = "register.ndjson") -> str:
    path = folder / name
    path.write_bytes(lines(*records))
    return str(path)


def _refused(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / "register.refused.ndjson").read_bytes().splitlines()]


def test_a_registry_goes_and_says_what_did_not_arrive(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _deployed(tmp_path, monkeypatch) as (_, recipient):
        path = _file(tmp_path, record(1), refusable(2), b"{", record(4))
        ran = run(*WORDS, "--file", path, "--batch-id", "b-1")

    assert ran.code == 1
    assert "4 records: 2 delivered, 1 refused, 1 unreadable" in ran.out
    assert [(one["record"], one["decision"]) for one in _refused(tmp_path)] == [(2, "refused"), (3, "unreadable")]
    assert _refused(tmp_path)[0]["failures"][0]["path"] == "ticket.id"
    assert len(recipient.received) == 2
    assert ran.err == ""  # no bar where no one looks


def test_started_again_the_file_says_the_same_and_nothing_goes_twice(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _deployed(tmp_path, monkeypatch) as (_, recipient):
        path = _file(tmp_path, record(1), refusable(2), b"{", record(4))
        run(*WORDS, "--file", path, "--batch-id", "b-1")
        first = _refused(tmp_path)
        ran = run(*WORDS, "--file", path, "--batch-id", "b-1", "--json")
        again = _refused(tmp_path)

    told = [orjson.loads(line) for line in ran.out.splitlines()]
    assert [one["decision"] for one in told[:-1]] == ["already", "already", "unreadable", "already"]
    assert [(one["record"], one.get("reason"), one.get("failures")) for one in again] == [
        (one["record"], one.get("reason"), one.get("failures")) for one in first
    ]
    assert len(recipient.received) == 2


def test_started_again_it_says_what_became_of_those_that_the_log_knew(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _deployed(tmp_path, monkeypatch):
        path = _file(tmp_path, record(1), refusable(2), record(3))
        run(*WORDS, "--file", path, "--batch-id", "b-1")
        ran = run(*WORDS, "--file", path, "--batch-id", "b-1")

    assert "3 records: 3 already" in ran.out
    assert "of those already: 2 delivered, 1 refused" in ran.out


def test_a_register_in_another_encoding_is_told_how_to_say_so(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _deployed(tmp_path, monkeypatch):
        path = tmp_path / "register.csv"
        path.write_bytes("resident;ticket.text\nusr_1;Течёт кран\n".encode("windows-1251"))
        ran = run(*WORDS, "--file", str(path), "--batch-id", "b-1")

    assert "1 records: 1 unreadable" in ran.out
    assert "--content-type 'text/csv; charset=windows-1251'" in ran.out


def test_a_registry_that_arrived_whole_ends_well(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with _deployed(tmp_path, monkeypatch):
        path = _file(tmp_path, record(1), record(2))

        assert [run(*WORDS, "--file", path, "--batch-id", "b-1").code for _ in range(2)] == [0, 0]
        assert _refused(tmp_path) == []


def test_a_registry_may_come_from_standard_input(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with _deployed(tmp_path, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines(record(1)))))
        said = ("--batch-id", "b-1", "--content-type", "application/x-ndjson", "--refused", str(tmp_path / "r"))
        ran = run(*WORDS, *said, "--json")

    assert orjson.loads(ran.out.splitlines()[-1]) == {"batch": "b-1", "records": 1, "delivered": 1, "ended": "whole"}
    assert (tmp_path / "r").read_bytes() == b""


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param((), 2, id="no name"),
        pytest.param(("--batch-id", "b 1"), 1, id="a name that is none"),
        pytest.param(("--batch-id", "b-1", "--content-type", "text/html"), 1, id="no registry"),
        pytest.param(("--batch-id", "b-1", "--basis-field", "a[]"), 1, id="no field"),
    ],
)
def test_what_is_wrong_with_the_words_sends_nothing(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...], code: int
) -> None:
    with _deployed(tmp_path, monkeypatch) as (_, recipient):
        ran = run(*WORDS, "--file", _file(tmp_path, record(1)), *said)

    assert ran.code == code
    assert recipient.received == []


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with _deployed(tmp_path, monkeypatch):
        assert run(*WORDS, "--file", str(tmp_path / "none.csv"), "--batch-id", "b-1").code == 1


def test_a_file_without_its_header_row_is_told_at_once(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _deployed(tmp_path, monkeypatch) as (_, recipient):
        path = tmp_path / "register.csv"
        path.write_text("usr_1,10\nusr_2,11\n", encoding="utf-8")
        ran = run(*WORDS, "--file", str(path), "--batch-id", "b-1")

    assert (ran.code, recipient.received) == (1, [])
    assert "header row" in ran.err


def test_interrupted_it_ends_between_groups_and_goes_on_with_the_same_words(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupts(received: Received) -> Reply:
        if len(recipient.received) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        assert received.body
        return Reply()

    with _deployed(tmp_path, monkeypatch, reply=interrupts) as (_, recipient):
        path = _file(tmp_path, *(record(number) for number in range(1, 301)))
        ran = run(*WORDS, "--file", path, "--batch-id", "b-1")
        reached = len(recipient.received)
        again = run(*WORDS, "--file", path, "--batch-id", "b-1")

    assert (ran.code, again.code) == (130, 0)
    assert 5 <= reached < 300
    assert "no record of batch b-1 goes twice" in ran.out
    assert len(recipient.received) == 300


def test_people_see_one_bar_with_rate_and_time_left() -> None:
    shown = io.StringIO()
    bar = Progress(registry._Rate(), console=Console(file=shown, force_terminal=True))
    task = bar.add_task("registry", total=10, records=0)

    with bar:
        bar.update(task, completed=5, records=1_234)

    assert "1,234 records" in shown.getvalue()
    assert "/s" in shown.getvalue()


@pytest.mark.parametrize(
    ("path", "stated", "content_type"),
    [
        ("r.ndjson", None, "application/x-ndjson"),
        ("R.CSV", None, "text/csv"),
        ("r.csv", "text/csv; charset=windows-1251", "text/csv; charset=windows-1251"),
        ("payload.json", None, None),
        ("-", None, None),
    ],
)
def test_a_file_is_a_registry_by_its_name_or_by_what_is_said(
    path: str, stated: str | None, content_type: str | None
) -> None:
    assert content_type_of(path, stated) == content_type

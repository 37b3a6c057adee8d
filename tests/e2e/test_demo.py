"""`gateway demo`: what a newcomer sees first, run as they run it, once as JSON and once for people with `--keep`.

Once with the stock library of CDEK, and once as where it is not installed.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
import psutil
import pytest

from gateway.cli.demo.billing import ACCOUNT, DEBTOR, OWED, held
from gateway.cli.demo.drop_in import OWN
from gateway.cli.demo.invented import residents
from gateway.cli.demo.mirrored import NO_PHONE_EACH, ORDERS
from gateway.cli.demo.own_api import ENDS, NEEDED
from gateway.cli.demo.register import BAD_ROWS, RESIDENTS, UNREADABLE, row_of
from gateway.cli.demo.shrunk import BUDGET
from gateway.cli.demo.story import ACTS, CHECKOUT, DROP_IN, ORDER
from tests.deployment import ROOT

SECONDS = 60
COLUMNS = 100
TRANSFERS = len(ACTS)
CLASSES = {"mc-primer-uk", "partner-chistyi-test", "psp-halyk-test"}
MAIN_REASONS = {
    "unknown_recipient", "unknown_purpose", "not_granted", "basis_missing", "required_missing", "required_invalid",
    "restricted", "key_unusable",
}  # fmt: skip
STAYS = (
    "900101100103",
    "850515200208",
    "920317100307",
    "test.primerov@example.com",
    "4111 1111",
    "45К1234",
    "192.0.2.17",
)
STAYS_BEFORE_THE_PROXY = (
    *STAYS,
    "Пробный",
    "mysal@example.com",
    "Тонометр",
    "000000019",
    "52.2873",
    "Сынақ",
    "synaq@example.com",
    "77000000125",
    "198.51.100.23",
    str(CHECKOUT.payload["pg_sig"]),
)


WITHOUT_LIBRARY = "import sys; sys.modules['cdek'] = None; from gateway.cli import main; sys.exit(main())"


def start(*words: str, folder: Path, how: tuple[str, ...] = ("-m", "gateway.cli")) -> subprocess.Popen[bytes]:
    """The demo as a person starts it: in a group of its own, as a terminal would."""
    return subprocess.Popen(
        [sys.executable, *how, "demo", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder), "COLUMNS": str(COLUMNS), "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 -- a runner may ignore it
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing behind, wherever a test stopped: as Ctrl-C does, and what is left by force."""
    started: list[psutil.Process] = []
    if process.poll() is None:
        started = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=SECONDS)
    _gone, alive = psutil.wait_procs(started, timeout=5)
    for one in alive:
        one.kill()
    if process.poll() is None:
        process.kill()
    process.communicate()


@dataclass
class Kept:
    """The demo for people, still running: what it printed, its processes, its folder."""

    process: subprocess.Popen[bytes]
    lines: list[str] = field(default_factory=list)
    workers: list[psutil.Process] = field(default_factory=list)
    temporary: Path = Path()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def story(self) -> list[str]:
        """What was printed before the lines to try, which are as long as they must be."""
        return self.lines[: next(at for at, line in enumerate(self.lines) if "It is still running" in line)]


@dataclass
class Report:
    """The demo for programs, ended."""

    code: int
    seconds: float
    told: dict[str, Any]
    left: list[str]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    folder = tmp_path_factory.mktemp("programs")
    began = time.monotonic()
    process = start("--json", folder=folder)
    try:
        stdout, stderr = process.communicate(timeout=3 * SECONDS)
        assert process.returncode == 0, stderr.decode()[-2000:]
        left = [path.name for path in folder.iterdir()]
        yield Report(process.returncode, time.monotonic() - began, orjson.loads(stdout), left)
    finally:
        end(process)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("people")
    kept = Kept(start("--keep", folder=folder, how=("-c", WITHOUT_LIBRARY)))
    reader = threading.Thread(target=_read, args=(kept,), daemon=True)
    reader.start()
    try:
        reader.join(3 * SECONDS)
        kept.workers = psutil.Process(kept.process.pid).children(recursive=True)
        (kept.temporary,) = folder.iterdir()
        yield kept
    finally:
        end(kept.process)


def _read(kept: Kept) -> None:
    assert kept.process.stdout is not None
    for line in kept.process.stdout:
        kept.lines.append(line.decode().rstrip("\n"))
        if "gateway log verify" in kept.lines[-1]:  # the last of the lines to try
            return


# ── For programs ────────────────────────────────────────────────────────────


def test_it_ends_within_a_minute_and_leaves_nothing(report: Report) -> None:
    crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # others at work on this machine
    print(f"the demo took {report.seconds:.1f} s, with {crowd:.1f} programs for each core")

    assert report.code == 0
    assert report.seconds < SECONDS * crowd
    assert report.left == []


def test_a_recipient_of_each_class_opened_what_came_and_says_where_it_was_logged(report: Report) -> None:
    transfers = report.told["transfers"]

    assert {one["arrived"]["recipient"] for one in transfers} == CLASSES
    assert [one["status"] for one in transfers] == [200] * TRANSFERS
    for one in transfers:
        assert one["arrived"]["index"] == one["reply"]["log"]["index"]
        assert one["arrived"]["transfer_id"] == one["reply"]["transfer_id"]
        assert one["reply"]["answer"]["body"] == {"accepted": True, "logged_as": one["arrived"]["index"]}


def test_what_was_held_what_left_and_what_stayed_is_told_for_each_transfer(report: Report) -> None:
    for one in report.told["transfers"]:
        held, left = orjson.dumps(one["held"]).decode(), orjson.dumps(one["arrived"]["data"]).decode()

        assert [value for value in STAYS if value in left] == []
        assert len(left) < len(held)
        assert {item["reason"] for item in one["stayed"]} <= {
            "not_in_map", "never", "special_category", "condition", "bad_value", "over_limit", "narrowed",
        }  # fmt: skip
        assert one["stayed"]


def test_payloads_are_russian_and_kazakh(report: Report) -> None:
    held = "".join(orjson.dumps(one["held"]).decode() for one in report.told["transfers"])

    assert re.search("[әғқңөұүһі]", held)
    assert re.search("[ыэъ]", held)


def test_a_stock_library_and_a_form_go_through_the_proxy_with_less(report: Report) -> None:
    """T22: what stays is what the log says that stayed, and none of the platform's credentials arrives."""
    calls = report.told["drop_in"]["calls"]

    assert [one["arrived"]["recipient"] for one in calls] == [one.id for one in DROP_IN]
    assert re.fullmatch(r"the stock library cdek 1\.\d+\.\d+", calls[0]["by"])
    assert [one["status"] for one in calls] == [202, 200]
    for one in calls:
        left = orjson.dumps(one["arrived"]["data"]).decode()
        assert [value for value in STAYS_BEFORE_THE_PROXY if value in left] == []
        assert one["withheld"] == one["log"]["withheld"] == len(one["stayed"]) > 7
        assert one["leaked"] == []
        assert "cookie" not in one["arrived"]["headers"]


def test_recipients_with_apis_of_their_own_find_the_gateways_credentials_right(report: Report) -> None:
    order, form = (one["arrived"] for one in report.told["drop_in"]["calls"])

    assert order["credential"] == "right"
    assert form["signature"] == "right"
    assert "authorization" not in form["headers"]
    assert form["data"]["pg_sig"] != CHECKOUT.payload["pg_sig"]


def test_what_no_route_declares_and_what_was_not_signed_is_refused(report: Report) -> None:
    undeclared, changed = report.told["drop_in"]["refused"]

    assert (undeclared["status"], undeclared["code"]) == (404, "unknown_route")
    assert (changed["status"], changed["code"]) == (200, "9998")
    assert "wrong" in changed["because"]


def test_a_mirrored_day_says_what_would_stay_what_never_passes_and_what_is_never_sent(report: Report) -> None:
    day = report.told["mirrored"]
    advice = {name: {one["path"]: one for one in lines} for name, lines in day["advice"].items()}
    without_phone = ORDERS // NO_PHONE_EACH

    assert (day["previews"], day["permitted"], day["arrived"]) == (ORDERS, ORDERS - without_phone, 0)
    assert advice["refused"][""]["count"] == without_phone
    assert advice["refused"]["recipient.phones[].number"]["count"] == without_phone
    assert advice["in_vain"].keys() == {
        "recipient.email", "recipient.tin", "recipient.passport_number",
        "to_location.latitude", "to_location.longitude",
    }  # fmt: skip
    assert {one["count"] for one in advice["in_vain"].values()} == {ORDERS}
    assert advice["always_failing"].keys() == {"packages[].length"}
    assert advice["never_sent"].keys() == {"shipment_point", "from_location.code"}


def test_no_value_of_the_mirrored_day_is_told(report: Report) -> None:
    told = orjson.dumps([report.told["mirrored"], report.told["registry"]]).decode()
    values = {text for one in residents(ORDERS) for text in (one.iin, one.phone, one.email, one.name)}

    assert [text for text in values if text in told] == []


def test_the_sandbox_tells_by_refusing_what_the_carrier_needs(report: Report) -> None:
    found = report.told["shrink"]

    assert (found["complete"], found["steady"], found["undecided"], found["arrived"]) == (True, True, [], 0)
    assert found["requests"] <= BUDGET
    assert set(found["accepts"]) == {*NEEDED, *(address for address, _office in ENDS)}
    assert {"recipient.email", "recipient.passport_number", "to_location.latitude"} <= set(found["never_needed"])
    assert found["evidence_stands"]
    assert found["evidence"].startswith("purpose_maps/evidence/carrier-cdek-test/goods_delivery/20")


def test_a_bank_that_asks_gets_result_sum_and_a_masked_hint(report: Report) -> None:
    """Of all that the platform answers, nothing else reaches the bank."""
    pull = report.told["pull"]
    check, pay, nobody = (one["answer"] for one in pull["calls"])
    hint = {"fields": {"field1": {"@name": "fio", "#text": "П***"}}}

    assert check == {"txn_id": "4102000301", "result": 0, "sum": OWED, **hint}
    assert pay == {**check, "prv_txn_id": pay["prv_txn_id"]}
    assert nobody == {"txn_id": "4102000302", "result": 1}
    assert [one["status"] for one in pull["calls"]] == [200, 200, 200]
    assert [one["leaked"] for one in pull["calls"]] == [0, 0, 0]
    assert min(one["held"] for one in pull["calls"][:2]) > len(held(ACCOUNT, DEBTOR))


def test_a_stranger_with_a_wrong_password_gets_nothing_and_the_platform_is_not_asked(report: Report) -> None:
    assert report.told["pull"]["stranger"] == {"status": 401, "bytes": 0, "platform_was_asked": False}


def test_what_was_answered_stands_in_the_log_as_an_answer(report: Report) -> None:
    logged = report.told["pull"]["log"]

    assert [(one["direction"], one["ended"]) for one in logged] == [("answer", "delivered")] * 2
    assert logged[0]["index"] < logged[1]["index"]


def test_a_registry_arrives_but_for_its_bad_rows_and_never_twice(report: Report) -> None:
    registry = report.told["registry"]
    good = RESIDENTS - len(BAD_ROWS)

    assert registry["records"] == RESIDENTS
    assert registry["ended"] == {"delivered": good, "refused": len(BAD_ROWS) - UNREADABLE, "unreadable": UNREADABLE}
    assert registry["arrived"]["records"] == good
    assert registry["arrived"]["envelopes"] < good / 50
    assert registry["again"] == {"ended": {"already": RESIDENTS - UNREADABLE, "unreadable": UNREADABLE}, "arrived": 0}
    assert registry["rate"] > 0


def test_bad_rows_are_told_by_number_and_reason_without_their_values(report: Report) -> None:
    refused = report.told["registry"]["refused"]
    rows = [row_of(one) for one in residents(RESIDENTS) if one.number in BAD_ROWS]
    values = {text for row in rows for text in row.values() if text not in ("", "owner", "apartment")}

    assert [one["record"] for one in refused] == list(BAD_ROWS)
    assert [one["decision"] for one in refused] == ["refused"] * 3 + ["unreadable"]
    assert [text for one in refused for text in values if len(text) > 3 and text in one["why"]] == []


def test_of_a_residents_row_only_what_the_map_names_arrives(report: Report) -> None:
    fields = set(report.told["registry"]["arrived"]["fields"])

    assert {"resident.last_name", "resident.phone", "resident.premise.premise_id"} <= fields
    assert fields.isdisjoint(
        {"resident.iin", "resident.birth_date", "resident.id_document.number", "resident.balance", "resident.email"}
    )


def test_no_credential_of_the_platform_is_told_to_anyone(report: Report) -> None:
    told = orjson.dumps(report.told).decode()

    assert [text for text in ("gw_platform_", *OWN.values()) if text in told] == []


def test_each_main_reason_for_a_refusal_is_shown_and_recorded(report: Report) -> None:
    refusals = report.told["refusals"]

    assert {one["reply"]["code"] for one in refusals} == MAIN_REASONS
    assert all(one["reply"]["code"] == one["expected"] for one in refusals)
    assert all(isinstance(one["reply"]["log"]["index"], int) for one in refusals)


def test_the_log_is_verified_and_the_rewound_copy_refused(report: Report) -> None:
    log, rewound = report.told["log"], report.told["rewound"]

    assert (log["verified"], log["problems"]) == (True, [])
    assert log["entries"] >= 2 * TRANSFERS + len(MAIN_REASONS) + RESIDENTS
    assert rewound["arrived"]["rejected"] == "rewound"
    assert (rewound["status"], rewound["reply"]["code"]) == (502, "recipient_rejected")


# ── For people ──────────────────────────────────────────────────────────────


def test_it_fits_a_terminal_of_100_columns(kept: Kept) -> None:
    assert [line for line in kept.story if len(line) > COLUMNS] == []
    assert len(kept.story) > 50


def test_each_transfer_says_that_it_was_logged_before_it_was_sent(kept: Kept) -> None:
    indices = [int(found) for found in re.findall(r"logged as #(\d+) before it was sent", kept.text)]

    assert len(indices) == TRANSFERS + len(DROP_IN)
    assert indices == sorted(set(indices))


def test_people_are_told_the_same_as_programs(kept: Kept) -> None:
    for act in (*ACTS, ORDER, CHECKOUT):
        assert act.title in kept.text
    for reason in MAIN_REASONS:
        assert reason in kept.text
    assert "log verify: verified" in kept.text
    assert "accepts 13 of 28 fields" in kept.text
    assert f"day's {ORDERS} orders" in kept.text
    assert '"#text":"П***"' in kept.text.replace(" ", "").replace("\n", "")
    assert f"the same command again: {RESIDENTS - UNREADABLE:,} already" in kept.text
    assert "the recipient refused it: rewound" in kept.text
    assert "unknown_route 404 by the gateway" in kept.text


def test_without_the_stock_library_a_plain_request_takes_its_place(kept: Kept) -> None:
    assert "by a plain request: the library `cdek` is not installed" in kept.text
    assert "access token, fetched by the gateway: right" in kept.text
    assert "made by the gateway over what is left: right" in kept.text


def test_it_can_be_tried_until_ctrl_c_ends_every_process_and_removes_the_folder(kept: Kept) -> None:
    assert len(kept.workers) >= 4  # the gateway and its worker, those that open envelopes, those with APIs of their own
    assert kept.temporary.is_dir()

    ready, tried, proxied = _status(kept, "/readyz"), _command(kept, "/v1/transfers"), _command(kept, "/v1/proxy/")
    pulled = _command(kept, "/v1/pull/")
    os.killpg(kept.process.pid, signal.SIGINT)  # as a terminal does
    stdout, _stderr = kept.process.communicate(timeout=30)
    _gone, alive = psutil.wait_procs(kept.workers, timeout=5)

    assert ready == 200
    assert orjson.loads(tried)["outcome"] == "delivered"
    assert b"Gateway-Outcome: delivered" in proxied.replace(b"gateway-outcome", b"Gateway-Outcome")
    assert b"<pg_status>ok</pg_status>" in proxied
    assert orjson.loads(pulled)["sum"] == OWED
    assert kept.process.returncode == 0
    assert "the folder is gone" in stdout.decode()
    assert cast("list[psutil.Process]", alive) == []
    assert not kept.temporary.exists()


def _status(kept: Kept, path: str) -> int:
    found = re.search(rf"http://127\.0\.0\.1:(\d+){path}", kept.text)
    assert found is not None
    connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def _command(kept: Kept, path: str) -> bytes:
    """What the first of the lines to try that asks for this path prints."""
    line = next(line for line in kept.lines if line.startswith("curl") and path in line)
    return subprocess.run(line, shell=True, capture_output=True, check=True, timeout=30).stdout

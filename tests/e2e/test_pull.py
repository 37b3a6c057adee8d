"""Recipients that ask us, through the running gateway: what goes back is the minimum, recorded, in their own words."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from os import environ
from typing import Any, Final

import orjson
import pytest

from tests.deployment import ROOT, Deployment
from tests.e2e.pulling import BEARER, KNOWN, PASSWORD, TOKEN, Pulling, in_csv, in_json, pulling, wait_until
from tests.partners.kaspi_asks import NoAnswer, Terminal
from tests.partners.onec_downloads import taken
from tests.partners.partner import basic
from tests.recipients import Reply

KASPI: Final = "/v1/pull/psp-kaspi-test/kaspi"
CHECK: Final = f"{KASPI}?command=check&txn_id=123456789&account=100200300"
REGISTER: Final = "/v1/pull/mc-primer-pull-test/exchange/h_1/residents.csv"
PAYLOADS: Final = ROOT.parent / "shared" / "payloads"
OWN_CHECK: Final[dict[str, Any]] = {
    "txn_id": "123456789",
    "result": 0,
    "sum": "5430.00",
    "bin": "991240999991",
    "comment": "Примеров Тест Образцович, ул. Примерная 10/1 кв.45, долг 5430, тел 87000000123",
    "fields": {
        "field1": {"@name": "fio", "#text": "Примеров Тест Образцович"},
        "field2": {"@name": "address", "#text": "Павлодар, ул. Примерная, 10/1-45"},
        "field3": {"@name": "iin", "#text": "900101100103"},
        "field4": {"@name": "period", "#text": "2026-10"},
    },
}
OWN_REGISTER: Final = (
    "account;fio;iin;phone;email;street;house;apt;area;residents;saldo;note\n"
    "100200300;Примеров Тест Образцович;900101100103;87000000123;test.primerov@example.com;ул. Примерная;10/1;45;"
    "54.30;4;-15230.50;инвалид 2 гр., звонить жене 8 700 000 01 24\n"
    "100200301;Үлгіқызы Сынақ;850515200208;+7 700 000 01 25;synaq@example.com;ул. Примерная;10/1;46;36,10;1;0.00;\n"
)
UNAVAILABLE: Final = {"txn_id": "123456789", "result": 5}
WORDS: Final = ("Примеров", "Образцович", "Примерная", "87000000123", "900101100103", "usr_0001", "долг", "gateway")


def check_payload() -> dict[str, Any]:
    """Payload 11 as the platform's service answers it, with the subject that it is about."""
    file = PAYLOADS / "11_psp_biller_check_response_kaspi.json"
    if not file.is_file():
        print("payload 11 is not here: our own in its place")
        return {**OWN_CHECK, "subject_id": "usr_0001"}
    return {**orjson.loads(file.read_bytes())["body"], "subject_id": "usr_0001"}


def register(*more: str) -> str:
    """Payload 02 with a column of subjects, and more rows."""
    file = PAYLOADS / "02_mc_resident_register.csv"
    if not file.is_file():
        print("payload 02 is not here: our own in its place")
    text = file.read_text(encoding="utf-8") if file.is_file() else OWN_REGISTER
    header, *rows = text.splitlines()
    lines = [f"{row};res_{number:04d}" for number, row in enumerate([*rows, *more], 1)]
    return "\n".join([f"{header};subject_id", *lines, ""])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulling]:
    with pulling(tmp_path_factory.mktemp("pull"), lambda _path, _asked: in_json(check_payload())) as found:
        yield found


@pytest.fixture(autouse=True)
def _as_at_first(running: Pulling) -> None:
    running.platform.answers = lambda _path, _asked: in_json(check_payload())


def terminal(running: Pulling) -> Terminal:
    return Terminal(running.ask, KASPI)


def cli(deployment: Deployment, *words: str) -> dict[str, Any]:
    kept = {name: value for name, value in environ.items() if not name.startswith("GATEWAY_")}
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", *words, "--json"],
        env={**kept, **deployment.environ, "GATEWAY_HOME": str(deployment.home)},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    said: dict[str, Any] = orjson.loads(done.stdout)
    return said


# ── what goes back ──────────────────────────────────────────────────────────
def test_a_check_is_answered_with_result_sum_and_a_masked_hint_and_nothing_else(running: Pulling) -> None:
    """Law 12: payload 11, and the bank's own reading of the answer."""
    answer = terminal(running).check("123456789", "100200300")

    assert answer == {
        "txn_id": "123456789",
        "result": 0,
        "sum": "5430.00",
        "bin": "991240999991",
        "comment": "OK",
        "fields": {
            "field1": {"@name": "fio", "#text": "П***"},
            "field4": {"@name": "period", "#text": "2026-10"},
        },
    }


def test_the_intent_and_the_outcome_say_that_it_was_an_answer_and_the_log_verifies(running: Pulling) -> None:
    """DESIGN 6.5: direction `answer`; exactly one outcome; the envelope's digest is in it."""
    terminal(running).check("555000111", "100200300")

    (record,) = running.log()

    assert [one.kind for one in record.entries] == ["intent", "outcome"]
    assert [one.shared and one.shared["direction"] for one in record.entries] == ["answer", "answer"]
    assert record.caller == "pull:psp-kaspi-test"
    assert record.outcome is not None
    assert record.outcome["outcome"] == "delivered"
    assert "envelope" in record.outcome
    assert record.entries[0].private is not None
    assert record.entries[0].private["basis"]["ref"] == "contract-kaspi-7"  # type: ignore[index, call-overload]
    assert cli(running.deployment, "transfer", "list", "--limit", "1")["transfers"][0]["direction"] == "answer"
    assert cli(running.deployment, "log", "verify")["problems"] == []


def test_the_platform_is_asked_what_the_route_takes_and_nothing_else(running: Pulling) -> None:
    """T20 to T23: no header, no undeclared name of the recipient's request goes on."""
    before = len(running.asked)

    status, _, _ = running.ask(
        f"{CHECK}&utm=canary&phone=87000000123", {**KNOWN, "X-Evil": "canary", "Cookie": "canary=1", "Via": "canary"}
    )

    (asked,) = running.asked[before:]
    assert status == 200
    assert (asked.method, asked.path) == ("GET", "/billing/kaspi?command=check&txn_id=123456789&account=100200300")
    assert "canary" not in repr(asked)
    assert PASSWORD not in repr(asked)
    assert running.platform.odd == []


def test_a_repeated_pay_asks_the_platform_again_which_knows_that_it_was_paid(running: Pulling) -> None:
    """Idempotency of a payment is the platform's: the same txn_id gives the same prv_txn_id, here as without us."""
    payments: dict[str, int] = {}

    def pay(_path: str, asked: dict[str, str]) -> Reply:
        number = payments.setdefault(asked["txn_id"], 7001 + len(payments))
        told = {
            "txn_id": asked["txn_id"],
            "prv_txn_id": number,
            "result": 0,
            "sum": asked["sum"],
            "comment": "Примеров",
        }
        return in_json({**told, "prv_txn_id": number, "subject_id": "usr_0001"})

    running.platform.answers = pay
    before = len(running.asked)
    bank = Terminal(lambda target: _numbers_as_text(running.ask(target)), KASPI)

    answers = [bank.pay("9000001", "100200300", "5430.00") for _ in range(2)]

    assert (
        answers[0]
        == answers[1]
        == {
            "txn_id": "9000001",
            "prv_txn_id": "7001",
            "result": 0,
            "sum": "5430.00",
            "comment": "OK",
        }
    )
    assert len(running.asked) - before == 2


def _numbers_as_text(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, dict[str, str], bytes]:
    """The published schema writes `prv_txn_id` as text; billers write it as a number, and the bank reads both."""
    status, headers, body = answer
    return status, headers, body.replace(b'"prv_txn_id":7001', b'"prv_txn_id":"7001"')


def test_what_the_recipient_asked_stands_in_the_answer_whatever_the_platform_writes_there(running: Pulling) -> None:
    running.platform.answers = lambda _path, _asked: in_json({**check_payload(), "txn_id": "900101100103"})

    answer = terminal(running).check("77777", "100200300")

    assert answer["txn_id"] == "77777"


# ── how it is told otherwise ────────────────────────────────────────────────
UPSTREAM: Final[Mapping[str, tuple[Reply, dict[str, Any]]]] = {
    "404": (in_json({"error": "Примеров"}, 404), {"txn_id": "123456789", "result": 1}),
    "an answer about no one": (in_json(OWN_CHECK), {"txn_id": "123456789", "result": 1}),
    "a list": (in_json([check_payload()]), {"txn_id": "123456789", "result": 1}),
    "500": (in_json({"error": "Примеров"}, 500), UNAVAILABLE),
    "403": (in_json({"error": "Примеров"}, 403), UNAVAILABLE),
    "201": (in_json(check_payload(), 201), UNAVAILABLE),
    "204": (Reply(204, (), b""), UNAVAILABLE),
    "a redirect": (Reply(302, (("Location", "https://evil.example/"),), b""), UNAVAILABLE),
    "HTML": (Reply(200, (("Content-Type", "text/html"),), "<h1>Примеров</h1>".encode()), UNAVAILABLE),
    "no content type": (Reply(200, (), orjson.dumps(check_payload())), UNAVAILABLE),
    "half of JSON": (Reply(200, (("Content-Type", "application/json"),), b'{"txn_id":"123456789","sub'), UNAVAILABLE),
    "a name twice": (
        Reply(200, (("Content-Type", "application/json"),), b'{"subject_id":"usr_0001","subject_id":"usr_0002"}'),
        UNAVAILABLE,
    ),
    "compressed": (
        Reply(200, (("Content-Type", "application/json"), ("Content-Encoding", "gzip")), b"\x1f\x8b"), UNAVAILABLE
    ),
    "too large": (
        Reply(200, (("Content-Type", "application/json"),), b'{"a":"' + b"x" * (1 << 20) + b'"}'), UNAVAILABLE
    ),
    "a phone as the subject": (in_json({**OWN_CHECK, "subject_id": "87000000123"}), UNAVAILABLE),
    "an IIN as the subject": (in_json({**OWN_CHECK, "subject_id": "900101100103"}), UNAVAILABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", UPSTREAM)
def test_what_goes_wrong_behind_us_is_told_in_the_recipients_protocol(running: Pulling, name: str) -> None:
    """Without a word of ours or of the platform's; nothing is recorded, because nothing was about to leave (T86)."""
    reply, expected = UPSTREAM[name]
    running.platform.answers = lambda _path, _asked: reply
    transfers = running.transfers()

    status, headers, body = running.ask(CHECK)

    assert (status, orjson.loads(body)) == (200, expected)
    assert [word for word in WORDS if word in body.decode() + repr(headers)] == []
    assert "gateway-problem" not in headers
    assert running.transfers() == transfers
    line = orjson.loads(running.served.diagnostics.read_bytes().splitlines()[-1])
    assert line["code"] == ("not_found" if expected["result"] == 1 else "upstream_failed")


REFUSED: Final[Mapping[str, tuple[dict[str, Any], str]]] = {
    "no result": ({"result": None}, "required_missing"),
    "a sum that is none": ({"sum": "пять тысяч"}, "required_invalid"),
    "a result of another protocol": ({"result": 42}, "required_invalid"),
    "no sum": ({"sum": None}, "required_missing"),
    "a restricted subject": ({"subject_id": "usr_blocked"}, "restricted"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_go_back_is_recorded_and_told_in_the_recipients_protocol(running: Pulling, name: str) -> None:
    """Law 8, with direction `answer`."""
    changes, reason = REFUSED[name]
    if reason == "restricted":
        cli(running.deployment, "subject", "block", changes["subject_id"])
    running.platform.answers = lambda _path, _asked: in_json(
        {name: value for name, value in {**check_payload(), **changes}.items() if value is not None}
    )

    status, headers, body = running.ask(CHECK)

    (record,) = running.log()
    assert (status, orjson.loads(body)) == (200, UNAVAILABLE)
    assert "gateway-problem" not in headers
    assert [(one.kind, one.shared and (one.shared["direction"], one.shared["reason"])) for one in record.entries] == [
        ("refusal", ("answer", reason))
    ]


BAD: Final = {
    "a name twice": "command=check&txn_id=123456789&account=1002&account=1003",
    "no txn_id": "command=check&account=100200300",
    "no query": "",
    "another command": "command=status&txn_id=123456789&account=100200300",
    "an account with a letter": "command=check&txn_id=123456789&account=10020030a",
    "an account as long as an IIN and one more": "command=check&txn_id=123456789&account=9001011001031",
    "a sum that is none": "command=pay&txn_id=123456789&account=100200300&sum=1e3",
    "a sum with a line break": "command=pay&txn_id=123456789&account=100200300&sum=1%0d%0aX",
    "a query that is not UTF-8": "command=check&txn_id=%ff&account=100200300",
    "an array": "command[]=check&txn_id=123456789&account=100200300",
    "too long": "command=check&account=100200300&txn_id=" + "1" * 5000,
}


@pytest.mark.parametrize("name", BAD)
def test_a_request_that_the_route_does_not_take_goes_nowhere(running: Pulling, name: str) -> None:
    before, transfers = len(running.asked), running.transfers()

    status, _, body = running.ask(f"{KASPI}?{BAD[name]}")

    assert (status, body) == (200, b'{"result":5}')
    assert (len(running.asked), running.transfers()) == (before, transfers)


def test_a_request_with_a_body_goes_nowhere(running: Pulling) -> None:
    before = len(running.asked)

    status, _, body = running.ask(CHECK, {**KNOWN, "Content-Type": "application/json"}, body=b'{"a":1}')

    assert (status, body) == (200, b'{"result":5}')
    assert len(running.asked) == before


STRANGERS: Final = {
    "nothing": (CHECK, {}),
    "another password": (CHECK, {"Authorization": basic("invented-kaspi", PASSWORD + "x")}),
    "another login": (CHECK, {"Authorization": basic("invented", PASSWORD)}),
    "the password alone": (CHECK, {"Authorization": basic("", PASSWORD)}),
    "half a header": (CHECK, {"Authorization": "Basic"}),
    "no base64": (CHECK, {"Authorization": "Basic !!!"}),
    "another scheme": (CHECK, {"Authorization": KNOWN["Authorization"].replace("Basic", "Bearer")}),
    "another recipient's token": (CHECK, BEARER),
    "a token that is longer": (REGISTER, {"Authorization": f"Bearer {TOKEN}x"}),
    "a token that is shorter": (REGISTER, {"Authorization": f"Bearer {TOKEN[:-1]}"}),
    "no scheme": (REGISTER, {"Authorization": TOKEN}),
    "a recipient without pulls": ("/v1/pull/carrier-cdek-test/kaspi", KNOWN),
    "a recipient that is none": ("/v1/pull/nobody/kaspi", KNOWN),
    "an unknown route, unknown": ("/v1/pull/psp-kaspi-test/other", {}),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_whoever_does_not_prove_who_it_is_gets_a_status_and_no_word(running: Pulling, name: str) -> None:
    """One answer for all of them: neither recipients nor routes can be listed."""
    target, headers = STRANGERS[name]
    before, transfers = len(running.asked), running.transfers()

    status, found, body = running.ask(target, headers)

    assert (status, body, found["content-length"]) == (401, b"", "0")
    assert found["www-authenticate"] == 'Basic realm="pull", charset="UTF-8"'
    assert {"gateway-problem", "content-type"} & found.keys() == set()
    assert (len(running.asked), running.transfers()) == (before, transfers)


def test_a_callers_token_opens_nothing_here_and_a_recipients_nothing_there(running: Pulling) -> None:
    token = running.deployment.token

    asked = running.ask(CHECK, {"Gateway-Token": token, "Authorization": f"Bearer {token}"})
    told = running.served.call(
        "GET", "/v1/transfers/x", headers={"Gateway-Token": "", "Authorization": KNOWN["Authorization"]}
    )

    assert asked[0] == 401
    assert told[0] == 401


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/v1/pull/psp-kaspi-test/other", 404),
        ("GET", "/v1/pull/psp-kaspi-test/kaspi/", 404),
        ("GET", "/v1/pull/psp-kaspi-test//kaspi", 404),
        ("GET", "/v1/pull/psp-kaspi-test", 404),
        ("GET", "/v1/pull/", 404),
        ("POST", KASPI, 404),
        ("DELETE", KASPI, 404),
        ("HEAD", KASPI, 404),
        ("OPTIONS", KASPI, 405),
        ("TRACE", KASPI, 405),
    ],
)
def test_what_is_not_declared_is_told_without_a_word(running: Pulling, method: str, target: str, expected: int) -> None:
    status, headers, body = running.ask(target, method=method)

    assert (status, body) == (expected, b"")
    assert {"gateway-problem", "content-type"} & headers.keys() == set()


# ── a register ──────────────────────────────────────────────────────────────
def test_a_register_is_downloaded_as_csv_each_row_a_transfer_of_its_own(running: Pulling) -> None:
    """Payload 02: no IIN, e-mail, balance or note; the firm of row 3 is no resident and is not in the file."""
    running.platform.answers = lambda _path, _asked: in_csv(register())

    status, headers, body = running.ask(REGISTER, BEARER)

    rows = taken(status, headers["content-type"], body)
    records = running.log(2)
    assert [row["account"] for row in rows] == ["100200300", "100200301"]
    assert rows[0] == {
        "account": "100200300",
        "fio": "Примеров Тест Образцович",
        "phone": "+77000000123",
        "street": "ул. Примерная",
        "house": "10/1",
        "apt": "45",
        "residents": "4",
    }
    assert running.asked[-1].path == "/houses/h_1/residents"
    assert {one.shared and one.shared["direction"] for record in records for one in record.entries} == {"answer"}
    for stays in ("900101100103", "example.com", "15230", "инвалид", "700 000 01 24", "res_0001", "subject_id"):
        assert stays not in body.decode()


def test_the_rows_keep_their_order_and_each_has_its_entry(running: Pulling) -> None:
    """They are recorded many at once; one of them is refused, and only that one is missing."""
    rows = [f"2002{n:03d};Пробный Тест;;87000000126;;ул. Примерная;10/1;{n or ''};;1;;" for n in range(60)]
    running.platform.answers = lambda _path, _asked: in_csv(register(*rows))
    before = running.transfers()

    status, headers, body = running.ask(REGISTER, BEARER)

    accounts = [row["account"] for row in taken(status, headers["content-type"], body)]
    assert accounts == ["100200300", "100200301", *[f"2002{n:03d}" for n in range(1, 60)]]
    assert running.transfers() - before == register(*rows).count("\n") - 1
    assert cli(running.deployment, "log", "verify")["problems"] == []


def test_a_restricted_resident_is_not_in_the_file(running: Pulling) -> None:
    cli(running.deployment, "subject", "block", "res_0002")
    running.platform.answers = lambda _path, _asked: in_csv(register())

    status, headers, body = running.ask(REGISTER, BEARER)
    cli(running.deployment, "subject", "unblock", "res_0002")

    assert [row["account"] for row in taken(status, headers["content-type"], body)] == ["100200300"]


def test_a_register_of_no_one_who_may_be_in_it_is_told_without_a_word(running: Pulling) -> None:
    firm = register().splitlines()
    running.platform.answers = lambda _path, _asked: in_csv("\n".join([firm[0], "1;1;1;1;1;1;1;1;1;1;1;1;res_1", ""]))

    status, headers, body = running.ask(REGISTER, BEARER)

    assert (status, body) == (403, b"")
    assert "content-type" not in headers


def test_cells_that_a_spreadsheet_would_run_are_text_in_the_file(running: Pulling) -> None:
    """T83: a street that is a formula."""
    row = '100200304;Пробный Тест;;87000000126;;"=HYPERLINK(""https://evil.example"")";10/1;47;;1;;'
    running.platform.answers = lambda _path, _asked: in_csv(register(row))

    status, headers, body = running.ask(REGISTER, BEARER)

    rows = taken(status, headers["content-type"], body)
    assert rows[-1]["street"] == '\'=HYPERLINK("https://evil.example")'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;subject_id\n", 404),
        ("account\n1\n", 503),
        ("account;subject_id\n1\n", 503),
        ("account;subject_id\n1;8 700\n", 503),
    ],
    ids=["no rows", "no subjects", "a row too short", "a subject that is none"],
)
def test_a_register_that_cannot_be_used_is_told_without_a_word(running: Pulling, text: str, expected: int) -> None:
    running.platform.answers = lambda _path, _asked: in_csv(text)

    status, _, body = running.ask(REGISTER, BEARER)

    assert (status, body) == (expected, b"")


# ── outcomes ────────────────────────────────────────────────────────────────
def test_an_answer_that_its_recipient_no_longer_waits_for_is_unknown(running: Pulling) -> None:
    """`delivered` is never guessed: the server tells whether it took the whole answer."""
    gate = threading.Event()
    before = running.transfers()

    def slowly(_path: str, _asked: dict[str, str]) -> Reply:
        gate.wait(5)
        return in_json(check_payload())

    running.platform.answers = slowly
    with socket.create_connection(("127.0.0.1", running.served.port)) as bank:
        head = f"GET {CHECK} HTTP/1.1\r\nHost: x\r\nAuthorization: {KNOWN['Authorization']}\r\n\r\n"
        bank.sendall(head.encode())
        time.sleep(0.3)
    time.sleep(0.3)
    gate.set()
    wait_until(lambda: running.transfers() > before)

    (record,) = running.log()
    assert record.outcome is not None
    assert (record.outcome["outcome"], record.outcome["cause"]) == ("unknown", "connection_lost")
    assert record.outcome["direction"] == "answer"


def test_where_nothing_can_be_recorded_nothing_goes_back(running: Pulling) -> None:
    """Law 3: the database is held by another program; the recipient is told in its own protocol."""
    with sqlite3.connect(running.deployment.database, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        try:
            status, headers, body = running.ask(CHECK)
        finally:
            other.execute("ROLLBACK")

    assert (status, orjson.loads(body)) == (200, UNAVAILABLE)
    assert "gateway-problem" not in headers


def test_the_bank_takes_no_other_answer_for_one(running: Pulling) -> None:
    """The fake is strict: what the platform says itself, it would not take."""
    bank = Terminal(lambda _: (200, {"content-type": "application/json"}, orjson.dumps(check_payload())), KASPI)

    with pytest.raises(NoAnswer):
        bank.check("123456789", "100200300")

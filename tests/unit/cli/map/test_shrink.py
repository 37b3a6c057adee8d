from __future__ import annotations

import copy
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from ruamel.yaml import YAML

from gateway.cli.map.shrinking import fields_of
from gateway.minimise import compile_projection
from gateway.purpose import load_evidence, load_snapshot
from tests.deployment import ROOT, Deployment, new_deployment
from tests.partners import cdek, cloudpayments, freedompay, halyk, samples, yandex
from tests.partners.deployed import SECRETS, lay_over
from tests.partners.partner import Judge, replies
from tests.recipients import Authority, Received, RecordingRecipient, Reply
from tests.unit.cli.conftest import Ran, Run

CDEK = ("carrier-cdek-test", "goods_delivery")
HALYK = ("psp-halyk-test", "payment")
CREDENTIALS = {
    "carrier-cdek-test": {"header": "Authorization", "scheme": "Bearer", "secret": "cdek_token"},
    "carrier-yandex-test": {"header": "Authorization", "scheme": "Bearer", "secret": "yandex_token"},
}
ORDER: Any = copy.deepcopy(samples.ORDER) | {
    "number": "ORD-5002",
    "comment": "Получатель Примеров, ИИН 900101100103",
    "recipient": {
        "name": "Примеров Тест Образцович",
        "email": "test.primerov@example.com",
        "passport_number": "000000019",
        "tin": "900101100103",
        "phones": [{"number": "+77000000123", "additional": "87000000124"}],
    },
    "to_location": {"address": "ул. Примерная, 10/1, кв. 45", "latitude": 52.2873, "longitude": 76.9674},
}
PAYMENT: Any = samples.PAYMENT | {
    "phone": "87000000123",
    "email": "test.primerov@example.com",
    "name": "TEST PRIMEROV",
    "data": '{"iin": "900101100103"}',
    "language": "rus",
}
FORM: Any = {name: value for name, value in samples.FREEDOMPAY_FIELDS.items() if name != "pg_salt"}
_OF_NO_ONE = ((b"+77182550002", b"+77000000121"), ('"Склад"'.encode(), '"Проба"'.encode()))
CLAIM: Any = orjson.loads(reduce(lambda raw, pair: raw.replace(*pair), _OF_NO_ONE, orjson.dumps(samples.CLAIM))) | {
    "comment": "домофон 45К1234",
    "emergency_contact": {"name": "Тест П.", "phone": "+77000000122"},
}
CLAIMED: Any = {"query": {"request_id": "REQ-1"}, "header": {"accept-language": "ru"}, "body": CLAIM}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The partners' maps, with secrets of their sandboxes alone."""
    secrets = {name.replace("SECRET_", "SECRET_SANDBOX_"): value for name, value in SECRETS.items()}
    made = new_deployment(tmp_path, **dict.fromkeys(SECRETS, "never-sent"), **secrets)
    lay_over(made.maps)
    made.make()
    for name, value in {**made.environ, "GATEWAY_HOME": str(made.home)}.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def authority(tmp_path: Path, shop: Deployment) -> Authority:
    made = Authority(tmp_path)
    shutil.copy(made.ca_file, shop.maps / "partners.pem")
    return made


Sandboxed = Callable[..., RecordingRecipient]


@pytest.fixture
def sandboxed(shop: Deployment, authority: Authority) -> Iterator[Sandboxed]:
    """A recipient's sandbox that answers so, named in its file."""
    running: list[RecordingRecipient] = []

    def made(who: str, reply: Callable[[Received], Reply]) -> RecordingRecipient:
        sandbox = RecordingRecipient(authority, reply)
        running.append(sandbox.__enter__())
        path = shop.maps / "recipients" / f"{who}.yaml"
        yaml = YAML()
        file = yaml.load(path.read_text(encoding="utf-8"))
        file |= {"sandbox": {"base_urls": [sandbox.base_url]}, "ca_file": "partners.pem"}
        if who in CREDENTIALS:
            file["credentials"] = dict(CREDENTIALS[who])
        with path.open("w", encoding="utf-8") as written:
            yaml.dump(file, written)
        return sandbox

    yield made
    for one in running:
        one.__exit__(None, None, None)


def body(folder: Path, payload: Any) -> str:
    path = folder / "sample.json"
    path.write_bytes(orjson.dumps(payload))
    return str(path)


def shrink(run: Run, pair: tuple[str, str], sandbox: RecordingRecipient, *more: str) -> Ran:
    return run("map", "shrink", *pair, "--against", sandbox.base_url, "--pause", "0", "--json", *more)


def leaves(request: Any) -> list[str]:
    """The fields of a request, whatever type its JSON has."""
    return fields_of(request)


class Case(NamedTuple):
    """A partner, all that a platform holds for it, and the truth: the smallest request that it takes."""

    pair: tuple[str, str]
    judge: Judge
    payload: Any
    truth: list[str]
    more: tuple[str, ...] = ()
    budget: int = 60


CASES = {
    "cdek": Case(CDEK, cdek.judge, ORDER, leaves(samples.ORDER)),
    "halyk": Case(HALYK, halyk.judge, PAYMENT, leaves(samples.PAYMENT)),
    "yandex": Case(
        ("carrier-yandex-test", "goods_delivery"),
        yandex.judge,
        CLAIMED,
        ["query.request_id", 'header."accept-language"', *[f"body.{one}" for one in leaves(samples.CLAIM)]],
        budget=90,
    ),
    "freedompay": Case(
        ("psp-freedompay-test", "payment"),
        freedompay.judge,
        FORM | {"pg_user_phone": "77000000123", "pg_user_ip": "192.0.2.17", "pg_currency": "KZT"},
        fields_of(FORM),
        ("--accept-answer", 'response.pg_status[]."#text"=ok'),
    ),
    "cloudpayments": Case(
        ("psp-cloudpayments-test", "payment"),
        cloudpayments.judge,
        samples.INVOICE_FOR | {"Email": "test.primerov@example.com", "Phone": "+77000000123"},
        leaves(samples.INVOICE_FOR),
        ("--accept-answer", "Success=true", "--route", "POST /orders/create"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_exactly_what_the_partner_needs_is_found_within_the_budget(
    run: Run, sandboxed: Sandboxed, tmp_path: Path, case: Case
) -> None:
    """The truth is the partner's own: `samples` holds the smallest request that each takes."""
    sandbox = sandboxed(case.pair[0], replies(case.judge))

    more = ("--body", body(tmp_path, case.payload), "--requests", str(case.budget), *case.more)
    ran = shrink(run, case.pair, sandbox, *more)

    assert ran.code == 0, ran.err
    assert set(ran.json["accepts"]) == set(case.truth)
    assert set(ran.json["never_needed"]) == set(fields_of(case.payload)) - set(case.truth)
    assert (ran.json["complete"], ran.json["steady"], ran.json["undecided"]) == (True, True, [])
    assert ran.json["requests"] == len(sandbox.received) <= case.budget
    print(
        f"{case.pair[0]}: {len(case.truth)} of {len(fields_of(case.payload))} fields, {ran.json['requests']} requests"
    )
    assert "never-sent" not in repr(sandbox.received)


def test_evidence_is_written_without_a_value_and_waits_for_a_person(
    run: Run, sandboxed: Sandboxed, shop: Deployment, tmp_path: Path
) -> None:
    sandbox = sandboxed("psp-halyk-test", replies(halyk.judge))

    ran = shrink(run, HALYK, sandbox, "--body", body(tmp_path, PAYMENT))

    text = Path(ran.json["written"]).read_text(encoding="utf-8")
    (found,) = load_evidence(shop.maps, load_snapshot(shop.maps, compile_projection))
    checked = run("map", "check", "--maps", str(shop.maps), "--json").json
    assert (found.confirmed_by, set(found.accepts)) == (None, set(samples.PAYMENT))
    assert all(str(value) not in text for value in ("PRIMEROV", "900101100103", "15990", "87000000123", "TOKEN"))
    assert checked["unconfirmed_evidence"] == [f"psp-halyk-test/payment {found.taken_at[:10]}"]


def test_confirmed_evidence_that_contradicts_the_map_is_told_by_advise(
    run: Run, sandboxed: Sandboxed, tmp_path: Path
) -> None:
    ran = shrink(run, CDEK, sandboxed(CDEK[0], replies(cdek.judge)), "--body", body(tmp_path, ORDER))
    path = Path(ran.json["written"])
    before = run("map", "advise", "--json").json["contradicted"]

    path.write_text(path.read_text(encoding="utf-8").replace("confirmed_by:", "confirmed_by: Н. Примерова"), "utf-8")
    told = run("map", "advise", "--json").json["contradicted"]

    assert before == []
    assert [(one["path"], one["confirmed_by"]) for one in told] == [("number", "Н. Примерова")]
    assert "requires it" in told[0]["why"]


def test_a_budget_that_is_spent_leaves_what_is_known(run: Run, sandboxed: Sandboxed, tmp_path: Path) -> None:
    sandbox = sandboxed(CDEK[0], replies(cdek.judge))

    ran = shrink(run, CDEK, sandbox, "--body", body(tmp_path, ORDER), "--requests", "12")

    truth = set(leaves(samples.ORDER))
    assert (ran.code, ran.json["complete"], len(sandbox.received)) == (1, False, 12)
    assert ran.json["ended"] == "the budget of requests is spent"
    assert ran.json["undecided"]
    assert set(ran.json["accepts"]) <= truth
    assert truth.isdisjoint(ran.json["never_needed"])
    assert Path(ran.json["written"]).is_file()


@pytest.mark.parametrize("against", ["https://api.carrier-cdek.example", "https://127.0.0.1:1", "http://127.0.0.1:1"])
def test_an_address_that_is_not_listed_is_refused(run: Run, sandboxed: Sandboxed, against: str) -> None:
    sandbox = sandboxed(CDEK[0], replies(cdek.judge))

    ran = run("map", "shrink", *CDEK, "--against", against, "--json")

    assert (ran.code, sandbox.received) == (1, [])
    assert "lists no such sandbox" in ran.err


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"recipient": {"name": "Иванов Иван Иванович", "phones": [{"number": "+77000000123"}]}}, "name"),
        ({"recipient": {"name": "Тест П.", "phones": [{"number": "+77011234567"}]}}, "phone"),
        ({"comment": "someone@mail.kz"}, "email"),
    ],
    ids=["name", "phone", "email"],
)
def test_a_body_that_is_not_invented_goes_nowhere(
    run: Run, sandboxed: Sandboxed, tmp_path: Path, change: Mapping[str, Any], kind: str
) -> None:
    sandbox = sandboxed(CDEK[0], replies(cdek.judge))

    ran = shrink(run, CDEK, sandbox, "--body", body(tmp_path, ORDER | change))

    assert (ran.code, sandbox.received) == (1, [])
    assert f"reads as someone's {kind}" in ran.err
    assert all(str(value) not in ran.err for value in ("Иванов", "7011234567", "someone@"))


def test_a_sample_that_the_sandbox_refuses_is_an_error_and_no_evidence(
    run: Run, sandboxed: Sandboxed, shop: Deployment, tmp_path: Path
) -> None:
    sandbox = sandboxed(CDEK[0], replies(cdek.judge))

    ran = shrink(run, CDEK, sandbox, "--body", body(tmp_path, {"number": "ORD-1"}))

    assert (ran.code, len(sandbox.received)) == (1, 1)
    assert "refuses the whole sample: 400" in ran.err
    assert not (shop.maps / "evidence").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mc-primer-uk", "service_request", "--against", "https://s.example"), "takes our envelopes"),
        (("psp-halyk-test", "goods_delivery", "--against", "https://s.example"), "no such map"),
        ((*CDEK, "--against", "https://s.example", "--accept", "x"), "--accept"),
    ],
    ids=["envelope", "map", "accept"],
)
def test_what_cannot_be_asked_is_an_error(run: Run, shop: Deployment, words: tuple[str, ...], said: str) -> None:
    ran = run("map", "shrink", *words)

    assert ran.code == 1
    assert said in ran.err


@pytest.mark.timeout(60)
def test_a_hand_that_stops_it_leaves_what_is_known(sandboxed: Sandboxed, shop: Deployment, tmp_path: Path) -> None:
    sandbox = sandboxed(CDEK[0], replies(cdek.judge))
    words = ["map", "shrink", *CDEK, "--against", sandbox.base_url, "--pause", "0.3", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", *words, "--body", body(tmp_path, ORDER)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 30
    while len(sandbox.received) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert orjson.loads(out)["ended"] == "stopped"
    assert len(load_evidence(shop.maps, load_snapshot(shop.maps, compile_projection))) == 1

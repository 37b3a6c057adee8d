"""The canary oracle over pulls: what the platform says beside the map comes out nowhere, nor what else is asked.

Each case is a request of a recipient with canaries in its query and headers, and an answer of the platform with
canaries in its headers, under unknown names, in allowed places of the wrong kind, and in errors.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import pytest

from tests.e2e.oracle import Tokens, hashed_in, hashes_of, tokens_in
from tests.e2e.pulling import BEARER, KNOWN, Pulling, pulling, wait_until
from tests.partners.kaspi import answered
from tests.partners.onec_downloads import taken
from tests.recipients import Reply

COUNT: Final = int(os.environ.get("CANARY_PULLS", "240"))
SEED: Final = int(os.environ.get("CANARY_SEED", "20261123"))
STATUSES: Final = (200, 200, 200, 200, 200, 404, 403, 500, 302)
COLUMNS: Final = ("account", "fio", "phone", "street", "house", "apt", "residents", "iin", "email", "note")


@dataclass
class Harvest:
    """What came out, by where."""

    sinks: dict[str, bytes] = field(default_factory=dict)
    bad_answers: list[str] = field(default_factory=list)
    answered: int = 0
    empty_handed: int = 0


class Inventor:
    """Makes requests and answers; every word of theirs that must stay is a token."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.tokens = Tokens(self.random)
        self.made: set[str] = set()
        self.reply = Reply()

    def word(self) -> str:
        token = self.tokens.word()
        self.made.add(token)
        return token

    def number(self) -> str:
        token = self.tokens.number()
        self.made.add(token)
        return token

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("X-Debug", self.word()), ("Set-Cookie", f"id={self.word()}"), ("Content-Language", self.word()))

    def check(self) -> None:
        """An answer to a check."""
        body: dict[str, Any] = {
            "txn_id": self.random.choice(["123456789", self.word(), self.number()]),
            "result": self.random.choice([0, 0, 0, 2, int(self.number())]),
            "sum": self.random.choice(["5430.00", "5430.00", self.word(), int(self.number())]),
            "subject_id": self.random.choice([f"usr_{self.word()}"] * 5 + [f"{self.word()}@example.com"]),
            "comment": f"{self.word()} {self.number()}",
            "bin": self.random.choice(["991240999991", self.number()]),
            "fields": {
                "field1": {"@name": self.random.choice(["fio", self.word()]), "#text": f"Я{self.word()}"},
                "field2": {"@name": "address", "#text": self.word(), self.word(): self.word()},
                "field4": {"@name": "period", "#text": self.random.choice(["2026-10", self.word()])},
                self.word(): [{"deep": self.number()}],
            },
            self.word(): {"iin": self.number(), "diagnosis": self.word()},
        }
        status = self.random.choice(STATUSES)
        raw = orjson.dumps(body)
        raw = raw[: len(raw) // 2] if self.random.random() < 0.05 else raw
        self.reply = Reply(status, (("Content-Type", "application/json"), *self.headers()), raw)

    def register(self) -> None:
        """An answer with a register: the third of its rows is wrong in an allowed place."""
        good = ["100200300", "Примеров Тест", "+77000000123", "ул. Примерная", "10/1", "45", "4"]
        rows = [[*good, self.number(), f"{self.word()}@example.com", self.word()] for _ in range(3)]
        rows[2][self.random.choice([0, 4, 5])] = self.word() * 4
        names = [*COLUMNS, self.word(), "subject_id"]
        lines = [names, *([*row, self.word(), f"res_{self.word()}"] for row in rows)]
        text = "\n".join(";".join(line) for line in lines) + "\n"
        self.reply = Reply(200, (("Content-Type", "text/csv; charset=utf-8"), *self.headers()), text.encode())


def _ask(inventor: Inventor, running: Pulling, harvest: Harvest) -> bytes:
    beside = f"{inventor.word()}={inventor.word()}&phone={inventor.number()}"
    strange = {"X-Canary": inventor.word(), "Cookie": inventor.word(), "Gateway-Subject": inventor.word()}
    if inventor.random.random() < 0.3:
        inventor.register()
        target = f"/v1/pull/mc-primer-pull-test/exchange/h_1/residents.csv?{beside}"
        status, headers, body = running.ask(target, {**BEARER, **strange})
        harvest.answered += len(taken(status, headers.get("content-type", ""), body))
    else:
        inventor.check()
        wrong = inventor.random.choice(["", "", "", f"&sum={inventor.word()}", f"&txn_date={inventor.number()}"])
        target = f"/v1/pull/psp-kaspi-test/kaspi?command=check&txn_id=123456789&account=100200300&{beside}{wrong}"
        known = {"Authorization": f"Basic {inventor.word()}"} if inventor.random.random() < 0.05 else KNOWN
        status, headers, body = running.ask(target, {**known, **strange})
        harvest.answered += status == 200 and b'"sum"' in body
        harvest.empty_handed += status != 200 or b'"sum"' not in body
        if status == 200 and b'"txn_id"' in body and not answered(body).accepted:
            harvest.bad_answers.append(body.decode())
    return body + repr(headers).encode()


@pytest.fixture(scope="module")
def harvest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Harvest, Inventor]:
    inventor, found = Inventor(), Harvest()
    replies = bytearray()
    with pulling(tmp_path_factory.mktemp("canaries"), lambda _path, _asked: inventor.reply) as running:
        for _ in range(COUNT):
            replies += _ask(inventor, running, found)
        wait_until(lambda: len(running.log(1)) == 1)
        found.sinks["metrics"] = running.served.call("GET", "/metrics")[2]
        found.sinks["asked of the platform"] = repr(running.asked).encode()
    found.sinks["replies"] = bytes(replies)
    found.sinks["diagnostics"] = running.served.diagnostics.read_bytes()
    files = sorted(running.deployment.home.rglob("gateway.db*"))
    found.sinks["database"] = b"".join(path.read_bytes() for path in files)
    print(f"\npulls: seed {SEED}, {COUNT} cases, {found.answered} answers, {found.empty_handed} empty-handed")
    print(f"bound: with 0 leaks in {COUNT} cases, fewer than {3 / COUNT:.3%} leak (95 %)")
    return found, inventor


def test_no_token_is_in_any_sink(harvest: tuple[Harvest, Inventor]) -> None:
    leaks = {name: tokens_in(sink) for name, sink in harvest[0].sinks.items()}

    assert {name: found for name, found in leaks.items() if found} == {}


def test_no_hash_of_a_token_is_in_any_sink(harvest: tuple[Harvest, Inventor]) -> None:
    hashes = hashes_of(harvest[1].made)
    leaks = {name: hashed_in(sink, hashes) for name, sink in harvest[0].sinks.items()}

    assert {name: found for name, found in leaks.items() if found} == {}


def test_every_answer_is_one_of_the_recipients_protocol(harvest: tuple[Harvest, Inventor]) -> None:
    assert harvest[0].bad_answers == []


def test_some_are_answered_and_some_are_not(harvest: tuple[Harvest, Inventor]) -> None:
    """A gateway that says nothing would pass the other tests."""
    assert harvest[0].answered >= COUNT // 5
    assert harvest[0].empty_handed >= COUNT // 10

"""The partners that ask us are strict: what their protocol has not, they do not take for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest

from tests.partners.kaspi_asks import NoAnswer, Terminal
from tests.partners.onec_downloads import NotTaken, taken

JSON: Final = {"content-type": "application/json", "content-length": "9"}
CHECK: Final[dict[str, Any]] = {"txn_id": "7", "result": 0, "sum": "5.00"}
PAID: Final[dict[str, Any]] = {**CHECK, "prv_txn_id": "11"}
CSV: Final = "account;fio\n1001;Примеров Тест\n"


def bank(body: object, status: int = 200, headers: Mapping[str, str] = JSON) -> Terminal:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Terminal(lambda _: (status, dict(headers), raw), "/kaspi")


def test_the_bank_takes_an_answer_of_its_protocol() -> None:
    assert bank(CHECK).check("7", "1001") == CHECK
    assert bank(PAID).pay("7", "1001", "5.00") == PAID
    assert bank({"txn_id": "7", "result": 1}).check("7", "1001") == {"txn_id": "7", "result": 1}


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        (CHECK, 503, JSON), (CHECK, 200, {}), (CHECK, 200, {"content-type": "application/problem+json"}),
        (CHECK, 200, {**JSON, "gateway-problem": "x"}), (CHECK, 200, {**JSON, "location": "/v1/transfers/1"}),
        (b"", 200, JSON), (b"{", 200, JSON), ({**CHECK, "txn_id": "8"}, 200, JSON), ({**CHECK, "result": 6}, 200, JSON),
        ({**CHECK, "sum": 5}, 200, JSON), ({**CHECK, "subject_id": "u"}, 200, JSON),
        ({"txn_id": "7", "result": 0}, 200, JSON),
    ],
    ids=[
        "a status", "no type", "a problem", "our header", "a place", "empty", "half", "another txn_id",
        "another result", "a sum that is a number", "a name that it has not", "no sum",
    ],
)  # fmt: skip
def test_the_bank_takes_nothing_else(body: object, status: int, headers: Mapping[str, str]) -> None:
    with pytest.raises(NoAnswer):
        bank(body, status, headers).check("7", "1001")


def test_the_bank_takes_one_payment_for_one_txn_id() -> None:
    answers = [PAID, PAID, {**PAID, "prv_txn_id": "12"}]
    terminal = Terminal(lambda _: (200, dict(JSON), orjson.dumps(answers.pop(0))), "/kaspi")

    assert terminal.pay("7", "1001", "5.00") == terminal.pay("7", "1001", "5.00")
    with pytest.raises(NoAnswer, match="another payment"):
        terminal.pay("7", "1001", "5.00")


def test_the_exchange_takes_a_register() -> None:
    assert taken(200, "text/csv; charset=utf-8", CSV.encode()) == [{"account": "1001", "fio": "Примеров Тест"}]


@pytest.mark.parametrize(
    ("status", "content_type", "text"),
    [
        (404, "text/csv", CSV), (200, "text/html", CSV), (200, "text/csv", "account;iin\n1;2\n"),
        (200, "text/csv", "account;account\n1;2\n"), (200, "text/csv", "account;fio\n1\n"),
        (200, "text/csv", "account;fio\n;\n"), (200, "text/csv", "account;fio\n1;=1+1\n"),
        (200, "text/csv", "account;fio\n1;@SUM(A1)\n"),
    ],
    ids=["a status", "a type", "a column", "a column twice", "a short row", "an empty row", "a formula", "a call"],
)  # fmt: skip
def test_the_exchange_takes_nothing_else(status: int, content_type: str, text: str) -> None:
    with pytest.raises(NotTaken):
        taken(status, content_type, text.encode())

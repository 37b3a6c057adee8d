"""Kaspi's side that asks: before a payment it checks an account, then it pays, and repeats what was not answered.

Published facts: as in `kaspi`. It reads any other status than 200, another content type, or an answer that its schema
does not have, as no answer, and asks again with the same `txn_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import orjson

from tests.partners.kaspi import answered
from tests.partners.partner import Json

RESULTS: Final = {0: "ok", 1: "no such account", 2: "cancelled", 3: "not paid", 4: "expired", 5: "provider error"}
OWN_HEADERS: Final = frozenset(
    {"content-type", "content-length", "date", "server", "x-content-type-options", "cache-control"}
)
Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[[str], Answer]


class NoAnswer(AssertionError):
    """The bank would ask again."""


@dataclass
class Terminal:
    """One payment terminal of the bank: `ask` sends a request for the target given and brings the answer."""

    ask: Ask
    route: str
    paid: dict[str, Json] = field(default_factory=dict)

    def check(self, txn_id: str, account: str) -> dict[str, Json]:
        """What the biller says of an account."""
        return self._asked("check", {"txn_id": txn_id, "account": account})

    def pay(self, txn_id: str, account: str, amount: str) -> dict[str, Json]:
        """Tell the biller that the account was paid; repeated, it must be the same payment."""
        told = {"txn_id": txn_id, "account": account, "sum": amount, "txn_date": "20261103120000"}
        answer = self._asked("pay", told)
        if answer["result"] == 0 and self.paid.setdefault(txn_id, answer["prv_txn_id"]) != answer["prv_txn_id"]:
            raise NoAnswer("another payment under the same txn_id")
        return answer

    def _asked(self, command: str, told: Mapping[str, str]) -> dict[str, Json]:
        status, headers, body = self.ask(f"{self.route}?{urlencode({'command': command, **told})}")
        if status != 200 or headers.get("content-type", "").partition(";")[0] != "application/json":
            raise NoAnswer(f"status {status}")
        if set(headers) - OWN_HEADERS:
            raise NoAnswer("headers that its protocol has not")
        verdict = answered(body, command=command, txn_id=told["txn_id"])
        if not verdict.accepted:
            raise NoAnswer(", ".join(verdict.refused))
        value: dict[str, Json] = orjson.loads(body)
        return value

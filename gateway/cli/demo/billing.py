"""The platform's own billing, for the demo: it answers what a bank asks about an account, with all that it holds.

Promises: an account that it does not have is a 404; only who shows the gateway's token is answered. It must never know
that a bank should see less: that is the gateway's to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from gateway.cli.demo.invented import Resident, residents
from gateway.cli.demo.listening import Judged

ROUTE = "/billing/account"
DEBTOR = next(residents(1))
ACCOUNT = "100200301"
OWED = "18250.40"
BILLER = "991240999991"


def held(account: str, owner: Resident) -> dict[str, Any]:
    """What the platform holds about an account, and its services are used to answer with."""
    street = f"{owner.street}, {owner.house}, кв. {owner.apartment}"
    return {
        "subject_id": owner.subject,
        "account": account,
        "owner": {"name": owner.name, "iin": owner.iin, "phone": owner.phone, "email": owner.email},
        "address": {"city": "Павлодар", "line": street, "intercom_code": "45К1234"},
        "residents": [owner.name, "Примерова Проба"],
        "charges": [
            {"service": "отопление", "period": "2026-10", "sum": "9120.10"},
            {"service": "вода", "period": "2026-10", "sum": "3105.20"},
            {"service": "пеня", "period": "2026-09", "sum": "6025.10"},
        ],
        "paid": [{"at": "2026-09-24T18:05:11+05:00", "sum": "14002.00", "card": "411111******1111"}],
        "sum": OWED,
        "comment": f"{owner.name}, {street}: долг за 2 месяца, подано в суд",
        "fields": {"field1": {"@name": "fio", "#text": owner.name}, "field2": {"@name": "address", "#text": street}},
    }


class Billing:
    """Answers whom it knows."""

    def __init__(self, token: str) -> None:
        self._shown = f"Bearer {token}"

    def judge(self, asked: str, headers: Mapping[str, str], _body: bytes) -> Judged:
        """What it answers to `METHOD /path?query`."""
        if headers.get("authorization") != self._shown:
            return Judged(401, b'{"error":"unauthorized"}', told={"credential": "wrong"})
        parts = urlsplit(asked.partition(" ")[2])
        query = dict(parse_qsl(parts.query))
        if parts.path != ROUTE or query.get("account") != ACCOUNT:
            return Judged(404, b'{"error":"no such account"}', told={"credential": "right"})
        said = {"txn_id": query["txn_id"], "result": 0, "bin": BILLER, **held(ACCOUNT, DEBTOR)}
        if query["command"] == "pay":
            said["prv_txn_id"] = 700301
        return Judged(200, orjson.dumps(said), told={"credential": "right", "data": said})

"""Partners' own requests as the platform's code builds them today, and what of each must arrive and come back.

The shared payloads where they are beside the repository, and invented twins of our own always.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway.canonical import Node
from tests.deployment import Served
from tests.partners.deployed import JUDGES

OWN = Path(__file__).parent / "payloads" / "partners"
SHARED = Path(__file__).parents[3] / "shared" / "payloads"
SUBJECT = "usr_0001"
ABOUT = {
    "Gateway-Subject": SUBJECT,
    "Gateway-Basis": "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00",
}
HOSTILE = {
    "Cookie": "session=canary-cookie",
    "Authorization": "Bearer canary-authorization",
    "Proxy-Authorization": "Basic canary-proxy",
    "User-Agent": "canary-agent/1.0",
    "X-Forwarded-For": "192.0.2.17",
    "Forwarded": "for=192.0.2.17",
    "X-Real-IP": "192.0.2.17",
    "Referer": "https://app.example.com/u/canary-referer",
    "Traceparent": "00-canarytrace",
    "X-Customer": "canary-customer",
}
ALWAYS = frozenset(
    {"Host", "User-Agent", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "Idempotency-Key"}
)
BODYLESS = ALWAYS - {"Content-Type", "Content-Length"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One partner's request: what of it must arrive, and what of the answer must come back."""

    number: str
    recipient: str
    path: str
    content_type: str = "application/json"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: frozenset[str]  # leaves that arrive as they are, if they were sent
    made: Mapping[str, str] = field(default_factory=dict)  # leaves that arrive as this; {path} is another leaf
    scrubbed: Mapping[str, str] = field(default_factory=dict)  # in leaves that are kept: what stands there instead
    signed: frozenset[str] = frozenset()  # leaves that the gateway adds
    theirs: frozenset[str] = frozenset()  # headers beside those of every request
    status: int = 200
    answered: Mapping[str, str]  # some leaves of the answer, as patterns
    stays: tuple[str, ...] = ()  # what the partner says and the platform must not hear

    @property
    def purpose(self) -> str:
        return JUDGES[self.recipient][0]

    @property
    def url(self) -> str:
        return f"/v1/proxy/{self.recipient}/{self.purpose}{self.path}?{self.query or 'utm=canary-query'}"


POINT = "route_points[]"
ACCOUNT = "ВыгрузкаНачислений.ЛицевойСчет[]"
ITEM = "packages[].items[]"
CASES = (
    Case(
        number="07",
        recipient="carrier-cdek-test",
        path="/v2/orders",
        kept=frozenset({"type", "number", "tariff_code", "recipient.phones[].number", "shipment_point"})
        | {"from_location.code", "from_location.address"}
        | {f"to_location.{name}" for name in ("country_code", "city", "postal_code", "address")}
        | {f"packages[].{name}" for name in ("number", "weight", "length", "width", "height")}
        | {f"{ITEM}.{name}" for name in ("ware_key", "cost", "payment.value", "weight", "amount")},
        made={"recipient.name": "Тест П.", "packages[0].items[0].name": "Товар"},
        scrubbed={"домофон 45К1234": "домофон [КОД]"},
        theirs=frozenset({"Authorization"}),
        status=202,
        answered={"entity.uuid": r"[0-9a-f-]{36}", "requests[0].state": "ACCEPTED"},
    ),
    Case(
        number="08",
        recipient="carrier-yandex-test",
        path="/b2b/cargo/integration/v2/claims/create",
        query="request_id=0f6c2a-0000-7000-8000-000000000001&user=test.primerov%40example.com",
        headers={"Accept-Language": "ru"},
        kept=frozenset({"skip_door_to_door"})
        | {
            f"items[].{name}"
            for name in ("cost_value", "cost_currency", "quantity", "weight", "pickup_point", "droppof_point")
        }
        | {f"{POINT}.{name}" for name in ("point_id", "visit_order", "type", "contact.phone")}
        | {f"{POINT}.address.{name}" for name in ("fullname", "porch", "sfloor", "sflat")},
        made={
            "items[0].title": "Товар",
            "route_points[0].contact.name": "С.",
            "route_points[1].contact.name": "Тест П.",
        },
        theirs=frozenset({"Authorization", "accept-language"}),
        answered={"id": "[0-9a-f]+", "status": "new", "version": r"\d+"},
        stays=("+770000001",),
    ),
    Case(
        number="09",
        recipient="psp-freedompay-test",
        path="/init_payment.php",
        content_type=FORM,
        kept=frozenset({"pg_merchant_id", "pg_order_id", "pg_amount", "pg_currency", "pg_language", "pg_result_url"}),
        made={"pg_description": "Оплата счёта {pg_order_id}"},
        signed=frozenset({"pg_salt", "pg_sig"}),
        answered={
            "response.pg_status[0].#text": "ok",
            "response.pg_redirect_url[0].#text": r"https://customer\.freedompay\.example/.+",
        },
    ),
    Case(
        number="10",
        recipient="psp-halyk-test",
        path="/payments",
        kept=frozenset({"invoiceId", "amount", "currency", "terminal", "backLink", "postLink", "language"}),
        made={"description": "Оплата счёта {invoiceId}"},
        theirs=frozenset({"Authorization"}),
        answered={"id": "[0-9a-f-]{36}", "status": "AUTH", "amount": r"\d+\.\d+", "code": "0"},
        stays=("TEST PRIMEROV", "77000000123", "test.primerov@example.com", "411111...1111", "192.0.2.17"),
    ),
    Case(
        number="11",
        recipient="psp-kaspi-test",
        path="/biller/answers",
        kept=frozenset({"txn_id", "result", "sum", "bin", "fields.field4.@name", "fields.field4.#text"}),
        theirs=frozenset({"X-API-Key"}),
        answered={"status": "accepted"},
    ),
    Case(
        number="12",
        recipient="psp-registry-test",
        path="/v1/registries",
        content_type="application/x-ndjson",
        kept=frozenset(
            f"records[].{name}" for name in ("payment_id", "order_id", "paid_at", "amount", "currency", "status")
        ),
        theirs=frozenset({"X-Exchange-Key"}),
        answered={"accepted": "2"},
        stays=("Примеров Тест Образцович",),
    ),
    Case(
        number="13",
        recipient="mc-primer-1c",
        path="/hs/exchange/charges",
        content_type="application/xml",
        kept=frozenset(
            {
                *(f"ВыгрузкаНачислений.@{name}" for name in ("Период", "Отправитель", "Получатель")),
                *(f"{ACCOUNT}.{name}" for name in ("@Номер", "Начисление[].@Код", "Начисление[].@Сумма")),
                *(f"{ACCOUNT}.{name}" for name in ("Оплата[].@Дата", "Оплата[].@Сумма")),
            }
        ),
        theirs=frozenset({"Authorization"}),
        answered={"Квитанция.ЛицевойСчет[0].@Номер": r"\d{9}", "Квитанция.ЛицевойСчет[0].@Принято": "true"},
        stays=("Примеров Тест Образцович",),
    ),
)
BY_NUMBER = {case.number: case for case in CASES}


def bodies(case: Case) -> list[bytes]:
    """The partner's body as the platform's code builds it today: our own, and the shared one."""
    files = [*OWN.glob(f"{case.number}_*"), *SHARED.glob(f"{case.number}_*")]
    if len(files) == 1:
        print("the shared payloads are not here; our own stand in")
    return [_body(file) for file in files]


def _body(file: Path) -> bytes:
    raw = file.read_bytes().strip()
    whole = orjson.loads(raw) if file.suffix == ".json" else None
    return orjson.dumps(whole["body"]) if isinstance(whole, dict) and "meta" in whole else raw


def post(served: Served, case: Case, body: bytes, **more: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"Content-Type": case.content_type, **ABOUT, **HOSTILE, **case.headers, **more}
    return served.call("POST", case.url, body, headers)


def leaves(node: Node, path: str = "") -> dict[str, str]:
    """Each leaf's path and text."""
    if isinstance(node, dict):
        return {
            at: value
            for key, one in node.items()
            for at, value in leaves(one, f"{path}.{key}" if path else key).items()
        }
    if isinstance(node, list):
        return {at: value for place, one in enumerate(node) for at, value in leaves(one, f"{path}[{place}]").items()}
    return {path: str(node)}


def every(path: str) -> str:
    """The path without places in arrays."""
    return re.sub(r"\[\d+\]", "[]", path)

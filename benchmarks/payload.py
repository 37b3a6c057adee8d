"""The standard payload: one invented order of a home service, as a platform's backend holds it.

About 2 kB and 74 leaves, of which 15 may leave for `service_fulfilment`. Both gateways get the same bytes, and what
arrives must be exactly `expected_disclosure`: the check before the run opens it and compares. Everything in it is
invented; numbers that could be someone's are from ranges that belong to nobody.

The order id and the subject differ from request to request (`NUMBER`, six digits), so that no cache can shine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

RECIPIENT = "bench-cleaning-test"
RECIPIENT_CLASS = "marketplace_partner"
PURPOSE = "service_fulfilment"
NUMBER = "@@@@@@"
"""Stands for six digits that the load generator counts up."""

BASIS = {
    "kind": "consent",
    "ref": "consent-2026-000017",
    "given_at": "2026-10-02T08:15:00+05:00",
    "text_version": "2026-09",
}

PAYLOAD: dict[str, object] = {
    "meta": {"source": "orders", "schema": 7, "trace": "c0ffee00c0ffee00", "sent_by": "orders-worker-3"},
    "order": {
        "order_id": f"ORD-{NUMBER}",
        "service_code": "cleaning.general",
        "service_name": "Генеральная уборка дома",
        "quantity": 1,
        "price": "18000.00",
        "currency": "KZT",
        "place": "customer_home",
        "status": "accepted",
        "created_at": "2026-11-20T09:12:44+05:00",
        "window": {"from": "2026-11-22T10:00:00+05:00", "to": "2026-11-22T13:00:00+05:00", "flexible": False},
        "customer": {
            "id": f"usr_{NUMBER}",
            "last_name": "Примеров",
            "first_name": "Тест",
            "patronymic": "Образцович",
            "iin": "900101100103",
            "phone": "+7 700 000-01-23",
            "email": "test.primerov@example.com",
            "birthday": "1990-01-01",
            "language": "ru",
            "loyalty": {"level": "gold", "points": 1240, "since": "2024-03-01"},
            "orders_total": 37,
            "family": {"adults": 2, "children": 1},
        },
        "address": {
            "city": "Павлодар",
            "street": "ул. Примерная",
            "house": "10/1",
            "premise_id": "prm-0000451",
            "area_m2": "154.30",
            "rooms": 5,
            "lat": "52.2871",
            "lon": "76.9674",
            "gate_code": "45К1234",
        },
        "comment": "Дома кот, ключ у консьержа. Если не откроем, позвоните 8 700 000 01 24.",
        "payment": {
            "method": "card",
            "status": "paid",
            "card_mask": "411111******1111",
            "card_token": "tok_5f1d7a84deadbeef",
            "psp_payment_id": "fp_998877",
            "personal_account": "100200300",
            "debt": "0.00",
            "bonus_spent": 0,
        },
        "pricing": {"base": "20000.00", "discount": "2000.00", "promo": "НОЯБРЬ10", "commission": "1800.00"},
        "items": [
            {"sku": "clean-floor", "title": "Полы", "minutes": 60},
            {"sku": "clean-window", "title": "Окна", "minutes": 80},
            {"sku": "clean-bath", "title": "Санузел", "minutes": 40},
        ],
        "device": {
            "ip": "2001:db8::17",
            "agent": "CityGroup/3.2 (Android 15)",
            "device_id": "dev-7d9f6a",
            "session": "ses-41c0de",
            "push_token": "push-0f1e2d3c",
        },
        "marketing": {"utm_source": "mail", "utm_campaign": "november", "segment": "B2"},
        "internal": {"margin": "0.10", "risk_score": 12, "operator": "op-17", "note": "VIP"},
    },
}

_DISCLOSURE: dict[str, object] = {
    "order": {
        "order_id": f"ORD-{NUMBER}",
        "service_code": "cleaning.general",
        "quantity": 1,
        "price": "18000.00",
        "currency": "KZT",
        "payment_status": "paid",
        "place": "customer_home",
        "window": {"from": "2026-11-22T10:00:00+05:00", "to": "2026-11-22T13:00:00+05:00"},
        "customer": {"name": "Тест П.", "phone": "+77000000123"},
        "address": {"city": "Павлодар", "street": "ул. Примерная", "house": "10/1"},
        "comment": "Дома кот, ключ у консьержа. Если не откроем, позвоните [ТЕЛЕФОН].",
    },
}


def request_body() -> bytes:
    """The body that callers post to `/v1/transfers`, with `NUMBER` still in it."""
    return orjson.dumps(
        {
            "recipient": RECIPIENT,
            "purpose": PURPOSE,
            "subject": f"usr_{NUMBER}",
            "basis": BASIS,
            "payload": PAYLOAD,
            "delivery": "wait",
        }
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, with `NUMBER` still in it."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def numbered(self, number: str) -> Asked:
        """The same with the number in its places."""
        headers = {name: value.replace(NUMBER, number) for name, value in self.headers.items()}
        return Asked(self.path, headers, self.body.replace(NUMBER.encode(), number.encode()))

    def on_the_wire(self, port: int) -> bytes:
        """All of it as HTTP/1.1 for a server on the loopback."""
        head = {"Host": f"127.0.0.1:{port}", **self.headers, "Content-Length": str(len(self.body))}
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        return "\r\n".join(lines).encode("ascii") + self.body


_JSON = {"Content-Type": "application/json"}


def transfer(token: str) -> Asked:
    """What a caller posts to `/v1/transfers`."""
    return Asked("/v1/transfers", {**_JSON, "Authorization": f"Bearer {token}"}, request_body())


def proxied(token: str) -> Asked:
    """The same transfer through the proxy: the payload as the recipient's own API would take it."""
    said = {
        "Authorization": f"Bearer {token}",
        "Gateway-Subject": f"usr_{NUMBER}",
        "Gateway-Basis": "; ".join(f"{name}={value}" for name, value in BASIS.items()),
    }
    return Asked(f"/v1/proxy/{RECIPIENT}/{PURPOSE}/orders", {**_JSON, **said}, orjson.dumps(PAYLOAD))


def direct() -> Asked:
    """What a backend would send without a gateway: the payload itself, straight to the recipient."""
    return Asked("/orders", _JSON, orjson.dumps(PAYLOAD))


def expected_disclosure(number: str) -> object:
    """Exactly what may arrive for the request with this number."""
    disclosure: object = orjson.loads(orjson.dumps(_DISCLOSURE).replace(NUMBER.encode(), number.encode()))
    return disclosure


def leaves(node: object) -> int:
    """How many leaves a JSON value has."""
    if isinstance(node, dict):
        return sum(map(leaves, node.values()))
    if isinstance(node, list):
        return sum(map(leaves, node))
    return 1

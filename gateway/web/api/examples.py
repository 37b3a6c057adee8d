"""Requests and answers of invented people, for the API's description.

Promises: every example is of the shape that stands beside it, and a gateway over this repository's own maps takes it;
tests hold both. It must never hold a value that could be a person's: numbers are of ranges that are given to no one.
"""

from __future__ import annotations

from typing import Any, Final

TRANSFER_ID: Final = "01977420-0c1b-7c7a-9d5e-3f2b8a6c1d40"
_NOTE: Final = (
    "gateway.example.kz/log\n1207\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— gateway.example.kz/log Az3grl…\n"
)

TRANSFER: Final[dict[str, Any]] = {
    "recipient": "mc-primer-uk",
    "purpose": "service_request",
    "subject": "usr_0001",
    "basis": {"kind": "consent", "ref": "consent-2026-11", "given_at": "2026-11-01T09:00:00+05:00"},
    "payload": {
        "ticket": {
            "id": "REQ-1",
            "category": "plumbing",
            "scope": "common_property",
            "created_at": "2026-11-20T08:40:00+05:00",
            "text": "Течёт кран",
            "address": {"street": "ул. Примерная", "house": "10/1"},
        },
        "iin": "900101100103",
    },
}
_RELEASED: Final = [{"path": "ticket.id", "rule": "string"}, {"path": "ticket.text", "rule": "text"}]
_WITHHELD: Final = [{"path": "iin", "reason": "never"}]
DELIVERED: Final[dict[str, Any]] = {
    "transfer_id": TRANSFER_ID,
    "outcome": "delivered",
    "released": _RELEASED,
    "withheld": _WITHHELD,
    "alarms": [],
    "findings": {},
    "log": {"index": 1206, "checkpoint": _NOTE},
    "answer": {"status": 200, "headers": {"content-type": "application/json"}, "body": {"accepted": True}},
}
LIFE: Final[dict[str, Any]] = {
    "transfer_id": TRANSFER_ID,
    "entries": [
        {
            "index": 1206,
            "kind": "intent",
            "at": "2026-11-20T08:41:12.000412Z",
            "recipient": "mc-primer-uk",
            "purpose": "service_request",
            "attempt": 1,
            "released": ["ticket.id", "ticket.text"],
            "withheld": _WITHHELD,
        },
        {
            "index": 1207,
            "kind": "outcome",
            "at": "2026-11-20T08:41:12.187300Z",
            "recipient": "mc-primer-uk",
            "purpose": "service_request",
            "attempt": 1,
            "outcome": "delivered",
            "status": 200,
        },
    ],
}
VERDICT: Final[dict[str, Any]] = {
    "decision": "permitted",
    "reason": None,
    "disclosure": {"ticket": {"id": "REQ-1", "text": "Течёт кран"}},
    "released": _RELEASED,
    "withheld": _WITHHELD,
    "alarms": [],
    "findings": {},
    "failures": [],
}
KEPT_SET: Final[dict[str, Any]] = {
    "recipient": "mc-primer-uk",
    "name": "premises",
    "count": 2,
    "updated_at": "2026-11-20T08:00:00.000000Z",
}
JWKS: Final[dict[str, Any]] = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "use": "sig",
            "alg": "ES256",
            "kid": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
        }
    ]
}
CHECKPOINT: Final = _NOTE
READY: Final[dict[str, Any]] = {"status": "ready", "checks": {"database": "ok", "keys": "ok", "maps": "ok"}}
ORDER: Final[dict[str, Any]] = {
    "number": "ORD-8002",
    "tariff_code": 136,
    "delivery_point": "PVL-07",
    "recipient": {
        "name": "Образцова Ольга",
        "phones": [{"number": "+77000000121"}],
        "email": "o.obraztsova@example.com",
    },
    "packages": [
        {
            "number": "1",
            "weight": 1400,
            "items": [
                {
                    "ware_key": "TAP-1",
                    "name": "Смеситель",
                    "cost": 15990,
                    "payment": {"value": 0},
                    "weight": 1400,
                    "amount": 1,
                }
            ],
        }
    ],
}
"""What a recipient's own API takes, said to the proxy."""
REGISTRY: Final = (
    '{"resident": {"subject_id": "usr_2001", "last_name": "Образцова", "first_name": "Ольга", "role": "owner", '
    '"address": {"city": "Павлодар", "street": "ул. Вымышленная", "house": "7А", "apartment": "12"}, '
    '"premise": {"premise_id": "prem_0112", "type": "apartment", "total_area_m2": 61.70}}}\n'
    '{"resident": {"subject_id": "usr_2002", "last_name": "Примеров", "first_name": "Тест", "role": "tenant", '
    '"address": {"city": "Павлодар", "street": "ул. Примерная", "house": "10/1", "apartment": "45"}, '
    '"premise": {"premise_id": "prem_0045", "type": "apartment", "total_area_m2": 36.10}}}\n'
)
REGISTRY_HEADERS: Final = {
    "Idempotency-Key": "register-2026-11",
    "Gateway-Recipient": "mc-primer-uk",
    "Gateway-Purpose": "resident_register",
    "Gateway-Subject-Field": "resident.subject_id",
    "Gateway-Basis": "kind=consent; ref=consent-2026-11; given_at=2026-11-01T09:00:00+05:00",
}
"""A registry of two residents, each a transfer of its own."""

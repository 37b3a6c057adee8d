"""What the demo sends: invented people of Pavlodar, in Russian and Kazakh, and one request for each way to be refused.

Every person, number and document here is made up: birth years in the 1800s, phones in an unassigned range, the
reserved domain example.com.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class DemoRecipient:
    """A recipient that the demo starts, and what the platform may ask to send there."""

    id: str
    title: str
    grants: tuple[str, ...]
    key_expired: bool = False


RECIPIENTS = (
    DemoRecipient(
        "mc-primer-uk", "managing company", ("mc-primer-uk:resident_register", "mc-primer-uk:service_request")
    ),
    DemoRecipient("partner-chistyi-test", "marketplace partner", ("partner-chistyi-test:service_fulfilment",)),
    DemoRecipient("psp-halyk-test", "payment provider", ("psp-halyk-test:payment",)),
    DemoRecipient("psp-freedompay-test", "one with an expired key", ("psp-freedompay-test:payment",), key_expired=True),
)


@dataclass(frozen=True)
class Act:
    """One request of the platform."""

    title: str
    recipient: str
    purpose: str
    subject: str
    payload: Payload


_ADDRESS = {"city": "Павлодар", "street": "ул. Примерная", "house": "10/1", "entrance": "2", "floor": "5"}

REQUEST_RU = Act(
    "заявка: протечка в квартире",
    "mc-primer-uk",
    "service_request",
    "usr_0001",
    {
        "ticket": {
            "id": "REQ-2026-000301",
            "category": "plumbing",
            "scope": "apartment",
            "priority": "high",
            "created_at": "2026-11-20T08:40:00+05:00",
            "text": "Течёт стояк в ванной, кв. 45. ИИН 900101100103, звоните 8 700 000 01 23 "
            "или пишите test.primerov@example.com. Деньги верните на карту 4111 1111 1111 1111.",
            "contact": {
                "name": "Примеров Тест Образцович",
                "phone": "87000000123",
                "email": "test.primerov@example.com",
            },
            "address": {**_ADDRESS, "apartment": "45", "intercom_code": "45К1234"},
            "client": {"ip": "192.0.2.17", "ua": "CityGroup/3.2 (Android 15)"},
        },
        "diagnosis": "не для управляющей компании",
    },
)

REQUEST_KK = Act(
    "өтініш: лифт тоқтап қалды",
    "mc-primer-uk",
    "service_request",
    "usr_0002",
    {
        "ticket": {
            "id": "REQ-2026-000302",
            "category": "elevator",
            "scope": "common_property",
            "created_at": "2026-11-20T09:02:00+05:00",
            "text": "Лифт тоқтап қалды, 2-кіреберіс. ЖСН 850515200208, нөмірім +7 (700) 000-01-25.",
            "contact": {"name": "Үлгіқызы Сынақ", "phone": "+77000000125", "callback_requested": True},
            "address": {**_ADDRESS, "street": "Үлгі көшесі", "apartment": "46"},
            "lang": "kk",
        }
    },
)

REGISTER = Act(
    "учёт жителей: новый собственник",
    "mc-primer-uk",
    "resident_register",
    "usr_0003",
    {
        "resident": {
            "subject_id": "usr_0003",
            "iin": "920317100307",
            "last_name": "Пробный",
            "first_name": "Мысал",
            "patronymic": "Үлгіұлы",
            "birth_date": "1892-03-17",
            "nationality": "казах",
            "id_document": {"type": "удостоверение личности", "number": "000000019"},
            "phone": "8 (700) 000-01-27",
            "role": "owner",
            "ownership_share": "1/2",
            "move_in_date": "2021-06-01",
            "residents_count": 4,
            "address": {**_ADDRESS, "house": "10", "building": "1", "apartment": "47", "lat": 52.2873, "lon": 76.9674},
            "premise": {"premise_id": "prem_0047", "type": "apartment", "total_area_m2": "54.30"},
            "personal_account": "100200303",
            "balance": -15230.50,
            "benefit_category": "инвалид II группы",
        }
    },
)

CLEANING_KK = Act(
    "тапсырыс: пәтер тазалау",
    "partner-chistyi-test",
    "service_fulfilment",
    "usr_0002",
    {
        "order": {
            "order_id": "ORD-6001",
            "service_code": "cleaning.general",
            "quantity": 1,
            "price": "18000.00",
            "currency": "KZT",
            "place": "customer_home",
            "window": {"from": "2026-11-22T10:00:00+05:00", "to": "2026-11-22T13:00:00+05:00"},
            "customer": {
                "last_name": "Үлгіқызы",
                "first_name": "Сынақ",
                "iin": "850515200208",
                "phone": "+7 700 000-01-25",
                "email": "synaq@example.com",
                "loyalty_level": "gold",
            },
            "address": {**_ADDRESS, "street": "Үлгі көшесі", "apartment": "46", "intercom_code": "46К0001"},
            "comment": "Үйде мысық бар. Күйеуіме 8 700 000 01 24 қоңырау шалыңыз.",
            "payment": {"method": "card", "status": "paid", "card_mask": "411111******1111", "debt": "0.00"},
        }
    },
)

PAYMENT = Act(
    "оплата счёта",
    "psp-halyk-test",
    "payment",
    "usr_0001",
    {
        "payment": {
            "order_id": "INV-0f6c2a",
            "amount": "5430.10",
            "currency": "KZT",
            "description": "ЖКУ за 10.2026, Примеров Тест Образцович, кв. 45, ИИН 900101100103",
            "merchant_id": "500000",
            "language": "ru",
            "payer": {"name": "Примеров Тест", "iin": "900101100103", "ip": "192.0.2.17"},
            "phone": "77000000123",
        }
    },
)

# ── through the proxy: as the recipients' own APIs take them ────────────────

ORDER = Act(
    "заказ: доставка до двери",
    "carrier-cdek-test",
    "goods_delivery",
    "usr_0004",
    {
        "type": 1,
        "number": "ORD-7301",
        "tariff_code": 137,
        "shipment_point": "PVL1",
        "comment": "Получатель лежачий, ИИН 920317100307, код домофона 47К0002",
        "recipient": {
            "name": "Пробный Мысал Үлгіұлы",
            "contragent_type": "INDIVIDUAL",
            "email": "mysal@example.com",
            "tin": "920317100307",
            "passport_series": "N",
            "passport_number": "000000019",
            "passport_date_of_birth": "1892-03-17",
            "phones": [{"number": "8 (700) 000-01-27", "additional": "сестра: 87000000128"}],
        },
        "to_location": {
            "country_code": "KZ",
            "city": "Павлодар",
            "postal_code": "140000",
            "address": "ул. Примерная, 10, кв. 47",
            "latitude": 52.2873,
            "longitude": 76.9674,
        },
        "packages": [
            {
                "number": "A-1",
                "weight": 800,
                "length": 12,
                "width": 10,
                "height": 8,
                "comment": "тонометр, для пенсионера",
                "items": [
                    {
                        "ware_key": "SKU-44",
                        "name": "Тонометр автоматический",
                        "cost": 12500,
                        "payment": {"value": 0},
                        "weight": 800,
                        "amount": 1,
                    }
                ],
            }
        ],
    },
)

CHECKOUT = Act(
    "оплата счёта: форма с подписью",
    "psp-form-test",
    "payment",
    "usr_0002",
    {
        "pg_merchant_id": "500000",
        "pg_order_id": "INV-77aa02",
        "pg_amount": "2750.40",
        "pg_currency": "KZT",
        "pg_description": "ЖКУ Үлгіқызы Сынақ, кв. 46, ЖСН 850515200208",
        "pg_language": "ru",
        "pg_user_phone": "77000000125",
        "pg_user_contact_email": "synaq@example.com",
        "pg_user_ip": "198.51.100.23",
        "pg_user_id": "usr_0002",
        "pg_param1": "850515200208",
        "pg_result_url": "https://pay.example.com/cb",
        "pg_success_url": "https://app.example.com/ok?phone=77000000125",
        "pg_salt": "zz9",
        "pg_sig": "0123456789abcdef0123456789abcdef",
    },
)

TERMINAL = (
    "psp-terminal-test"  # a bank that asks the platform: what it may ask stands in its file, and is granted by it
)

DROP_IN = (
    DemoRecipient("carrier-cdek-test", "carrier with an API of its own", ("carrier-cdek-test:goods_delivery",)),
    DemoRecipient("psp-form-test", "payment provider that checks signatures", ("psp-form-test:payment",)),
)

ACTS = (REQUEST_RU, REQUEST_KK, REGISTER, CLEANING_KK, PAYMENT)

BASIS = {"kind": "consent", "ref": "consent-2026-11", "given_at": "2026-11-01T09:00:00+05:00"}
BLOCKED_SUBJECT = "usr_0099"


@dataclass(frozen=True)
class Refusal:
    """A request that must be refused: what is wrong with it, in words, and the reason the gateway has to give."""

    reason: str
    because: str
    act: Act
    basis: bool = True


def _changed(act: Act, **changes: Any) -> Act:
    return Act(**{**act.__dict__, **changes})


def _ticket(**changes: Any) -> Payload:
    return {"ticket": {**REQUEST_KK.payload["ticket"], **changes}}


REFUSALS = (
    Refusal("unknown_recipient", "nobody of this name has a map", _changed(REQUEST_KK, recipient="mc-nobody")),
    Refusal("unknown_purpose", "marketing is no purpose of the policy", _changed(REQUEST_KK, purpose="marketing")),
    Refusal("not_granted", "the platform was not granted it", _changed(REQUEST_KK, purpose="management_services")),
    Refusal("basis_missing", "no consent or obligation was stated", REQUEST_KK, basis=False),
    Refusal("required_missing", "a request without its text", _changed(REQUEST_KK, payload=_ticket(text=None))),
    Refusal(
        "required_invalid", "the scope is none of the known ones", _changed(REQUEST_KK, payload=_ticket(scope="galaxy"))
    ),
    Refusal("restricted", "the resident asked to be blocked", _changed(REQUEST_KK, subject=BLOCKED_SUBJECT)),
    Refusal("key_unusable", "the recipient's key has expired", _changed(PAYMENT, recipient="psp-freedompay-test")),
)


def request(act: Act, *, basis: bool = True) -> dict[str, Any]:
    """The body of `POST /v1/transfers`."""
    body: dict[str, Any] = {
        "recipient": act.recipient,
        "purpose": act.purpose,
        "subject": act.subject,
        "payload": act.payload,
    }
    if basis:
        body["basis"] = BASIS
    return body

"""The smallest request that each partner takes: every field of it is needed. People are invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import orjson

from tests.partners import cdek, cloudpayments, freedompay, halyk, kaspi, onec, robokassa, yandex
from tests.partners.partner import Json, Judge, Request, basic
from tests.recipients import Headers

FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")
JSON: Final = ("Content-Type", "application/json")
YANDEX_HEADERS: Final = (("Authorization", f"Bearer {yandex.TOKEN}"), ("Accept-Language", "ru"))

ORDER: Final[dict[str, Json]] = {
    "tariff_code": 139,
    "recipient": {"name": "Тест П.", "phones": [{"number": "+77000000123"}]},
    "from_location": {"address": "Склад продавца, ул. Складская, 1"},
    "to_location": {"address": "ул. Примерная, 10/1, кв. 45"},
    "packages": [
        {
            "number": "1",
            "weight": 1200,
            "items": [
                {
                    "ware_key": "SKU-1",
                    "name": "Товар SKU-1",
                    "cost": 9900,
                    "payment": {"value": 0},
                    "weight": 1200,
                    "amount": 1,
                }
            ],
        }
    ],
}
CLAIM: Final[dict[str, Json]] = {
    "items": [
        {
            "title": "Товар",
            "cost_value": "15990.00",
            "cost_currency": "KZT",
            "quantity": 1,
            "pickup_point": 1,
            "droppof_point": 2,
        }
    ],
    "route_points": [
        {
            "point_id": 1,
            "visit_order": 1,
            "type": "source",
            "address": {"fullname": "Павлодар, ул. Складская, 1"},
            "contact": {"name": "Склад", "phone": "+77182550002"},
        },
        {
            "point_id": 2,
            "visit_order": 2,
            "type": "destination",
            "address": {"fullname": "Павлодар, ул. Примерная, 10/1"},
            "contact": {"name": "Тест П.", "phone": "+77000000123"},
        },
    ],
}
PAYMENT: Final[dict[str, Json]] = {
    "invoiceId": "000005002",
    "amount": 15990.0,
    "currency": "KZT",
    "terminal": halyk.TERMINAL,
    "description": "Оплата заказа 000005002",
    "backLink": "https://app.example.com/ok",
    "postLink": "https://pay.example.com/cb",
}
CHARGE: Final[dict[str, Json]] = {
    "Amount": 5430,
    "Currency": "KZT",
    "IpAddress": "192.0.2.17",
    "Name": "TEST PRIMEROV",
    "CardCryptogramPacket": "01492500008719030128SMinvented",
}
INVOICE_FOR: Final[dict[str, Json]] = {"Amount": 5430, "Currency": "KZT", "Description": "Оплата счёта INV-0f6c2a"}
INVOICE: Final[dict[str, Json]] = {"amount": 5430, "phone_number": "87000000123"}
ANSWER: Final[dict[str, Json]] = {"txn_id": "123456789", "result": 0, "sum": "5430.00"}
CHARGES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<ВыгрузкаНачислений Период="2026-10" Отправитель="140140030904" Получатель="991240999991">'
    '<ЛицевойСчет Номер="100200300"><Начисление Код="mgmt" Сумма="4344.00"/></ЛицевойСчет>'
    "</ВыгрузкаНачислений>"
)
FREEDOMPAY_FIELDS: Final[Mapping[str, str]] = {
    "pg_merchant_id": freedompay.MERCHANT,
    "pg_amount": "5430.00",
    "pg_description": "Оплата счёта INV-0f6c2a",
    "pg_salt": "a1b2c3",
}
ROBOKASSA_FIELDS: Final[Mapping[str, str]] = {
    "MerchantLogin": robokassa.MERCHANT_LOGIN,
    "OutSum": "5430.00",
    "Description": "Оплата счёта 5002",
}


def posted(path: str, body: Json, *headers: tuple[str, str], query: tuple[tuple[str, str], ...] = ()) -> Request:
    """A POST of JSON."""
    return Request("POST", path, query, (JSON, *headers), orjson.dumps(body))


def form(path: str, fields: Mapping[str, str], *headers: tuple[str, str]) -> Request:
    """A POST of an urlencoded form."""
    return Request("POST", path, (), (FORM, *headers), urlencode(fields).encode())


def freedompay_form(fields: Mapping[str, str], path: str = freedompay.ROUTE) -> Request:
    """A form for Freedom Pay, signed by its own rule."""
    script = path.rpartition("/")[2]
    return form(path, {**fields, "pg_sig": freedompay.signature(script, fields)})


def robokassa_form(fields: Mapping[str, str], path: str = robokassa.JSON_ROUTE) -> Request:
    """A form for Robokassa, signed by its own rule."""
    return form(path, {**fields, "SignatureValue": robokassa.signature(fields)})


_CDEK: Final[Headers] = (("Authorization", f"Bearer {cdek.TOKEN}"),)
_HALYK: Final[Headers] = (("Authorization", f"Bearer {halyk.TOKEN}"),)
_CLOUDPAYMENTS: Final[Headers] = (("Authorization", basic(cloudpayments.PUBLIC_ID, cloudpayments.API_SECRET)),)
_KASPI: Final[Headers] = (("X-API-Key", kaspi.API_KEY),)
_ONEC: Final[Headers] = (
    ("Authorization", basic(onec.LOGIN, onec.PASSWORD)),
    ("Content-Type", "application/xml"),
)
CLAIM_QUERY: Final = (("request_id", "0f6c2a00-0000-7000-8000-000000000001"),)

GOOD: Final[Mapping[str, tuple[Judge, Request]]] = {
    "cdek": (cdek.judge, posted(cdek.ROUTE, ORDER, *_CDEK)),
    "yandex": (yandex.judge, posted(yandex.ROUTE, CLAIM, *YANDEX_HEADERS, query=CLAIM_QUERY)),
    "halyk": (halyk.judge, posted(halyk.ROUTE, PAYMENT, *_HALYK)),
    "cloudpayments charge": (
        cloudpayments.judge,
        posted(cloudpayments.CHARGE_ROUTE, CHARGE, *_CLOUDPAYMENTS),
    ),
    "cloudpayments order": (
        cloudpayments.judge,
        posted(cloudpayments.ORDER_ROUTE, INVOICE_FOR, *_CLOUDPAYMENTS),
    ),
    "kaspi invoice": (kaspi.judge, posted(kaspi.INVOICES_ROUTE, INVOICE, *_KASPI)),
    "kaspi answer": (kaspi.judge, posted(kaspi.ANSWERS_ROUTE, ANSWER, *_KASPI)),
    "freedompay": (freedompay.judge, freedompay_form(FREEDOMPAY_FIELDS)),
    "robokassa": (robokassa.judge, robokassa_form(ROBOKASSA_FIELDS)),
    "onec": (onec.judge, Request("POST", onec.ROUTE, (), _ONEC, CHARGES.encode())),
}
TOKENS: Final[Mapping[str, tuple[Judge, Request]]] = {
    "cdek": (
        cdek.judge,
        form(
            cdek.TOKEN_ROUTE,
            {"grant_type": "client_credentials", "client_id": cdek.ACCOUNT, "client_secret": cdek.SECURE},
        ),
    ),
    "halyk": (
        halyk.judge,
        form(
            halyk.TOKEN_ROUTE,
            {
                "grant_type": "client_credentials",
                "scope": halyk.SCOPE,
                "client_id": halyk.CLIENT_ID,
                "client_secret": halyk.CLIENT_SECRET,
            },
        ),
    ),
}

"""A draft holds no value of its samples: canaries in every place that a sample has (T14)."""

from __future__ import annotations

from pathlib import Path as FilePath

import orjson
import pytest

from gateway.errors import ConfigError
from gateway.purpose.drafted import draft_text
from tests.unit.purpose.drafted.conftest import drafted

CANARIES = {
    "name": "Канареев Тест Образцович",
    "fio": "Canaryov Test",
    "phone": "+77000000123",
    "email": "canary@example.com",
    "iin": "900101100103",
    "card": "4111111111111111",
    "iban": "KZ86125KZT5004100100",
    "comment": "Канареечный комментарий",
    "address": "ул. Канареечная, 10",
    "sflat": "451",
    "status": "Canaryov",
    "type": "канарейка",
    "code": "77177",
    "kind": "canary kind of thing",
    "login": "canary_login",
    "reference": "CANARY-17",
    "total": 717171.17,
    "level": 7171,
    "born": "1890-01-01",
    "at": "1890-01-01T10:00:00Z",
    "link": "https://canary.example/7171",
    "data": '{"canary": 71}',
    "lists": ["CANARY17", "канарейка"],
    "87000000125": "canary wife",
    "Канареев Тест": "canary son",
}
WORDS = [
    "анаре",
    "canary",
    "700000012",
    "900101100103",
    "4111111",
    "5004100100",
    "451",
    "77177",
    "717171",
    "7171",
    "1890",
]


def nested() -> dict[str, object]:
    return {**CANARIES, "recipient": CANARIES, "items": [CANARIES], "outer": {"inner": [{"deep": CANARIES}]}}


@pytest.mark.parametrize("role", ["carrier", "seller", None])
def test_no_value_of_a_body_is_in_the_draft(tmp_path: FilePath, role: str | None) -> None:
    text = draft_text(drafted(tmp_path, nested(), role=role)).lower()

    assert [word for word in WORDS if word in text] == []


def test_no_value_of_recorded_traffic_is_in_the_draft(tmp_path: FilePath) -> None:
    body = orjson.dumps(nested()).decode()
    content = {"mimeType": "application/json", "text": body}
    query = "phone=%2B77000000123&who=Canaryov&level=7171&email=canary@example.com"
    urls = [f"orders?{query}", "orders/7171", "people/canary@example.com", "people/900101100103", "p/Канареев"]
    entries = [
        {
            "request": {
                "method": "POST",
                "url": f"https://api.example/{url}",
                "headers": [{"name": "Authorization", "value": "canary"}],
                "cookies": [{"name": "canary", "value": "canary"}],
                "postData": content,
            },
            "response": {"status": 200, "content": content, "headers": [{"name": "x", "value": "canary"}]},
            "serverIPAddress": "canary",
        }
        for url in urls
    ]

    text = draft_text(drafted(tmp_path, {"log": {"entries": entries}}, suffix="har")).lower()

    assert [word for word in WORDS if word in text] == []
    assert "post /orders" in text


def test_no_example_of_a_description_is_in_the_draft(tmp_path: FilePath) -> None:
    properties = {
        key: {"type": "string", "example": str(value), "default": str(value), "description": str(value)}
        for key, value in CANARIES.items()
    }
    schema = {"type": "object", "properties": properties, "example": CANARIES}
    api = {
        "openapi": "3.1.0",
        "info": {"title": "canary", "version": "1"},
        "paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}},
    }

    text = draft_text(drafted(tmp_path, api)).lower()

    # A description's own property names are an author's; those that may be a person's are not written either.
    assert [word for word in WORDS if word in text] == []


def test_a_role_that_no_condition_reads_is_told(tmp_path: FilePath) -> None:
    with pytest.raises(ConfigError, match="warehouse: no role of marketplace_partner"):
        drafted(tmp_path, {"number": "ORD-1"}, role="warehouse")


@pytest.mark.parametrize(
    ("recipient_class", "purpose", "said"),
    [
        ("bank", "payment", "bank: no such class map"),
        ("payment_provider", "goods_delivery", "goods_delivery: no purpose of payment_provider"),
    ],
)
def test_a_class_or_a_purpose_that_is_none_is_told(
    tmp_path: FilePath, recipient_class: str, purpose: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        drafted(tmp_path, {"a": 1}, recipient_class, purpose)

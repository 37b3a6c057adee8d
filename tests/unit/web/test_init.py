from __future__ import annotations

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.web import create_app
from gateway.web.api.proxy import METHODS
from tests.unit.web.served import ASKED, OTHER_TOKEN, TOKEN, Served, post


def app(served: Served | None = None) -> Flask:
    served = served or Served()
    return create_app(served, diagnostics_to=served.lines)


def each_answer(served: Served) -> list[TestResponse]:
    client = served.ask()
    return [
        post(served),
        post(served, headers={"Gateway-Token": "wrong"}),
        client.get("/healthz"),
        client.get("/nowhere"),
        client.delete("/v1/transfers"),
        client.get("/.well-known/jwks.json"),
        client.get("/v1/log/checkpoint"),
    ]


def test_no_answer_sets_a_cookie_allows_another_origin_or_may_be_sniffed() -> None:
    answers = each_answer(Served())

    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118 -- items
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store" or answer.request.path == "/.well-known/jwks.json"


def test_an_answer_to_a_preflight_grants_nothing() -> None:
    answer = Served().ask().options("/v1/transfers", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 405
    assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["//v1/transfers", "/v1//transfers", "/v1/transfers/", "/healthz/", "/v1/./transfers"])
def test_no_spelling_of_a_path_is_redirected(path: str) -> None:
    answer = Served().ask().get(path)

    assert answer.status_code in (404, 405)
    assert "Location" not in answer.headers


def test_the_routes_are_these_and_no_others() -> None:
    """T88."""
    served = app()

    routes = {(rule.rule, method) for rule in served.url_map.iter_rules() for method in rule.methods or ()}

    assert routes - {(rule, "HEAD") for rule, _ in routes} == {
        ("/v1/transfers", "POST"),
        ("/v1/transfers/<transfer_id>", "GET"),
        ("/v1/preview", "POST"),
        *{("/v1/proxy/<recipient>/<purpose>/<path:path>", method) for method in METHODS},
        *{("/v1/pull/<recipient>/<path:path>", method) for method in METHODS},
        *{("/v1/pull/<recipient>/<path:path>", method) for method in METHODS},
        ("/v1/batches", "POST"),
        *{("/v1/recipients/<recipient_id>/scope/<name>", method) for method in ("GET", "PATCH", "PUT")},
        ("/v1/log/checkpoint", "GET"),
        ("/.well-known/jwks.json", "GET"),
        ("/healthz", "GET"),
        ("/docs", "GET"),
        ("/docs/style.css", "GET"),
        ("/openapi.json", "GET"),
        ("/readyz", "GET"),
        ("/metrics", "GET"),
    }


def test_every_route_is_described_with_its_answer_and_its_problems() -> None:
    spec = orjson.loads(Served().ask().get("/openapi.json").data)

    operations = {
        (path, method): operation
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in ("delete", "get", "patch", "post", "put")
    }
    assert spec["openapi"] == "3.1.0"
    assert len(operations) >= 19
    for operation in operations.values():
        assert operation["summary"]
        assert {"200", "202"} & set(operation["responses"])
        assert {"500", "default"} & set(operation["responses"])
    body = operations["/v1/transfers", "post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Transfer"}
    transfer = spec["components"]["schemas"]["Transfer"]
    assert transfer["additionalProperties"] is False
    assert set(transfer["properties"]) == {"recipient", "purpose", "subject", "basis", "payload", "delivery"}


def test_a_request_leaves_one_line_of_route_status_code_transfer_caller_and_time() -> None:
    served = Served()

    answer = post(served, query_string={"phone": "+77000000123"})

    assert served.diagnostics() == [
        {
            "event": "request",
            "method": "POST",
            "route": "/v1/transfers",
            "status": 200,
            "transfer_id": answer.json["transfer_id"] if answer.json else "",
            "caller": "backend",
            "ms": 0.0,
            "at": "2026-11-18T11:06:40.000000Z",
        }
    ]


def test_no_canary_of_a_request_stands_in_the_diagnostics() -> None:
    """T22, T23, T86."""
    served = Served()
    client = served.ask()
    headers = {"Gateway-Token": TOKEN, "User-Agent": "CANARY", "Referer": "CANARY", "X-Forwarded-For": "CANARY"}

    client.get("/CANARY?CANARY=CANARY", headers=headers)
    client.open("/CANARY", method="CANARY", headers=headers)
    client.get("/v1/transfers/CANARY?CANARY", headers=headers)
    client.post("/v1/transfers?CANARY", data=b'{"CANARY":"CANARY"}', headers=headers)
    post(served, {**ASKED, "recipient": "CANARY", "payload": {"CANARY": "CANARY"}}, headers=headers)

    assert len(served.diagnostics()) == 5
    assert b"CANARY" not in served.lines.getvalue()


def test_a_caller_over_its_quota_of_refusals_is_answered_429_and_another_is_not() -> None:
    """T57."""
    served = Served()
    served.settings.refusals_per_minute = 2
    client = served.ask()
    bad = orjson.dumps({**ASKED, "recipient": "nobody"})

    statuses = [
        client.post("/v1/transfers", data=bad, headers={"Gateway-Token": token, "Content-Type": "application/json"})
        for token in (TOKEN, TOKEN, TOKEN, OTHER_TOKEN)
    ]

    assert [answer.status_code for answer in statuses] == [422, 422, 429, 422]
    assert statuses[2].headers["Gateway-Problem"] == "too_many_refusals"
    assert statuses[2].headers["Retry-After"] == "60"
    assert len(served.recorder.refusals) == 3


def test_the_api_is_described_with_the_schema_that_admission_uses() -> None:
    described = orjson.loads(Served().ask().get("/openapi.json").data)

    asked = described["paths"]["/v1/transfers"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = described["components"]["schemas"][asked["$ref"].rpartition("/")[2]]
    assert described["openapi"].startswith("3.1")
    assert set(schema["properties"]) == {"recipient", "purpose", "subject", "basis", "payload", "delivery"}
    assert schema["additionalProperties"] is False

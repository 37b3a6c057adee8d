from __future__ import annotations

import base64
from typing import Any

import pytest

from gateway.canonical import path_text
from gateway.errors import ConfigError
from gateway.purpose.drafted.har import read_har
from gateway.purpose.drafted.traffic import Traffic


def entry(url: str, method: str = "POST", body: str = "", answer: str = "", **more: Any) -> dict[str, Any]:
    told = {"mimeType": more.get("mime", "application/json; charset=utf-8"), "text": body}
    response = {"status": more.get("status", 200), "content": {"mimeType": "application/json", "text": answer}}
    return {"request": {"method": method, "url": url, "postData": told}, "response": response}


API = "https://api.carrier.example"


def test_requests_to_one_api_are_read_with_routes_bodies_queries_and_answers() -> None:
    traffic = Traffic()

    read_har(
        [
            entry(f"{API}/v2/orders?type=1", body='{"number": "ORD-1"}', answer='{"uuid": "x"}'),
            entry(f"{API}/v2/orders/77", "GET", answer='{"uuid": "y"}'),
            entry("https://metrics.example/collect", body='{"secret": 1}'),
            entry("http://plain.example/", body='{"secret": 1}'),
            {"request": "odd"},
            {"request": {"method": "GET", "url": "https://[odd"}},
        ],
        traffic,
        None,
    )

    assert traffic.base_url == API
    assert dict(traffic.routes) == {("POST", "/v2/orders"): 1, ("GET", "/v2/orders/{order_id}"): 1}
    assert [path_text(path) for path in traffic.bodies] == ["number"]
    assert [path_text(path) for path in traffic.outside] == ["query.type", "path.order_id"]
    assert [path_text(path) for path in traffic.answers] == ["uuid"]


def test_a_base_url_chooses_the_api_and_a_route_the_request() -> None:
    entries = [
        entry(f"{API}/v2/orders", body='{"a": 1}'),
        entry(f"{API}/v2/others", body='{"b": 1}'),
        entry(f"{API}/v1/orders", body='{"c": 1}'),
    ]
    below, alone = Traffic(base_url=f"{API}/v2"), Traffic()

    read_har(entries, below, None)
    read_har(entries, alone, "POST /v1/orders")

    assert below.texts() == ["POST /orders", "POST /others"]
    assert [path_text(path) for path in alone.bodies] == ["c"]


@pytest.mark.parametrize(
    ("body", "mime", "paths"),
    [
        ("a=1&b=2", "application/x-www-form-urlencoded", ["a", "b"]),
        (base64.b64encode(b'{"c": 1}').decode(), "application/json", ["c"]),
        ('{"c": 1, "c": 2}', "application/json", []),
        ("text", "text/plain", []),
    ],
    ids=["form", "base64", "twice the same key", "no format of ours"],
)
def test_bodies_are_read_by_the_parsers_of_bodies(body: str, mime: str, paths: list[str]) -> None:
    one = entry(f"{API}/x", body=body, mime=mime)
    if mime == "application/json" and not body.startswith("{"):
        one["request"]["postData"]["encoding"] = "base64"
    traffic = Traffic()

    read_har([one], traffic, None)

    assert [path_text(path) for path in traffic.bodies] == paths


def test_an_answer_that_is_no_success_is_not_read() -> None:
    traffic = Traffic()

    read_har([entry(f"{API}/x", answer='{"error": "x"}', status=400)], traffic, None)

    assert traffic.answers == {}


@pytest.mark.parametrize("base_url", [None, "https://elsewhere.example", "https://[", "http://api.carrier.example"])
def test_no_request_of_the_api_is_a_problem(base_url: str | None) -> None:
    entries = [] if base_url is None else [entry(f"{API}/x")]

    with pytest.raises(ConfigError, match="expected requests"):
        read_har(entries, Traffic(base_url=base_url), None)

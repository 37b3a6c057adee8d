from __future__ import annotations

from pathlib import Path as FilePath

import orjson

from tests.unit.purpose.drafted.conftest import bindings, drafted


def har(*entries: tuple[str, str, object]) -> bytes:
    made = [
        {"request": {"method": method, "url": url, "postData": {"mimeType": "application/json", "text": text}}}
        for method, url, sent in entries
        for text in [orjson.dumps(sent).decode() if sent is not None else ""]
    ]
    return orjson.dumps({"log": {"entries": made}})


def test_what_would_not_load_is_taken_out_and_listed_with_its_reason(tmp_path: FilePath) -> None:
    """T21: nothing that names a person stands in an address."""
    sample = har(
        ("POST", "https://a.example/orders?phone=87000000123&order_id=ORD-1", {"recipient": {"fio": "Тест П"}})
    )

    draft = drafted(tmp_path, sample, suffix="har")

    assert "query.phone" not in bindings(draft)
    assert bindings(draft)["query.order_id"] == "order.order_id"
    assert bindings(draft)["body.recipient.fio"] == "order.recipient.name"
    assert "must not stand in an address" in {one.path: one.said for one in draft.left}["query.phone"]


def test_a_route_whose_segment_cannot_be_bound_is_taken_out_and_the_body_keeps_its_own_paths(
    tmp_path: FilePath,
) -> None:
    sample = har(
        ("POST", "https://a.example/orders", {"number": "ORD-1"}),
        ("GET", "https://a.example/people/900101100103", None),
    )

    draft = drafted(tmp_path, sample, suffix="har")

    assert draft.routes == ["POST /orders"]
    assert bindings(draft) == {"number": "order.order_id"}
    assert "GET /people/{people_id}" in {one.path for one in draft.left}


def test_an_address_that_would_not_load_is_a_blank(tmp_path: FilePath) -> None:
    sample = har(("POST", "https://a.example:0/orders", {"number": "ORD-1"}))

    assert drafted(tmp_path, sample, suffix="har").base_url is None

from __future__ import annotations

import re

import orjson
import pytest

from tests.unit.web.served import TOKEN, Served

PAGES = ["/docs", "/docs/style.css", "/openapi.json"]


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.mark.parametrize("path", PAGES)
def test_a_strict_policy_lets_in_one_style_sheet_and_nothing_else(path: str) -> None:
    """T82."""
    answer = Served().ask().get(path)

    policy = directives(answer.headers["Content-Security-Policy"])
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers.getlist("Cache-Control") == ["public, max-age=300"]


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/style.css", "text/css; charset=utf-8"),
        ("/openapi.json", "application/json"),
    ],
)
def test_each_is_of_its_type_and_for_anyone_and_head_has_its_headers(path: str, content_type: str) -> None:
    browser = Served().ask()

    found, head = browser.get(path), browser.head(path)

    assert (found.status_code, found.headers["Content-Type"]) == (200, content_type)
    assert head.data == b""
    assert dict(head.headers) == dict(found.headers)


@pytest.mark.parametrize("path", PAGES)
def test_other_methods_are_not_taken(path: str) -> None:
    answer = Served().ask().post(path)

    assert answer.status_code == 405
    assert set(re.split(", ?", answer.headers["Allow"])) == {"GET", "HEAD"}


def test_the_description_is_the_same_whoever_asks_and_whatever_this_gateway_serves() -> None:
    """No recipient of a deployment, no key and no setting is published."""
    plain, other = Served(), Served(maps=())
    other.settings.max_body_bytes = 77_777
    other.keyring.keys = [{"kty": "EC", "kid": "key-of-this-deployment"}]

    asked = [
        plain.ask().get("/openapi.json").data,
        plain.ask().get("/openapi.json", headers={"Gateway-Token": TOKEN, "Host": "evil.example"}).data,
        other.ask().get("/openapi.json").data,
    ]

    assert len(set(asked)) == 1
    assert plain.ask().get("/docs").data == other.ask().get("/docs").data


def test_the_description_opens_with_what_the_gateway_is() -> None:
    tree = orjson.loads(Served().ask().get("/openapi.json").data)

    assert tree["openapi"] == "3.1.0"
    assert (tree["info"]["title"], tree["info"]["version"]) == ("Gateway", "v1")
    assert tree["info"]["license"]["identifier"] == "Apache-2.0"
    assert "named purpose" in tree["info"]["description"]


def test_every_operation_has_an_id_of_its_own_made_of_method_and_path() -> None:
    tree = orjson.loads(Served().ask().get("/openapi.json").data)

    ids = [one["operationId"] for item in tree["paths"].values() for one in item.values() if "operationId" in one]

    assert len(ids) == len(set(ids))
    assert "post_v1_transfers" in ids
    assert "get_well_known_jwks_json" in ids
    assert [one for one in ids if re.fullmatch("[a-z0-9_]+", one) is None] == []

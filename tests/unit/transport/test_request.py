from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import requests

from gateway.model import Credentials, Envelope, Route
from gateway.transport.request import RequestTemplate, head_bytes, origin, request_problems
from tests.envelopes import TRANSFER_ID, envelope_for, recipient_at

POST = Route("POST", "/v2/orders")
BASE = "https://api.recipient.example"


def filled(
    base_url: str = BASE, credentials: Credentials | None = None, secret: str | None = None
) -> requests.PreparedRequest:
    recipient = recipient_at(base_url, None, credentials=credentials)
    return RequestTemplate(recipient, {} if credentials is None else {credentials.secret: secret or ""}).fill(
        TRANSFER_ID, envelope(b"sealed", "application/jose")
    )


def envelope(body: bytes, content_type: str = "application/json", **changes: Any) -> Envelope:
    made = envelope_for(recipient_at(BASE, None), body=body, content_type=content_type)
    return dataclasses.replace(made, **{"route": POST, "target": POST.path, **changes})


def test_a_request_has_these_headers_and_no_other() -> None:
    """T21, T22: built from scratch, exactly."""
    request = filled()

    assert dict(request.headers) == {
        "Host": "api.recipient.example",
        "User-Agent": "gateway",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Content-Type": "application/jose",
        "Content-Length": "6",
        "Idempotency-Key": TRANSFER_ID,
    }


def test_a_request_carries_the_body_by_the_declared_method_to_the_declared_path() -> None:
    request = filled("https://api.recipient.example:8443/base/")

    assert (request.method, request.url, request.body) == (
        "POST",
        "https://api.recipient.example:8443/base/v2/orders",
        b"sealed",
    )


@pytest.mark.parametrize(
    ("scheme", "value"), [("", "s3cret"), ("Bearer", "Bearer s3cret")], ids=["secret alone", "scheme and secret"]
)
def test_credentials_go_into_the_recipients_own_header(scheme: str, value: str) -> None:
    request = filled(credentials=Credentials("X-Api-Key", "api_key", scheme), secret="s3cret")

    assert request.headers["X-Api-Key"] == value


def test_what_the_envelope_says_stands_beside_what_every_request_says() -> None:
    """T20 to T23: the query and the headers that a disclosure was given; no body, and no word of one, for a GET."""
    asked = envelope(b"", "", route=Route("GET", "/v2/{id}"), target="/v2/7?lang=kk", headers={"x-lang": "kk"})

    request = RequestTemplate(recipient_at(BASE, None), {}).fill(TRANSFER_ID, asked)

    assert (request.method, request.url, request.body) == ("GET", f"{BASE}/v2/7?lang=kk", b"")
    assert request.headers["x-lang"] == "kk"
    assert not {"Content-Type", "Content-Length"} & request.headers.keys()


def test_two_requests_of_a_template_share_nothing_that_changes() -> None:
    template = RequestTemplate(recipient_at(BASE, None), {})
    first = template.fill(TRANSFER_ID, envelope(b"one"))
    first.headers["Cookie"] = "left=over"

    second = template.fill(TRANSFER_ID, envelope(b"three"))

    assert "Cookie" not in second.headers
    assert second.headers["Content-Length"] == "5"


def test_the_head_on_the_wire_is_the_headers_in_their_order() -> None:
    assert head_bytes("PUT", "/v2", {"Host": "a.example", "Accept": "*/*"}) == (
        b"PUT /v2 HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n"
    )


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("place", range(4), ids=["method", "path", "name", "value"])
def test_no_part_of_a_head_makes_a_line_of_its_own(place: int, end: str) -> None:
    """T21: checked at the start and when admitted; here once more, as it leaves."""
    parts = ["POST", "/v2", "X-Key", "value"]
    parts[place] += f"{end}Evil: yes"

    with pytest.raises(ValueError, match="a line break"):
        head_bytes(parts[0], parts[1], {"Host": "a.example", parts[2]: parts[3]})


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.recipient.example", ("api.recipient.example", 443)),
        ("https://API.recipient.example:8443/base", ("api.recipient.example", 8443)),
        ("https://[::1]:8443", ("::1", 8443)),
        ("https://қызмет.қаз", ("xn--e1adpz5by9a.xn--80ao21a", 443)),
    ],
    ids=["default port", "port and path", "IPv6", "international name"],
)
def test_the_origin_is_read_from_the_base_url(base_url: str, expected: tuple[str, int]) -> None:
    assert origin(base_url) == expected


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.recipient.example",
        "https://user@api.recipient.example",
        "https://user:word@api.recipient.example",
        "https://api.recipient.example?to=elsewhere",
        "https://api.recipient.example#part",
        "https://",
        "https://api.recipient.example:port",
        "https://*.recipient.example",
        "api.recipient.example",
        "",
    ],
)
def test_a_base_url_that_is_not_a_plain_https_address_is_a_problem(base_url: str) -> None:
    problems = request_problems(recipient_at(base_url, None), None)

    assert problems == ["recipient mc-test: base_url: an https:// address without a user, query or fragment is needed"]


@pytest.mark.parametrize(
    "header", ["Host", "content-length", "Idempotency-Key", "X Api", "X-Api:", "", "X\r\nY", "Ключ"]
)
def test_credentials_cannot_go_into_a_header_of_ours_or_an_impossible_one(header: str) -> None:
    """T20: what is in the maps cannot inject a header either."""
    recipient = recipient_at(BASE, None, credentials=Credentials(header, "api_key"))

    problems = request_problems(recipient, "s3cret")

    assert problems == [f"recipient mc-test: credentials: header {header!r} cannot carry them"]


@pytest.mark.parametrize("secret", ["", "two\r\nX-Admin: 1", "nul\0", "tab\t", "ключ", " led", "trailed "], ids=repr)
def test_a_secret_that_no_header_may_have_is_a_problem_that_does_not_show_it(secret: str) -> None:
    """T20."""
    recipient = recipient_at(BASE, None, credentials=Credentials("X-Api-Key", "api_key", "Bearer"))

    problems = request_problems(recipient, secret)

    assert problems == [
        "recipient mc-test: credentials: the secret or its scheme has characters that no header may have"
    ]


def test_a_secret_that_is_not_set_is_a_problem() -> None:
    recipient = recipient_at(BASE, None, credentials=Credentials("X-Api-Key", "api_key"))

    problems = request_problems(recipient, None)

    assert problems == ["recipient mc-test: credentials: no secret named 'api_key'; set GATEWAY_SECRET_API_KEY"]


def test_a_recipient_whose_file_is_right_has_no_problem() -> None:
    recipient = recipient_at(BASE, None, credentials=Credentials("Authorization", "api_key", "Bearer"))

    problems = [
        *request_problems(recipient, "s3cret"),
        *request_problems(dataclasses.replace(recipient, credentials=None), None),
    ]

    assert problems == []
